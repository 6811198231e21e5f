// What the cloud says to clients and they answer - twins, methods, messages
// from the cloud - as the unmodified Azure IoT device SDK for Node.js sees it:
// one script for clients of a hub and for those of a gateway behind it.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import net from 'node:net';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';

import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';
import mqtt from 'azure-iot-device-mqtt';

import {eventually, Site, tidegate} from '../site/site.mjs';

const {Client, ModuleClient} = device;
const transports = {Mqtt: mqtt.Mqtt, MqttWs: mqtt.MqttWs, Amqp: amqp.Amqp};

// The SDK knows the standard ports only.
const random = () => 1 + Math.floor(Math.random() * 253);
const addresses = [0, 1].map(() => `127.${random()}.${random()}.${random()}`);
const listeners = (address) => ({
  mqtts: `${address}:8883`,
  amqps: `${address}:5671`,
  https: `${address}:443`,
});

const mayListen = await new Promise((resolve) => {
  const server = net.createServer();
  server.once('error', () => resolve(false));
  server.listen(443, addresses[0], () => server.close(() => resolve(true)));
});

for (const place of ['hub', 'gateway'])
describe(`what the cloud says to clients of a ${place}`, {
  skip: !mayListen && 'needs port 443',
}, () => {
  let site, hub, gateway;
  const clients = [];

  before(async () => {
    site = new Site(...addresses);
    hub = await site.hub('hub', {
      node: {host: addresses[0]},
      listeners: listeners(addresses[0]),
    });
    if (place === 'hub')
      return hub.create('device', 'edge-1', '--edge');
    gateway = await site.gateway(hub, 'edge-1', {
      node: {host: addresses[1]},
      listeners: listeners(addresses[1]),
    });
  });

  after(async () => {
    // The SDK does not always say that it has closed.
    const closed = Promise.allSettled(clients.map((client) => client.close()));
    await Promise.race([closed, new Promise((done) => setTimeout(done, 2000))]);
    await site?.close();
  });

  /// A command at the hub, while clients go on; its answer.
  async function service(...words) {
    const {stdout} = await promisify(execFile)(
      tidegate, [...words, '--json', '--config', hub.config]);
    return JSON.parse(stdout);
  }

  async function open(kind, id, Transport) {
    const Kind = kind === 'module' ? ModuleClient : Client;
    const behind = gateway && kind === 'device' ? ['--parent', 'edge-1'] : [];
    const to = gateway ? `;GatewayHostName=${addresses[1]}` : '';
    const client = Kind.fromConnectionString(
      hub.create(kind, id, ...behind).text + to, Transport);
    clients.push(client);
    await client.setOptions({ca: site.ca.toString()});
    await client.open();
    return client;
  }

  for (const [name, Transport] of Object.entries(transports)) {
    for (const kind of ['device', 'module']) {
      const named = (what) => `${kind === 'module' ? 'edge-1/' : ''}`
        + `${what}-${kind}-${name}`;

      test(`a ${kind} runs methods over ${name}`, async () => {
        const id = named('runs');
        const client = await open(kind, id, Transport);
        const handle = (asked, response) => response.send(
          201, {name: asked.methodName, got: asked.payload}, assert.ifError);
        if (kind === 'module')
          client.onMethod('reboot', handle);
        else
          client.onDeviceMethod('reboot', handle);
        const answer = await service('method', 'invoke', id, 'reboot',
          '--payload', '{"after":1.5}', '--wait', '20s');
        assert.deepEqual(answer,
          {status: 201, payload: {name: 'reboot', got: {after: 1.5}}});
      });
    }

    test(`a device reports properties over ${name}`, async () => {
      const client = await open('device', `reports-${name}`, Transport);
      const twin = await client.getTwin();
      assert.deepEqual(twin.properties.desired.$version, 1);
      await new Promise((resolve, reject) => twin.properties.reported.update(
        {rpm: 1480, place: {hall: 'N4'}},
        (failed) => failed ? reject(failed) : resolve()));
      await new Promise((resolve, reject) => twin.properties.reported.update(
        {place: {hall: null}},
        (failed) => failed ? reject(failed) : resolve()));
      // The SDK does not look at the status of an answer over MQTT.
      const failed = await new Promise(
        (resolve) => twin.properties.reported.update({'a b': 1}, resolve));
      if (name === 'Amqp')
        assert.ok(failed);
      await new Promise((resolve, reject) => twin.get(
        (failed) => failed ? reject(failed) : resolve()));
      assert.equal(twin.properties.reported['a b'], undefined);
      assert.equal(twin.properties.reported.rpm, 1480);
      assert.deepEqual(twin.properties.reported.place, {});
    });

    test(`a device takes messages from the cloud over ${name}`, async () => {
      const id = `listens-${name}`;
      const client = await open('device', id, Transport);
      const waiting = () => service('c2d', 'list', id);
      // It was sent before the device has subscribed.
      await service('c2d', 'send', id, 'first', '--property', 'k=a b/ü=&',
                    '--ack', 'full');
      const arrived = [];
      client.on('message', (message) => arrived.push(message));
      await eventually('the first message', () => arrived.length === 1);
      assert.equal(arrived[0].getData().toString(), 'first');
      assert.equal(arrived[0].properties.getValue('k'), 'a b/ü=&');
      await client.complete(arrived[0]);
      await eventually('it is over', async () => !(await waiting()).length);
      await service('c2d', 'send', id, 'second');
      await eventually('the second message', () => arrived.length === 2);
      assert.equal(arrived[1].getData().toString(), 'second');
      if (name !== 'Amqp') // over MQTT a message is complete when it arrives
        return eventually('it is over', async () => !(await waiting()).length);
      await client.abandon(arrived[1]);
      await eventually('it again', () => arrived.length === 3);
      assert.equal(arrived[2].getData().toString(), 'second');
      await client.reject(arrived[2]);
      await eventually('it is over', async () => !(await waiting()).length);
    });
  }
});
