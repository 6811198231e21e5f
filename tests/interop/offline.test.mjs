// A gateway that is disturbed while its parent is, in every combination:
// what was acknowledged arrives, twins converge, and the same clients -
// unmodified Azure IoT device SDKs - go on through all of it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import mqtt from 'mqtt';

import {mayListen, ownAddress, standardPorts} from '../site/ports.mjs';
import {clientId, sasToken, userName} from '../site/sas.mjs';
import {eventually, Events, Site} from '../site/site.mjs';
import {Wire} from '../site/wire.mjs';
import {SdkClient} from './sdk.mjs';
import {service} from './story.mjs';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const patience = 60_000;
const messages = 10; // of each client in each combination

const address = ownAddress();

describe('a gateway is disturbed while its parent is', {
  skip: (!mayListen && 'needs port 443')
    || (!fs.existsSync(library) && 'libfaketime is not installed'),
}, () => {
  let site, hub, gateway, clock, events, visitor;
  const wires = [];
  const clients = [];

  const wire = (how) => wires.forEach((one) => one.set(how));
  const shift = (by) => fs.writeFileSync(clock, `${by}\n`);

  before(async () => {
    site = new Site('127.0.0.1', address);
    clock = path.join(site.folder, 'clock');
    shift('+0');
    hub = await site.hub();
    for (const port of [hub.ports.amqps, hub.ports.https])
      wires.push(await Wire.to('127.0.0.1', port));
    gateway = await site.gateway(hub, 'edge-1', {
      node: {host: address},
      listeners: standardPorts(address),
      routes: {up: 'FROM /messages/* INTO $upstream'},
      parent: {
        amqp_port: wires[0].port, https_port: wires[1].port,
        retry_longest: '500ms', progress_timeout: '3s',
      },
      twins: {report_period: '500ms'},
    });
    // From its next start on its clock can be set.
    gateway.environment = {
      LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    await gateway.stop();
    await gateway.start();
    events = new Events(hub);
    const make = (kind, id, transport, ...behind) => new SdkClient(id,
      `${hub.create(kind, id, ...behind).text};GatewayHostName=${address}`,
      transport);
    clients.push(
      make('device', 'leaf', 'Mqtt', '--parent', 'edge-1'),
      make('module', 'edge-1/meter', 'Amqp'));
    for (const one of clients)
      await one.open({ca: site.ca.toString()});
    visitor = hub.create('device', 'visitor', '--parent', 'edge-1');
    await (await enter(3600)).endAsync();
  });

  after(async () => {
    events?.stop();
    wires.forEach((one) => one.close());
    await site?.close();
  });

  /// Connects with a token that ends in so many seconds: tells what time the
  /// gateway thinks it is.
  const enter = (seconds) => mqtt.connectAsync(`mqtts://${address}:8883`, {
    clientId: clientId(visitor),
    username: userName(visitor),
    password: sasToken(visitor, seconds),
    ca: site.ca,
    reconnectPeriod: 0,
    protocolVersion: 4,
  }, false);

  const disturbances = {
    async 'is started again'() {
      await gateway.stop();
      await gateway.start();
    },
    async 'is killed'() {
      await gateway.stop('SIGKILL');
      await gateway.start();
    },
    async 'is a day ahead'() {
      shift('+1d');
      await assert.rejects(enter(3600), ({code}) => code === 5);
    },
    async 'is a day behind'() {
      shift('-1d');
      await (await enter(-3600)).endAsync();
    },
  };

  for (const parent of ['cut', 'half-open', 'slow', 'back'])
    for (const [what, disturb] of Object.entries(disturbances)) {
      const cell = `${what}, parent ${parent}`;

      test(`${what} while its parent is ${parent}`, async () => {
        wire(parent === 'back' ? 'cut' : parent);
        await Promise.all(clients.map(({id}) => service(hub, 'twin', 'patch',
          id, JSON.stringify({properties: {desired: {cell}}}))));
        const work = clients.map(async (one) => {
          for (let i = 0; i < messages; ++i)
            await one.send(`${one.id}: ${cell}, ${i}`);
          await one.report({cell});
        });
        await disturb();
        if (parent === 'back')
          wire('open');
        await Promise.all(work);
        shift('+0');
        wire('open');
        await eventually('every message', () => {
          const bodies = new Set(events.seen.map(({body}) => body));
          return clients.every(
            ({acknowledged}) => acknowledged.every((one) => bodies.has(one)));
        }, patience);
        for (const one of clients) {
          await eventually(`what ${one.id} reports`, async () => {
            const {properties} = await service(hub, 'twin', 'get', one.id);
            return properties.reported.cell === cell;
          }, patience);
          await eventually(`what ${one.id} is to be`, async () =>
            (await one.properties()).desired.cell === cell, patience);
        }
      });
    }

  test('and at the end they close at once', async () => {
    const start = Date.now();
    await Promise.all(clients.map((client) => client.close()));
    assert.ok(Date.now() - start < 4000);
  });

  test('and the ledger says the same', () => {
    const {lanes} = JSON.parse(gateway.command('audit', '--json'));
    const sum = (what) => lanes.reduce((all, lane) => all + lane[what], 0);
    const sent = clients.flatMap(({acknowledged}) => acknowledged).length;
    assert.equal(sent, 16 * clients.length * messages);
    assert.ok(sum('accepted') >= sent);
    assert.equal(sum('pending') + sum('expired') + sum('evicted')
      + sum('rejected'), 0);
  });
});
