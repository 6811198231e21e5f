#!/usr/bin/env node
// What it costs to watch over process modules, and how soon one that crashed
// runs again. Linux, on an idle machine; as root or not.
//
//   node benchmarks/modules.mjs [--modules 200] [--crashes 300] [--seconds 30]
//
// Starts a node of its own in a temporary folder. Prints the gateway's share
// of one core while all modules are idle, its memory and that of a shim, and
// the time from a module's kill to the first line of its next life, less the
// policy's own delay. Exits with 1 when a budget of the design is missed.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

const {values: with_} = parseArgs({options: {
  modules: {type: 'string', default: '200'},
  crashes: {type: 'string', default: '300'},
  seconds: {type: 'string', default: '30'},
}});
const modules = Number(with_.modules), crashes = Number(with_.crashes);
const program = path.join(path.dirname(fileURLToPath(import.meta.url)), '../build/tidegate');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-modules-'));
const delay = 100; // of the policy, milliseconds
const budgets = {idle: 2, restart: 150};

function manifest() {
  const all = {};
  for (let i = 0; i < modules; ++i)
    all[`idle-${i}`] = {
      type: 'process', status: 'running', restartPolicy: 'always',
      settings: {image: '/bin/sleep', createOptions: JSON.stringify({Cmd: ['1000000']})},
    };
  // Its first act is to say that it lives, and as which process.
  all.crasher = {
    type: 'process', status: 'running', restartPolicy: 'always',
    settings: {image: '/bin/sh', createOptions: JSON.stringify(
      {Cmd: ['-c', `echo $$ >>${folder}/lives; exec sleep 1000000`]})},
  };
  return {schemaVersion: '1.1', runtime: {type: 'process'}, systemModules: {}, modules: all};
}

function stat(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return {parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12])};
}

function memory(pid) {
  const line = /Pss:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(line[1]) / 1024;
}

function shims(gateway) {
  const all = [];
  for (const pid of fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)))
    try {
      if (stat(pid).parent === gateway)
        all.push(Number(pid));
    } catch { /* it has just ended */ }
  return all;
}

const lives = () => {
  try {
    return fs.readFileSync(`${folder}/lives`, 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  }
};

async function until(what, condition) {
  for (const end = Date.now() + 60_000; !condition(); await sleep(20))
    if (Date.now() > end)
      throw new Error(`${what} took longer than a minute`);
}

async function crash_and_wait() {
  const before = lives();
  const began = performance.now();
  process.kill(before.at(-1), 'SIGKILL');
  while (lives().length === before.length)
    await sleep(1);
  return performance.now() - began - delay;
}

fs.writeFileSync(`${folder}/manifest.json`, JSON.stringify(manifest()));
fs.writeFileSync(`${folder}/tidegate.toml`, `
[node]
data = "data"
run = "run"
host = "bench"
log_level = "error"
[modules]
manifest = "manifest.json"
users = 0
backoff_unit = "${delay}ms"
backoff_longest = "${delay}ms"
stop_grace = "2s"
`);
const gateway = spawn(program, ['run', '--config', `${folder}/tidegate.toml`],
                      {stdio: ['ignore', 'inherit', 'inherit']});
let missed = false;
try {
  await until('starting', () => shims(gateway.pid).length > modules && lives().length > 0);
  await sleep(3000);
  const seconds = Number(with_.seconds), hertz = 100;
  const before = stat(gateway.pid).ticks;
  await sleep(seconds * 1000);
  const idle = (stat(gateway.pid).ticks - before) / hertz / seconds * 100;
  const shim = shims(gateway.pid);
  console.log(`${modules} idle modules: ${idle.toFixed(2)} % of a core, ` +
              `${memory(gateway.pid).toFixed(1)} MiB, and ` +
              `${(shim.reduce((sum, pid) => sum + memory(pid), 0) / shim.length).toFixed(2)} MiB per shim`);
  const times = [];
  for (let i = 0; i < crashes; ++i)
    times.push(await crash_and_wait());
  times.sort((a, b) => a - b);
  const at = share => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  console.log(`${crashes} crashes, to running beyond the policy's delay: ` +
              `median ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`);
  missed = idle >= budgets.idle || at(0.99) >= budgets.restart;
} finally {
  gateway.kill('SIGTERM');
  await new Promise(ended => gateway.once('exit', ended));
  fs.rmSync(folder, {recursive: true});
}
process.exit(missed ? 1 : 0);
