// A real Prometheus scrapes a hub and a gateway with the scrape file of
// deploy/, and knows every metric that the dashboard asks for.

import assert from 'node:assert/strict';
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {clientId, eventsTopic, sasToken, userName} from '../site/sas.mjs';
import {Events, Site, eventually} from '../site/site.mjs';

const deploy = new URL('../../deploy/', import.meta.url);
let site, hub, gateway, prometheus, api;

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address();
  server.close();
  return port;
}

async function query(expression) {
  const url = `${api}/query?query=${encodeURIComponent(expression)}`;
  const response = await fetch(url).catch(() => undefined);
  return response?.ok ? (await response.json()).data.result : [];
}

before(async () => {
  site = new Site();
  hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1', {
    listeners: {mqtt: '127.0.0.1:0'},
    routes: {up: 'FROM /messages/* INTO $upstream'},
  });
  const leaf = hub.create('device', 'leaf-1', '--parent', 'edge-1');
  const events = new Events(hub);
  execFileSync('mosquitto_pub', ['-h', '127.0.0.1',
    '-p', String(gateway.ports.mqtt), '-i', clientId(leaf),
    '-u', userName(leaf), '-P', sasToken(leaf), '-q', '1',
    '-t', eventsTopic(leaf), '-m', 'measured']);
  await events.find('measured', (e) => e.body === 'measured');
  events.stop();

  const targets = [hub, gateway]
    .map((node) => `"${node.address}:${node.ports.metrics}"`).join(', ');
  const config = path.join(site.folder, 'prometheus.yml');
  fs.writeFileSync(config, fs.readFileSync(new URL('prometheus.yml', deploy),
    'utf8').replace('15s', '200ms').replace('"localhost:9600"', targets));
  const port = await freePort();
  api = `http://127.0.0.1:${port}/api/v1`;
  prometheus = spawn('prometheus', [`--config.file=${config}`,
    `--storage.tsdb.path=${path.join(site.folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
  {stdio: 'inherit'});
});

after(async () => {
  if (prometheus) {
    prometheus.kill('SIGKILL');
    await once(prometheus, 'exit');
  }
  await site?.close();
});

test('Prometheus sees both nodes up', async () => {
  const up = await eventually('both up', async () => {
    const found = (await query('up{job="tidegate"} == 1'));
    return found.length === 2 && found;
  });
  assert.equal(up.length, 2);
});

test('a message that passed is in the counters of the gateway', async () => {
  const [received] = await eventually('received', async () => {
    const found = await query('edgehub_messages_received_total{id="leaf-1"}');
    return found.length && found;
  });
  assert.equal(received.value[1], '1');
  assert.equal(received.metric.edge_device, 'edge-1');
  assert.equal(received.metric.ms_telemetry, 'True');
  await eventually('sent', async () => (await query(
    'edgehub_messages_sent_total{from="leaf-1",to="upstream"} == 1')).length);
});

test('the agent tells what runs and how it syncs', async () => {
  const [found] = await eventually('metadata', async () => {
    const all = await query('edgeAgent_metadata{edge_device="edge-1"}');
    return all.length && all;
  });
  assert.equal(found.metric.experimental_features, '{}');
  assert.ok(JSON.parse(found.metric.host_information).NumCpus > 0);
  await eventually('syncs', async () => (await query(
    'edgeAgent_iothub_syncs_total{edge_device="edge-1"} >= 1')).length);
});

test('promtool finds nothing wrong with the metrics', async () => {
  for (const node of [hub, gateway]) {
    const text = await fetch(
      `http://${node.address}:${node.ports.metrics}/metrics`)
      .then((response) => response.text());
    const check = spawnSync('promtool', ['check', 'metrics'],
                            {input: text, encoding: 'utf8'});
    // The names of IoT Edge's agent are what they are (edge-agent spec 9).
    const faults = (check.stdout + check.stderr).trim().split('\n')
      .filter((line) => !/^edgeAgent_\w+ metric names should be/.test(line));
    assert.deepEqual(faults, [], node.name);
    assert.equal(check.status, 3, node.name);
  }
});

test('the dashboard asks only for metrics that are there', async () => {
  const dashboard = fs.readFileSync(new URL('grafana.json', deploy), 'utf8');
  const names = new Set(dashboard.match(/\b(edgehub|tidegate)_[a-z0-9_]+/g));
  assert.ok(names.size > 5);
  for (const name of names) {
    await eventually(name, async () => (await query(
      `count({__name__="${name}"})`)).length, 5000);
  }
});

test('promtool accepts the scrape file', () => {
  execFileSync('promtool', ['check', 'config',
    new URL('prometheus.yml', deploy).pathname]);
});
