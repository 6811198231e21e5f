// How fast a backlog drains to a broker that is the parent, a real Mosquitto.
//
//   node benchmarks/broker.mjs [WINDOW [SIZE [COUNT]]]

import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import {Broker} from '../tests/site/broker.mjs';
import {Site, eventually, tidegate} from '../tests/site/site.mjs';

const [window, size, count] = [500, 128, 200_000].map((initial, at) =>
  Number(process.argv[2 + at] ?? initial));
const senders = 10;

/// Processor time that a process has used, in milliseconds.
function usage({pid}) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

const site = new Site();
const broker = new Broker(site, 'broker', ['allow_anonymous true']);
try {
  await broker.start();
  await broker.stop();
  const gateway = await site.behindBroker(broker, 'edge-1',
    {listeners: {mqtt: '127.0.0.1:0'}, mqtt: {window}});
  const pending = () => JSON.parse(gateway.command('status', '--json')).routes
    .find((route) => route.sink === 'iothub').pending;

  const credentials = path.join(site.folder, 'credentials');
  fs.writeFileSync(credentials, Array.from({length: senders}, (_, n) =>
    `publish ${gateway.create('device', `device-${n}`).text}\n`).join(''));
  execFileSync(tidegate, ['bench', '--credentials', credentials,
    '--at', `${gateway.address}:${gateway.ports.mqtt}`, '--mode', 'stream',
    '--publishers', String(senders), '--subscribers', '0',
    '--count', String(count), '--size', String(size)]);

  const waiting = pending();
  const used = usage(gateway.process);
  await broker.start();
  await eventually('the first leaves', () => pending() < waiting);
  const rest = pending();
  const began = performance.now();
  await eventually('the last leaves', () => pending() === 0, 600_000);
  const seconds = (performance.now() - began) / 1000;
  console.log(`${waiting} messages of ${size} bytes, window ${window}: `
    + `${Math.round(rest / seconds)}/s, `
    + `${(1000 * (usage(gateway.process) - used) / waiting).toFixed(1)} µs of `
    + 'processor time each');
} finally {
  await site.close();
  await broker.stop();
}
