// A node whose modules are containers of a real engine.

import fs from 'node:fs';
import path from 'node:path';

import {eventually} from '../site/site.mjs';

/// A module of a manifest. `options` are its create options; everything else
/// is as in a manifest.
export function module(image, options, {settings, ...more} = {}) {
  return {
    type: 'docker',
    status: 'running',
    restartPolicy: 'never',
    settings: {image, createOptions: JSON.stringify(options), ...settings},
    ...more,
  };
}

/// Runs a script of the shell in the image.
export const script = (image, text, more) =>
  module(image, {Cmd: ['sh', '-c', text]}, more);

export function manifest(modules, registryCredentials = {}) {
  return {
    schemaVersion: '1.1',
    runtime: {type: 'docker', settings: {registryCredentials}},
    systemModules: {},
    modules,
  };
}

/// Starts a hub of `site` that runs the modules in `engine`.
export async function dockerNode(site, engine, name, deployment, more = {}) {
  const file = path.join(site.folder, `${name}.json`);
  fs.writeFileSync(file, JSON.stringify(deployment));
  const {docker, modules, ...rest} = more;
  return site.hub(name, {
    ...rest,
    modules: {engine: 'docker', manifest: file, backoff_unit: '200ms',
      backoff_longest: '2s', stop_grace: '1s', ...modules},
    'modules.docker': {socket: engine.socket, network: 'host', ...docker},
  });
}

export const modules = (node) => JSON.parse(node.command('list', '--json'));

/// The module once `wanted` is true of it.
export function moduleWith(node, name, what, wanted, limit = 30_000) {
  return eventually(`${name} ${what}`, () => {
    const found = modules(node).find((one) => one.name === name);
    return found && wanted(found) && found;
  }, limit).catch((failed) => {
    throw new Error(`${failed.message}: ${JSON.stringify(modules(node))}\n`
      + node.log().slice(-3000));
  });
}

export const runs = (node, name) => moduleWith(node, name, 'runs',
  (one) => one.runtimeStatus === 'running');
