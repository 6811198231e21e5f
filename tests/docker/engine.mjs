// A real dockerd for tests: its own socket, data and containerd, no bridge and
// no changes to the machine's network. Needs root.

import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

import {eventually} from '../site/site.mjs';

/// Why there can be no engine here; empty when there can.
export function whyNot() {
  if (process.getuid() !== 0)
    return 'a container engine needs root';
  const tool = ['dockerd', 'docker-registry', 'busybox', 'htpasswd'].find(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return tool ? `${tool} is not installed, see deploy/packages.sh test` : '';
}

const mountsBelow = (folder) =>
  fs.readFileSync('/proc/self/mounts', 'utf8').split('\n')
    .map((line) => line.split(' ')[1])
    .filter((place) => place?.startsWith(`${folder}/`))
    .sort().reverse();

export class Engine {
  /// `size` (`64m`): its data lies on a disk of that size.
  constructor({size} = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-engine-'));
    this.socket = path.join(this.folder, 'docker.sock');
    this.data = path.join(this.folder, 'data');
    fs.mkdirSync(this.data);
    if (size)
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tidegate',
        this.data]);
    fs.writeFileSync(this.#at('none.json'), '{}');
  }

  #at(name) {
    return path.join(this.folder, name);
  }

  /// It does not outlive a test that is killed.
  #spawn(...words) {
    const log = fs.openSync(this.#at('log'), 'a');
    const started = spawn('setpriv', ['--pdeathsig', 'TERM', ...words],
      {stdio: ['ignore', log, log]});
    fs.closeSync(log);
    return started;
  }

  /// As on a machine of its own, containerd runs by itself: it stays when
  /// dockerd is killed.
  async #startContainerd() {
    if (this.containerd)
      return;
    const address = this.#at('containerd.sock');
    fs.writeFileSync(this.#at('containerd.toml'), `version = 2
root = "${this.data}/containerd"
state = "${this.#at('containerd')}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${address}"
[ttrpc]
address = "${address}.ttrpc"
`);
    this.containerd
      = this.#spawn('containerd', '--config', this.#at('containerd.toml'));
    await eventually('containerd listens', () => fs.existsSync(address),
      60_000);
  }

  async start() {
    await this.#startContainerd();
    this.process = this.#spawn('dockerd', '--bridge=none', '--iptables=false',
      '--ip-forward=false', '--ip-masq=false',
      '--config-file', this.#at('none.json'), '--data-root', this.data,
      '--exec-root', this.#at('exec'), '--pidfile', this.#at('pid'),
      '--containerd', this.#at('containerd.sock'),
      '-H', `unix://${this.socket}`);
    this.exited = once(this.process, 'exit');
    await eventually('dockerd answers', async () => {
      if (this.process.exitCode !== null)
        throw new Error(`dockerd ended:\n${this.log().slice(-2000)}`);
      return (await this.call('GET', '/_ping').catch(() => ({}))).status === 200;
    }, 60_000);
    return this;
  }

  log() {
    return fs.readFileSync(this.#at('log'), 'utf8');
  }

  async stop(signal = 'SIGTERM') {
    if (this.process?.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
      await this.exited;
    }
  }

  /// Ends everything that was started here, and removes all traces.
  async close() {
    if (this.process?.exitCode === null)
      for (const one of await this.containers().catch(() => []))
        await this.call('DELETE', `/containers/${one.Id}?force=true`);
    if (this.process?.exitCode === null)
      await this.forgetNetworks().catch(() => {});
    await this.stop();
    if (this.containerd?.exitCode === null) {
      this.containerd.kill();
      await once(this.containerd, 'exit');
    }
    this.#endLeftOvers();
    for (const place of mountsBelow(this.folder))
      spawnSync('umount', ['-l', place]);
    fs.rmSync(this.folder, {recursive: true, force: true});
  }

  /// What a dockerd that was killed leaves behind names this folder.
  #endLeftOvers() {
    for (const pid of fs.readdirSync('/proc').filter((name) => +name)) {
      let words = '';
      try {
        words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch { /* it has ended */ }
      if (words.includes(`${this.folder}/`) && +pid !== process.pid)
        try {
          process.kill(+pid, 'SIGKILL');
        } catch { /* it has ended */ }
    }
  }

  call(method, target, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const asked = http.request(
        {socketPath: this.socket, method, path: target, headers},
        (answer) => {
          const parts = [];
          answer.on('data', (part) => parts.push(part));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(parts).toString();
            resolve({status: answer.statusCode, text,
              get json() { return JSON.parse(text); }});
          });
        });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /// A network is a device of this machine: it would stay.
  async forgetNetworks() {
    for (const one of (await this.call('GET', '/networks')).json)
      if (one.Driver === 'bridge')
        await this.call('DELETE', `/networks/${one.Id}`);
  }

  async containers() {
    return (await this.call('GET', '/containers/json?all=true')).json;
  }

  async inspect(name) {
    return (await this.call('GET', `/containers/${name}/json`)).json;
  }

  /// What a container has written to its output so far.
  async log(name) {
    return (await this.call('GET',
      `/containers/${name}/logs?stdout=true&stderr=true`)).text;
  }

  /// Makes an image of a folder; returns its id.
  async importImage(folder, name) {
    const tar = execFileSync('tar', ['-C', folder, '-c', '.'],
      {maxBuffer: 1 << 30});
    const [repo, tag] = [name.slice(0, name.lastIndexOf(':')),
      name.slice(name.lastIndexOf(':') + 1)];
    const answer = await this.call('POST',
      `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`, tar,
      {'Content-Type': 'application/x-tar'});
    const id = /sha256:[0-9a-f]{64}/.exec(answer.text);
    if (answer.status !== 200 || !id)
      throw new Error(answer.text);
    return id[0];
  }

  /// Pushes the image; returns the digest that its registry knows it by.
  async push(name, credential = {}) {
    const [repo, tag] = [name.slice(0, name.lastIndexOf(':')),
      name.slice(name.lastIndexOf(':') + 1)];
    const auth = Buffer.from(JSON.stringify(credential)).toString('base64url');
    const answer = await this.call('POST', `/images/${repo}/push?tag=${tag}`,
      '', {'X-Registry-Auth': auth});
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(answer.text);
    if (!digest)
      throw new Error(answer.text);
    return digest[1];
  }

  async tag(from, name) {
    const at = name.lastIndexOf(':');
    await this.call('POST', `/images/${from}/tag?repo=${name.slice(0, at)}`
      + `&tag=${name.slice(at + 1)}`);
  }

  async forgetImage(name) {
    await this.call('DELETE', `/images/${name}?force=true`);
  }
}

/// A folder with busybox and what else is to be in an image.
export function busyboxFolder(more = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-image-'));
  for (const name of ['bin', 'tmp', 'etc', 'var/run'])
    fs.mkdirSync(path.join(folder, name), {recursive: true});
  fs.copyFileSync('/bin/busybox', path.join(folder, 'bin/busybox'));
  for (const name of ['sh', 'sleep', 'echo', 'cat', 'kill', 'test', 'tail',
    'head', 'dd', 'tr', 'ls', 'id', 'touch', 'rm', 'nc', 'wget', 'mkdir',
    'date', 'stat', '['])
    fs.symlinkSync('busybox', path.join(folder, 'bin', name));
  for (const [name, text] of Object.entries(more))
    fs.writeFileSync(path.join(folder, name), text);
  return folder;
}
