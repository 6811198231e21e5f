// The unmodified Azure IoT device SDK for Node.js, over each of its
// transports, against a hub and against a gateway: one script for both.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import device from 'azure-iot-device';

import {mayListen, ownAddress, standardPorts} from '../site/ports.mjs';
import {Events, Site} from '../site/site.mjs';
import {transports} from './sdk.mjs';

const {Client, Message, ModuleClient} = device;
const addresses = [ownAddress(), ownAddress()];

describe('Azure IoT SDK', {skip: !mayListen && 'needs port 443'}, () => {
  let site, hub, gateway, events;
  const clients = [];

  before(async () => {
    const routes = {
      up: 'FROM /messages/* INTO $upstream',
      across: 'FROM /messages/modules/sender/outputs/across '
        + 'INTO BrokeredEndpoint("/modules/receiver/inputs/in")',
    };
    site = new Site(...addresses);
    hub = await site.hub('hub', {
      node: {host: addresses[0]},
      listeners: standardPorts(addresses[0]),
    });
    gateway = await site.gateway(hub, 'edge-1', {
      node: {host: addresses[1]},
      listeners: standardPorts(addresses[1]),
      routes,
    });
    events = new Events(hub);
  });

  after(async () => {
    await Promise.allSettled(clients.map((client) => client.close()));
    events?.stop();
    await site?.close();
  });

  /// Opens a client of the given kind; it is closed after the tests.
  async function open(Kind, connection, Transport) {
    const client = Kind.fromConnectionString(connection, Transport);
    clients.push(client);
    await client.setOptions({ca: site.ca.toString()});
    await client.open();
    return client;
  }

  function reading(body) {
    const message = new Message(body);
    message.properties.add('level', 'a b/ü=&');
    message.messageId = `id of ${body}`;
    message.correlationId = 'c-7';
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    return message;
  }

  function assertReading(event, from) {
    assert.equal(event.from, from);
    assert.equal(event.properties.level, 'a b/ü=&');
    assert.equal(event.systemProperties.messageId, `id of ${event.body}`);
    assert.equal(event.systemProperties.cid, 'c-7');
    assert.equal(event.systemProperties.contentType, 'application/json');
    assert.equal(event.systemProperties.contentEncoding, 'utf-8');
  }

  for (const [name, Transport] of Object.entries(transports)) {
    for (const target of ['hub', 'gateway']) {
      const through = target === 'gateway';
      /// What an administrator hands to a client of the target.
      const credential = (kind, id, ...options) =>
        hub.create(kind, id, ...options).text
        + (through ? `;GatewayHostName=${gateway.address}` : '');

      test(`a device sends to a ${target} over ${name}`, async () => {
        const id = `leaf-${name}-${target}`;
        const client = await open(Client, credential('device', id,
          ...(through ? ['--parent', 'edge-1'] : [])), Transport);
        const body = JSON.stringify({sent: `by ${id}`});
        await client.sendEvent(reading(body));
        assertReading(await events.find(body, (e) => e.body === body), id);
      });

      test(`a module sends to a ${target} over ${name}`, async () => {
        const id = `edge-1/sends-${name}-${target}`;
        const client = await open(ModuleClient, credential('module', id),
                                  Transport);
        const body = JSON.stringify({sent: `by ${id}`});
        await client.sendOutputEvent('telemetry', reading(body));
        const event = await events.find(body, (e) => e.body === body);
        assertReading(event, id);
        assert.equal(event.systemProperties.outputName, 'telemetry');
      });
    }
  }

  test('a module receives what another sends, over each transport',
    async (t) => {
      const at = `;GatewayHostName=${gateway.address}`;
      const sends = hub.create('module', 'edge-1/sender').text + at;
      const receives = hub.create('module', 'edge-1/receiver').text + at;
      for (const [name, Transport] of Object.entries(transports)) {
        await t.test(name, async () => {
          const sender = await open(ModuleClient, sends, Transport);
          const receiver = await open(ModuleClient, receives, Transport);
          const arrival = new Promise((resolve) => receiver.on('inputMessage',
            (input, message) => {
              receiver.complete(message, () => {});
              resolve({input, message});
            }));
          // The SDK subscribes in the background once the handler is set, and
          // the gateway keeps the message until then.
          await sender.sendOutputEvent('across', reading(`across ${name}`));
          const {input, message} = await arrival;
          assert.equal(input, 'in');
          assert.equal(message.getData().toString(), `across ${name}`);
          assert.equal(message.properties.propertyList
            .find(({key}) => key === 'level').value, 'a b/ü=&');
          await Promise.all([sender.close(), receiver.close()]);
        });
      }
    });

  test('a module cannot call a method of a client that is not connected',
    async () => {
      const at = `;GatewayHostName=${gateway.address}`;
      const caller = await open(ModuleClient,
        hub.create('module', 'edge-1/calls-nobody').text + at, transports.Mqtt);
      const call = {methodName: 'reboot', payload: {after: 1.5},
        connectTimeoutInSeconds: 0, responseTimeoutInSeconds: 30};
      await assert.rejects(caller.invokeMethod('nobody', call),
        (error) => error.response?.statusCode === 404);
      await assert.rejects(
        caller.invokeMethod('edge-1', 'nobody',
                            {...call, responseTimeoutInSeconds: 4}),
        (error) => error.response?.statusCode === 400);
    });
});
