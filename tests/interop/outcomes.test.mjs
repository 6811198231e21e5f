// Complete, abandon and reject in one breath, as the unmodified Azure IoT SDK
// for Node.js does over AMQP: each message gets the outcome that was meant.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';

import {mayListen, ownAddress, standardPorts} from '../site/ports.mjs';
import {Site, eventually} from '../site/site.mjs';
import {service} from './story.mjs';

const {Client, Message, ModuleClient} = device;
const addresses = [ownAddress(), ownAddress()];
const count = 40;

describe('outcomes', {skip: !mayListen && 'needs port 443'}, () => {
  let site, hub, gateway;
  const clients = [];

  before(async () => {
    site = new Site(...addresses);
    hub = await site.hub('hub', {
      node: {host: addresses[0]},
      listeners: standardPorts(addresses[0]),
    });
    gateway = await site.gateway(hub, 'edge-1', {
      node: {host: addresses[1]},
      listeners: standardPorts(addresses[1]),
      routes: {across: 'FROM /messages/modules/sender/* '
        + 'INTO BrokeredEndpoint("/modules/receiver/inputs/in")'},
    });
  });

  after(async () => {
    await Promise.allSettled(clients.map((client) => client.close()));
    await site?.close();
  });

  async function open(Kind, connection) {
    const client = Kind.fromConnectionString(connection, amqp.Amqp);
    clients.push(client);
    await client.setOptions({ca: site.ca.toString()});
    await client.open();
    return client;
  }

  /// Takes messages and decides about all that have come together: abandons
  /// every second one the first time, completes the others. Counts, by body,
  /// how often each has come.
  class Decider {
    constructor(client) {
      this.client = client;
      this.times = new Map();
      this.completed = new Set();
      this.again = [];
      this.waiting = [];
    }

    take(message) {
      if (!this.waiting.length)
        setImmediate(() => this.decide());
      this.waiting.push(message);
    }

    decide() {
      for (const message of this.waiting.splice(0)) {
        const body = message.getData().toString();
        if (this.completed.has(body))
          this.again.push(body);
        const times = (this.times.get(body) ?? 0) + 1;
        this.times.set(body, times);
        if (Number(body) % 2 && times === 1) {
          this.client.abandon(message, () => {});
        } else {
          this.completed.add(body);
          this.client.complete(message, () => {});
        }
      }
    }

    async expect(total) {
      await eventually(`all of ${total} are completed`,
        () => this.completed.size === total, 60_000);
      assert.deepEqual(this.again, []);
      for (let i = 0; i < total; ++i)
        assert.equal(this.times.get(String(i)), i % 2 ? 2 : 1, `message ${i}`);
    }
  }

  test('of inputs of a module', async () => {
    const at = `;GatewayHostName=${gateway.address}`;
    const sender = await open(ModuleClient,
      hub.create('module', 'edge-1/sender').text + at);
    const receiver = await open(ModuleClient,
      hub.create('module', 'edge-1/receiver').text + at);
    for (let i = 0; i < count; ++i)
      await sender.sendOutputEvent('out', new Message(String(i)));
    const decider = new Decider(receiver);
    receiver.on('inputMessage', (input, message) => decider.take(message));
    await decider.expect(count);
  });

  for (const place of ['hub', 'gateway'])
    test(`of messages from the cloud, at a ${place}`, async () => {
      const id = `leaf-${place}`;
      const connection = hub.create('device', id,
        ...(place === 'hub' ? [] : ['--parent', 'edge-1'])).text;
      for (let i = 0; i < count; ++i)
        await service(hub, 'c2d', 'send', id, String(i));
      const client = await open(Client, connection
        + (place === 'hub' ? '' : `;GatewayHostName=${gateway.address}`));
      const decider = new Decider(client);
      client.on('message', (message) => decider.take(message));
      await decider.expect(count);
      await eventually('nothing waits', async () =>
        !(await service(hub, 'c2d', 'list', id)).length);
    });
});
