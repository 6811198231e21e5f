// What befalls modules that are processes, and what becomes of them.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';

import {playStory, storyModules, storySettings} from '../site/module_story.mjs';
import {mayListen, ownAddress, standardPorts} from '../site/ports.mjs';
import {Events, Site} from '../site/site.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

test('four processes live by four policies', async (t) => {
  const site = new Site();
  try {
    const control = path.join(site.folder, 'control');
    fs.mkdirSync(control);
    const hub = await site.hub();
    const node = await site.gateway(hub, 'edge-1', storySettings);
    const table = await playStory(hub, node, {
      schemaVersion: '1.1',
      runtime: {type: 'process'},
      systemModules: {},
      modules: storyModules('process', '/bin/sh', control),
    }, control);
    for (const row of table)
      t.diagnostic(JSON.stringify(row));
    assert.equal(table.length, 16);
  } finally {
    await site.close();
  }
});

test('a process is a module of the unmodified Azure SDK',
  {skip: !mayListen && 'needs port 443'},
  async () => {
    const own = ownAddress();
    const site = new Site(own);
    const manifest = path.join(site.folder, 'manifest.json');
    fs.writeFileSync(manifest, JSON.stringify({
      schemaVersion: '1.1',
      runtime: {type: 'process'},
      systemModules: {},
      modules: {
        speaker: {
          type: 'process',
          status: 'running',
          env: {NODE_PATH: {value: path.join(here, 'node_modules')}},
          settings: {
            image: process.execPath,
            createOptions: JSON.stringify(
              {Cmd: [path.join(here, '../site/sdk_module.cjs')]}),
          },
        },
      },
    }));
    const node = await site.hub('hub', {
      node: {host: own},
      listeners: standardPorts(own),
      modules: {...storySettings.modules, manifest},
      routes: {all: 'FROM /messages/* INTO $upstream'},
    });
    const events = new Events(node);
    try {
      await events.find('one', (one) => one.body === 'from the SDK 1')
        .catch((failed) => {
          throw new Error(`${failed.message}: ${node.command('logs', 'speaker')}`);
        });
    } finally {
      events.stop();
      await site.close();
    }
  });
