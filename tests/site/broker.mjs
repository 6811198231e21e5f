// A real Mosquitto on loopback for tests.

import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

import {eventually} from './site.mjs';

/// A port that nobody uses just now.
export async function freePort(address) {
  const server = net.createServer().listen(0, address);
  await once(server, 'listening');
  const {port} = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/// One broker in a folder of a site. `stop` and `kill` end it, and it may be
/// started again: same port, and what it has kept when it was stopped.
export class Broker {
  constructor(site, name = 'broker', lines = []) {
    this.address = site.address;
    this.folder = path.join(site.folder, name);
    this.lines = lines;
    fs.mkdirSync(this.folder, {recursive: true});
  }

  async start() {
    this.port ??= await freePort(this.address);
    const config = path.join(this.folder, 'mosquitto.conf');
    fs.writeFileSync(config, [
      ...(process.getuid() === 0 ? ['user root'] : []),
      `listener ${this.port} ${this.address}`,
      'persistence true',
      `persistence_location ${this.folder}/`,
      'max_inflight_messages 0',
      'max_queued_messages 0',
      ...this.lines,
    ].join('\n') + '\n');
    const log = fs.openSync(path.join(this.folder, 'log'), 'a');
    this.process = spawn('setpriv', ['--pdeathsig', 'TERM', 'mosquitto',
      '-c', config], {stdio: ['ignore', log, log]});
    fs.closeSync(log);
    this.exited = once(this.process, 'exit');
    await eventually('the broker listens', () => new Promise((resolve) => {
      if (this.process.exitCode !== null)
        throw new Error(this.log());
      const probe = net.connect(this.port, this.address);
      probe.once('connect', () => {
        probe.destroy();
        resolve(true);
      });
      probe.once('error', () => resolve(false));
    }));
    return this;
  }

  async stop(signal = 'SIGTERM') {
    if (this.process?.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
      await this.exited;
    }
  }

  log() {
    return fs.readFileSync(path.join(this.folder, 'log'), 'utf8');
  }

  /// Ends it as a power cut would, but that it knows its sessions afterwards:
  /// what it has acknowledged and not passed on is lost.
  async kill() {
    const saved = path.join(this.folder, 'mosquitto.db');
    fs.rmSync(saved, {force: true});
    this.process.kill('SIGUSR1');
    await eventually('the broker has saved', () => fs.existsSync(saved));
    await this.stop('SIGKILL');
  }

  /// Lines of configuration that ask for a password; to be given to the
  /// constructor.
  static password(file, user, password) {
    execFileSync('mosquitto_passwd', ['-b', '-c', file, user, password]);
    return ['allow_anonymous false', `password_file ${file}`];
  }
}
