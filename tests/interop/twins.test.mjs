// Twins of a hub as an operator sees and changes them, and the hub's own twin.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Site, eventually} from '../site/site.mjs';

let site, hub;

before(async () => {
  site = new Site();
  hub = await site.hub();
});

after(() => site?.close());

const own = 'tidehub.test/$edgeHub';

function twin(id) {
  return JSON.parse(hub.command('twin', 'get', id, '--json'));
}

function patch(id, change, ...options) {
  return JSON.parse(hub.command('twin', 'patch', id, JSON.stringify(change),
    '--json', ...options));
}

/// Until the hub has reported what came of version `of`.
function status(of) {
  return eventually(`the verdict on version ${of}`, () => {
    const {reported} = twin(own).properties;
    return reported.lastDesiredVersion === of && reported.lastDesiredStatus;
  });
}

const sinks = () => JSON.parse(hub.command('status', '--json'))
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

test('a node lives by its own twin', async () => {
  const module = 'FROM /* INTO BrokeredEndpoint("/modules/m/inputs/i")';
  const storeAndForwardConfiguration = {timeToLiveSecs: 7200};
  const first = patch(own, {properties: {desired: {
    schemaVersion: '1.1', storeAndForwardConfiguration,
    routes: {all: 'FROM /* INTO $upstream', module},
  }}});
  assert.deepEqual(await status(first.properties.desired.$version),
    {code: 200, description: ''});
  assert.deepEqual(sinks(), ['iothub', 'tidehub.test/m/i']);

  const wrong = patch(own, {properties: {desired: {routes: {bad: 'FROM'}}}});
  const verdict = await status(wrong.properties.desired.$version);
  assert.equal(verdict.code, 400);
  assert.match(verdict.description, /bad/);
  assert.deepEqual(sinks(), ['iothub', 'tidehub.test/m/i']);

  await hub.stop('SIGKILL');
  await hub.start();
  assert.deepEqual(sinks(), ['iothub', 'tidehub.test/m/i']);

  const last = patch(own, {properties: {desired: {
    routes: {bad: null, module: null}}}});
  assert.equal((await status(last.properties.desired.$version)).code, 200);
  await eventually('one sink is left', () => sinks().length === 1);
});
