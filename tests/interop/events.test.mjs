// The event log of a hub as its operator keeps it: retention, trimming, and
// what is said when the quota does it.

import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {after, before, describe, test} from 'node:test';

import {connectMqtt} from './mqtt_client.mjs';
import {eventsTopic} from '../site/sas.mjs';
import {eventually, Site, tidegate} from '../site/site.mjs';

describe('the event log of a hub', () => {
  let site, hub, publisher, topic;
  const mebibyte = 1 << 20;

  before(async () => {
    site = new Site();
    hub = await site.hub('hub', {
      store: {quota: '16 MiB', on_full: 'reject'},
    });
    const identity = hub.create('device', 'pump-7');
    topic = eventsTopic(identity);
    publisher = await connectMqtt(hub, identity,
      {ca: site.ca, protocolVersion: 4, reconnectPeriod: 1000});
  });

  after(async () => {
    await publisher?.endAsync();
    await site?.close();
  });

  const send = (text) => publisher.publishAsync(topic, text, {qos: 1});
  const status = () => JSON.parse(hub.command('status', '--json')).events;
  const events = () => hub.command('events', '--json').split('\n')
    .filter((line) => line).map((line) => JSON.parse(line));
  const trim = (...options) =>
    JSON.parse(hub.command('events', 'trim', '--json', ...options));
  /// What a command that fails says, with its exit code.
  const failed = (...options) => {
    const done = spawnSync(
      tidegate, ['events', 'trim', ...options, '--config', hub.config],
      {encoding: 'utf8'});
    return [done.status, done.stderr];
  };

  test('is trimmed by offset, time and size', async () => {
    for (let i = 0; i < 10; ++i)
      await send(`${i}`);
    assert.equal(status().oldest, 0);
    assert.ok(Date.parse(status().oldestTime) > Date.now() - 60_000);

    const seen = trim('--to-offset', '3', '--dry-run');
    assert.deepEqual([seen.from, seen.to, seen.count], [0, 3, 3]);
    assert.equal(events().length, 10);

    const gone = trim('--to-offset', '3');
    assert.deepEqual([gone.from, gone.to, gone.count], [0, 3, 3]);
    assert.equal(events()[0].body, '3');

    const time = events().find((one) => one.body === '5').enqueuedTime;
    trim('--before', time);
    assert.equal(events()[0].enqueuedTime, time);

    assert.match(hub.command('events', 'trim', '--keep', '0'), /removed \d/);
    assert.equal(events().length, 0);
    assert.match(hub.command('events', 'trim', '--keep', '0'), /nothing/);
    assert.ok(JSON.parse(hub.command('audit', '--json')).balanced);
  });

  test('says what is wrong with a wish', () => {
    assert.equal(failed()[0], 2);
    assert.equal(failed('--keep', '1', '--to-offset', '2')[0], 2);
    const [code, text] = failed('--before', 'yesterday');
    assert.equal(code, 2);
    assert.match(text, /yesterday/);
    const [beyond, why] = failed('--to-offset', '1000000');
    assert.equal(beyond, 1);
    assert.match(why, /offset/);
  });

  test('is a ring at the quota, and says so once', async () => {
    const body = 'x'.repeat(200_000);
    await Promise.all(Array.from({length: 120}, () => send(body)));
    const now = status();
    assert.ok(now.droppedByQuota > 0);
    assert.equal(now.retention.bytes, undefined);
    const lines = hub.log().split('\n')
      .filter((line) => line.includes("store's quota pushes"));
    assert.equal(lines.length, 1);
    assert.match(lines[0], /events\.retention_size/);
    assert.match(hub.command('status'), /dropped by the quota/);
    const metrics = await (await fetch(
      `http://${hub.address}:${hub.ports.metrics}/metrics`)).text();
    assert.match(metrics, /tidegate_events_dropped_total(\{[^}]*\})? [1-9]/);
  });

  test('holds what it is configured to', async () => {
    await publisher.endAsync();
    await hub.stop();
    hub.sections.events = {retention_size: '4 MiB'};
    hub.sections.store.quota = '64 MiB';
    assert.match(
      execFileSync(tidegate, ['check', '--config', hub.config],
                   {encoding: 'utf8'}),
      /event log.*whatever store\.on_full/);
    await hub.start();
    await publisher.reconnect();
    await eventually('a publisher', () => publisher.connected);
    const before = status().next;
    for (let i = 0; i < 60; ++i)
      await send('y'.repeat(200_000));
    await eventually('the log gives way', () => status().bytes < 5 * mebibyte);
    const now = status();
    assert.ok(now.oldest > before);
    assert.equal(now.retention.bytes, 4 * mebibyte);
    assert.equal(now.droppedByQuota, 0);
  });
});
