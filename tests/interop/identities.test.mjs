// Who may connect, seen from outside: certificates, every way to pretend to be
// somebody else, changes at the hub, and gateways behind gateways.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {X509Certificate} from 'node:crypto';
import {once} from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import mqtt from 'mqtt';
import rhea from 'rhea';

import {certificate} from '../site/certificate.mjs';
import {clientId, eventsTopic, resource, sasToken, userName}
  from '../site/sas.mjs';
import {eventually, Events, Site} from '../site/site.mjs';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
/// The environment in which more than a year has passed.
const later = {
  LD_PRELOAD: library, FAKETIME: '+400d', FAKETIME_DONT_FAKE_MONOTONIC: '1',
};
const routes = {up: 'FROM /messages/* INTO $upstream'};
let site, hub, gateway, events;

before(async () => {
  site = new Site();
  hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1', {routes});
  events = new Events(hub);
});

after(async () => {
  events?.stop();
  await site?.close();
});

/// Connects over MQTT; fails when the node says no.
function open(node, identity, options = {}) {
  return mqtt.connectAsync(`mqtts://${node.address}:${node.ports.mqtts}`, {
    clientId: clientId(identity),
    username: userName(identity),
    password: identity.SharedAccessKey && sasToken(identity),
    ca: site.ca,
    reconnectPeriod: 0,
    protocolVersion: 4,
    ...options,
  }, false);
}

const refused = (node, identity, options) => assert.rejects(
  open(node, identity, options), (error) => error.code === 5);

/// Opens an events link over AMQP; resolves with what the node says.
/// With `opened`: what it says after that was called on the open link.
function link(node, {token, address, chain, opened, options = {}}) {
  return new Promise((resolve, reject) => {
    const container = rhea.create_container();
    container.on('connection_error', ({connection}) =>
      resolve(connection.error?.condition ?? 'closed'));
    container.on('disconnected', ({error}) =>
      resolve(error ? `disconnected: ${error}` : 'disconnected'));
    const connection = container.connect({
      host: node.address,
      port: node.ports.amqps,
      transport: 'tls',
      ca: site.ca,
      username: 'anonymous',
      reconnect: false,
      ...options,
    });
    setTimeout(() => reject(new Error('no answer')), 10_000).unref();
    const events = () => {
      const sender = connection.open_sender({
        target: address,
        properties: chain && {'com.microsoft:auth-chain': chain},
      });
      const end = (what) => {
        connection.removeAllListeners();
        connection.close();
        resolve(what);
      };
      sender.once('sender_error', () => end(sender.error.condition));
      sender.once('sendable', opened ?? (() => end('open')));
    };
    if (!token)
      return events();
    const cbs = connection.open_sender('$cbs');
    connection.open_receiver('$cbs').once('message', events);
    cbs.once('sendable', () => cbs.send({
      message_id: 'm',
      application_properties: {
        operation: 'put-token', type: 'servicebus.windows.net:sastoken',
        name: 'any',
      },
      body: token,
    }));
  });
}

