// What a message may be: every door says the same, before it acknowledges
// anything, and what one door takes every level above takes too. Three levels:
// a gateway behind a gateway behind a hub.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, describe, test} from 'node:test';

import rhea from 'rhea';

import {connectMqtt} from './mqtt_client.mjs';
import {eventsTopic, resource, sasToken} from '../site/sas.mjs';
import {Events, Site} from '../site/site.mjs';

const largest = 262_144;
const mostProperties = 512;
const {message} = rhea;

function many(count) {
  return Object.fromEntries(
    Array.from({length: count}, (_, n) => [`p${n}`, '1']));
}

// What a message from leaf or nest counts beside properties and payload.
const own = 'connectionDeviceIdleaf'.length;

/// The largest payload there may be: over AMQP the message counts, over MQTT
/// all of the packet (its header, two lengths, and a topic).
const room = {
  AMQP: (properties) =>
    largest - own - Object.entries(properties).flat().join('').length,
  MQTT: (properties) => largest - 4 - 4
    - eventsTopic({DeviceId: 'leaf'}, properties).length,
};

// What is sent, and whether it is taken. `more`: bytes that the payload has
// more than there is room for.
const cases = [
  ['as many properties as may be', true, {properties: many(mostProperties)}],
  ['one more', false, {properties: many(mostProperties + 1)}],
  ['as large as may be', true, {more: 0}],
  ['one byte more', false, {more: 1}],
  ['as large as may be, with properties', true,
    {properties: many(100), more: 0}],
  ['one byte more, with properties', false, {properties: many(100), more: 1}],
  ['properties of 60,000 bytes', true,
    {properties: {long: 'v'.repeat(60_000)}}],
];

describe('what a message may be', () => {
  let site, hub, upper, lower, events, leaf;

  before(async () => {
    site = new Site();
    const routes = {up: 'FROM /messages/* INTO $upstream'};
    const more = {routes, listeners: {mqtt: '127.0.0.1:0'}};
    hub = await site.hub('hub', more);
    upper = await site.gateway(hub, 'edge-l4', more);
    lower = await site.gateway(hub, 'edge-l3', more, upper);
    events = new Events(hub);
    leaf = {
      hub: hub.create('device', 'leaf'),
      gateway: hub.create('device', 'nest', '--parent', 'edge-l3'),
    };
  });

  after(async () => {
    events?.stop();
    await site?.close();
  });

  const nodes = {hub: () => hub, gateway: () => lower};

  /// Sends over MQTT; whether there was a PUBACK.
  async function overMqtt(node, identity, {properties, payload}) {
    const client = await connectMqtt(node, identity);
    client.on('error', () => {}); // the connection may be reset
    const closed = once(client, 'close').then(() => false, () => false);
    const acknowledged = client.publishAsync(
      eventsTopic(identity, properties), payload, {qos: 1})
      .then(() => true, () => false);
    const taken = await Promise.race([closed, acknowledged]);
    client.end(true);
    return taken;
  }

  /// Sends over AMQP; whether it was accepted.
  async function overAmqp(node, identity, {properties, payload}) {
    const connection = rhea.create_container().connect({
      host: node.address, port: node.ports.amqps, transport: 'tls',
      ca: site.ca, reconnect: false,
      username: `${identity.DeviceId}@sas.${identity.HostName.split('.')[0]}`,
      password: sasToken(identity),
    });
    const link = connection.open_sender(
      {target: `/${resource(identity)}/messages/events`});
    await once(link, 'sendable');
    const outcome = Promise.race([
      once(link, 'accepted').then(() => true),
      once(link, 'rejected').then(() => false)]);
    link.send({
      application_properties: properties,
      body: message.data_section(Buffer.from(payload)),
    });
    const taken = await outcome;
    connection.close();
    await once(connection, 'connection_close');
    return taken;
  }

  const doors = {MQTT: overMqtt, AMQP: overAmqp};
  for (const [place, node] of Object.entries(nodes))
    for (const [door, send] of Object.entries(doors))
      for (const [what, taken, content] of cases)
        test(`${what}, over ${door}, at a ${place}`, async () => {
          const before = events.seen.length;
          const {properties = {}, more} = content;
          const payload = more === undefined
            ? '' : 'x'.repeat(room[door](properties) + more);
          assert.equal(
            await send(node(), leaf[place], {properties, payload}), taken);
          if (!taken)
            return;
          await events.find(what, () => events.seen.length > before);
          assert.equal(Object.keys(events.seen.at(-1).properties).length,
            Object.keys(properties).length);
        });

  test('nothing that was acknowledged was refused on its way', () => {
    for (const gateway of [lower, upper]) {
      const {balanced, lanes} = JSON.parse(gateway.command('audit', '--json'));
      assert.ok(balanced);
      assert.equal(lanes.find((one) => one.sink === 'iothub').rejected, 0);
    }
  });

  test('what is refused is counted', async () => {
    const text = await (await fetch(
      `http://${lower.address}:${lower.ports.metrics}/metrics`)).text();
    for (const [reason, count] of [['too_large', 4], ['too_many_properties', 2]])
      assert.match(text, new RegExp('tidegate_messages_refused_total'
        + `\\{[^}]*id="nest"[^}]*reason="${reason}"[^}]*\\} ${count}`));
  });
});
