// Clients that break rules, against a gateway that another client uses
// meanwhile: each gets its limit, and nobody else notices.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import {after, before, test} from 'node:test';

import mqtt from 'mqtt';
import rhea from 'rhea';

import {clientId, eventsTopic, resource, sasToken, userName}
  from '../site/sas.mjs';
import {Site, eventually} from '../site/site.mjs';
import {amqpHeader, attach, greeting, saslHeader, saslInit, uint}
  from './raw_amqp.mjs';

const {message} = rhea;
const mebibyte = 1 << 20;
let site, hub, gateway, leaf, other, sender, receiver, innocent;

before(async () => {
  site = new Site();
  hub = await site.hub();
  gateway = await site.gateway(hub, 'edge-1', {
    listeners: {mqtt: '127.0.0.1:0', amqp: '127.0.0.1:0', ws: '127.0.0.1:0'},
    limits: {connect_arrival: '1s'},
    routes: {
      up: 'FROM /messages INTO $upstream',
      across: 'FROM /messages/modules/sender/* '
        + 'INTO BrokeredEndpoint("/modules/receiver/inputs/in")',
    },
  });
  leaf = hub.create('device', 'leaf-1', '--parent', 'edge-1');
  other = hub.create('device', 'leaf-2', '--parent', 'edge-1');
  sender = hub.create('module', 'edge-1/sender');
  receiver = hub.create('module', 'edge-1/receiver');
  innocent = await connect(leaf);
});

after(async () => {
  await innocent?.endAsync(true);
  await site?.close();
});

