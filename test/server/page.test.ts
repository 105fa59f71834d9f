import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtPage, servePage } from '../../server/page.ts';
import { freshFolder } from '../support/process.ts';

const page = suite('page');

page('is built once and kept: the second look says nothing and takes no time', async () => {
  const said: string[] = [];
  const folder = await builtPage((line) => said.push(line));
  assert.ok(folder !== null && existsSync(join(folder, 'index.html')), said.join('\n'));
  const again: string[] = [];
  assert.is(await builtPage((line) => again.push(line)), folder);
  assert.equal(again, []);
});

page('serves its files, keeps those named by their content for ever, and nothing else', async () => {
  const { path, remove } = freshFolder();
  mkdirSync(join(path, 'assets'));
  writeFileSync(join(path, 'index.html'), '<title>Playhouse</title>');
  writeFileSync(join(path, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(path, '.built-from'), 'x');
  const app = express().use(...servePage(path));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = async (at: string) => {
    const response = await fetch(`${url}${at}`);
    return [response.status, response.headers.get('cache-control')];
  };
  assert.equal(await get('/'), [200, 'no-cache']);
  assert.equal(await get('/assets/index-abc123.js'), [200, 'public, max-age=31536000, immutable']);
  for (const at of ['/metrics', '/.built-from', '/assets', '/../package.json', '/%2e%2e/package.json'])
    assert.is((await get(at))[0], 404, at);
  server.close();
  server.closeAllConnections();
  remove();
});

page.run();
