// What many senders and many absent targets cost a gateway, at N, 2N and 4N:
// processor time and memory, which say more than seconds on a busy machine.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {after, before, describe, test} from 'node:test';

import {Crowd, createDevices, inTurn} from './crowd.mjs';
import {connectMqtt} from './mqtt_client.mjs';
import {eventsTopic} from '../site/sas.mjs';
import {eventually, Site} from '../site/site.mjs';

const senders = 20;
const ticks = Number(execFileSync('getconf', ['CLK_TCK']));

/// Seconds of processor time that a node has taken.
function spent(node) {
  const stat = fs.readFileSync(`/proc/${node.process.pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    .slice(11, 13).map(Number);
  return (user + system) / ticks;
}

/// MiB of memory that a node keeps for itself.
function memory(node) {
  const rollup
    = fs.readFileSync(`/proc/${node.process.pid}/smaps_rollup`, 'utf8');
  return Number(/Pss: +(\d+)/.exec(rollup)[1]) / 1024;
}

const status = (node) => JSON.parse(node.command('status', '--json'));
const pending = (node) => status(node).lanes
  .reduce((sum, lane) => sum + lane.pending, 0);

describe('a gateway with many senders', () => {
  let site, hub, gateway, devices;

  const connect = (identity) => connectMqtt(gateway, identity, {ca: site.ca});

  before(async () => {
    site = new Site();
    const store = {durability: 'process'};
    hub = await site.hub('hub', {store});
    const routes = {up: 'FROM /messages/* WHERE NOT is_defined(away) '
      + 'INTO $upstream'};
    for (let i = 0; i < 40; ++i)
      routes[`away${i}`] = `FROM /messages/* WHERE away = '${i}' `
        + `INTO BrokeredEndpoint("/modules/away${i}/inputs/in")`;
    gateway = await site.gateway(hub, 'edge-1', {store, routes});
    const identities = await createDevices(hub, 'edge-1', senders);
    devices = await Promise.all(identities.map(async (identity) =>
      ({identity, client: await connect(identity)})));
  });

  after(async () => {
    devices?.forEach(({client}) => client.end(true));
    await site?.close();
  });

  /// Each device sends `count` messages, one after the other, so that each
  /// is stored on its own.
  const send = (count, payload, properties) => Promise.all(devices.map(
    async ({identity, client}, at) => {
      for (let i = 0; i < count; ++i)
        await client.publishAsync(
          eventsTopic(identity, properties?.(at * count + i)), payload,
          {qos: 1});
    }));

  test('drains their backlog in time that grows as the backlog does',
    async () => {
      const costs = [];
      for (const each of [250, 500, 1000]) {
        gateway.command('uplink', 'pause');
        await send(each, 'x'.repeat(100));
        assert.equal(pending(gateway), each * senders);
        const before = spent(gateway);
        gateway.command('uplink', 'resume');
        await eventually('the backlog is drained', () => pending(gateway) === 0,
          60_000);
        costs.push(spent(gateway) - before);
      }
      console.log('processor seconds to drain:', costs);
      // A tenth of a second covers the connection and what status costs.
      assert.ok(costs[2] < 0.1 + 6 * costs[0],
        `four times the backlog took ${costs[2]} s, a quarter ${costs[0]} s`);
    });

  test('keeps nothing in memory for targets that are away', async () => {
    const start = memory(gateway);
    const growth = [];
    let away = 0;
    for (const targets of [10, 20, 40]) {
      const first = away;
      const more = targets - away;
      away = targets;
      // Two MiB for each.
      await send(more, 'x'.repeat(100 * 1024),
        (n) => ({away: first + n % more}));
      growth.push(memory(gateway) - start);
    }
    console.log('MiB more for 10, 20, 40 targets:', growth);
    assert.ok(pending(gateway) === 40 * senders);
    // The first MiB are the store's own, which do not grow.
    const last = growth[2] - growth[1];
    assert.ok(last < 12, `20 more targets that are away took ${last} MiB`);
  });
});

describe('a gateway whose devices follow their twins', () => {
  let site, hub, gateway;
  const crowds = [];

  before(async () => {
    site = new Site();
    const store = {durability: 'process'};
    hub = await site.hub('hub', {store});
    gateway = await site.gateway(hub, 'edge-1',
      {store, limits: {clients: 2000}});
  });

  after(async () => {
    crowds.forEach((crowd) => crowd.connection.close());
    await site?.close();
  });

  test('takes memory, here and at its hub, that grows as they do', async () => {
    const identities = await createDevices(hub, 'edge-1', 1000);
    const growth = [];
    for (const many of [250, 500, 1000]) {
      const more = identities.slice(crowds.length && growth.at(-1).many, many);
      const crowd = await Crowd.join(gateway, site.ca, more);
      crowds.push(crowd);
      await inTurn(more.length, 50, (n) => crowd.get(n));
      growth.push({many, here: memory(gateway), hub: memory(hub)});
    }
    console.log('MiB with devices that have their twins:', growth);
    const [, half, all] = growth;
    const each = (place) =>
      (all[place] - half[place]) * 1024 / (all.many - half.many);
    // A client's token and two links, twice at the gateway, besides its twin.
    assert.ok(each('here') < 48, `${each('here')} KiB each at the gateway`);
    assert.ok(each('hub') < 36, `${each('hub')} KiB each at the hub`);
  });
});