/// An HTTPS request; resolves with the status and the body.
function call(node, method, target, token, body) {
  return new Promise((resolve, reject) => {
    const asked = https.request({
      host: node.address, port: node.ports.https, ca: site.ca, method,
      path: target, headers: {Authorization: token},
    }, async (answer) => {
      let text = '';
      for await (const piece of answer)
        text += piece;
      resolve({status: answer.statusCode, body: text && JSON.parse(text)});
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

describe('certificates', () => {
  test('by thumbprint and by authority, over MQTT and AMQP, at both nodes',
    async () => {
      const pinned = certificate(site, 'pinned');
      const issued = certificate(site, 'issued', {issued: true});
      const stranger = certificate(site, 'stranger', {issued: true});
      const behind = ['--parent', 'edge-1'];
      const one = hub.create('device', 'pinned', ...behind,
        '--x509-thumbprint', pinned.sha1);
      assert.equal(one.x509, 'true');
      const two = hub.create('device', 'issued', ...behind, '--x509-ca');
      for (const node of [hub, gateway]) {
        for (const [identity, own, other] of
          [[one, pinned, issued], [two, issued, stranger]]) {
          const client = await open(node, identity, own);
          const body = `${identity.DeviceId} at ${node.name}`;
          await client.publishAsync(eventsTopic(identity), body, {qos: 1});
          await events.find(body, (e) =>
            e.body === body && e.from === identity.DeviceId);
          await client.endAsync();
          await refused(node, identity, other);
          await refused(node, identity);
          const address = `/${resource(identity)}/messages/events`;
          assert.equal(await link(node, {address, options: own}), 'open');
          assert.equal(await link(node, {address, options: other}),
            'amqp:not-allowed');
        }
      }
    });

  test('that a proxy passes on, over WebSocket', async () => {
    const {cert} = certificate(site, 'proxied');
    const shown = certificate(site, 'shown');
    const leaf = hub.create('device', 'proxied', '--parent', 'edge-1',
      '--x509-thumbprint', shown.sha256);
    const proxy = hub.create('module', 'edge-1/IoTEdgeAPIProxy');
    const other = hub.create('module', 'edge-1/other');
    const through = (Authorization, pem = shown.cert) => mqtt.connectAsync(
      `wss://${gateway.address}:${gateway.ports.https}/$iothub/websocket`, {
        clientId: clientId(leaf), username: userName(leaf),
        reconnectPeriod: 0, protocolVersion: 4,
        wsOptions: {ca: site.ca, headers: {
          Authorization, 'x-ms-edge-clientcert': encodeURIComponent(pem),
        }},
      }, false);
    const client = await eventually('the gateway hears of its module', () =>
      through(sasToken(proxy)).catch(() => undefined));
    await client.publishAsync(eventsTopic(leaf), 'by a proxy', {qos: 1});
    await events.find('by a proxy', (e) =>
      e.body === 'by a proxy' && e.from === 'proxied');
    await client.endAsync();
    for (const [what, ...how] of [
      ['another module', sasToken(other)],
      ['a token of another for it', sasToken({...proxy,
        SharedAccessKey: other.SharedAccessKey})],
      ['an old token', sasToken(proxy, -3600)],
      ['no token', ''],
      ['another certificate', sasToken(proxy), cert],
      ['no certificate', sasToken(proxy), 'rubbish'],
    ])
      await assert.rejects(through(...how), ({code}) => code === 5, what);
  });

  test('a node without certificates issues and renews its own', async () => {
    const own = await site.hub('own', {tls: {}});
    const folder = path.join(own.folder, 'data', 'certificates');
    const read = (name) => fs.readFileSync(path.join(folder, name));
    const leaf = own.create('device', 'leaf');
    const ca = read('ca.pem');
    await (await open(own, leaf, {ca})).endAsync();
    const first = new X509Certificate(read('server.pem'));
    await own.stop();
    if (!fs.existsSync(library))
      return;
    own.environment = later;
    await own.start();
    const second = new X509Certificate(read('server.pem'));
    const days = (from, to) => (new Date(to) - new Date(from)) / 86_400_000;
    assert.ok(days(first.validTo, second.validTo) > 300);
    assert.deepEqual(read('ca.pem'), ca);
    assert.ok(second.verify(new X509Certificate(ca).publicKey));
  });
});

test('nobody can pretend to be another', async () => {
  const leaf = hub.create('device', 'leaf', '--parent', 'edge-1');
  const other = hub.create('device', 'other');
  const edge2 = hub.create('device', 'edge-2', '--edge');
  const module = hub.create('module', 'edge-1/pump');
  const hub1 = connectionOf('edge-1', '$edgeHub');
  const hub2 = connectionOf('edge-2', '$edgeHub');
  function connectionOf(device, name) {
    const all = JSON.parse(hub.command('module', 'list', device, '--json'));
    const found = all.find((one) => one.moduleId === name);
    return {...leaf, DeviceId: device, ModuleId: name,
      SharedAccessKey: found.authentication.symmetricKey.primaryKey};
  }
  const signedBy = (identity, key) =>
    sasToken({...identity, SharedAccessKey: key.SharedAccessKey});
  const attempts = [
    ['another token', leaf, sasToken(other)],
    ['another key', leaf, signedBy(leaf, other)],
    ['another host', leaf, sasToken({...leaf, HostName: 'elsewhere.net'})],
    ['another device key', module, signedBy(module, edge2)],
    ['not the parent', leaf, sasToken(hub2), 'leaf;edge-2'],
    ['not an edge device', leaf, sasToken(other), 'leaf;other'],
    ['not the hub module', leaf, sasToken(module), 'leaf;edge-1/pump'],
    ['not below it', other, sasToken(hub1), 'other;edge-1'],
  ];
  for (const node of [hub, gateway])
    for (const [what, identity, token, chain] of attempts) {
      await t(`${what} at ${node.name} over MQTT`, () =>
        refused(node, identity, {
          password: token,
          username: userName(identity) + (chain ? `&auth-chain=${encodeURIComponent(chain)}` : ''),
        }));
      await t(`${what} at ${node.name} over AMQP`, async () =>
        assert.match(await link(node, {
          token, chain, address: `/${resource(identity)}/messages/events`,
        }), /^amqp:not-(allowed|found)$/));
    }
  async function t(what, check) {
    try {
      await check();
    } catch (error) {
      throw new Error(`${what}: ${error.message}`, {cause: error});
    }
  }

  const nested = (actor, name) =>
    `/devices/${actor}/modules/$edgeHub/${name}`;
  const version = '?api-version=2020-06-30-preview';
  const scope = 'devicesAndModulesInTargetDeviceScope';
  const body = {pageSize: 10, continuationLink: '', authChain: 'edge-1'};
  for (const [actor, token, wanted] of [
    ['edge-1', sasToken(hub1), 200],
    ['edge-1', sasToken(module), 401],
    ['edge-1', sasToken(hub2), 401],
    ['edge-2', sasToken(hub2), 401],
    ['other', sasToken(other), 401],
  ]) {
    const answer = await call(hub, 'POST', nested(actor, scope) + version,
      token, body);
    assert.equal(answer.status, wanted, `${actor} ${token}`);
  }
});

describe('a change at the hub reaches the gateway in seconds', () => {
  const change = (...words) => hub.command('device', ...words);
  async function ended(device, action) {
    const client = await open(gateway, device);
    const closed = once(client, 'close', {signal: AbortSignal.timeout(5000)});
    action(device.DeviceId);
    await closed;
    await refused(gateway, device);
  }

  test('a device is deleted', () =>
    ended(hub.create('device', 'deleted', '--parent', 'edge-1'),
      (name) => change('delete', name)));

  test('a device is disabled, and enabled again', async () => {
    const device = hub.create('device', 'disabled', '--parent', 'edge-1');
    await ended(device, (name) => change('update', name, '--disabled'));
    change('update', 'disabled', '--enabled');
    await (await open(gateway, device)).endAsync();
  });

  test('a device gets another key', async () => {
    await ended(hub.create('device', 'rekeyed', '--parent', 'edge-1'),
      (name) => change('update', name, '--key', btoa('another key')));
    await (await open(gateway, {HostName: 'tidehub.test', DeviceId: 'rekeyed',
      SharedAccessKey: btoa('another key')})).endAsync();
  });

  test('a device is behind another gateway now', () =>
    ended(hub.create('device', 'moved', '--parent', 'edge-1'),
      (name) => change('update', name, '--parent', '')));

  test('its AMQP link ends', async () => {
    const device = hub.create('device', 'linked', '--parent', 'edge-1');
    const told = link(gateway, {
      token: sasToken(device), address: `/${resource(device)}/messages/events`,
      opened: () => change('update', 'linked', '--disabled'),
    });
    assert.equal(await told, 'amqp:link:detach-forced');
  });
});

test('a gateway decides alone, also after a restart', async () => {
  const known = hub.create('device', 'known', '--parent', 'edge-1');
  const shown = certificate(site, 'known-x509');
  const pinned = hub.create('device', 'known-x509', '--parent', 'edge-1',
    '--x509-thumbprint', shown.sha256);
  await (await open(gateway, known)).endAsync();
  await (await open(gateway, pinned, shown)).endAsync();
  await hub.stop();
  await gateway.stop('SIGKILL');
  await gateway.start();
  await (await open(gateway, known)).endAsync();
  await (await open(gateway, pinned, shown)).endAsync();
  // `grep` exits with 1 when it finds nothing.
  assert.throws(() => execFileSync('grep', ['-rqaF', known.SharedAccessKey,
    path.join(gateway.folder, 'data')]), (error) => error.status === 1);
});

test('a gateway that lost its key asks its parent again', async () => {
  if (hub.process.exitCode !== null)
    await hub.start();
  const known = hub.create('device', 'again', '--parent', 'edge-1');
  await (await open(gateway, known)).endAsync();
  await gateway.stop();
  fs.rmSync(path.join(gateway.folder, 'data', 'seal.key'));
  await gateway.start();
  assert.match(gateway.log(), /the key file is missing/);
  await eventually('the gateway knows it again', () =>
    open(gateway, known).then((c) => c.endAsync().then(() => true),
      () => false));
});

test('a gateway behind a gateway', async () => {
  const inner = await site.gateway(hub, 'inner', {routes}, gateway);
  const leaf = hub.create('device', 'deep', '--parent', 'inner');
  const follower = new Events(hub);
  try {
    const client = await open(inner, leaf);
    await client.publishAsync(eventsTopic(leaf), 'from below', {qos: 1});
    await client.endAsync();
    await follower.find('of the device at the bottom', (e) =>
      e.body === 'from below' && e.from === 'deep');
    const edge = {HostName: leaf.HostName, DeviceId: 'inner',
      SharedAccessKey: inner.key};
    const target = '/devices/inner/modules/added?api-version=2021-04-12';
    const made = await call(gateway, 'PUT', target, sasToken(edge),
      {deviceId: 'inner', moduleId: 'added'});
    assert.equal(made.status, 200);
    assert.equal(made.body.moduleId, 'added');
    const seen = JSON.parse(hub.command('module', 'list', 'inner', '--json'));
    assert.ok(seen.some((one) => one.moduleId === 'added'));
    const gone = await call(gateway, 'DELETE', target, sasToken(edge));
    assert.equal(gone.status, 204);
    const again = await call(gateway, 'GET', target, sasToken(edge));
    assert.equal(again.status, 404);
  } finally {
    follower.stop();
  }
});

test('a gateway works on more than a year after it last heard of its hub',
  async (t) => {
    if (!fs.existsSync(library))
      return t.skip('libfaketime is not installed');
    const far = await site.gateway(hub, 'far', {routes, tls: {}});
    const keyed = hub.create('device', 'keyed', '--parent', 'far');
    const cert = certificate(site, 'shown', {days: 900});
    const shown = hub.create('device', 'shown', '--parent', 'far',
      '--x509-thumbprint', cert.sha1);
    const clients = [
      [keyed, {password: sasToken(keyed, 500 * 86_400)}], [shown, cert]];
    // The client's clock stays behind: what it is shown is checked below.
    const enter = ([who, how]) =>
      open(far, who, {...how, rejectUnauthorized: false});
    for (const one of clients)
      await (await enter(one)).endAsync();
    await hub.stop();
    await far.stop();
    far.environment = later;
    await far.start();
    const {publicKey} = new X509Certificate(fs.readFileSync(
      path.join(far.folder, 'data', 'certificates', 'ca.pem')));
    for (const one of clients) {
      const client = await enter(one);
      const server = new X509Certificate(
        client.stream.getPeerCertificate().raw);
      assert.ok(server.verify(publicKey));
      assert.ok(new Date(server.validTo) - Date.now() > 400 * 86_400_000);
      await client.publishAsync(eventsTopic(one[0]), 'late', {qos: 1});
      await client.endAsync();
    }
    const [lane] = JSON.parse(far.command('audit', '--json')).lanes;
    assert.equal(lane.accepted, 2);
  });
