// The server as an operator meets it: started, asked, stopped and killed as a process.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@colyseus/sdk';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command, freePort, freshFolder, isReady, run, startMain } from '../support/process.ts';
import { startPostgres } from '../support/postgres.ts';

const EMAIL = 'somebody.private@example.com';
const PASSWORD = 'correct horse battery';
const ROOT = { ROOT_ADMIN_EMAIL: 'root.private@example.com', ROOT_ADMIN_PASSWORD: 'the root of it all' };

interface SignedIn {
  player: { id: string };
  accessToken: string;
  refreshToken: string;
}

async function post(url: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const start = suite('start');
const folder = freshFolder();
const settings = { DATA_DIR: folder.path, ...ROOT };

start('settings that cannot be used end the start with every mistake named, and exit 1', async () => {
  const bad = run(['server/main.ts'], { NODE_ENV: 'production', PORT: 'http', REAL_MONEY: 'on' });
  assert.is(await bad.ended, 1);
  for (const name of ['PORT', 'REAL_MONEY', 'JWT_SECRET', 'SECRETS_KEY']) assert.match(bad.output(), new RegExp(`- ${name}`));
  assert.not.match(bad.output(), /\n\s+at /);
});

start('an empty folder becomes a running house, with its secrets kept, and SIGTERM ends it with 0', async () => {
  const server = await startMain(settings);
  assert.match(server.output(), /Playhouse is ready at http:\/\/localhost:\d+ \(\d+\.\d s\)\./);
  const kept = readdirSync(folder.path);
  for (const name of ['jwt-secret', 'secrets-key', 'lock.sqlite', 'control.sock', 'postgres'])
    assert.ok(kept.includes(name), `${name} in ${kept.join(' ')}`);
  assert.is(await server.stop(), 0, server.output());
  assert.is(await isReady(server.url), false);
});

start('a second start on the folder fails in words that name it; the first goes on', async () => {
  const first = await startMain(settings);
  const second = run(['server/main.ts'], { ...settings, PORT: String(await freePort()) });
  assert.is(await second.ended, 1);
  assert.match(second.output(), /is in use by another Playhouse process/);
  assert.ok(second.output().includes(folder.path));
  assert.ok(await isReady(first.url));
  assert.is(await first.stop(), 0);
});

start('a taken port is said in words, and the folder is free again', async () => {
  const first = await startMain(settings);
  const other = freshFolder();
  const second = run(['server/main.ts'], { DATA_DIR: other.path, HOST: '127.0.0.1', PORT: new URL(first.url).port });
  assert.is(await second.ended, 1);
  assert.match(second.output(), /The port is taken/);
  assert.is(await first.stop(), 0);
  other.remove();
});

start('players survive kill -9, and no line of the log holds a secret or a person', async () => {
  const first = await startMain({ ...settings, LOG_LEVEL: 'debug' });
  const registered = await post(`${first.url}/api/auth/register`, {
    email: EMAIL,
    password: PASSWORD,
    displayName: 'Somebody Private',
  });
  assert.is(registered.status, 201, JSON.stringify(registered.body));
  const { accessToken, refreshToken } = registered.body as unknown as SignedIn;
  await post(`${first.url}/api/auth/login`, { email: EMAIL, password: 'wrong horse battery' });
  await fetch(`${first.url}/ops/login`, {
    method: 'POST',
    body: new URLSearchParams({ email: ROOT.ROOT_ADMIN_EMAIL, password: ROOT.ROOT_ADMIN_PASSWORD }),
    redirect: 'manual',
  });
  const client = new Client(first.url);
  client.auth.token = accessToken;
  const room = await client.joinOrCreate('spin', { currency: 'COINS' });
  room.onMessage('*', () => undefined);
  await room.request('spin', { stake: { currency: 'COINS', amount: '20' } });
  const refused = new Client(first.url);
  refused.auth.token = `${accessToken}x`;
  await refused.joinOrCreate('spin', { currency: 'COINS' }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 700)); // lines are written every half second
  room.reconnection.enabled = false;
  assert.is(await first.stop('SIGKILL'), 'SIGKILL');

  const second = await startMain(settings);
  const back = await post(`${second.url}/api/auth/login`, { email: EMAIL, password: PASSWORD });
  assert.is(back.status, 200, JSON.stringify(back.body));
  assert.is(await second.stop(), 0);

  const secrets = [EMAIL, PASSWORD, 'Somebody Private', accessToken, refreshToken, ...Object.values(ROOT), 'wrong horse'];
  const lines = (first.output() + second.output()).split('\n');
  for (const secret of secrets)
    assert.equal(
      lines.filter((line) => line.includes(secret)),
      [],
    );
  assert.equal(
    lines.filter((line) => /[0-9a-f]{64}|eyJ|\$2b\$/.test(line)),
    [],
  );
  const json = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  const ofRequests = json.filter(({ event }) => event === 'request');
  assert.ok(ofRequests.length >= 4);
  for (const line of ofRequests) assert.match(String(line.requestId), /^[0-9a-f-]{36}$/);
});

