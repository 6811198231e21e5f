// Modules as containers of a real dockerd, from a real registry.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';

import {ownAddress, standardPorts} from '../site/ports.mjs';
import {Events, eventually, Site, tidegate} from '../site/site.mjs';
import {busyboxFolder, Engine, whyNot} from './engine.mjs';
import {dockerNode, manifest, module, moduleWith, runs, script}
  from './fixture.mjs';
import {freePort, Registry} from './registry.mjs';

const skip = whyNot();
const here = path.dirname(fileURLToPath(import.meta.url));

/// The body of an answer at a unix socket.
const getUnix = (socketPath, target) => new Promise((resolve, reject) =>
  http.get({socketPath, path: target}, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => resolve(Buffer.concat(parts).toString()));
  }).on('error', reject));

/// The status of a POST to a unix socket.
const postUnix = (socketPath, target) => new Promise((resolve, reject) =>
  http.request({socketPath, path: target, method: 'POST',
    headers: {'Content-Type': 'application/json'}},
  (answer) => resolve(answer.resume().statusCode))
    .on('error', reject)
    .end('{"keyId":"primary","algo":"HMACSHA256","data":"YQ=="}'));

describe('modules as containers', {skip: skip || false}, () => {
  let engine, open, locked, image, digest, id;
  let site;

  before(async () => {
    site = new Site();
    engine = await new Engine().start();
    open = await new Registry().start();
    locked = await new Registry({user: 'edge', password: 's3cret'}).start();
    const folder = busyboxFolder();
    image = `${open.address}/tide/box:1`;
    id = await engine.importImage(folder, image);
    fs.rmSync(folder, {recursive: true});
    digest = await engine.push(image);
    await engine.tag(image, `${locked.address}/box:1`);
    await engine.push(`${locked.address}/box:1`, locked.credential);
    await engine.forgetImage(image);
    await engine.forgetImage(`${locked.address}/box:1`);
  });

  after(async () => {
    await site?.close();
    for (const one of [engine, open, locked])
      await one?.close();
  });

  /// Starts a node, passes it on, and removes it and its containers.
  async function withNode(name, deployment, use, more) {
    const node = await dockerNode(site, engine, name, deployment, more);
    try {
      await use(node);
    } finally {
      await node.stop();
      for (const one of await engine.containers())
        await engine.call('DELETE', `/containers/${one.Id}?force=true`);
    }
  }

  test('are fetched with and without credentials', async () => {
    const lockedImage = `${locked.address}/box:1`;
    const wanted = {
      free: script(image, 'sleep 100'),
      paid: script(lockedImage, 'sleep 100'),
      exact: script(image, 'sleep 100', {settings: {digest}}),
    };
    const plant = {address: locked.address, ...locked.credential};
    await withNode('fetching', manifest(wanted, {plant}), async (node) => {
      for (const name of Object.keys(wanted))
        await runs(node, name);
      const made = await engine.inspect('free');
      assert.equal(made.Image, id);
      assert.equal(made.Config.Labels['net.azure-devices.edge.owner'],
        'Microsoft.Azure.Devices.Edge.Agent');
      assert.equal(made.HostConfig.NetworkMode, 'host');
    });
    await engine.forgetImage(lockedImage);
  });

  test('say why they cannot be fetched or made', async () => {
    const wanted = {
      stranger: script(`${locked.address}/box:1`, 'sleep 100'),
      missing: script(`${open.address}/tide/nothing:1`, 'sleep 100'),
      other: script(image, 'sleep 100',
        {settings: {digest: `sha256:${'0'.repeat(64)}`}}),
      absent: script('local/absent:1', 'sleep 1', {imagePullPolicy: 'never'}),
      unmade: module(image, {Cmd: ['sleep', '1'], HostConfig: {Memory: 1}}),
      good: script(image, 'sleep 100'),
    };
    await withNode('refusing', manifest(wanted), async (node) => {
      await runs(node, 'good');
      const says = (name, text) => moduleWith(node, name, `says ${text}`,
        (one) => one.description.includes(text));
      await says('stranger', 'no basic auth credentials');
      await says('missing', 'manifest unknown');
      await says('other', 'is not sha256:000');
      await says('absent', 'its pull policy is never');
      await says('unmade', 'Minimum memory limit');
      const made = (await engine.containers()).map((one) => one.Names[0]);
      assert.deepEqual(made, ['/good']);
      const {lastDesiredStatus} = await eventually('a report', () => {
        const {reported} = JSON.parse(node.command('twin', 'get',
          'tidehub.test/$edgeAgent')).properties;
        return reported.lastDesiredStatus?.code === 500 && reported;
      });
      for (const name of ['stranger', 'missing', 'other', 'absent', 'unmade'])
        assert.match(lastDesiredStatus.description, new RegExp(name));
    });
  });

  test('tell how they ended', async () => {
    const eater = 'x=$(dd if=/dev/zero bs=1M count=300 | tr "\\0" x); echo $x';
    const wanted = {
      fine: script(image, 'sleep 0.2'),
      failing: script(image, 'sleep 0.2; exit 3'),
      killed: script(image, 'sleep 1000'),
      hungry: module(image, {
        Cmd: ['sh', '-c', `sleep 0.2; exec sh -c '${eater}'`],
        HostConfig: {Memory: 16 << 20, MemorySwap: 16 << 20},
      }),
      broken: module(image, {Cmd: ['/bin/nothing']}),
    };
    await withNode('ending', manifest(wanted), async (node) => {
      const ends = (name, cause) => moduleWith(node, name, `ends ${cause}`,
        (one) => ['stopped', 'failed'].includes(one.runtimeStatus)
          && one.description.includes(cause));
      await ends('fine', 'finished');
      assert.equal((await ends('failing', 'exit code 3')).exitCode, 3);
      await runs(node, 'killed');
      process.kill((await engine.inspect('killed')).State.Pid, 'SIGKILL');
      await ends('killed', 'killed by signal 9');
      await ends('hungry', 'out of memory');
      await ends('broken', 'could not be started');
    });
  });

  test('are restarted when their health check fails', async () => {
    const wanted = {
      patient: module(image, {
        Cmd: ['sh', '-c', 'touch /tmp/well; sleep 100'],
        Healthcheck: {Test: ['CMD', 'test', '-e', '/tmp/well'],
          Interval: 300e6, Timeout: 5e9, Retries: 2},
        StopSignal: 'SIGKILL',
      }, {restartPolicy: 'on-unhealthy'}),
    };
    await withNode('health', manifest(wanted), async (node) => {
      await runs(node, 'patient');
      const first = (await engine.inspect('patient')).State.StartedAt;
      const exec = await engine.call('POST', '/containers/patient/exec',
        JSON.stringify({Cmd: ['rm', '/tmp/well']}),
        {'Content-Type': 'application/json'});
      await engine.call('POST', `/exec/${exec.json.Id}/start`,
        '{"Detach":true}', {'Content-Type': 'application/json'});
      await moduleWith(node, 'patient', 'is started again',
        (one) => one.restartCount === 1 && one.runtimeStatus === 'running');
      assert.notEqual((await engine.inspect('patient')).State.StartedAt, first);
      assert.match(node.log(), /cause="?unhealthy/);
    });
  });

  test('keep their logs with the engine', async () => {
    const wanted = {
      writer: script(image,
        'echo one; echo two >&2; echo three; sleep 1; echo four; sleep 100'),
    };
    await withNode('logs', manifest(wanted), async (node) => {
      await runs(node, 'writer');
      const lines = (...words) =>
        node.command('logs', 'writer', ...words).split('\n');
      await eventually('four lines', () => lines().length === 4);
      assert.deepEqual(lines().map((line) => line.split(' ').at(-1)).sort(),
        ['four', 'one', 'three', 'two']);
      assert.match(lines('--tail', '1')[0], /four$/);
    });
  });

  test('show what they write while they write it, and since when', async () => {
    const wanted = {
      talker: script(image, 'n=0; while :; do n=$((n+1)); echo line $n; '
        + 'sleep 0.05; done'),
    };
    await withNode('talking', manifest(wanted), async (node) => {
      await runs(node, 'talker');
      const follower = spawn(tidegate,
        ['logs', 'talker', '-f', '--config', node.config]);
      let seen = '';
      follower.stdout.on('data', (part) => { seen += part; });
      await eventually('a later line', () => /line 30\n/.test(seen));
      follower.kill();
      assert.match(seen, /line 1\n/);
      const log = (since) => getUnix(path.join(node.run, 'iotedge.sock'),
        `/modules/talker/logs?api-version=2022-08-03&since=${since}`);
      assert.match(await log('1h'), /line 1\n/);
      const late = await log('1s');
      assert.match(late, /line \d+\n/);
      assert.doesNotMatch(late, /line 1\n/);
    });
  });

  test('are killed when they do not end in time', async () => {
    const wanted = {deaf: script(image, 'trap "" TERM; while :; do sleep 1; done')};
    await withNode('deaf', manifest(wanted), async (node) => {
      await runs(node, 'deaf');
      const from = Date.now();
      await node.stop();
      assert.ok(Date.now() - from < 8_000);
      const {State} = await engine.inspect('deaf');
      assert.equal(State.Running, false);
      assert.equal(State.ExitCode, 137);
    });
  });

  test('outlive a gateway that is killed', async () => {
    const wanted = {
      staying: script(image, 'sleep 1000'),
      ending: script(image, 'while [ ! -e /tmp/end ]; do sleep 0.1; done; exit 5'),
    };
    await withNode('killed', manifest(wanted), async (node) => {
      await runs(node, 'staying');
      await runs(node, 'ending');
      const before = await engine.inspect('staying');
      await node.stop('SIGKILL');
      const {Id} = await engine.inspect('ending');
      await engine.call('POST', `/containers/${Id}/stop?t=0`);
      await node.start();
      await runs(node, 'staying');
      const later = await engine.inspect('staying');
      assert.equal(later.Id, before.Id);
      assert.equal(later.State.Pid, before.State.Pid);
      await moduleWith(node, 'ending', 'is known to have ended',
        (one) => one.runtimeStatus === 'failed');
    });
  });

  test('run again when somebody removes them', async () => {
    const wanted = {lost: script(image, 'sleep 1000')};
    await withNode('lost', manifest(wanted), async (node) => {
      await runs(node, 'lost');
      const {Id} = await engine.inspect('lost');
      await engine.call('DELETE', `/containers/${Id}?force=true`);
      await eventually('another container', async () =>
        (await engine.call('GET', '/containers/lost/json')).status === 200
          && (await engine.inspect('lost')).Id !== Id);
      await runs(node, 'lost');
    });
  });

  test('are restarted while their registry is away', async () => {
    const wanted = {
      crashing: script(image, 'sleep 0.3; exit 1',
        {restartPolicy: 'on-failure'}),
    };
    await withNode('away', manifest(wanted), async (node) => {
      await runs(node, 'crashing');
      await open.stop();
      try {
        await moduleWith(node, 'crashing', 'is restarted twice',
          (one) => one.restartCount >= 2);
      } finally {
        await open.start();
      }
    });
  });

  test('run again when their engine was restarted', async () => {
    const wanted = {
      steady: script(image, 'sleep 1000', {restartPolicy: 'always'}),
    };
    for (const signal of ['SIGTERM', 'SIGKILL'])
      await withNode(`engine-${signal}`, manifest(wanted), async (node) => {
        await runs(node, 'steady');
        const {State} = await engine.inspect('steady');
        await engine.stop(signal);
        await engine.start();
        await eventually('another life', async () => {
          const now = (await engine.inspect('steady')).State;
          return now.Running && now.StartedAt !== State.StartedAt;
        }, 60_000);
        await runs(node, 'steady');
      });
  });

  test('share a network, and find their gateway in it', async () => {
    const port = await freePort();
    const wanted = {
      visitor: script(image, `wget -qO- http://gw.test:${port}/metrics | head -3;
        sleep 100`),
    };
    await withNode('network', manifest(wanted), async (node) => {
      await runs(node, 'visitor');
      const {NetworkSettings} = await engine.inspect('visitor');
      assert.deepEqual(Object.keys(NetworkSettings.Networks), ['edge-net']);
      await eventually('metrics', () =>
        /# HELP/.test(node.command('logs', 'visitor')));
    }, {
      node: {host: 'gw.test'},
      metrics: {listen: `*:${port}`},
      docker: {network: 'edge-net'},
    });
    await engine.forgetNetworks();
  });

  test('do not get what is not theirs without privileges', async () => {
    const wanted = {
      tamed: module(image, {
        Cmd: ['sleep', '100'],
        hostConfig: {Privileged: true, CapAdd: ['SYS_ADMIN']},
      }),
    };
    await withNode('tamed', manifest(wanted), async (node) => {
      await runs(node, 'tamed');
      const {HostConfig} = await engine.inspect('tamed');
      assert.equal(HostConfig.Privileged, false);
      assert.equal(HostConfig.CapAdd, null);
      assert.deepEqual(HostConfig.CapDrop, ['CHOWN', 'SETUID']);
    }, {docker: {elevated: false}});
  });

  test('are replaced by another version once that is there', async () => {
    const file = (node) => path.join(site.folder, `${node.name}.json`);
    const version = (which, from = image) => manifest({
      changing: script(from, `echo ${which}; sleep 1000`, {version: which}),
    });
    await withNode('changing', version('1'), async (node) => {
      await runs(node, 'changing');
      const {Id} = await engine.inspect('changing');
      const next = async (deployment) => {
        await node.stop('SIGKILL');
        fs.writeFileSync(file(node), JSON.stringify(deployment));
        await node.start();
      };
      await next(version('2', `${open.address}/tide/nothing:2`));
      await eventually('a complaint', () => /manifest unknown/.test(node.log()));
      assert.equal((await engine.inspect('changing')).Id, Id);
      assert.equal((await engine.inspect('changing')).State.Running, true);
      await next(version('3'));
      await eventually('another container', async () => {
        const found = await engine.inspect('changing');
        return found.Id !== Id && found.State?.Running;
      });
      await runs(node, 'changing');
      assert.match(node.command('logs', 'changing'), /3$/);
    });
  });

  test('are as wanted whenever a gateway was killed that brought them',
    async () => {
      const names = ['one', 'two', 'three'];
      const deployment = (version) => manifest(Object.fromEntries(names.map(
        (name, startupOrder) => [name, script(image, 'exec sleep 1000',
          {version, startupOrder, restartPolicy: 'always'})])));
      await withNode('converging', deployment('0'), async (node) => {
        for (let round = 1; round <= 8; ++round) {
          await node.stop('SIGKILL');
          fs.writeFileSync(path.join(site.folder, 'converging.json'),
            JSON.stringify(deployment(`${round}`)));
          await node.start();
          await new Promise((resolve) => setTimeout(resolve, round * 150));
        }
        for (const name of names)
          await moduleWith(node, name, 'is the last version', (one) =>
            one.version === '8' && one.runtimeStatus === 'running');
        const there = await engine.containers();
        assert.deepEqual(there.map((one) => one.Names[0].slice(1)).sort(),
          [...names].sort());
        assert.ok(there.every((one) => one.State === 'running'));
      });
    });

  test('are served by their gateway, also after it was killed', async () => {
    const programs = ['/usr', '/lib', '/lib64', `${here}/../interop/node_modules`,
      `${here}/../site/sdk_module.cjs`].map((one) => `${one}:${path.resolve(one)}:ro`);
    const wanted = {
      speaker: module(image, {
        Cmd: ['/usr/bin/node', path.resolve(here, '../site/sdk_module.cjs')],
        HostConfig: {Binds: programs},
      }, {env: {NODE_PATH: {value: path.resolve(here,
        '../interop/node_modules')}}}),
    };
    const own = ownAddress();
    const home = new Site(own);
    const node = await dockerNode(home, engine, 'served', manifest(wanted), {
      node: {host: own},
      listeners: standardPorts(own),
      routes: {all: 'FROM /messages/* INTO $upstream'},
    });
    const events = new Events(node);
    try {
      await events.find('one', (one) => one.body === 'from the SDK 1')
        .catch((failed) => {
          throw new Error(`${failed.message}: ${node.command('logs', 'speaker')}`);
        });
      assert.equal((await engine.inspect('speaker')).Config.Env
        .find((one) => one.startsWith('IOTEDGE_WORKLOADURI=')),
      'IOTEDGE_WORKLOADURI=unix:///var/run/iotedge/workload.sock');
      const refused = await postUnix(
        path.join(node.run, 'workload/speaker/workload.sock'),
        '/modules/speaker/genid/x/sign?api-version=2022-08-03');
      assert.equal(refused, 403);
      await node.stop('SIGKILL');
      events.stop();
      await eventually('the module is alone', async () =>
        (await engine.log('speaker')).includes('alone'));
      await node.start();
      await eventually('the socket is there again', () =>
        /trusts 1[\s\S]*alone[\s\S]*trusts/.test(node.command('logs', 'speaker')),
      60_000);
    } finally {
      events.stop();
      await home.close();
      for (const one of await engine.containers())
        await engine.call('DELETE', `/containers/${one.Id}?force=true`);
    }
  });
});

describe('an engine whose disk is small', {skip: skip || false}, () => {
  test('says so when an image does not fit', async () => {
    const site = new Site();
    const maker = await new Engine().start();
    const small = await new Engine({size: '24m'}).start();
    const registry = await new Registry().start();
    try {
      const folder = busyboxFolder();
      fs.writeFileSync(path.join(folder, 'ballast'),
        Buffer.alloc(40 << 20, 'x'));
      const image = `${registry.address}/large:1`;
      await maker.importImage(folder, image);
      fs.rmSync(folder, {recursive: true});
      await maker.push(image);
      const wanted = {large: script(image, 'sleep 100')};
      const node = await dockerNode(site, small, 'small', manifest(wanted));
      await moduleWith(node, 'large', 'does not fit',
        (one) => one.description.includes('no space left on device'));
    } finally {
      await site.close();
      for (const one of [maker, small, registry])
        await one.close();
    }
  });
});
