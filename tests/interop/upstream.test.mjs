// What a gateway and the hub above it say to one another for the gateway's
// clients: while they are apart, when they meet again, and for a crowd.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import fs from 'node:fs';
import {after, before, test} from 'node:test';
import {promisify} from 'node:util';

import {Crowd, createDevices, inTurn} from './crowd.mjs';
import {connectMqtt} from './mqtt_client.mjs';
import {Site, eventually, tidegate} from '../site/site.mjs';

const crowd = 1000;
let site, hub, gateway;
const clients = [];

before(async () => {
  const limits = {clients: crowd + 10};
  site = new Site();
  hub = await site.hub('hub', {limits, store: {durability: 'process'}});
  gateway = await site.gateway(hub, 'edge-1',
    {limits, twins: {report_period: '100ms', sync_period: '1s'}});
});

after(async () => {
  for (const client of clients)
    client.close();
  await site?.close();
});

/// A device behind a gateway that speaks of its twin over MQTT.
class Device {
  static async open(name, at = gateway) {
    const identity = hub.create('device', name, '--parent', at.name);
    const device = new Device();
    device.updates = [];
    device.answers = new Map();
    device.client = await connectMqtt(at, identity, {ca: site.ca});
    device.client.on('message', (topic, payload) => device.#take(topic, payload));
    for (const topic of ['$iothub/twin/res/#', '$iothub/methods/POST/#',
      '$iothub/twin/PATCH/properties/desired/#'])
      await device.client.subscribeAsync(topic);
    clients.push({close: () => device.client.end(true)});
    return device;
  }

  #take(topic, payload) {
    const [, call] = /methods\/POST\/.*\$rid=(.*)/.exec(topic) ?? [];
    if (call)
      return this.client.publish(`$iothub/methods/res/201/?$rid=${call}`, payload);
    const [, status, rid] = /res\/(\d+)\/\?\$rid=(\w+)/.exec(topic) ?? [];
    if (status)
      this.answers.set(rid, {status: Number(status), body: payload.toString()});
    else
      this.updates.push(JSON.parse(payload));
  }

  async #ask(topic, body) {
    const rid = `r${this.answers.size}`;
    this.client.publish(`$iothub/twin/${topic}/?$rid=${rid}`, body, {qos: 1});
    return eventually(topic, () => this.answers.get(rid));
  }

  async get() {
    return JSON.parse((await this.#ask('GET', ' ')).body);
  }

  async report(patch) {
    const {status} = await this.#ask('PATCH/properties/reported',
                                     JSON.stringify(patch));
    assert.equal(status, 204);
  }
}

const twin = (id) => JSON.parse(hub.command('twin', 'get', id, '--json'));
const desire = (id, desired) => hub.command('twin', 'patch', id,
  JSON.stringify({properties: {desired}}));
const metrics = async (node) => (await fetch(
  `http://${node.address}:${node.ports.metrics}/metrics`)).text();

/// Connections that are open at a port of this machine, without a look at who
/// has them.
function connectionsAt(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return fs.readFileSync('/proc/net/tcp', 'utf8').split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === '01')
    .length;
}

test('twins of clients are those of the hub', async () => {
  const device = await Device.open('pump-1');
  desire('pump-1', {speed: 7});
  await eventually('the change', () => device.updates.length === 1);
  assert.deepEqual(device.updates[0], {speed: 7, $version: 2});
  assert.equal((await device.get()).desired.speed, 7);
  await device.report({rpm: 1480});
  await eventually('the report', () =>
    twin('pump-1').properties.reported.rpm === 1480);
  const text = await metrics(gateway);
  assert.match(text,
    /edgehub_gettwin_total\{[^}]*id="pump-1"[^}]*source="upstream"[^}]*\} 1/);
  assert.match(text, new RegExp('edgehub_reported_properties_total\\{[^}]*'
    + 'id="pump-1"[^}]*target="upstream"[^}]*\\} 1'));
});

