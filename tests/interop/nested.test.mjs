// Three levels: clients of a gateway behind a gateway behind a hub, with the
// unmodified Azure IoT device SDK. What they do at the lowest level is what
// they would do at the hub, and what is cut comes together again.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, describe, test} from 'node:test';

import mqtt from 'mqtt';

import {mayListen, ownAddress, standardPorts} from '../site/ports.mjs';
import {clientId, sasToken, userName} from '../site/sas.mjs';
import {eventually, Events, Site} from '../site/site.mjs';
import {Wire} from '../site/wire.mjs';
import {SdkClient} from './sdk.mjs';
import {service, Story} from './story.mjs';

const address = ownAddress();
const messages = 20; // of each client while a wire is cut
const patience = 60_000;

describe('a gateway behind a gateway behind a hub', {
  skip: !mayListen && 'needs port 443',
}, () => {
  let site, hub, upper, lower, events, story, visitor;
  const wires = {};
  const clients = [];

  /// A wire to `node`, and what a gateway must know to use it.
  async function wireTo(node) {
    const pair = await Promise.all(
      [node.ports.amqps, node.ports.https].map((port) =>
        Wire.to('127.0.0.1', port)));
    wires[node.name] = {
      set: (how) => pair.forEach((one) => one.set(how)),
      close: () => pair.forEach((one) => one.close()),
    };
    return {
      routes: {up: 'FROM /messages/* INTO $upstream'},
      parent: {
        amqp_port: pair[0].port, https_port: pair[1].port,
        retry_longest: '500ms', progress_timeout: '3s',
      },
      twins: {report_period: '100ms', sync_period: '1s'},
    };
  }

  before(async () => {
    site = new Site('127.0.0.1', address);
    hub = await site.hub();
    upper = await site.gateway(hub, 'edge-l4', await wireTo(hub));
    lower = await site.gateway(hub, 'edge-l3', {
      node: {host: address},
      listeners: standardPorts(address),
      ...await wireTo(upper),
    }, upper);
    events = new Events(hub);
    story = new Story(hub, events);
    const make = (kind, id, ...behind) =>
      `${hub.create(kind, id, ...behind).text};GatewayHostName=${address}`;
    const below = ['--parent', 'edge-l3'];
    clients.push(
      new SdkClient('leaf', make('device', 'leaf', ...below), 'Mqtt'),
      new SdkClient('branch', make('device', 'branch', ...below), 'Amqp'),
      new SdkClient('edge-l3/meter', make('module', 'edge-l3/meter'), 'Amqp'),
      new SdkClient('edge-l3/gauge', make('module', 'edge-l3/gauge'), 'Mqtt'));
    for (const client of clients)
      await client.open({ca: site.ca.toString()});
    visitor = make('device', 'visitor', ...below);
    await (await visit()).close();
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    events?.stop();
    Object.values(wires).forEach((one) => one.close());
    await site?.close();
  });

  /// A client that is known at the lowest level comes back.
  async function visit() {
    const client = new SdkClient('visitor', visitor, 'Mqtt');
    await client.open({ca: site.ca.toString()});
    return client;
  }

  for (const [at, who] of ['a device over MQTT', 'a device over AMQP',
    'a module over AMQP', 'a module over MQTT'].entries())
    test(`${who} at the lowest level`, () => story.tell(clients[at]));

  for (const place of ['edge-l4', 'hub'])
    test(`without the wire to ${place}`, async () => {
      wires[place].set('cut');
      const cell = `without ${place}`;
      const commands = clients.filter(({isModule}) => !isModule)
        .map((client) => [client, client.listen()]);
      await Promise.all(clients.map(async (client) => {
        await service(hub, 'twin', 'patch', client.id,
          JSON.stringify({properties: {desired: {cell}}}));
        if (!client.isModule)
          await service(hub, 'c2d', 'send', client.id, cell);
        for (let i = 0; i < messages; ++i)
          await client.send(`${client.id}: ${cell}, ${i}`);
        await client.report({cell, first: 1});
        await client.report({first: null, second: 2});
      }));
      const guest = await visit();
      await guest.send(`of a visitor: ${cell}`);
      clients[0].acknowledged.push(...guest.acknowledged);
      await guest.close();
      // What the middle has taken is safe there.
      await upper.stop('SIGKILL');
      await upper.start();
      wires[place].set('open');
      await eventually('every message', () => {
        const bodies = new Set(events.seen.map(({body}) => body));
        return clients.every(
          ({acknowledged}) => acknowledged.every((one) => bodies.has(one)));
      }, patience);
      for (const client of clients) {
        await eventually(`what ${client.id} reports`, async () => {
          const {properties: {reported}}
            = await service(hub, 'twin', 'get', client.id);
          return reported.cell === cell && reported.second === 2
            && reported.first === undefined;
        }, patience);
        await eventually(`${client.id} is told what is desired`, () =>
          client.twin.properties.desired.cell === cell, patience);
      }
      for (const [client, arrived] of commands) {
        await eventually(`the command for ${client.id}`, () =>
          arrived.length > 0, patience);
        assert.equal(arrived[0].getData().toString(), cell);
        if (client.overAmqp)
          await client.client.complete(arrived[0]);
        await story.commandsAreOver(client);
        client.client.removeAllListeners('message');
      }
      for (const client of clients)
        await story.method(client);
    });

  test('a change at the hub reaches the lowest level in seconds', async () => {
    const plain = hub.create('device', 'plain', '--parent', 'edge-l3');
    const enter = () => mqtt.connectAsync(`mqtts://${address}:8883`, {
      clientId: clientId(plain), username: userName(plain),
      password: sasToken(plain), ca: site.ca, reconnectPeriod: 0,
      protocolVersion: 4,
    }, false);
    const closed = once(await enter(), 'close',
      {signal: AbortSignal.timeout(5000)});
    hub.command('device', 'update', 'plain', '--disabled');
    await closed;
    await assert.rejects(enter(), ({code}) => code === 5);
    hub.command('device', 'update', 'plain', '--enabled');
    const again = await eventually('it may come back', () =>
      enter().catch(() => undefined), 5000);
    await again.endAsync();
  });

  test('and the ledgers say the same', () => {
    const sent = clients.flatMap(({acknowledged}) => acknowledged).length;
    for (const node of [lower, upper]) {
      const {lanes} = JSON.parse(node.command('audit', '--json'));
      const sum = (what) => lanes.reduce((all, lane) => all + lane[what], 0);
      assert.ok(sum('accepted') >= sent);
      assert.equal(sum('pending') + sum('expired') + sum('evicted')
        + sum('rejected'), 0);
    }
  });
});
