// Bits of a disk flip: a node whose stored identities are damaged starts,
// says so, and a gateway learns them again while its backlog goes on.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {connectMqtt} from './mqtt_client.mjs';
import {Events, Site} from '../site/site.mjs';

const devices = 40;
let site, hub, gateway, events;
const identities = [];
// Small enough that a backlog has everything written to files.
const store = {quota: '16 MiB'};

before(async () => {
  site = new Site();
  hub = await site.hub('hub', {store});
  gateway = await site.gateway(hub, 'edge-1', {
    store, routes: {up: 'FROM /messages/* INTO $upstream'},
    parent: {retry_longest: '500ms'},
  });
  for (let i = 0; i < devices; ++i)
    identities.push(hub.create('device', `pump-${100 + i}`, '--parent', 'edge-1'));
  events = new Events(hub);
});

after(async () => {
  events?.stop();
  await site?.close();
});

async function connected(identity) {
  const client = await connectMqtt(gateway, identity, {ca: site.ca});
  return {
    send: (text) => client.publishAsync(
      `devices/${identity.DeviceId}/messages/events/`, text, {qos: 1}),
    end: () => client.endAsync(),
  };
}

/// Fills the lane of `identity`, so that the store writes all to files.
async function fill(identity, text) {
  const client = await connected(identity);
  for (let i = 0; i < 12; ++i)
    await client.send(text + '.'.repeat(100_000));
  await client.send(`last ${text}`);
  await client.end();
}

/// The files that hold a part of the store of `node`.
function filesOf(node, part) {
  const folder = path.join(node.folder, 'data', 'store');
  return fs.readdirSync(folder).filter((name) => name.endsWith('.sst'))
    .map((name) => path.join(folder, name))
    .filter((file) => fs.readFileSync(file).includes(part));
}

function flip(file, at) {
  const content = fs.readFileSync(file);
  content[at < 0 ? content.length + at : at] ^= 0x10;
  fs.writeFileSync(file, content);
}

for (const [where, at] of [['a record', 200], ['the end of a file', -5]])
  test(`a gateway goes on after a wrong bit in ${where}`, async () => {
    for (const identity of identities) { // all are known here
      const client = await connected(identity);
      await client.end();
    }
    await hub.stop('SIGKILL');
    await fill(identities[3], where);
    await gateway.stop('SIGKILL');
    const files = filesOf(gateway, 'identities');
    assert.ok(files.length > 0, 'identities are in files');
    for (const file of files)
      flip(file, at);
    const before = gateway.log().length;
    await gateway.start();
    assert.match(gateway.log().slice(before), /a part of the store was damaged/);
    assert.ok(fs.readdirSync(
      path.join(gateway.folder, 'data/quarantine/records')).length > 0);
    await hub.start();
    events.stop();
    events = new Events(hub);
    await events.find(`last ${where}`, (event) => event.body === `last ${where}`
      || JSON.stringify(event).includes(`last ${where}`)
      || JSON.stringify(event).includes(
        Buffer.from(`last ${where}`).toString('base64')));
    for (const identity of identities) {
      const client = await connected(identity);
      await client.end();
    }
    assert.match(gateway.command('audit'), /yes/);
    const answer = await fetch(`http://${gateway.sections.metrics.listen}/metrics`);
    const mended = (await answer.text()).split('\n')
      .filter((line) => line.startsWith('tidegate_store_mended_total'));
    assert.match(mended.join(), /partition="identities"[^}]*} [12]$/);
  });

test('a hub starts without what it lost, and lets nobody in there', async () => {
  await hub.stop('SIGKILL');
  const files = filesOf(hub, 'identities');
  assert.ok(files.length > 0, 'identities are in files');
  for (const file of files)
    flip(file, 2000);
  await hub.start();
  assert.match(hub.log(), /what it held is lost/);
  const left = JSON.parse(hub.command('device', 'list', '--json'));
  assert.ok(left.length < devices);
});
