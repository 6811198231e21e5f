// What callers of methods, holders of tokens and certificates, and senders may
// not do, tried as somebody would who means harm.

import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {resource, sasToken} from '../site/sas.mjs';
import {eventually, Events, Site, tidegate} from '../site/site.mjs';
import {connectMqtt} from './mqtt_client.mjs';

let site, hub, gateway, spy, console_;

before(async () => {
  site = new Site();
  hub = await site.hub('hub');
  gateway = await site.gateway(hub, 'edge-1', {
    node: {agent_callers: ['console']},
    listeners: {mqtt: '127.0.0.1:0'},
    routes: {up: 'FROM /messages/* INTO $upstream',
      across: 'FROM /messages/* INTO '
        + 'BrokeredEndpoint("/modules/spy/inputs/in")'},
  });
  spy = hub.create('module', 'edge-1/spy');
  console_ = hub.create('module', 'edge-1/console');
});

after(() => site?.close());

/// Begins a call of a method over HTTPS, as `identity`.
function begin(identity, target, body, headers = {}) {
  const request = https.request({
    host: gateway.address, port: gateway.ports.https, ca: site.ca,
    method: 'POST', agent: false,
    path: `/twins/${target.split('/').map(encodeURIComponent)
      .join('/modules/')}/methods?api-version=2021-04-12`,
    headers: {
      Authorization: sasToken(identity),
      'x-ms-edge-moduleId': `${identity.DeviceId}/${identity.ModuleId}`,
      ...headers,
    },
  });
  request.end(JSON.stringify(body));
  return request;
}

async function call(...what) {
  const [answer] = await once(begin(...what), 'response');
  const pieces = [];
  for await (const piece of answer)
    pieces.push(piece);
  return {status: answer.statusCode,
    body: JSON.parse(Buffer.concat(pieces).toString())};
}

const metric = async (name) => {
  const [answer] = await once(http.get(
    {host: gateway.address, port: gateway.ports.metrics, path: '/metrics'}),
  'response');
  let text = '';
  for await (const piece of answer)
    text += piece;
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'm')
    .exec(text)?.[1]);
};

