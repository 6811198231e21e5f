// A real docker-registry on loopback.

import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import {eventually} from '../site/site.mjs';

export const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const {port} = server.address();
    server.close(() => resolve(port));
  });
});

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

export class Registry {
  /// With a `user` nobody else gets in.
  constructor({user, password} = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-registry-'));
    this.credential = user ? {username: user, password} : {};
  }

  async start() {
    this.port ??= await freePort();
    this.address = `127.0.0.1:${this.port}`;
    const at = (name) => path.join(this.folder, name);
    const {username, password} = this.credential;
    if (username)
      fs.writeFileSync(at('users'),
        execFileSync('htpasswd', ['-Bbn', username, password]));
    const auth = username
      ? {auth: {htpasswd: {realm: 'test', path: at('users')}}} : {};
    // YAML takes JSON.
    fs.writeFileSync(at('config.yml'), JSON.stringify({
      version: '0.1',
      log: {level: 'warn'},
      storage: {filesystem: {rootdirectory: at('data')}},
      http: {addr: this.address},
      ...auth,
    }));
    const log = fs.openSync(at('log'), 'a');
    this.process = spawn('setpriv', ['--pdeathsig', 'TERM', 'docker-registry',
      'serve', at('config.yml')], {stdio: ['ignore', log, log]});
    fs.closeSync(log);
    this.exited = once(this.process, 'exit');
    await eventually('the registry answers', () => {
      if (this.process.exitCode !== null)
        throw new Error(fs.readFileSync(at('log'), 'utf8'));
      return answers(this.port);
    });
    return this;
  }

  async stop() {
    if (this.process?.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL');
      await this.exited;
    }
  }

  async close() {
    await this.stop();
    fs.rmSync(this.folder, {recursive: true, force: true});
  }
}
