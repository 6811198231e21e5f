// The unmodified Azure IoT Hub service SDK for Node.js at a hub, together
// with the device SDK: what the one wants, the other sees.

import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {once} from 'node:events';
import net from 'node:net';
import {after, before, describe, test} from 'node:test';

import device from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';
import service from 'azure-iothub';
// The package does not export its policies of retrying.
import retrying from 'azure-iothub/dist/common-core/retry_policy.js';
import rhea from 'rhea';

import {eventually, Site} from '../site/site.mjs';
import {trust} from '../site/trust.mjs';

// The SDK knows the standard ports only.
const random = () => 1 + Math.floor(Math.random() * 253);
const address = `127.${random()}.${random()}.${random()}`;

const mayListen = await new Promise((resolve) => {
  const server = net.createServer();
  server.once('error', () => resolve(false));
  server.listen(443, address, () => server.close(() => resolve(true)));
});

describe('Azure IoT Hub service SDK', {skip: !mayListen && 'needs port 443'},
  () => {
    let site, hub, registry;
    const closing = [];

    before(async () => {
      site = new Site(address);
      trust(site.ca);
      hub = await site.hub('hub', {
        node: {host: address},
        listeners: {
          mqtts: `${address}:8883`,
          amqps: `${address}:5671`,
          https: `${address}:443`,
        },
      });
      registry = service.Registry.fromConnectionString(policy('iothubowner'));
    });

    after(async () => {
      const closed = Promise.allSettled(closing.map((one) => one.close()));
      await Promise.race([closed,
        new Promise((done) => setTimeout(done, 2000))]);
      await site?.close();
      // The SDK leaves timers behind, for up to 45 minutes.
      setTimeout(() => process.exit(), 1000);
    });

    const policy = (name) => hub.command('policy', 'show', name);

    function client(name = 'service', Transport = undefined) {
      const made
        = service.Client.fromConnectionString(policy(name), Transport);
      made.setRetryPolicy(new retrying.NoRetry());
      closing.push(made);
      return made;
    }

    /// A device of the SDK, connected.
    async function connected(id) {
      const made = device.Client.fromConnectionString(
        hub.create('device', id).text, mqtt.Mqtt);
      closing.push(made);
      await made.setOptions({ca: site.ca.toString()});
      await made.open();
      return made;
    }

    test('identities are created, read, changed, listed and deleted',
      async () => {
        const made = (await registry.create({deviceId: 'made'})).responseBody;
        assert.equal(made.status, 'enabled');
        const {primaryKey} = made.authentication.symmetricKey;
        assert.equal(Buffer.from(primaryKey, 'base64').length, 32);
        await assert.rejects(registry.create({deviceId: 'made'}),
                             {name: 'DeviceAlreadyExistsError'});
        await assert.rejects(registry.create({deviceId: 'no name'}),
                             {name: 'ArgumentError'});

        // The device connects with the key that the service was given.
        const pump = device.Client.fromConnectionString(
          `HostName=${address};DeviceId=made;SharedAccessKey=${primaryKey}`,
          mqtt.Mqtt);
        closing.push(pump);
        await pump.setOptions({ca: site.ca.toString()});
        await pump.open();
        await pump.close();

        const {responseBody: changed}
          = await registry.update({...made, status: 'disabled'});
        assert.equal(changed.status, 'disabled');
        assert.equal(changed.generationId, made.generationId);
        assert.notEqual(changed.etag, made.etag);
        await registry.addModule({deviceId: 'made', moduleId: 'm'});
        const {responseBody: module} = await registry.getModule('made', 'm');
        await registry.updateModule({...module, managedBy: 'me'});
        await assert.rejects(registry.updateModule({...module}),
                             {name: 'InvalidEtagError'});
        const {responseBody: modules}
          = await registry.getModulesOnDevice('made');
        assert.deepEqual(modules.map((one) => [one.moduleId, one.managedBy]),
                         [['m', 'me']]);
        await registry.removeModule('made', 'm');
        const {responseBody: all} = await registry.list();
        assert.ok(all.some((one) => one.deviceId === 'made'));
        await registry.delete('made');
        await assert.rejects(registry.get('made'),
                             {name: 'DeviceNotFoundError'});
      });

    test('a device is created with a certificate\'s thumbprint', async () => {
      const thumbprint = 'A'.repeat(64);
      const {responseBody: made} = await registry.create({
        deviceId: 'certified',
        authentication: {x509Thumbprint: {primaryThumbprint: thumbprint}},
      });
      assert.equal(made.authentication.type, 'selfSigned');
      assert.equal(made.authentication.x509Thumbprint.primaryThumbprint
        .toUpperCase(), thumbprint);
      const {responseBody: signed} = await registry.create({
        deviceId: 'signed', authentication: {type: 'certificateAuthority'}});
      assert.equal(signed.authentication.type, 'certificateAuthority');
      await assert.rejects(registry.create({
        deviceId: 'wrong',
        authentication: {x509Thumbprint: {primaryThumbprint: 'no'}},
      }), {name: 'ArgumentError'});
    });

    test('a deployment reaches the twins of an edge device', async () => {
      await registry.create({deviceId: 'edge-1', capabilities: {iotEdge: true}});
      const routes = {up: 'FROM /messages/* INTO $upstream'};
      await registry.applyConfigurationContentOnDevice('edge-1', {
        modulesContent: {
          $edgeAgent: {'properties.desired': {modules: {filter: {}}}},
          $edgeHub: {'properties.desired': {schemaVersion: '1.1', routes}},
          filter: {'properties.desired': {limit: 5}},
        },
      });
      const twinOf = async (module) => (
        await registry.getModuleTwin('edge-1', module)).responseBody;
      assert.deepEqual((await twinOf('$edgeHub')).properties.desired.routes,
                       routes);
      assert.equal((await twinOf('filter')).properties.desired.limit, 5);
      const {responseBody: filter}
        = await registry.getModule('edge-1', 'filter');
      assert.equal(filter.managedBy, 'IotEdge');
      await registry.applyConfigurationContentOnDevice('edge-1', {
        modulesContent: {filter: {'properties.desired': {level: 1}}}});
      const {limit, level} = (await twinOf('filter')).properties.desired;
      assert.deepEqual([limit, level], [undefined, 1]);
      await registry.create({deviceId: 'no-edge'});
      await assert.rejects(registry.applyConfigurationContentOnDevice(
        'no-edge', {modulesContent: {}}), {name: 'ArgumentError'});
    });

    test('a device sees what a service wants of its twin', async () => {
      const pump = await connected('pump-twin');
      const twin = await pump.getTwin();
      const told = [];
      twin.on('properties.desired.rpm', (rpm) => told.push(rpm));
      const seen = (await registry.getTwin('pump-twin')).responseBody;
      assert.equal(seen.deviceId, 'pump-twin');
      const {responseBody: changed} = await registry.updateTwin('pump-twin',
        {tags: {hall: 'N4'}, properties: {desired: {rpm: 1480}}}, seen.etag);
      assert.equal(changed.tags.hall, 'N4');
      // The SDK does not say when it has subscribed.
      for (let rpm = 1481; !told.length; ++rpm) {
        await registry.updateTwin('pump-twin',
                                  {properties: {desired: {rpm}}}, '*');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.ok(told[0] >= 1480);
      await assert.rejects(
        registry.updateTwin('pump-twin', {tags: {hall: 'N5'}}, seen.etag),
        {name: 'InvalidEtagError'});
      await new Promise((resolve, reject) => twin.properties.reported.update(
        {temperature: 21.5}, (failed) => failed ? reject(failed) : resolve()));
      const after = (await registry.getTwin('pump-twin')).responseBody;
      assert.equal(after.properties.reported.temperature, 21.5);
      assert.equal(after.tags.hall, 'N4');
    });

    test('who is not there is not found', async () => {
      await assert.rejects(registry.getTwin('nobody'),
                           {name: 'DeviceNotFoundError'});
      await assert.rejects(registry.getModuleTwin('nobody', 'm'), /Not found/);
    });

    test('a device runs what a service calls', async () => {
      const pump = await connected('pump-method');
      pump.onDeviceMethod('reboot', (asked, response) =>
        response.send(201, {got: asked.payload}, assert.ifError));
      const {result} = await client().invokeDeviceMethod('pump-method',
        {methodName: 'reboot', payload: {after: 1.5},
          connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 10});
      assert.deepEqual(result, {status: 201, payload: {got: {after: 1.5}}});
      hub.create('device', 'asleep');
      await assert.rejects(client().invokeDeviceMethod('asleep',
        {methodName: 'reboot'}), /Not found/);
    });

    const transports = {Amqp: undefined, AmqpWs: service.AmqpWs};
    for (const [name, Transport] of Object.entries(transports))
      test(`a device gets a message and its sender feedback over ${name}`,
        async () => {
          const id = `pump-c2d-${name}`;
          const sender = client('service', Transport);
          await sender.open();
          const {result: receiver} = await sender.getFeedbackReceiver();
          const records = [];
          receiver.on('message', (batch) => {
            records.push(...JSON.parse(batch.getData()));
            receiver.complete(batch, () => {});
          });
          const pump = await connected(id);
          const message = new device.Message('open the valve');
          message.messageId = `valve-${name}`;
          message.ack = 'full';
          message.expiryTimeUtc = Date.now() + 60_000;
          message.properties.add('k', 'a b/ü');
          await sender.send(id, message);
          const got = await new Promise((resolve) => pump.on('message',
            (arrived) => pump.complete(arrived, () => resolve(arrived))));
          assert.equal(got.getData().toString(), 'open the valve');
          assert.equal(got.messageId, `valve-${name}`);
          assert.equal(got.properties.getValue('k'), 'a b/ü');
          await eventually('feedback', () => records.length > 0);
          assert.equal(records.length, 1);
          assert.equal(records[0].deviceId, id);
          assert.equal(records[0].originalMessageId, `valve-${name}`);
          assert.equal(records[0].statusCode, 'Success');
          await eventually('it is forgotten', () => JSON.parse(
            hub.command('c2d', 'feedback', '--keep', '--json')).length === 0);
          await sender.close(); // another reader would share the feedback
        });

    test('a sender is told why its message was not taken', async () => {
      const sender = client();
      await assert.rejects(sender.send('nobody', 'x'),
                           {name: 'DeviceNotFoundError'});
      hub.create('device', 'full');
      for (let i = 0; i < 50; ++i)
        await sender.send('full', `${i}`);
      await assert.rejects(sender.send('full', 'one more'),
                           {name: 'DeviceMaximumQueueDepthExceededError'});
    });

    test('nobody gets in without a right', async () => {
      const refused = {name: 'UnauthorizedError'};
      for (const name of ['device', 'registryRead', 'registryReadWrite']) {
        const without
          = service.Registry.fromConnectionString(policy(name));
        await assert.rejects(without.getTwin('pump-twin'), refused);
        await assert.rejects(without.updateTwin('pump-twin', {}, '*'), refused);
        await assert.rejects(without.applyConfigurationContentOnDevice('edge-1',
          {modulesContent: {}}), refused);
        await assert.rejects(client(name).invokeDeviceMethod('pump-twin',
          {methodName: 'm'}), refused);
        await assert.rejects(client(name).open(),
          (error) => error.amqpError.name === 'UnauthorizedError');
      }
      const reader = service.Registry.fromConnectionString(
        policy('registryRead'));
      assert.ok(await reader.get('pump-twin'));
      for (const name of ['registryRead', 'service', 'device']) {
        const without = service.Registry.fromConnectionString(policy(name));
        await assert.rejects(without.create({deviceId: 'x'}), refused);
        await assert.rejects(without.delete('pump-twin'), refused);
        await assert.rejects(without.addModule(
          {deviceId: 'pump-twin', moduleId: 'x'}), refused);
      }
      for (const name of ['service', 'device']) {
        const without = service.Registry.fromConnectionString(policy(name));
        await assert.rejects(without.get('pump-twin'), refused);
        await assert.rejects(without.list(), refused);
        await assert.rejects(without.getModulesOnDevice('pump-twin'), refused);
      }
      const wrong = policy('service').replace(/SharedAccessKey=.*/,
        `SharedAccessKey=${Buffer.alloc(32).toString('base64')}`);
      await assert.rejects(service.Registry.fromConnectionString(wrong)
        .getTwin('pump-twin'), refused);
    });

    test('a policy that may connect devices speaks for any of them',
      async () => {
        const connect = async (name) => {
          const key = policy(name).match(/SharedAccessKey=(.*)/)[1];
          const sr = encodeURIComponent(`${address}/devices/pump-twin`);
          const se = Math.floor(Date.now() / 1000) + 600;
          const sig = createHmac('sha256', Buffer.from(key, 'base64'))
            .update(`${sr}\n${se}`).digest('base64');
          const made = device.Client.fromSharedAccessSignature(
            `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}`
            + `&se=${se}&skn=${name}`, mqtt.Mqtt);
          closing.push(made);
          await made.setOptions({ca: site.ca.toString()});
          await made.open();
        };
        await connect('device');
        await assert.rejects(connect('service'), {name: 'UnauthorizedError'});
      });

    test('a policy\'s token is let in as the password of SASL PLAIN',
      async () => {
        const open = (name, password) => new Promise((resolve, reject) => {
          const connection = rhea.create_container().connect({
            host: address, port: 5671, transport: 'tls', reconnect: false,
            username: `${name}@sas.root.${address.split('.')[0]}`, password,
          });
          connection.once('connection_open', () => resolve(connection));
          connection.once('connection_error', reject);
          connection.once('disconnected', reject);
        });
        const token = (name) => {
          const {HostName, SharedAccessKeyName, SharedAccessKey}
            = service.ConnectionString.parse(policy(name));
          return service.SharedAccessSignature.create(HostName,
            SharedAccessKeyName, SharedAccessKey,
            Math.floor(Date.now() / 1000) + 600).toString();
        };
        hub.create('device', 'plain');
        const connection = await open('service', token('service'));
        const link = connection.open_sender('/messages/devicebound');
        await once(link, 'sendable');
        link.send({to: '/devices/plain/messages/devicebound', body: 'x'});
        await once(link, 'accepted');
        connection.close();
        await assert.rejects(open('device', token('device')));
      });

    test('a renewed key is the only one that counts', async () => {
      hub.command('policy', 'create', 'short', '--right', 'ServiceConnect');
      const before
        = service.Registry.fromConnectionString(policy('short'));
      assert.ok(await before.getTwin('pump-twin'));
      const text = hub.command('policy', 'renew', 'short');
      assert.equal(text, policy('short'));
      await assert.rejects(before.getTwin('pump-twin'),
                           {name: 'UnauthorizedError'});
      assert.ok(await service.Registry.fromConnectionString(text)
        .getTwin('pump-twin'));
      hub.command('policy', 'delete', 'short');
      await assert.rejects(service.Registry.fromConnectionString(text)
        .getTwin('pump-twin'), {name: 'UnauthorizedError'});
    });

    test('a hub ends in order while services are connected', {timeout: 20_000},
      async () => {
        const sender = client();
        await sender.open();
        await sender.getFeedbackReceiver();
        await assert.rejects(sender.invokeDeviceMethod('asleep',
          {methodName: 'm'})); // keeps its connection
        await hub.stop();
        assert.equal(hub.process.exitCode, 0);
      });
  });
