// MQTT.js, as many applications use it, against a gateway.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import net from 'node:net';
import {after, before, test} from 'node:test';

import mqtt from 'mqtt';

import {clientId, eventsTopic, resource, sasToken, userName}
  from '../site/sas.mjs';
import {Events, Site, eventually} from '../site/site.mjs';

let site, hub, gateway, events, leaf, sender, receiver;

before(async () => {
  site = new Site();
  hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1', {
    listeners: {ws: '127.0.0.1:0', mqtt: '127.0.0.1:0'},
    routes: {
      up: 'FROM /messages/* INTO $upstream',
      across: 'FROM /messages/modules/sender/outputs/across '
        + 'INTO BrokeredEndpoint("/modules/receiver/inputs/in")',
    },
  });
  events = new Events(hub);
  leaf = hub.create('device', 'leaf-1', '--parent', 'edge-1');
  sender = hub.create('module', 'edge-1/sender');
  receiver = hub.create('module', 'edge-1/receiver');
});

after(async () => {
  events?.stop();
  await site?.close();
});

/// Connects an identity; rejects with the reason if it is not let in.
function connect(identity, url, options = {}) {
  const client = mqtt.connect(url ?? `mqtts://${gateway.address}`
    + `:${gateway.ports.mqtts}`, {
    clientId: clientId(identity),
    username: userName(identity),
    password: sasToken(identity),
    ca: site.ca,
    reconnectPeriod: 0,
    connectTimeout: 5000,
    ...options,
  });
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed before CONNACK')));
  });
}

test('QoS 0 and 1 both arrive at the hub, in order', async () => {
  const client = await connect(leaf);
  const bodies = ['first', 'second', 'third', 'fourth'];
  await Promise.all(bodies.map((body, index) => client.publishAsync(
    eventsTopic(leaf, {run: 'order'}), body, {qos: index % 2})));
  await client.endAsync();
  await events.find('fourth', (e) => e.body === 'fourth');
  assert.deepEqual(events.seen.filter((e) => e.properties.run === 'order')
    .map((e) => e.body), bodies);
});

test('a will is sent when the connection breaks, and only then', async () => {
  const will = (body) => ({
    will: {topic: eventsTopic(leaf), payload: body, qos: 1, retain: false},
  });
  const polite = await connect(leaf, undefined, will('polite will'));
  await polite.endAsync();
  const broken = await connect(leaf, undefined, will('broken will'));
  broken.stream.destroy();
  const event = await events.find('broken will',
    (e) => e.body === 'broken will');
  assert.equal(event.properties.MessageType, 'Will');
  assert.ok(!events.seen.some((e) => e.body === 'polite will'));
});

test('every filter is granted, QoS 2 as 1', async () => {
  const client = await connect(leaf);
  const granted = await client.subscribeAsync({
    '#': {qos: 0},
    'custom/+/topic': {qos: 2},
    '$iothub/methods/POST/#': {qos: 1},
  });
  assert.deepEqual(granted.map((g) => g.qos), [0, 1, 1]);
  await client.endAsync();
});

test('a module receives its input over WebSocket', async () => {
  for (const url of [`wss://${gateway.address}:${gateway.ports.https}`,
    `ws://127.0.0.1:${gateway.ports.ws}`]) {
    const client = await connect(receiver, `${url}/$iothub/websocket`);
    await client.subscribeAsync(`${resource(receiver)}/#`, {qos: 1});
    const from = await connect(sender);
    const arrival = once(client, 'message');
    await from.publishAsync(eventsTopic(sender, {'$.on': 'across', url}),
      'across', {qos: 1});
    const [topic, payload, packet] = await arrival;
    assert.equal(payload.toString(), 'across');
    assert.equal(packet.qos, 1);
    assert.ok(topic.startsWith(`${resource(receiver)}/inputs/in/`));
    assert.ok(topic.includes(`url=${encodeURIComponent(url)}`));
    await Promise.all([from.endAsync(), client.endAsync()]);
  }
});

test('a connection that falls silent is dropped after its keep-alive',
  async () => {
    const client = await connect(leaf, undefined, {
      keepalive: 1,
      reschedulePings: false,
      will: {topic: eventsTopic(leaf), payload: 'silent', qos: 1},
    });
    client.stream.pause();
    client.sendPing = () => {}; // awake, but says nothing
    await events.find('of the silent client', (e) => e.body === 'silent');
    client.end(true);
  });

test('a second connection of a device replaces the first', async () => {
  const first = await connect(leaf);
  const closed = once(first, 'close');
  const second = await connect(leaf);
  await closed;
  await second.publishAsync(eventsTopic(leaf), 'newest wins', {qos: 1});
  await second.endAsync();
});

test('a wrong password is refused with code 5', async () => {
  await assert.rejects(
    connect(leaf, undefined, {password: sasToken(
      {...leaf, SharedAccessKey: 'bm90IHRoZSBrZXkgYXQgYWxs'})}),
    (error) => error.code === 5);
});

test('MQTT 5 is refused with code 1', async () => {
  await assert.rejects(connect(leaf, undefined, {protocolVersion: 5}),
    (error) => error.code === 1);
});

test('garbage closes that connection and touches no other', async () => {
  const good = await connect(leaf);
  const socket = net.connect(gateway.ports.mqtt, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${'x'.repeat(100)}`);
  socket.resume();
  await once(socket, 'close');
  await good.publishAsync(eventsTopic(leaf), 'undisturbed', {qos: 1});
  await good.endAsync();
  await eventually('undisturbed',
    () => events.seen.some((e) => e.body === 'undisturbed'));
});
