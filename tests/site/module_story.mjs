// Four modules, one for each restart policy, and what befalls them. The same
// for containers and for processes.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import {eventually} from './site.mjs';

const policies = ['never', 'on-failure', 'on-unhealthy', 'always'];

/// What happens to every module in turn, whom that restarts, and how the
/// others are then.
const events = [
  {name: 'crash', cause: /exit code 3/, left: 'failed',
    restarts: ['on-failure', 'on-unhealthy', 'always']},
  {name: 'hang', cause: /unhealthy/, left: 'unhealthy',
    restarts: ['on-unhealthy', 'always']},
  {name: 'ill', cause: /unhealthy/, left: 'unhealthy',
    restarts: ['on-unhealthy', 'always']},
  {name: 'end', cause: /finished/, left: 'stopped', restarts: ['always']},
];

/// Before the first restart; doubles.
const unit = 400;
/// What a busy machine may add.
const slack = 10_000;

/// For the configuration of the gateway.
export const storySettings = {
  twins: {report_period: '200ms'},
  // Processes share a folder with the test, which is closed to other users.
  modules: {backoff_unit: `${unit}ms`, backoff_longest: '60s',
    stop_grace: '1s', users: 0},
};

/// Shows a heart beat in the folder `$C`, until the file of an event is there.
const life = `rm -f $C/$N.ill
while :; do
  touch $C/$N.beat
  for what in crash hang end; do
    [ -e $C/$N.$what ] || continue
    rm $C/$N.$what
    case $what in
      crash) exit 3 ;;
      end) exit 0 ;;
      hang) while :; do sleep 1; done ;;
    esac
  done
  sleep 0.2
done`;
const check = '[ ! -e $C/$N.ill ] && '
  + '[ $(( $(date +%s) - $(stat -c %Y $C/$N.beat) )) -lt 3 ]';

/// The modules of the story for a manifest of engine `type`; they play in the
/// folder `control`. `options` are added to their create options.
export function storyModules(type, image, control, options = {}) {
  return Object.fromEntries(policies.map((policy) => [policy, {
    type,
    status: 'running',
    restartPolicy: policy,
    env: {C: {value: control}, N: {value: policy}},
    settings: {
      image,
      createOptions: JSON.stringify({
        Cmd: [...(type === 'docker' ? ['sh'] : []), '-c', life],
        Healthcheck: {Test: ['CMD-SHELL', check], Interval: 500e6,
          Timeout: 20e9, Retries: 2, StartPeriod: 1e9},
        StopTimeout: 1,
        ...options,
      }),
    },
  }]));
}

/// Deploys `manifest` from `hub` to the gateway `node` and plays it all there;
/// resolves with the table of what was seen. Each row is reported to the hub.
export async function playStory(hub, node, manifest, control) {
  const agent = `${node.name}/$edgeAgent`;
  hub.command('twin', 'patch', agent,
    JSON.stringify({properties: {desired: manifest}}));
  const reports = (policy, status) => eventually(`${policy} is reported`, () => {
    const {reported} = JSON.parse(hub.command('twin', 'get', agent)).properties;
    const one = reported.modules?.[policy];
    return one?.runtimeStatus === status
      && one.restartCount === restarted[policy];
  }, 60_000);
  const table = [];
  const restarted = Object.fromEntries(policies.map((one) => [one, 0]));
  const listed = () => JSON.parse(node.command('list', '--json'));
  const find = (name) => listed().find((one) => one.name === name);
  const once = (name, what, wanted) => eventually(`${name} ${what}`, () => {
    const found = find(name);
    return found && wanted(found) && found;
  }, 60_000).catch((failed) => {
    throw new Error(`${failed.message}: ${JSON.stringify(find(name))}\n`
      + node.log().slice(-3000));
  });
  /// What the node says of the ends of a module that it starts again.
  const ends = (name) => [...node.log().matchAll(
    /will be started again module=(\S+) cause=(".*?"|\S+) after_ms=(\d+)/g)]
    .filter(([, module]) => module === name)
    .map(([, , cause, wait]) => ({cause, wait: +wait}));
  const alive = (name) => once(name, 'runs', (one) =>
    one.runtimeStatus === 'running' && one.restartCount === restarted[name]);

  const suffer = async (policy, event) => {
    const before = await alive(policy);
    fs.writeFileSync(path.join(control, `${policy}.${event.name}`), '');
    if (!event.restarts.includes(policy)) {
      const left = await once(policy, `is ${event.left}`,
        (one) => one.runtimeStatus === event.left);
      assert.equal(left.restartCount, restarted[policy]);
      await reports(policy, event.left);
      return {event: event.name, policy, then: left.runtimeStatus};
    }
    const least = unit * 2 ** restarted[policy]++;
    const after = await alive(policy);
    await reports(policy, 'running');
    const {cause, wait} = ends(policy).at(-1);
    assert.match(cause, event.cause);
    assert.equal(wait, least);
    const delay = Date.parse(after.lastStartTimeUtc)
      - Date.parse(after.lastExitTimeUtc);
    assert.notEqual(after.lastStartTimeUtc, before.lastStartTimeUtc);
    // The engine's clock and the gateway's are read a moment apart.
    assert.ok(delay > least - 50, `${policy} came back after ${delay} ms`);
    assert.ok(delay < least + slack, `${policy} came back after ${delay} ms`);
    return {event: event.name, policy, then: 'restarted', after: delay};
  };

  /// An operator starts again what stays down, or ill.
  const revive = async (policy, event) => {
    const before = find(policy).lastStartTimeUtc;
    fs.rmSync(path.join(control, `${policy}.${event.name}`), {force: true});
    node.command('restart', policy);
    await once(policy, 'was restarted', (one) =>
      one.runtimeStatus === 'running' && one.lastStartTimeUtc !== before);
  };

  for (const event of events) {
    table.push(...await Promise.all(policies.map((one) => suffer(one, event))));
    await Promise.all(policies
      .filter((policy) => !event.restarts.includes(policy))
      .map((policy) => revive(policy, event)));
  }
  await Promise.all(policies.map(alive));
  return table;
}