describe('methods', () => {
  test('of the runtime are not for any module', async () => {
    for (const target of ['edge-1/$edgeAgent', 'edge-1/$edgeHub',
      'edge-1/$EDGEAGENT', 'edge-2/$edgeAgent']) {
      const {status, body} = await call(spy, target, {methodName: 'ping'});
      assert.equal(status, 403, target);
      assert.match(body.message, /node\.agent_callers/);
    }
    const allowed = await call(console_, 'edge-1/$edgeAgent',
      {methodName: 'ping'});
    assert.equal(allowed.status, 200);
    assert.equal(allowed.body.status, 200);
    assert.match(gateway.command('method', 'invoke', 'edge-1/$edgeAgent',
      'ping'), /^200/);
  });

  test('are not for who is no module of this device', async () => {
    const device = hub.create('device', 'leaf-0', '--parent', 'edge-1');
    const body = {methodName: 'ping'};
    const as = (id) => ({'x-ms-edge-moduleId': id});
    assert.equal((await call(device, 'edge-1/$edgeAgent', body,
      as('edge-1/console'))).status, 401);
    assert.equal((await call(device, 'edge-1/$edgeAgent', body,
      as('leaf-0/x'))).status, 401);
    assert.equal((await call(spy, 'edge-1/$edgeAgent', body,
      as('edge-1/console'))).status, 401);
    assert.equal((await call(console_, 'edge-1/$edgeAgent', body,
      as('EDGE-1/console'))).status, 401);
  });

  test('are uploaded to nowhere but by https, to public addresses',
    async () => {
      const store = http.createServer((_, answer) => {
        store.touched = true;
        answer.writeHead(201).end();
      });
      await once(store.listen(0, '127.0.0.1'), 'listening');
      const {port} = store.address();
      try {
        for (const [url, why] of [
          [`http://127.0.0.1:${port}/c?s`, /upload_plain_http/],
          [`https://127.0.0.1:${port}/c?s`, /upload_networks/],
          [`https://localhost:${port}/c?s`, /upload_networks/],
          [`https://[::ffff:127.0.0.1]:${port}/c?s`, /upload_networks/],
          ['https://169.254.169.254/c?s', /upload_networks/]]) {
          const asked = JSON.parse(gateway.command('method', 'invoke',
            'edge-1/$edgeAgent', 'UploadSupportBundle', '--json', '--payload',
            JSON.stringify({schemaVersion: '1.0', sasUrl: url})));
          const task = {schemaVersion: '1.0',
            correlationId: asked.payload.correlationId};
          const ended = await eventually(url, () => {
            const now = JSON.parse(gateway.command('method', 'invoke',
              'edge-1/$edgeAgent', 'GetTaskStatus', '--json', '--payload',
              JSON.stringify(task)));
            return now.payload.status === 'Failed' && now.payload;
          });
          assert.match(ended.message, why);
        }
        assert.ok(!store.touched);
      } finally {
        store.close();
      }
    });

  test('that a module leaves behind are nobody else\'s trouble', async () => {
    const left = [];
    for (let i = 0; i < 60; ++i) {
      const request = begin(spy, `nobody-${i}`, {methodName: 'm',
        connectTimeoutInSeconds: 300, responseTimeoutInSeconds: 300});
      request.on('error', () => {});
      request.on('response', (answer) => {
        request.status = answer.statusCode;
        answer.resume();
      });
      left.push(request);
    }
    await eventually('the calls wait', async () =>
      await metric('tidegate_method_calls') === 50
        && left.filter(({status}) => status === 503).length === 10);
    assert.equal((await call(console_, 'nobody', {methodName: 'm'})).status,
      404);
    left.forEach((request) => request.destroy());
    await eventually('they end', async () =>
      await metric('tidegate_method_calls') === 0, 5000);
    assert.equal((await call(spy, 'nobody', {methodName: 'm'})).status, 404);
  });

  test('have names', async () => {
    for (const methodName of ['', 'a/b', '#', '+', 'a\r\nb', 'a\0b', 'ä', 'a b',
      'x?$rid=1', '%2F']) {
      const {status} = await call(spy, 'leaf', {methodName});
      assert.equal(status, 400, JSON.stringify(methodName));
    }
    const {stderr, status} = spawnSync(tidegate, ['method', 'invoke', 'leaf',
      'a/b', '--config', gateway.config], {encoding: 'utf8'});
    assert.equal(status, 1);
    assert.match(stderr, /methodName: has the character \//);
  });
});

test('only the node says whose a message is', async () => {
  const identity = hub.create('device', 'liar', '--parent', 'edge-1');
  const module = await connectMqtt(gateway, spy);
  await module.subscribeAsync('devices/edge-1/modules/spy/inputs/#', {qos: 1});
  const arrived = once(module, 'message');
  const liar = await eventually('the gateway knows it', () =>
    connectMqtt(gateway, identity).catch(() => {}));
  await liar.publishAsync('devices/liar/messages/events/%24.cmid=boss'
    + '&%24.cdid=edge-1&mine=1', 'lie', {qos: 1});
  const [topic] = await arrived;
  const bag = decodeURIComponent(topic.split('/').at(-1)).split('&');
  assert.deepEqual(bag.filter((one) => /^(\$\.c[dm]id|mine)=/.test(one)),
    ['mine=1', '$.cdid=liar']);
  liar.end(true);
  module.end(true);
});

test('a token is for one identity, letter for letter', async () => {
  const identity = hub.create('device', 'pump', '--parent', 'edge-1');
  const known = await eventually('the gateway knows it', () =>
    connectMqtt(gateway, identity).catch(() => {}));
  known.end(true);
  await assert.rejects(connectMqtt(gateway, identity,
    {password: sasToken({...identity, DeviceId: 'Pump'})}));
});

test('what a device writes does nothing to a terminal', async () => {
  const identity = hub.create('device', 'painter', '--parent', 'edge-1');
  const events = new Events(hub);
  const painter = await eventually('the gateway knows it', () =>
    connectMqtt(gateway, identity).catch(() => {}));
  const text = '\x1b]0;owned\x07\x1b[2J\r\n2026 forged\x7f\u009b31m\u202e!';
  await painter.publishAsync(`${resource(identity)}/messages/events/k=`
    + encodeURIComponent(text), text + 'x'.repeat(120_000), {qos: 1});
  await events.find('of the painter', ({from}) => from === 'painter');
  events.stop();
  painter.end(true);
  const shown = execFileSync(tidegate, ['events', '--config', hub.config]);
  for (const byte of shown)
    assert.ok(byte >= 0x20 || byte === 0x0a);
  const plain = shown.toString();
  assert.doesNotMatch(plain, /[\u007f-\u009f\u202e]/);
  const line = plain.split('\n').find((one) => one.includes('painter'));
  assert.match(line, /\\x1b\[2J\\r\\n2026 forged\\x7f\\x9b31m\\u202e!/);
  assert.ok(line.length < 4000);
  const json = execFileSync(tidegate,
    ['events', '--json', '--config', hub.config]).toString();
  assert.doesNotMatch(json, /[\u0000-\u0009\u007f-\u009f\u202e]/);
  assert.ok(json.trim().split('\n').map((one) => JSON.parse(one))
    .some(({body}) => body?.startsWith(text)));
  assert.ok(execFileSync(tidegate, ['events', '--raw', '--config', hub.config],
    {maxBuffer: 1 << 24}).includes('\x1b[2J'));
});

test('nobody is asked for a pass phrase', async () => {
  const key = path.join(site.folder, 'locked.key');
  execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-aes-128-cbc', '-pass', 'pass:secret', '-out',
    key]);
  const config = path.join(site.folder, 'locked.toml');
  const folder = path.join(site.folder, 'locked');
  fs.writeFileSync(config, `[node]\nhost = "h"\ndata = "${folder}/data"\n`
    + `run = "${folder}/run"\n[listeners]\nmqtts = "127.0.0.1:0"\n[tls]\n`
    + `certificate = "${site.caFile}"\nkey = "${key}"\n`);
  for (const verb of ['check', 'run']) {
    // With a terminal of its own, OpenSSL would wait at it.
    const {status, stdout} = spawnSync('script', ['-qec',
      `${tidegate} ${verb} --config ${config}`, '/dev/null'],
    {encoding: 'utf8', timeout: 20_000, stdio: ['pipe', 'pipe', 'pipe']});
    assert.match(stdout, /has a pass phrase/, verb);
    assert.ok(status > 0, verb);
  }
});
