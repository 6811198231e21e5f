// Deployments as a cloud makes them: the unmodified Azure IoT Hub service SDK
// rolls out modules to a gateway through a hub, reads what was reported, and
// calls the agent's methods.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';
import {gunzipSync} from 'node:zlib';

import service from 'azure-iothub';
import retrying from 'azure-iothub/dist/common-core/retry_policy.js';

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

/// A deployment whose module `talker` says `text` and then waits.
function deployment(version, text) {
  return {modulesContent: {$edgeAgent: {'properties.desired': {
    schemaVersion: '1.1',
    runtime: {type: 'process', settings: {}},
    systemModules: {},
    modules: {talker: {
      type: 'process', version, status: 'running', restartPolicy: 'always',
      settings: {
        image: '/bin/sh',
        createOptions: JSON.stringify(
          {Cmd: ['-c', `echo '<6> ${text}'; echo '<3> oh' >&2; sleep 1000`]}),
      },
    }},
  }}}};
}

describe('a deployment through the hub', {skip: !mayListen && 'needs port 443'},
  () => {
    let site, hub, gateway, registry, client;

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
      gateway = await site.gateway(hub, 'edge-1', {
        node: {upload_plain_http: true, upload_networks: ['127.0.0.1']},
        listeners: {mqtts: '127.0.0.1:0', amqps: '127.0.0.1:0',
          https: '127.0.0.1:0'},
        twins: {report_period: '200ms'},
      });
      const policy = (name) => hub.command('policy', 'show', name);
      registry = service.Registry.fromConnectionString(policy('iothubowner'));
      client = service.Client.fromConnectionString(policy('service'));
      client.setRetryPolicy(new retrying.NoRetry());
    });

    after(async () => {
      await client?.close();
      await site?.close();
      // The SDK leaves timers behind, for up to 45 minutes.
      setTimeout(() => process.exit(), 1000);
    });

    const twin = async (device = 'edge-1') => (await registry.getModuleTwin(
      device, '$edgeAgent')).responseBody.properties;

    /// Waits until the agent has reported `code` for the version that is
    /// desired; what it has reported.
    const reported = (code, device) => eventually(`code ${code}`, async () => {
      const {desired, reported: now} = await twin(device);
      return now.lastDesiredVersion === desired.$version
        && now.lastDesiredStatus.code === code && now;
    });

    const call = async (methodName, payload, on = 'edge-1') =>
      (await client.invokeDeviceMethod(on, '$edgeAgent',
        {methodName, payload, responseTimeoutInSeconds: 20})).result;

    const talking = (text) => eventually(`'${text}' is said`, async () => {
      const {payload} = await call('GetModuleLogs',
        {schemaVersion: '1.0', items: {id: 'talker', filter: {tail: 10}}});
      return payload?.[0]?.payload.includes(text) && payload[0];
    });

    test('a gateway runs what its twin wants, and reports it', async () => {
      await registry.applyConfigurationContentOnDevice(
        'edge-1', deployment('1.0', 'first'));
      const now = await reported(200);
      assert.equal(now.modules.talker.version, '1.0');
      assert.equal(now.runtime.platform.os, 'Linux');
      assert.equal(now.systemModules.edgeHub.runtimeStatus, 'running');
      await eventually('it runs', async () =>
        (await twin()).reported.modules.talker.runtimeStatus === 'running');
      await talking('first');
    });

    test('methods of the agent are called through the hub', async () => {
      assert.equal((await call('ping', null)).status, 200);
      assert.equal((await call('RestartModule',
        {schemaVersion: '1.0', id: 'nobody'})).status, 500);
      assert.equal((await call('RestartModule',
        {schemaVersion: '1.0', id: 'talker'})).status, 200);
      const {status, payload} = await call('GetModuleLogs', {
        schemaVersion: '1.0', encoding: 'gzip', contentType: 'json',
        items: [{id: 'talk', filter: {loglevel: 3}}]});
      assert.equal(status, 200);
      const lines = JSON.parse(
        gunzipSync(Buffer.from(payload[0].payloadBytes, 'base64')));
      assert.equal(lines[0].text, 'oh');
      assert.equal(lines[0].stream, 'stderr');
      assert.equal(lines[0].device, 'edge-1');
      assert.equal((await call('Reboot', {})).status, 400);
    });

    test('logs are uploaded', async () => {
      const seen = [];
      const store = http.createServer((request, answer) => {
        const pieces = [];
        request.on('data', (piece) => pieces.push(piece));
        request.on('end', () => {
          seen.push({method: request.method, url: request.url,
            kind: request.headers['x-ms-blob-type'],
            body: Buffer.concat(pieces).toString()});
          answer.writeHead(201).end();
        });
      });
      await once(store.listen(0, '127.0.0.1'), 'listening');
      try {
        const {payload} = await call('UploadModuleLogs', {
          schemaVersion: '1.0', items: {id: 'all'},
          sasUrl: `http://127.0.0.1:${store.address().port}/logs?sig=s`});
        await eventually('the end', async () =>
          (await call('GetTaskStatus', {schemaVersion: '1.0',
            correlationId: payload.correlationId})).payload.status
              === 'Completed');
        assert.deepEqual(seen.map(({kind}) => kind),
          ['AppendBlob', undefined]);
        assert.match(seen[1].url,
          /^\/logs\/[^/]+\/edge-1\/talker-.*\.log\?sig=s&comp=appendblock$/);
        assert.match(seen[1].body, /first/);
      } finally {
        store.close();
      }
    });

    test('what is wrong is reported and changes nothing', async () => {
      const wrong = deployment('2.0', 'wrong');
      delete wrong.modulesContent.$edgeAgent['properties.desired']
        .modules.talker.status;
      await registry.applyConfigurationContentOnDevice('edge-1', wrong);
      const now = await reported(400);
      assert.match(now.lastDesiredStatus.description,
        /modules\.talker\.status: is missing/);
      assert.equal(now.modules.talker.version, '1.0');
      await registry.applyConfigurationContentOnDevice(
        'edge-1', deployment('1.1', 'second'));
      await reported(200);
      await talking('second');
    });

    test('a gateway starts what was good last without its hub', async () => {
      // Nothing is on its way, so that what it says last goes up at once.
      await new Promise((done) => setTimeout(done, 300));
      await gateway.stop('SIGTERM');
      const ended = (await twin()).reported;
      assert.equal(ended.lastDesiredStatus.code, 406);
      assert.equal(ended.modules.talker.runtimeStatus, 'unknown');
      await hub.stop();
      await gateway.start();
      await eventually('the module runs', () => {
        const all = JSON.parse(gateway.command('list', '--json'));
        return all[0]?.name === 'talker' && all[0].runtimeStatus === 'running';
      });
      await hub.start();
      await reported(200);
    });

    test('a hub has an agent too', async () => {
      await registry.applyConfigurationContentOnDevice(
        address, deployment('1.0', 'at the hub'));
      const now = await reported(200, address);
      assert.equal(now.modules.talker.version, '1.0');
      assert.equal((await call('ping', null, address)).status, 200);
    });

    test('the operator checks, applies and shows deployments', async () => {
      const file = path.join(site.folder, 'manifest.json');
      const {writeFileSync} = await import('node:fs');
      writeFileSync(file, JSON.stringify(deployment('1.2', 'third')));
      assert.match(gateway.command('deployment', 'check', file),
        /good, 1 modules/);
      hub.command('deployment', 'apply', file, 'edge-1');
      await eventually('the new version', () =>
        /talker +running +running +1\.2/.test(
          hub.command('deployment', 'show', 'edge-1')));
      assert.match(gateway.command('deployment', 'show'), /source +twin/);
      assert.throws(() => gateway.command('deployment', 'apply', file));
      const wrong = deployment('1.3', 'x');
      wrong.modulesContent.$edgeAgent['properties.desired'].runtime.type
        = 'docker';
      writeFileSync(file, JSON.stringify(wrong));
      assert.throws(() => gateway.command('deployment', 'check', file),
        ({status, stdout}) => status === 2
          && stdout.includes('runtime.type: '));
    });
  });
