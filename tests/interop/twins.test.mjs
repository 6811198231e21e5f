// Twins of a hub as an operator sees and changes them, and the own twins of a
// hub and of a gateway behind it.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Site, eventually} from '../site/site.mjs';

let site, hub, gateway;

before(async () => {
  site = new Site();
  hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1',
    {twins: {report_period: '100ms'}});
});

after(() => site?.close());

function twin(id) {
  return JSON.parse(hub.command('twin', 'get', id, '--json'));
}

function patch(id, change, ...options) {
  return JSON.parse(hub.command('twin', 'patch', id, JSON.stringify(change),
    '--json', ...options));
}

/// Until the node that has the twin `own` has reported what came of version
/// `of`.
function status(own, of) {
  return eventually(`the verdict on version ${of}`, () => {
    const {reported} = twin(own).properties;
    return reported.lastDesiredVersion === of && reported.lastDesiredStatus;
  });
}

const sinks = (node) => JSON.parse(node.command('status', '--json'))
  .routes.map((route) => route.sink).sort();

test('a twin is changed and survives a kill', async () => {
  hub.create('device', 'pump-7');
  const made = twin('pump-7');
  assert.equal(made.properties.desired.$version, 1);
  const changed = patch('pump-7', {
    tags: {site: 'north'}, properties: {desired: {speed: 7, old: true}},
  });
  assert.notEqual(changed.etag, made.etag);
  patch('pump-7', {properties: {desired: {old: null}}});
  await hub.stop('SIGKILL');
  await hub.start();
  const {tags, properties: {desired}} = twin('pump-7');
  assert.deepEqual(tags, {site: 'north'});
  assert.equal(desired.speed, 7);
  assert.equal(desired.old, undefined);
  assert.equal(desired.$version, 3);
  assert.equal(desired.$metadata.speed.$lastUpdatedVersion, 2);
});

test('a twin goes with its identity', () => {
  hub.create('device', 'pump-8');
  patch('pump-8', {tags: {a: 1}});
  hub.command('device', 'delete', 'pump-8');
  assert.throws(() => twin('pump-8'));
  hub.create('device', 'pump-8');
  assert.deepEqual(twin('pump-8').tags, {});
});

test('a wrong change is refused with its place', () => {
  assert.throws(() => patch('pump-7', {properties: {desired: {'a b': 1}}}),
    /the patch/);
  assert.throws(() => hub.command('twin', 'patch', 'pump-7', 'nonsense'));
});

for (const [role, device] of [['hub', 'tidehub.test'], ['gateway', 'edge-1']])
  test(`a ${role} lives by its own twin`, async () => {
    const node = role === 'hub' ? hub : gateway;
    const own = `${device}/$edgeHub`;
    const module = 'FROM /* INTO BrokeredEndpoint("/modules/m/inputs/i")';
    const both = ['iothub', `${device}/m/i`].sort();
    const storeAndForwardConfiguration = {timeToLiveSecs: 7200};
    const first = patch(own, {properties: {desired: {
      schemaVersion: '1.1', storeAndForwardConfiguration,
      routes: {all: 'FROM /* INTO $upstream', module},
    }}});
    assert.deepEqual(await status(own, first.properties.desired.$version),
      {code: 200, description: ''});
    assert.deepEqual(sinks(node), both);

    const wrong = patch(own, {properties: {desired: {routes: {bad: 'FROM'}}}});
    const verdict = await status(own, wrong.properties.desired.$version);
    assert.equal(verdict.code, 400);
    assert.match(verdict.description, /bad/);
    assert.deepEqual(sinks(node), both);

    await node.stop('SIGKILL');
    await node.start();
    assert.deepEqual(sinks(node), both);

    const last = patch(own, {properties: {desired: {
      routes: {bad: null, module: null}}}});
    const {code} = await status(own, last.properties.desired.$version);
    assert.equal(code, 200);
    await eventually('one sink is left', () => sinks(node).length === 1);
  });
