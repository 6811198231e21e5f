// The unmodified Azure Event Hubs SDK for JavaScript reads a hub's events.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {
  earliestEventPosition, EventHubConsumerClient, latestEventPosition,
} from '@azure/event-hubs';
import WebSocket from 'ws';

import {connectMqtt} from './mqtt_client.mjs';
import {eventsTopic} from '../site/sas.mjs';
import {eventually, Site} from '../site/site.mjs';
import {trust} from '../site/trust.mjs';

describe('Azure Event Hubs SDK', () => {
  let site, hub, publisher, identity;
  const readers = [];

  before(async () => {
    site = new Site();
    trust(site.ca);
    hub = await site.hub();
    identity = hub.create('device', 'pump-7');
    publisher = await connectMqtt(hub, identity,
      {ca: site.ca, protocolVersion: 4, reconnectPeriod: 1000});
  });

  after(async () => {
    await Promise.allSettled(readers.map((one) => one.close()));
    await publisher?.endAsync();
    await site?.close();
  });

  const send = (text, properties) => publisher.publishAsync(
    eventsTopic(identity, properties), text, {qos: 1});

  /// A reader over TCP, or WebSocket.
  function reader(policy = 'service', over = 'amqps') {
    const made = new EventHubConsumerClient('$Default',
      hub.command('policy', 'show', policy, '--events'), {
        customEndpointAddress: `sb://${hub.address}:${hub.ports[over]}`,
        retryOptions: {maxRetries: 0, timeoutInMs: 10_000},
        ...over === 'https' && {webSocketOptions: {webSocket: WebSocket}},
      });
    readers.push(made);
    return made;
  }

  /// Reads from a position on, until the body `last` has come.
  async function read(from, position, last) {
    const events = [];
    let failed;
    const subscription = from.subscribe('0', {
      processEvents: async (batch) => void events.push(...batch),
      processError: async (error) => void (failed = error),
    }, {startPosition: position, maxBatchSize: 200, maxWaitTimeInSeconds: 1});
    try {
      await eventually(`event ${last}`, () => {
        if (failed)
          throw failed;
        return events.some((one) => one.body === last);
      });
    } finally {
      await subscription.close();
    }
    return events;
  }

  const bodies = (events) => events.map((one) => one.body);

  for (const over of ['amqps', 'https'])
    test(`events are read from each position, ${over}`, async () => {
      const numbers = [1, 2, 3].map((n) => `${over}-${n}`);
      for (const text of numbers)
        await send(JSON.stringify(text), {
          level: 'high', '$.ct': 'application/json', '$.ce': 'utf-8',
        });
      const client = reader('service', over);
      const all = await read(client, earliestEventPosition, numbers[2]);
      assert.deepEqual(bodies(all).slice(-3), numbers);
      const first = all.at(-3);
      assert.equal(first.properties.level, 'high');
      assert.equal(first.contentType, 'application/json');
      assert.equal(first.systemProperties['iothub-connection-device-id'],
                   'pump-7');
      assert.deepEqual(
        JSON.parse(first.systemProperties['iothub-connection-auth-method']),
        {scope: 'device', type: 'sas', issuer: 'iothub',
          acceptingIpFilterRule: null});
      assert.equal(first.systemProperties['iothub-message-source'],
                   'Telemetry');
      assert.equal(first.offset, String(first.sequenceNumber));
      assert.ok(Math.abs(first.enqueuedTimeUtc - Date.now()) < 60_000);

      const offset = first.offset;
      assert.deepEqual(bodies(await read(client, {offset}, numbers[2])),
                       numbers.slice(1));
      assert.deepEqual(bodies(await read(
        client, {offset, isInclusive: true}, numbers[2])), numbers);
      assert.deepEqual(bodies(await read(
        client, {sequenceNumber: first.sequenceNumber}, numbers[2])),
      numbers.slice(1));

      const enqueuedOn = first.enqueuedTimeUtc.getTime() - 1;
      assert.deepEqual(bodies(await read(client, {enqueuedOn}, numbers[2])),
                       numbers);

      const now = read(client, latestEventPosition, `${over}-now`);
      const sending = setInterval(
        () => send(JSON.stringify(`${over}-now`)), 200);
      try {
        assert.ok(bodies(await now).every((body) => body === `${over}-now`));
      } finally {
        clearInterval(sending);
      }
    });

  test('a large backlog arrives whole and in order', async () => {
    const body = 'x'.repeat(4096);
    await Promise.all([...Array(1500).keys()].map(
      (n) => send(JSON.stringify(`${n} ${body}`))));
    await send('"end"');
    const events = await read(reader(), earliestEventPosition, 'end');
    const numbers = events.map((one) => one.sequenceNumber);
    assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i));
    assert.ok(numbers.length > 1500);
  });

  test('what the log holds is told', async () => {
    const client = reader();
    const hubNow = await client.getEventHubProperties();
    assert.deepEqual(hubNow.partitionIds, ['0']);
    assert.equal(hubNow.name, 'tidehub');
    const partition = await client.getPartitionProperties('0');
    assert.equal(partition.beginningSequenceNumber, 0);
    assert.equal(partition.isEmpty, false);
    assert.ok(partition.lastEnqueuedSequenceNumber > 1500);
    await assert.rejects(client.getPartitionProperties('1'));
  });

  test('nobody reads without the right', async () => {
    for (const name of ['device', 'registryRead', 'registryReadWrite']) {
      assert.throws(() => hub.command('policy', 'show', name, '--events'));
      const {SharedAccessKey} = Object.fromEntries(
        hub.command('policy', 'show', name).split(';')
          .map((part) => part.split(/=(.*)/s)));
      const client = new EventHubConsumerClient('$Default',
        `Endpoint=sb://tidehub.test/;SharedAccessKeyName=${name};`
        + `SharedAccessKey=${SharedAccessKey};EntityPath=tidehub`, {
          customEndpointAddress: `sb://${hub.address}:${hub.ports.amqps}`,
          retryOptions: {maxRetries: 0, timeoutInMs: 10_000},
        });
      readers.push(client);
      await assert.rejects(client.getEventHubProperties(),
                           {code: 'UnauthorizedError'});
      await assert.rejects(read(client, earliestEventPosition, 'x'),
                           {code: 'UnauthorizedError'});
    }
  });

  test('a place that the log has not reached is an error', async () => {
    await assert.rejects(read(reader(), {sequenceNumber: 1_000_000}, 'x'),
                         {code: 'ArgumentOutOfRangeError'});
  });
});
