// Mosquitto's own command line clients against a hub and a gateway.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {after, before, test} from 'node:test';
import {promisify} from 'node:util';

import {clientId, eventsTopic, resource, sasToken, userName}
  from '../site/sas.mjs';
import {Events, eventually, Site} from '../site/site.mjs';

const run = promisify(execFile);
let site, hub, gateway, events, leaf, sender, receiver;

before(async () => {
  site = new Site();
  hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1', {
    listeners: {mqtt: '127.0.0.1:0'},
    routes: {
      up: 'FROM /messages/* WHERE NOT is_defined(local) INTO $upstream',
      across: 'FROM /messages/modules/sender/outputs/* '
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

function login(identity) {
  return ['-i', clientId(identity), '-u', userName(identity),
    '-P', sasToken(identity)];
}

function overTls(node) {
  return ['-h', node.address, '-p', String(node.ports.mqtts),
    '--cafile', site.caFile];
}

function publish(where, identity, body, properties = {}, more = []) {
  return run('mosquitto_pub', [...where, ...login(identity), '-q', '1',
    '-t', eventsTopic(identity, properties), '-m', body, ...more],
  {timeout: 10_000});
}

test('a device sends to a hub over TLS', async () => {
  const direct = hub.create('device', 'direct-1');
  await publish(overTls(hub), direct, 'to the hub', {level: 'high'});
  const event = await events.find('to the hub',
    (e) => e.body === 'to the hub');
  assert.equal(event.from, 'direct-1');
  assert.equal(event.properties.level, 'high');
});

test('a device sends through a gateway over TLS, its properties included',
  async () => {
    await publish(overTls(gateway), leaf, 'over tls',
      {'level': 'a b/ü', '$.mid': 'm-1', '$.ct': 'text/plain'});
    const event = await events.find('over tls', (e) => e.body === 'over tls');
    assert.equal(event.from, 'leaf-1');
    assert.equal(event.properties.level, 'a b/ü');
    assert.equal(event.systemProperties.messageId, 'm-1');
    assert.equal(event.systemProperties.contentType, 'text/plain');
  });

test('a plain listener works where it is configured', async () => {
  const plain = ['-h', '127.0.0.1', '-p', String(gateway.ports.mqtt)];
  await publish(plain, leaf, 'in the clear');
  await events.find('in the clear', (e) => e.body === 'in the clear');
});

test('a client that does not know the authority turns away', async () => {
  const where = ['-h', gateway.address, '-p', String(gateway.ports.mqtts),
    '--capath', '/etc/ssl/certs'];
  await assert.rejects(publish(where, leaf, 'never'));
});

test('a wrong key is refused with code 5', async () => {
  const wrong = {...leaf, SharedAccessKey: 'bm90IHRoZSBrZXkgYXQgYWxs'};
  await assert.rejects(publish(overTls(gateway), wrong, 'never'),
    (error) => /not authori[sz]ed/i.test(error.stderr));
});

test('a module receives what another sent before it came', async () => {
  await publish(overTls(gateway), sender, 'across',
    {'$.on': 'vibration', 'local': '1'});
  const {stdout} = await run('mosquitto_sub', [...overTls(gateway),
    ...login(receiver), '-q', '1', '-t', `${resource(receiver)}/inputs/#`,
    '-C', '1', '-W', '10', '-F', '%t %p']);
  assert.match(stdout, /^devices\/edge-1\/modules\/receiver\/inputs\/in\//);
  assert.match(stdout, / across$/m);
  assert.match(stdout, /local=1/);
  assert.match(stdout, /%24\.cdid=edge-1/);
  assert.match(stdout, /%24\.cmid=sender/);
});

test('what waits of a device that the hub removed holds up nobody', async () => {
  const gone = hub.create('device', 'gone-1', '--parent', 'edge-1');
  await publish(overTls(gateway), gone, 'while it was there');
  await events.find('while it was there',
    (e) => e.body === 'while it was there');
  gateway.command('uplink', 'pause');
  await publish(overTls(gateway), gone, 'of nobody');
  hub.command('device', 'delete', 'gone-1');
  gateway.command('uplink', 'resume');
  await publish(overTls(gateway), leaf, 'behind it');
  await events.find('behind it', (e) => e.body === 'behind it');
  await eventually('nothing is pending', () =>
    JSON.parse(gateway.command('audit', '--json')).lanes
      .every((lane) => lane.pending === 0), 60_000);
  assert.ok(!events.seen.some((e) => e.body === 'of nobody'));
});