test('while the hub is away, and when it is back', async () => {
  const device = await Device.open('pump-2');
  desire('pump-2', {speed: 1, mode: 'eco'});
  assert.equal((await device.get()).desired.speed, 1);
  const before = twin('pump-2').properties.reported.$version;
  gateway.command('uplink', 'pause');

  await device.report({a: 1, b: {x: 1}});
  await device.report({a: 2, b: {y: 2}});
  await device.report({c: null});
  const {desired, reported} = await device.get();
  assert.equal(desired.mode, 'eco');
  assert.deepEqual([reported.a, reported.b], [2, {x: 1, y: 2}]);
  desire('pump-2', {speed: 2});
  desire('pump-2', {speed: 3, mode: null});
  device.updates.length = 0;

  gateway.command('uplink', 'resume');
  await eventually('the reports', () =>
    twin('pump-2').properties.reported.a === 2);
  const after = twin('pump-2').properties.reported;
  assert.deepEqual(after.b, {x: 1, y: 2});
  assert.equal(after.$version, before + 1, 'they came as one');
  await eventually('the changes', () => device.updates.length > 0);
  assert.deepEqual(device.updates, [{speed: 3, mode: null, $version: 4}]);
});

test('a gateway behind a gateway speaks with the hub too', async () => {
  const below = await site.gateway(hub, 'edge-2', {}, gateway);
  const device = await Device.open('pump-3', below);
  desire('pump-3', {speed: 7});
  await eventually('the change', () => device.updates.length === 1);
  assert.equal((await device.get()).desired.speed, 7);
  await device.report({rpm: 1480});
  await eventually('the report', () =>
    twin('pump-3').properties.reported.rpm === 1480);
  const {stdout} = await promisify(execFile)(tidegate, ['method', 'invoke',
    'pump-3', 'reboot', '--payload', '{"after":1}', '--wait', '20s', '--json',
    '--config', hub.config]);
  assert.deepEqual(JSON.parse(stdout), {status: 201, payload: {after: 1}});
  assert.match(await metrics(below), new RegExp('edgehub_direct_methods_total'
    + '\\{[^}]*from="upstream"[^}]*to="pump-3"[^}]*\\} 1'));
});

test('the hub calls a method of the gateway itself', () => {
  const answer = hub.command('method', 'invoke', 'edge-1/$edgeHub',
    'RefreshDeviceScopeIdentityCache', '--payload',
    '{"deviceIds":["pump-1"]}', '--wait', '20s', '--json');
  assert.equal(JSON.parse(answer).status, 200);
});

test('a thousand clients share one connection', async () => {
  const devices = await createDevices(hub, 'edge-1', crowd);
  const many = await Crowd.join(gateway, site.ca, devices);
  clients.push(many);
  const twins = await inTurn(crowd, 100, (n) => many.get(n));
  assert.ok(twins.every((one) => one.desired.$version === 1));
  const arrived = [];
  await inTurn(crowd, 100, (n) =>
    many.listen(devices[n], (got) => arrived.push([n, got])));
  hub.command('c2d', 'send', 'crowd-700', 'open the gate');
  await eventually('the message', () => arrived.length === 1);
  assert.equal(arrived[0][0], 700);
  assert.equal(connectionsAt(hub.ports.amqps), 1);
  // Two for each twin, one for messages, and a few of others.
  const links = await eventually('the count', async () => {
    const [, count] = /tidegate_upstream_links (\d+)/.exec(await metrics(gateway));
    return Number(count) > 3 * crowd && Number(count);
  });
  assert.ok(links < 3 * crowd + 50, `${links} links`);
  const failed = (await metrics(gateway)).split('\n').filter((line) =>
    /^tidegate_upstream_calls_total.*result="(unavailable|timed_out)/.test(line));
  assert.deepEqual(failed, []);
});
