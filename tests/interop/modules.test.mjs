// What befalls modules that are processes, and what becomes of them.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

import {playStory, storyModules, storySettings} from '../site/module_story.mjs';
import {Site} from '../site/site.mjs';

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
