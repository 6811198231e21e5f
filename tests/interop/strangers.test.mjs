// A thousand clients that are never let in, each doing one of the worst things
// it can before that: together they cost little memory, and a client that is
// let in does not notice.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import {after, before, test} from 'node:test';

import mqtt from 'mqtt';

import {clientId, eventsTopic, sasToken, userName} from '../site/sas.mjs';
import {Site} from '../site/site.mjs';
import * as raw from './raw_amqp.mjs';

const mebibyte = 1 << 20;
/// What all of them may cost. Their account has 32 MiB for one address; the
/// rest is what the allocator keeps between, and the innocent client's traffic.
const allowance = 80 * mebibyte;
const strangers = 1000;
let site, gateway, innocent, leaf;

before(async () => {
  site = new Site();
  const hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1', {
    listeners: {mqtt: '127.0.0.1:0', amqp: '127.0.0.1:0', ws: '127.0.0.1:0'},
    routes: {up: 'FROM /messages INTO $upstream'},
  });
  leaf = hub.create('device', 'leaf-1', '--parent', 'edge-1');
  innocent = await mqtt.connectAsync(
    `mqtt://localhost:${gateway.ports.mqtt}`, {
      clientId: clientId(leaf),
      username: userName(leaf),
      password: sasToken(leaf),
      reconnectPeriod: 0,
    });
});

after(async () => {
  await innocent?.endAsync(true);
  await site?.close();
});

/// Memory of the gateway that is its own, in bytes.
function memory() {
  const text = fs.readFileSync(
    `/proc/${gateway.process.pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s*(\d+)/m.exec(text)[1]) * 1024;
}

const repeated = (count, make) =>
  Buffer.concat(Array.from({length: count}, (_, i) => make(i)));

const upgrade = (protocol) => Buffer.from(
  'GET /$iothub/websocket HTTP/1.1\r\nHost: localhost\r\n'
  + 'Upgrade: websocket\r\nConnection: Upgrade\r\n'
  + 'Sec-WebSocket-Version: 13\r\n'
  + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  + `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`);

/// A binary WebSocket message, masked with zeros.
function message(bytes) {
  const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

function connectPacket(id) {
  const text = (value) =>
    Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]),
                   Buffer.from(value)]);
  const body = Buffer.concat([
    text('MQTT'), Buffer.from([4, 0xc2, 0, 60]), text(id),
    text(`tidehub.test/${id}/?api-version=2021-04-12`),
    text(sasToken({...leaf, DeviceId: id}))]);
  return Buffer.concat([
    Buffer.from([0x10, 0x80 | (body.length & 127), body.length >> 7]), body]);
}

const wide = raw.map([raw.symbol('k'),
                      raw.list(Array(60_000).fill(raw.nothing))]);
const narrow = raw.map([raw.symbol('k'),
                        raw.list(Array(200).fill(raw.nothing))]);
const cbs = () => Buffer.concat([raw.greeting(), raw.attach('c', 0, '$cbs')]);
const endless = () => Buffer.concat([cbs(), repeated(400, () =>
  raw.transfer(0, 0, Buffer.alloc(10_000), {more: true}))]);

const misdeeds = {
  'say hello and nothing more': ['amqp', raw.greeting()],
  'attach with wide properties': ['amqp', Buffer.concat([
    raw.greeting(), repeated(20, (i) =>
      raw.attach(`l${i}`, i, '/n', {properties: wide}))])],
  'attach with as much as is taken': ['amqp', Buffer.concat([
    raw.greeting(), repeated(900, (i) =>
      raw.attach(`l${i}`, i, '/n', {properties: narrow}))])],
  'attach links without end': ['amqp', Buffer.concat([
    raw.greeting(), repeated(5000, (i) => raw.attach(`l${i}`, i, '/n'))])],
  'begin sessions without end': ['amqp', Buffer.concat([
    raw.greeting(), repeated(900, (i) => raw.begin(i + 1))])],
  'send a message without end': ['amqp', endless()],
  'the same over WebSocket': ['ws', Buffer.concat([
    upgrade('AMQPWSB10'), message(endless())])],
  'begin the largest CONNECT': ['mqtt', Buffer.concat([
    Buffer.from([0x10, 0xfb, 0xff, 0x0f]), Buffer.alloc(250_000)])],
  'begin it over WebSocket': ['ws', Buffer.concat([
    upgrade('mqtt'), message(Buffer.concat([
      Buffer.from([0x10, 0xfb, 0xff, 0x0f]), Buffer.alloc(250_000)]))])],
  'make up an id': ['mqtt', (i) => connectPacket(`nobody-${i}`)],
  'send the start of a body': ['ws', Buffer.concat([Buffer.from(
    'POST /devices/x/messages/events HTTP/1.1\r\nHost: localhost\r\n'
    + 'Content-Length: 1000000\r\n\r\n'), Buffer.alloc(900_000)])],
};

/// Opens a connection, sends all of it, and leaves it open.
function commit([door, bytes], number) {
  const socket = net.connect(gateway.ports[door], '127.0.0.1');
  socket.on('error', () => {});
  socket.on('data', () => {});
  socket.write(typeof bytes === 'function' ? bytes(number) : bytes);
  return socket;
}

test('a thousand strangers cost little, whatever they do', async (t) => {
  const took = [];
  let over = false;
  const publishing = (async () => {
    while (!over) {
      const began = performance.now();
      await innocent.publishAsync(eventsTopic(leaf), 'innocent', {qos: 1});
      took.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const start = memory();
  const sockets = [];
  let most = 0;
  const look = () => {
    most = Math.max(most, memory() - start);
  };
  const each = Math.ceil(strangers / Object.keys(misdeeds).length);
  for (const [what, misdeed] of Object.entries(misdeeds)) {
    for (let i = 0; i < each; ++i) {
      sockets.push(commit(misdeed, i));
      // This process would hold up its own innocent client otherwise.
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let i = 0; i < 5; ++i) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      look();
    }
    t.diagnostic(`${what}: ${Math.round((memory() - start) / mebibyte)} MiB`);
  }
  over = true;
  await publishing;
  for (const socket of sockets)
    socket.destroy();
  took.sort((a, b) => a - b);
  const p99 = took[Math.floor(took.length * 0.99)];
  t.diagnostic(`most ${Math.round(most / mebibyte)} MiB, `
    + `${took.length} acknowledgements, p99 ${p99.toFixed(1)} ms`);
  assert(most < allowance, `memory grew by ${most} bytes`);
  assert(p99 < 50, `the 99th percentile is ${p99} ms`);
  const metrics = await fetch(
    `http://127.0.0.1:${gateway.ports.metrics}/metrics`);
  assert.match(await metrics.text(),
               /tidegate_strangers_memory_refused_total \d/);
});
