// A gateway whose parent is a broker, a real Mosquitto.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {after, before, test} from 'node:test';

import mqtt from 'mqtt';

import {connectMqtt} from './mqtt_client.mjs';
import {Broker, freePort} from '../site/broker.mjs';
import {eventsTopic} from '../site/sas.mjs';
import {Site, eventually} from '../site/site.mjs';

let site, broker, gateway, cloud;

before(async () => {
  site = new Site();
  broker = await new Broker(site, 'broker', ['allow_anonymous true']).start();
  gateway = await site.behindBroker(broker, 'edge-1',
    {listeners: {mqtt: '127.0.0.1:0'}});
  cloud = await Cloud.at(broker);
});

after(async () => {
  cloud?.client.end(true);
  await site?.close();
  await broker?.stop();
});

/// Whoever listens at the broker.
class Cloud {
  static async at(broker, url = `mqtt://${broker.address}:${broker.port}`,
    options = {}) {
    const made = new Cloud();
    made.seen = [];
    made.client = await mqtt.connectAsync(url,
      {clientId: 'cloud', clean: false, reconnectPeriod: 20, ...options});
    made.client.on('message', (topic, payload) =>
      made.seen.push({topic, body: payload.toString()}));
    await made.client.subscribeAsync('sites/#', {qos: 1});
    return made;
  }

  find(body) {
    return eventually(`"${body}" at the broker`,
      () => this.seen.find((message) => message.body === body));
  }
}

function connect(identity, at = gateway) {
  return connectMqtt(at, identity, {reconnectPeriod: 1000});
}

function uplinkOf(node) {
  return JSON.parse(node.command('status', '--json')).uplink;
}

/// The ledger of what goes upstream, once nothing is pending.
async function settled(node) {
  return eventually('the backlog is gone', () => {
    const audit = JSON.parse(node.command('audit', '--json'));
    assert.ok(audit.balanced);
    const lane = audit.lanes.find((one) => one.sink === 'iothub');
    return lane?.pending === 0 && lane;
  });
}

test('the gateway knows its own identities', async () => {
  const {role, device} = JSON.parse(gateway.command('status', '--json'));
  assert.equal(role, 'gateway');
  assert.equal(device, 'edge-1');
  await eventually('connected', () => uplinkOf(gateway).state === 'connected');
});

test('telemetry goes to the topic of its sender, properties included',
  async () => {
    const leaf = gateway.create('device', 'leaf-1');
    const pump = gateway.create('module', 'edge-1/pump');
    const device = await connect(leaf);
    await device.publishAsync(eventsTopic(leaf), 'plain', {qos: 1});
    await device.publishAsync(eventsTopic(leaf, {'level': 'a b', '$.mid': '7'}),
      'with properties', {qos: 1});
    await device.endAsync();
    const module = await connect(pump);
    await module.publishAsync(eventsTopic(pump, {'$.on': 'vib'}), 'module',
      {qos: 1});
    await module.endAsync();
    assert.equal((await cloud.find('plain')).topic,
      'sites/edge-1/leaf-1/telemetry');
    assert.equal((await cloud.find('with properties')).topic,
      'sites/edge-1/leaf-1/telemetry/level=a%20b&%24.mid=7');
    assert.equal((await cloud.find('module')).topic,
      'sites/edge-1/edge-1/pump/telemetry/vib');
  });

test('a command reaches its device, also one that was away', async () => {
  const leaf = gateway.create('device', 'leaf-4');
  const topic = 'sites/edge-1/leaf-4/commands';
  const bound = 'devices/leaf-4/messages/devicebound/';
  await cloud.client.publishAsync(`${topic}/level=high`, 'while away',
    {qos: 1});
  const device = await connect(leaf);
  const got = [];
  device.on('message', (where, payload) =>
    got.push([where, payload.toString()]));
  await device.subscribeAsync(`${bound}#`, {qos: 1});
  await eventually('the first', () => got.length === 1);
  await gateway.stop();
  await cloud.client.publishAsync(topic, 'gateway away', {qos: 1});
  await gateway.start();
  await eventually('the second', () => got.length === 2);
  await device.endAsync();
  assert.deepEqual(got.map(([, payload]) => payload),
    ['while away', 'gateway away']);
  assert.match(got[0][0], /level=high/);
});

