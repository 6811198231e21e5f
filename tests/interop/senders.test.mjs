// A gateway whose devices are more than connect to its hub themselves.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {createDevices} from './crowd.mjs';
import {connectMqtt} from './mqtt_client.mjs';
import {eventsTopic} from '../site/sas.mjs';
import {eventually, Site} from '../site/site.mjs';

const status = (node) => JSON.parse(node.command('status', '--json'));
const pending = (node) => status(node).lanes
  .reduce((sum, lane) => sum + lane.pending, 0);

describe('a gateway with more devices than its hub takes itself', () => {
  let site, hub, gateway, devices;

  before(async () => {
    site = new Site();
    const store = {durability: 'process'};
    hub = await site.hub('hub', {store, limits: {clients: 20}});
    gateway = await site.gateway(hub, 'edge-1', {store, limits: {clients: 500}});
    const identities = await createDevices(hub, 'edge-1', 200);
    devices = await Promise.all(identities.map(async (identity) =>
      ({identity, client: await connectMqtt(gateway, identity, {ca: site.ca})})));
  });

  after(async () => {
    devices?.forEach(({client}) => client.end(true));
    await site?.close();
  });

  test('drains what all of them sent', async () => {
    gateway.command('uplink', 'pause');
    await Promise.all(devices.map(async ({identity, client}) => {
      for (let i = 0; i < 10; ++i)
        await client.publishAsync(eventsTopic(identity), 'x', {qos: 1});
    }));
    assert.equal(pending(gateway), 2000);
    gateway.command('uplink', 'resume');
    await eventually('the backlog is drained', () => pending(gateway) === 0);
  });
});
