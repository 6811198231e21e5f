// A message that a parent ends the connection over: it is found, given up,
// counted and named, and stops nothing behind it.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import tls from 'node:tls';

import mqtt from 'mqtt';

import {connectMqtt} from './mqtt_client.mjs';
import {Broker} from '../site/broker.mjs';
import {eventsTopic} from '../site/sas.mjs';
import {Events, Site, eventually} from '../site/site.mjs';

let site;

before(() => {
  site = new Site();
});

after(() => site?.close());

function connect(identity, node) {
  return connectMqtt(node, identity, {reconnectPeriod: 1000});
}

/// The ledger of what goes up, once nothing is pending.
function settled(node) {
  return eventually('the backlog is gone', () => {
    const {balanced, lanes} = JSON.parse(node.command('audit', '--json'));
    assert.ok(balanced);
    const lane = lanes.find((one) => one.sink === 'iothub');
    return lane?.pending === 0 && lane;
  }, 60_000);
}

test('a broker with a largest packet is sent what it takes', async () => {
  const broker = await new Broker(site, 'small',
    ['allow_anonymous true', 'max_packet_size 20000']).start();
  const gateway = await site.behindBroker(broker, 'edge-1',
    {listeners: {mqtt: '127.0.0.1:0'}});
  const cloud = await mqtt.connectAsync(
    `mqtt://${broker.address}:${broker.port}`);
  const seen = [];
  cloud.on('message', (topic, payload) => seen.push(payload.toString()));
  await cloud.subscribeAsync('sites/#', {qos: 1});
  const leaf = gateway.create('device', 'leaf-1');
  const device = await connect(leaf, gateway);
  const bodies = ['1', '2', 'x'.repeat(50_000), '3', '4', 'x'.repeat(60_000),
    '5'];
  for (const body of bodies)
    await device.publishAsync(
      eventsTopic(leaf, {'$.mid': `m${body.length}`}), body, {qos: 1});
  const began = Date.now();
  const lane = await settled(gateway);
  console.log(`settled after ${Date.now() - began} ms`);
  assert.equal(lane.rejected, 2);
  assert.equal(lane.delivered, 5);
  await eventually('the last', () => seen.includes('5'));
  assert.deepEqual([...new Set(seen)], ['1', '2', '3', '4', '5']);
  const log = gateway.log();
  for (const size of [50_000, 60_000])
    assert.match(log, new RegExp('a message is given up.*'
      + `leaf-1.*m${size}.*${size}`));
  device.end(true);
  cloud.end(true);
  await gateway.stop();
  await broker.stop();
});

/// A way to `node` on which connections end over what holds `deadly`.
async function deadlyWire(node, deadly) {
  const files = ['server.pem', 'server.key', 'ca.pem'].map((name) =>
    fs.readFileSync(path.join(site.certificates, name)));
  const server = tls.createServer({cert: files[0], key: files[1]}, (near) => {
    const far = tls.connect({host: node.address, port: node.ports.amqps,
      ca: files[2], servername: 'localhost'});
    const end = () => {
      near.destroy();
      far.destroy();
    };
    near.on('data', (chunk) =>
      chunk.includes(deadly) ? end() : far.write(chunk));
    far.on('data', (chunk) => near.write(chunk));
    for (const socket of [near, far])
      socket.on('error', end).on('close', end);
  }).listen(0, node.address);
  await once(server, 'listening');
  return server;
}

test('a hub that ends connections over one message gets the others',
  async () => {
    const hub = await site.hub();
    const events = new Events(hub);
    const wire = await deadlyWire(hub, 'deadly');
    const gateway = await site.gateway(hub, 'edge-2', {
      listeners: {mqtt: '127.0.0.1:0'},
      routes: {up: 'FROM /messages/* INTO $upstream'},
      parent: {amqp_port: wire.address().port, retry_longest: '500ms'},
    });
    const leaf = hub.create('device', 'leaf-2', '--parent', 'edge-2');
    const device = await connect(leaf, gateway);
    for (const body of ['1', '2', 'deadly', '3', '4'])
      await device.publishAsync(eventsTopic(leaf), body, {qos: 1});
    const lane = await settled(gateway);
    assert.equal(lane.rejected, 1);
    assert.equal(lane.delivered, 4);
    await events.find('4', ({body}) => body === '4');
    assert.deepEqual([...new Set(events.seen.map(({body}) => body))],
      ['1', '2', '3', '4']);
    assert.match(gateway.log(), /a message is given up.*leaf-2/);
    device.end(true);
    events.stop();
    await gateway.stop();
    wire.close();
  });
