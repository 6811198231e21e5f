// A gateway whose clock is set while it runs: messages live as long as their
// time to live says, by the time that passed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {connectMqtt} from './mqtt_client.mjs';
import {sasToken} from '../site/sas.mjs';
import {Events, Site} from '../site/site.mjs';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

describe('a clock that is set', {
  skip: !fs.existsSync(library) && 'libfaketime is not installed',
}, () => {
  let site, hub, gateway, device, clock, events;

  before(async () => {
    site = new Site();
    clock = path.join(site.folder, 'clock');
    fs.writeFileSync(clock, '+0\n');
    hub = await site.hub();
    gateway = await site.gateway(hub, 'edge-1', {store: {time_to_live: '2h'}});
    gateway.environment = {
      LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    await gateway.stop();
    await gateway.start();
    events = new Events(hub);
    const identity = hub.create('device', 'pump', '--parent', 'edge-1');
    device = await connectMqtt(gateway, identity,
      {ca: site.ca, password: sasToken(identity, 900 * 86400)});
  });

  after(async () => {
    events?.stop();
    device?.end(true);
    await site?.close();
  });

  const pending = () => JSON.parse(gateway.command('status', '--json')).lanes
    .reduce((sum, lane) => sum + lane.pending, 0);

  const send = async (name) => {
    for (let i = 0; i < 10; ++i)
      await device.publishAsync('devices/pump/messages/events/',
        `${name} ${i}`, {qos: 1});
  };

  const arrive = async (name) => {
    gateway.command('uplink', 'resume');
    for (let i = 0; i < 10; ++i)
      await events.find(`${name} ${i}`, ({body}) => body === `${name} ${i}`);
  };

  const set = (step) => fs.writeFileSync(clock, `${step}\n`);

  test('ahead expires nothing', async () => {
    gateway.command('uplink', 'pause');
    await send('ahead');
    set('+1d');
    await arrive('ahead');
  });

  test('back, which was ahead, expires nothing', async () => {
    gateway.command('uplink', 'pause');
    set('-1d');
    await send('back');
    assert.equal(pending(), 10);
    set('+0');
    await arrive('back');
  });

  test('while the gateway is away expires nothing', async () => {
    gateway.command('uplink', 'pause');
    await send('away');
    await gateway.stop('SIGKILL');
    set('+1d');
    await gateway.start(); // nobody has paused its uplink now
    await arrive('away');
  });

  test('and the ledger of the gateway knows of nothing that expired', () => {
    const {lanes} = JSON.parse(gateway.command('status', '--json'));
    assert.equal(lanes.reduce((sum, lane) => sum + lane.expired, 0), 0);
  });
});
