// PM2 really starts the ecosystem file: on a home, a folder and a port of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort, freshFolder, isReady } from '../support/process.ts';
import { until } from '../support/server.ts';

const [home, data, port] = [freshFolder(), freshFolder(), await freePort()];
const url = `http://127.0.0.1:${port}`;
const { PATH, HOME } = process.env;
const env = { PATH, HOME, PM2_HOME: home.path, NODE_ENV: 'test', HOST: '127.0.0.1', PORT: String(port), DATA_DIR: data.path };

async function pm2(...words: string[]): Promise<{ code: unknown; said: string }> {
  const child = spawn(process.execPath, ['node_modules/pm2/bin/pm2', ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part));
  const [code] = (await once(child, 'exit')) as unknown[];
  return { code, said: Buffer.concat(parts).toString() };
}

interface Listed {
  name: string;
  pid: number;
  pm2_env: { status: string; restart_time: number; exec_mode: string };
}

const listed = async (): Promise<Listed[]> => {
  const { said } = await pm2('jlist');
  return JSON.parse(said.slice(said.indexOf('[{'))) as Listed[];
};

const managed = suite('pm2');

managed('starts the house as one process, ready when it says so', async () => {
  const started = await pm2('start', 'ecosystem.config.js');
  assert.is(started.code, 0, started.said);
  assert.ok(await isReady(url), started.said);
  const [app, ...more] = await listed();
  assert.is(more.length, 0);
  assert.equal([app!.name, app!.pm2_env.status, app!.pm2_env.exec_mode], ['playhouse', 'online', 'fork_mode']);
});

managed('brings it back when it dies, on the same folder', async () => {
  const [{ pid }] = (await listed()) as [Listed];
  process.kill(pid, 'SIGKILL');
  await until('another process to be ready', async () => !(await isReady(url)) || (await listed())[0]!.pid !== pid, 20_000);
  await until('the house to be back', () => isReady(url), 40_000);
  const [app] = await listed();
  assert.is(app!.pm2_env.restart_time, 1);
});

managed('stops it cleanly', async () => {
  const stopped = await pm2('stop', 'playhouse');
  assert.is(stopped.code, 0, stopped.said);
  assert.is(await isReady(url), false);
});

managed('is gone', async () => {
  await pm2('kill');
  home.remove();
  data.remove();
});

managed.run();