async function connect(identity, options = {}) {
  const client = mqtt.connect(`mqtt://localhost:${gateway.ports.mqtt}`, {
    clientId: clientId(identity),
    username: userName(identity),
    password: sasToken(identity),
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => {});
  await once(client, 'connect');
  return client;
}

/// Memory of the gateway, in bytes.
function memory() {
  const text = fs.readFileSync(`/proc/${gateway.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s*(\d+)/.exec(text)[1]) * 1024;
}

/// Runs `misdeed` while the innocent client publishes, and checks that it is
/// answered all the while and that memory stays within `allowance`.
async function meanwhile(misdeed, allowance = 32 * mebibyte) {
  const start = memory();
  let over = false;
  let slowest = 0;
  const publishing = (async () => {
    while (!over) {
      const began = performance.now();
      await innocent.publishAsync(eventsTopic(leaf), 'innocent', {qos: 1});
      slowest = Math.max(slowest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  const result = await misdeed().finally(() => {
    over = true;
  });
  await publishing;
  assert(slowest < 2000, `a message took ${slowest} ms to be acknowledged`);
  const growth = memory() - start;
  assert(growth < allowance, `memory grew by ${growth} bytes`);
  return result;
}

/// Sends bytes over a plain connection; resolves with what came back and how
/// long it took once the gateway has closed it.
async function raw(port, bytes = []) {
  const socket = net.connect(port, 'localhost');
  const began = performance.now();
  const answer = [];
  socket.on('data', (piece) => answer.push(piece));
  socket.on('error', () => {});
  if (bytes.length > 0)
    socket.write(Buffer.from(bytes));
  await once(socket, 'close');
  return {answer: Buffer.concat(answer), took: performance.now() - began};
}

test('whoever does not introduce himself is closed in time', async () => {
  const {mqtt: plain, amqp} = gateway.ports;
  const cases = [
    ['nothing over MQTT', plain, []],
    ['half a CONNECT', plain, [0x10, 0x40, 0, 4, 0x4d]],
    ['a length without an end', plain, [0x10, 0xff, 0xff]],
    ['nothing over AMQP', amqp, []],
    ['half a header over AMQP', amqp, [0x41, 0x4d, 0x51]],
    ['a header and nothing more', amqp, amqpHeader],
    ['an open connection', amqp, greeting()],
    ['a link for tokens', amqp,
      Buffer.concat([greeting(), attach('c', 0, '$cbs')])],
    ['nothing over HTTP', gateway.ports.ws, []],
    ['a request without success', gateway.ports.ws,
      Buffer.from('GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ];
  await meanwhile(() => Promise.all(cases.map(async ([what, port, bytes]) => {
    const {took} = await raw(port, bytes);
    assert(took > 900 && took < 5000, `${what}: closed after ${took} ms`);
  })));
});

test('a SASL frame with wrong types ends its connection only', async () => {
  await meanwhile(async () => {
    for (const first of [uint(1), Buffer.from([0x40]), Buffer.from([0x45])])
      await raw(gateway.ports.amqp,
        Buffer.concat([saslHeader, saslInit(first)]));
  });
  // Nothing is thrown through Proton, and nobody writes past the log.
  const past = gateway.log().split('\n')
    .filter((line) => !/^$|^\d{4}-/.test(line));
  assert.deepEqual(past, []);
});

test('garbage is closed at once', async () => {
  const garbage = Buffer.alloc(100_000, 'GET / HTTP/1.1\r\n');
  const huge = [0x10, 0xff, 0xff, 0xff, 0x7f];
  await meanwhile(async () => {
    for (const [port, bytes] of [
      [gateway.ports.mqtt, garbage], [gateway.ports.amqp, garbage],
      [gateway.ports.mqtt, huge],
      [gateway.ports.amqp, [0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0,
        0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0]]]) {
      const {took} = await raw(port, bytes);
      assert(took < 900, `port ${port}: closed after ${took} ms`);
    }
  });
});

test('thousands that never introduce themselves cost little and leave',
  async () => {
    const crowd = [];
    await meanwhile(async () => {
      for (let i = 0; i < 3000; ++i)
        crowd.push(raw(gateway.ports.mqtt, [0x10, 0x40]));
      await Promise.all(crowd);
    }, 64 * mebibyte);
    assert.equal(crowd.length, 3000);
  });

test('the longest topic is dropped and acknowledged', async () => {
  const client = await connect(sender);
  const topic = 'devices/' + 'x'.repeat(65_000);
  await meanwhile(async () => {
    for (let i = 0; i < 200; ++i)
      await client.publishAsync(`${topic}${i}`, '', {qos: 1});
  });
  await client.endAsync();
});

test('a packet that is too large ends its connection only', async () => {
  const client = await connect(sender);
  await meanwhile(async () => {
    client.publish(eventsTopic(sender), Buffer.alloc(300_000), {qos: 1},
      () => {});
    await new Promise((resolve) => client.once('close', resolve));
  });
});

test('a module that reads nothing holds only its own messages back',
  async () => {
    const reader = await connect(receiver, {clean: true});
    await reader.subscribeAsync(`${resource(receiver)}/inputs/#`, {qos: 0});
    reader.stream.pause();
    const client = await connect(sender);
    const body = Buffer.alloc(100_000, 'x');
    await meanwhile(async () => {
      for (let i = 0; i < 1000; ++i)
        await client.publishAsync(eventsTopic(sender), body, {qos: 1});
    }, 64 * mebibyte);
    reader.stream.resume();
    await eventually('the backlog', () => {
      const {lanes} = JSON.parse(gateway.command('status', '--json'));
      return lanes.filter(({sink}) => sink.endsWith('/in'))
        .every(({pending}) => pending === 0);
    });
    await Promise.all([reader.endAsync(true), client.endAsync()]);
  });

test('an AMQP value nested without end is refused or stored, no more',
  async () => {
    const connection = rhea.create_container().connect({
      host: 'localhost',
      port: gateway.ports.amqp,
      reconnect: false,
      username: `leaf-2@sas.${other.HostName.split('.')[0]}`,
      password: sasToken(other),
    });
    const link = connection.open_sender(`/${resource(other)}/messages/events`);
    connection.on('disconnected', () => {});
    await once(link, 'sendable');
    const nested = (depth) => {
      let value = Buffer.from([0x40]);
      for (let i = 0; i < depth; ++i) {
        const head = Buffer.alloc(9);
        head[0] = 0xd0; // list32
        head.writeUInt32BE(value.length + 4, 1);
        head.writeUInt32BE(1, 5);
        value = Buffer.concat([head, value]);
      }
      return value;
    };
    const tower = nested(20_000);
    const section = (code) => Buffer.from([0, 0x53, code]);
    const data = message.encode({body: message.data_section(Buffer.from('x'))});
    await meanwhile(async () => {
      for (const code of [0x71, 0x72, 0x73, 0x74, 0x77]) {
        const outcome = new Promise((resolve, reject) => {
          for (const name of ['accepted', 'rejected'])
            link.once(name, resolve);
          connection.once('disconnected', () => reject(new Error('gone')));
        });
        link.send(Buffer.concat([section(code), tower, data]),
          undefined, 0);
        await outcome;
      }
    });
    connection.close();
  });