/// Sends numbered messages, as many devices, while `disturb` does its worst.
/// Nothing acknowledged may be missing at the broker, nor out of order.
async function sendThrough(run, disturb) {
  const devices = [1, 2, 3].map((n) =>
    gateway.create('device', `${run}-${n}`));
  const acknowledged = new Map();
  const senders = devices.map(async (identity) => {
    const client = await connect(identity);
    let count = 0;
    for (let batch = 0; batch < 40; ++batch) {
      await Promise.all(Array.from({length: 25}, () =>
        client.publishAsync(eventsTopic(identity), String(count++),
          {qos: 1})));
      acknowledged.set(identity.DeviceId, count);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await client.endAsync();
  });
  await disturb();
  await Promise.all(senders);
  const lane = await settled(gateway);
  assert.equal(lane.rejected + lane.expired + lane.evicted, 0);
  for (const {DeviceId} of devices) {
    const total = acknowledged.get(DeviceId);
    assert.equal(total, 1000);
    const topic = `sites/edge-1/${DeviceId}/telemetry`;
    const bodies = () => [...new Set(cloud.seen
      .filter((message) => message.topic === topic)
      .map((message) => Number(message.body)))];
    await eventually(`all of ${DeviceId}`, () => bodies().length === total);
    assert.deepEqual(bodies(), bodies().toSorted((a, b) => a - b));
  }
}

/// A client certificate that the site's authority has signed.
function clientCertificate() {
  const [key, request, certificate] = ['key', 'csr', 'pem'].map((ending) =>
    path.join(site.folder, `client.${ending}`));
  const openssl = (...words) => execFileSync('openssl', words,
    {stdio: ['ignore', 'ignore', 'pipe']});
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=edge',
    '-keyout', key, '-out', request);
  openssl('x509', '-req', '-in', request, '-CA', site.caFile, '-CAkey',
    path.join(site.certificates, 'ca.key'), '-CAcreateserial',
    '-out', certificate);
  return {certificate, key};
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test('a broker that is restarted has everything that was acknowledged',
  () => sendThrough('restart', async () => {
    for (let times = 0; times < 3; ++times) {
      await pause(200);
      await broker.stop();
      await pause(200);
      await broker.start();
    }
  }));

test('a broker that is killed has everything that was acknowledged',
  () => sendThrough('kill', async () => {
    for (let times = 0; times < 3; ++times) {
      await pause(250);
      await broker.kill();
      await pause(100);
      await broker.start();
    }
  }));

test('a broker that hangs is left, and taken up again when it is back',
  async () => {
    const hanging = await new Broker(site, 'hanging', ['allow_anonymous true'])
      .start();
    const behind = await site.behindBroker(hanging, 'edge-6', {
      listeners: {mqtt: '127.0.0.1:0'},
      parent: {progress_timeout: '1s'},
    });
    await eventually('connected',
      () => uplinkOf(behind).state === 'connected');
    hanging.process.kill('SIGSTOP');
    const leaf = behind.create('device', 'leaf-6');
    const client = await connect(leaf, behind);
    await client.publishAsync(eventsTopic(leaf), 'meanwhile', {qos: 1});
    await client.endAsync();
    await eventually('left', () => uplinkOf(behind).lastFailure
      === 'the broker has acknowledged nothing for 1000 ms');
    hanging.process.kill('SIGCONT');
    await settled(behind);
    await behind.stop();
    await hanging.stop();
  });

test('a gateway that is killed loses nothing either',
  () => sendThrough('away', async () => {
    await pause(300);
    await broker.stop();
    await pause(300);
    await broker.start();
  }).then(async () => {
    await broker.stop();
    const leaf = gateway.create('device', 'leaf-3');
    const client = await connect(leaf);
    await client.publishAsync(eventsTopic(leaf), 'before the kill', {qos: 1});
    client.end(true);
    await gateway.stop('SIGKILL');
    await gateway.start();
    await broker.start();
    await cloud.find('before the kill');
    await settled(gateway);
  }));

test('properties go into an envelope when they shall', async () => {
  const other = await site.behindBroker(broker, 'edge-2', {
    listeners: {mqtt: '127.0.0.1:0'},
    mqtt: {properties: 'envelope', telemetry: 'sites/all/{device}'},
  });
  const leaf = other.create('device', 'leaf-2');
  const client = await connect(leaf, other);
  await client.publishAsync(eventsTopic(leaf, {level: 'high'}), '{"t":1}',
    {qos: 1});
  await client.endAsync();
  const {body} = await eventually('the envelope', () =>
    cloud.seen.find(({topic}) => topic === 'sites/all/leaf-2'));
  const envelope = JSON.parse(body);
  assert.equal(envelope.from, 'leaf-2');
  assert.equal(envelope.properties.level, 'high');
  assert.equal(envelope.body, '{"t":1}');
  await other.stop();
});

test('a broker behind TLS knows this node by its certificate', async () => {
  const guard = [
    'allow_anonymous true',
    'require_certificate true',
    `cafile ${site.caFile}`,
    `certfile ${path.join(site.certificates, 'server.pem')}`,
    `keyfile ${path.join(site.certificates, 'server.key')}`,
  ];
  // The certificate is for 127.0.0.1 and localhost, not for this address.
  const address = '127.0.0.2';
  const port = await freePort(address);
  const strict = await new Broker(site, 'strict',
    [...guard, `listener ${port} ${address}`, ...guard]).start();
  const behind = (name, mqtt) => site.behindBroker(strict, name, {
    listeners: {mqtt: '127.0.0.1:0'},
    parent: {ca_file: site.caFile},
    mqtt: {tls: true, ...mqtt},
  });
  try {
    const known = await behind('edge-7', clientCertificate());
    await eventually('connected', () => uplinkOf(known).state === 'connected');
    const unknown = await behind('edge-8', {});
    await eventually('a reason', () => uplinkOf(unknown).failures > 0);
    assert.notEqual(uplinkOf(unknown).state, 'connected');
    const elsewhere = await behind('edge-9',
      {...clientCertificate(), address, port});
    await eventually('it knocks', () => strict.log().includes(`port ${port}`));
    await eventually('a reason', () => uplinkOf(elsewhere).failures > 1);
    assert.equal(uplinkOf(elsewhere).state, 'disconnected');
    for (const one of [known, unknown, elsewhere])
      await one.stop();
  } finally {
    await strict.stop();
  }
});

test('a broker behind TLS wants a password', async () => {
  const file = path.join(site.folder, 'passwords');
  const guarded = await new Broker(site, 'guarded', [
    ...Broker.password(file, 'edge', 'secret'),
    `certfile ${path.join(site.certificates, 'server.pem')}`,
    `keyfile ${path.join(site.certificates, 'server.key')}`,
  ]).start();
  const behind = (name, mqtt, parent) => site.behindBroker(guarded, name, {
    listeners: {mqtt: '127.0.0.1:0'},
    parent: {ca_file: site.caFile, ...parent},
    mqtt: {tls: true, user: 'edge', password: 'secret', ...mqtt},
  });
  try {
    const good = await behind('edge-3');
    await eventually('connected', () => uplinkOf(good).state === 'connected');
    const refused = await behind('edge-4', {password: 'wrong'});
    await eventually('a reason', () =>
      /not authorised/.test(uplinkOf(refused).lastFailure));
    const distrustful = await behind('edge-5', {}, {ca_file: ''});
    await eventually('a reason', () =>
      /certificate/.test(uplinkOf(distrustful).lastFailure));
    assert.notEqual(uplinkOf(distrustful).state, 'connected');
    for (const one of [good, refused, distrustful])
      await one.stop();
  } finally {
    await guarded.stop();
  }
});
