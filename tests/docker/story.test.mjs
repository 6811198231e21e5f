// What befalls modules that are containers, and what becomes of them.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

import {playStory, storyModules, storySettings} from '../site/module_story.mjs';
import {Site} from '../site/site.mjs';
import {busyboxFolder, Engine, whyNot} from './engine.mjs';
import {manifest} from './fixture.mjs';

const skip = whyNot();

test('four containers live by four policies', {skip: skip || false},
  async (t) => {
    const site = new Site();
    const engine = await new Engine().start();
    try {
      const folder = busyboxFolder();
      await engine.importImage(folder, 'story:1');
      fs.rmSync(folder, {recursive: true});
      const control = path.join(site.folder, 'control');
      fs.mkdirSync(control);
      const wanted = storyModules('docker', 'story:1', control,
        {HostConfig: {Binds: [`${control}:${control}`]}});
      for (const one of Object.values(wanted))
        one.imagePullPolicy = 'never';
      const hub = await site.hub();
      const node = await site.gateway(hub, 'edge-1', {
        ...storySettings,
        modules: {...storySettings.modules, engine: 'docker'},
        'modules.docker': {socket: engine.socket, network: 'host'},
      });
      const table = await playStory(hub, node, manifest(wanted), control);
      for (const row of table)
        t.diagnostic(JSON.stringify(row));
      assert.equal(table.length, 16);
      await node.stop();
    } finally {
      await site.close();
      await engine.close();
    }
  });
