// A real site on loopback for tests: hubs and gateways as `tidegate run`
// processes, each with a configuration, certificates and ports of its own.

import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import {fileURLToPath} from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const build = path.resolve(root, process.env.TIDEGATE_BUILD ?? 'build');
export const tidegate = path.join(build, 'tidegate');

/// The name of the hub in connection strings, where nothing else is said.
const hubHost = 'tidehub.test';

/// Waits until `probe` answers with something, for at most `limit` ms.
export async function eventually(what, probe, limit = 20_000) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await probe();
    if (found)
      return found;
    if (Date.now() > end)
      throw new Error(`${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function toml(sections) {
  return Object.entries(sections)
    .map(([name, keys]) => [`[${name}]`,
      ...Object.entries(keys).map(([k, v]) => `${k} = ${JSON.stringify(v)}`)])
    .flat().join('\n') + '\n';
}

/// One `tidegate run`. Start it, then use `ports`; `stop` and `kill` end it,
/// and it may be started again with the same data and ports.
export class Node {
  constructor(site, name, sections) {
    this.name = name;
    this.folder = path.join(site.folder, name);
    this.config = path.join(this.folder, 'tidegate.toml');
    this.run = path.join(this.folder, 'run');
    this.sections = sections;
    this.address = sections.listeners.mqtts.split(':')[0];
    fs.mkdirSync(this.run, {recursive: true});
  }

  async start() {
    fs.writeFileSync(this.config, toml(this.sections));
    const found = path.join(this.run, 'ports.json');
    fs.rmSync(found, {force: true});
    const log = fs.openSync(path.join(this.folder, 'log'), 'a');
    // The node does not outlive a test that is killed.
    this.process = spawn('setpriv', ['--pdeathsig', 'TERM', tidegate, 'run',
      '--config', this.config], {
        stdio: ['ignore', log, log],
        env: {...process.env, ...this.environment},
      });
    fs.closeSync(log);
    this.exited = once(this.process, 'exit');
    this.ports = await eventually(`${this.name} listens`, () => {
      if (this.process.exitCode !== null)
        throw new Error(`${this.name} ended:\n${this.log()}`);
      return fs.existsSync(found) && readJson(found);
    });
    // A second start takes the same ports, as clients would expect.
    for (const [listener, port] of Object.entries(this.ports)) {
      if (listener === 'metrics')
        this.sections.metrics.listen = `${this.address}:${port}`;
      else
        this.sections.listeners[listener] = `${this.address}:${port}`;
    }
    return this;
  }

  async stop(signal = 'SIGTERM') {
    if (this.process && this.process.exitCode === null
        && this.process.signalCode === null) {
      this.process.kill(signal);
      await this.exited;
    }
  }

  log() {
    return fs.readFileSync(path.join(this.folder, 'log'), 'utf8');
  }

  /// Runs an operator command against this node; returns what it prints.
  command(...words) {
    return execFileSync(tidegate, [...words, '--config', this.config],
                        {encoding: 'utf8'}).trim();
  }

  /// Creates a device, or a module `device/module`; returns its connection
  /// string, taken apart as well.
  create(kind, name, ...options) {
    const text = this.command(kind, 'create', ...name.split('/'), ...options);
    return {text, ...connectionString(text)};
  }
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined; // still being written
  }
}

/// `HostName=...;DeviceId=...` as an object.
export function connectionString(text) {
  return Object.fromEntries(text.split(';').map((part) => {
    const at = part.indexOf('=');
    return [part.slice(0, at), part.slice(at + 1)];
  }));
}

/// Follows the event log of a hub.
export class Events {
  constructor(hub) {
    this.seen = [];
    this.reader = spawn(
      tidegate, ['events', '--follow', '--json', '--config', hub.config],
      {stdio: ['ignore', 'pipe', 'inherit']});
    readline.createInterface({input: this.reader.stdout})
      .on('line', (line) => this.seen.push(JSON.parse(line)));
  }

  /// The first event that `wanted` is true of, now or soon.
  find(what, wanted) {
    return eventually(`event ${what}`, () => this.seen.find(wanted));
  }

  stop() {
    this.reader.kill();
  }
}

/// A temporary folder with certificates, and the nodes in it.
export class Site {
  /// The certificates are made for `addresses`; nodes listen on the first,
  /// on ports chosen by the system, unless configured otherwise.
  constructor(...addresses) {
    this.address = addresses[0] ?? '127.0.0.1';
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-test-'));
    this.certificates = path.join(this.folder, 'certificates');
    this.caFile = path.join(this.certificates, 'ca.pem');
    this.nodes = [];
    execFileSync(tidegate, ['certificate', this.certificates, '--host',
      'localhost', hubHost, this.address, ...addresses.slice(1)]);
  }

  get ca() {
    return fs.readFileSync(this.caFile);
  }

  async hub(name = 'hub', more = {}) {
    return this.#add(name, {...more, node: {host: hubHost, ...more.node}});
  }

  /// A gateway, known at `hub` as the edge device `name`; its parent is the hub
  /// or another gateway.
  async gateway(hub, name = 'edge-1', more = {}, parent = hub) {
    const made = hub.create('device', name, '--edge',
      ...(parent === hub ? [] : ['--parent', parent.name]));
    const node = await this.#add(name, {
      ...more,
      parent: {
        connection: made.text,
        address: parent.address,
        amqp_port: parent.ports.amqps,
        https_port: parent.ports.https,
        ca_file: this.caFile,
        retry_unit: '100ms',
        ...more.parent,
      },
    });
    node.key = made.SharedAccessKey;
    return node;
  }

  /// A gateway whose parent is a broker; it is the edge device `name`.
  async behindBroker(broker, name = 'edge-1', {parent, mqtt, ...more} = {}) {
    return this.#add(name, {
      ...more,
      node: {device: name, ...more.node},
      parent: {
        protocol: 'mqtt',
        retry_unit: '100ms',
        retry_longest: '500ms',
        ...parent,
      },
      'parent.mqtt': {
        address: broker.address,
        port: broker.port,
        tls: false,
        ...mqtt,
      },
    });
  }

  async #add(name, {listeners, node, ...more}) {
    const anyPort = `${this.address}:0`;
    const folder = path.join(this.folder, name);
    const made = new Node(this, name, {
      node: {
        data: path.join(folder, 'data'),
        run: path.join(folder, 'run'),
        host: this.address,
        ...node,
      },
      listeners: {
        mqtts: anyPort,
        amqps: anyPort,
        https: anyPort,
        ...listeners,
      },
      tls: {
        certificate: path.join(this.certificates, 'server.pem'),
        key: path.join(this.certificates, 'server.key'),
        ca_file: this.caFile,
      },
      metrics: {listen: anyPort},
      ...more,
    });
    this.nodes.push(made);
    return made.start();
  }

  /// Ends every process and removes the folder; keeps it when asked to by
  /// TIDEGATE_KEEP=1 in the environment.
  async close() {
    for (const node of this.nodes.reverse())
      await node.stop();
    if (process.env.TIDEGATE_KEEP)
      console.error(`kept: ${this.folder}`);
    else
      fs.rmSync(this.folder, {recursive: true, force: true});
  }
}