start('commands are answered by the running server, and do their work themselves when none runs', async () => {
  const server = await startMain(settings);
  const running = await command(['ledger', 'verify'], settings);
  assert.is(running.code, 0, running.said);
  assert.match(running.said, /Every balance is the sum of its entries: \d+ accounts, \d+ transfers\.$/);
  assert.match((await command(['migrate', 'status'], settings)).said, /\d+ ran, 0 pending\.$/);
  const down = await command(['migrate', 'down'], settings);
  assert.is(down.code, 1);
  assert.match(down.said, /Stop it before/);
  assert.match((await command(['admin', 'grant', EMAIL], settings)).said, /is an operator now\.$/);
  assert.is((await command(['admin', 'grant', 'nobody@example.com'], settings)).code, 1);
  assert.is(await server.stop(), 0);

  const alone = await command(['ledger', 'verify'], settings);
  assert.is(alone.code, 0, alone.said);
  assert.match(alone.said, /Every balance is the sum/);
});

start('every command shows its help, and a wrong call exits 2', async () => {
  for (const name of ['migrate', 'ledger', 'fairness', 'admin']) {
    const help = await command([name, '--help'], settings);
    assert.is(help.code, 0);
    assert.match(help.said, new RegExp(`npm run ${name} -- `));
    assert.is((await command([name, 'nonsense'], settings)).code, 2);
  }
});

start('a round is checked by its id: seed, commitment and the same end played again', async () => {
  const server = await startMain(settings);
  const { body } = await post(`${server.url}/api/auth/guest`, {});
  const { accessToken } = body as unknown as SignedIn;
  const authorization = { authorization: `Bearer ${accessToken}` };
  const key = () => ({ ...authorization, 'idempotency-key': crypto.randomUUID() });
  const played = await post(`${server.url}/api/games/spin-and-win/play`, { stake: { currency: 'COINS', amount: '20' } }, key());
  assert.is(played.status, 200, JSON.stringify(played.body));
  const roundId = String(played.body.roundId);
  const early = await command(['fairness', 'verify', roundId], settings);
  assert.is(early.code, 1);
  assert.match(early.said, /not shown yet/);
  const rotated = await post(`${server.url}/api/fairness/rotate`, {}, key());
  assert.is(rotated.status, 200, JSON.stringify(rotated.body));
  const shown = await command(['fairness', 'verify', roundId], settings);
  assert.is(shown.code, 0, shown.said);
  assert.match(shown.said, /comes to the same end\.$/);
  assert.is((await command(['fairness', 'verify', crypto.randomUUID()], settings)).code, 1);
  assert.is(await server.stop(), 0);
});

start('two processes on one PostgreSQL: each migrates or waits, each serves, commands connect to it', async () => {
  const postgres = await startPostgres();
  try {
    const DATABASE_URL = await postgres.database();
    const [one, two] = [freshFolder(), freshFolder()];
    const onPostgres = { ...ROOT, DATABASE_URL, DATA_DIR: one.path };
    const wrong = run(['server/main.ts'], {
      ...onPostgres,
      DATABASE_URL: `postgresql://127.0.0.1:${await freePort()}/playhouse`,
    });
    assert.is(await wrong.ended, 1);
    assert.match(wrong.output(), /^DATABASE_URL cannot be used: connect ECONNREFUSED/m);
    const servers = await Promise.all([startMain(onPostgres), startMain({ ...onPostgres, DATA_DIR: two.path })]);
    const health = (await (await fetch(`${servers[0].url}/health/ready`)).json()) as { database: string };
    assert.is(health.database, 'server');
    const verified = await command(['ledger', 'verify'], onPostgres);
    assert.is(verified.code, 0, verified.said);
    assert.equal(await Promise.all(servers.map((server) => server.stop())), [0, 0]);
    one.remove();
    two.remove();
  } finally {
    await postgres.stop();
  }
});

start('the folder can be removed when all is over', () => {
  assert.not.ok(readdirSync(join(folder.path)).includes('control.sock'), 'the socket is gone with the server');
  folder.remove();
});

start.run();
