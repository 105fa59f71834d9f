// The server as an operator meets it: started, asked, stopped and killed as a process.
import { readdirSync } from 'node:fs';
import { Client } from '@colyseus/sdk';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command, freePort, freshFolder, isReady, run, startMain } from '../support/process.ts';
import { startPostgres } from '../support/postgres.ts';

const EMAIL = 'somebody.private@example.com';
const PASSWORD = 'correct horse battery';
const WRONG = 'wrong horse battery';
const NAME = 'Somebody Private';
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

const secrets = [EMAIL, PASSWORD, WRONG, NAME, ...Object.values(ROOT)];
const written: string[] = [];

const start = suite('start');
const folder = freshFolder();
const settings = { DATA_DIR: folder.path, ...ROOT };
const house = await startMain({ ...settings, LOG_LEVEL: 'debug' });

start('settings that cannot be used end the start with every mistake named, and exit 1', async () => {
  const bad = run(['server/main.ts'], { NODE_ENV: 'production', PORT: 'http', REAL_MONEY: 'on' });
  assert.is(await bad.ended, 1);
  for (const name of ['PORT', 'REAL_MONEY', 'JWT_SECRET', 'SECRETS_KEY']) assert.match(bad.output(), new RegExp(`- ${name}`));
  assert.not.match(bad.output(), /\n\s+at /);
});

start('an empty folder has become a running house, with its secrets kept', () => {
  assert.match(house.output(), /Playhouse is ready at http:\/\/localhost:\d+ \(\d+\.\d s\)\./);
  const kept = readdirSync(folder.path);
  for (const name of ['jwt-secret', 'secrets-key', 'lock.sqlite', 'control.sock', 'postgres'])
    assert.ok(kept.includes(name), `${name} in ${kept.join(' ')}`);
});

start('a second start on the folder fails in words that name it; the first goes on', async () => {
  const second = run(['server/main.ts'], { ...settings, PORT: String(await freePort()) });
  assert.is(await second.ended, 1);
  assert.match(second.output(), /is in use by another Playhouse process/);
  assert.ok(second.output().includes(folder.path));
  assert.ok(await isReady(house.url));
});

start('a taken port is said in words', async () => {
  const other = freshFolder();
  const second = run(['server/main.ts'], { DATA_DIR: other.path, HOST: '127.0.0.1', PORT: new URL(house.url).port });
  assert.is(await second.ended, 1);
  assert.match(second.output(), /The port is taken/);
  other.remove();
});

start('commands are answered by the running server', async () => {
  const verified = await command(['ledger', 'verify'], settings);
  assert.is(verified.code, 0, verified.said);
  assert.match(verified.said, /The ledger holds\. \d+ accounts, \d+ transfers, .*not sealed yet\.$/);
  assert.match((await command(['migrate', 'status'], settings)).said, /\d+ ran, 0 pending\.$/);
  const down = await command(['migrate', 'down'], settings);
  assert.is(down.code, 1);
  assert.match(down.said, /Stop it before/);
  assert.is((await command(['admin', 'grant', 'nobody@example.com'], settings)).code, 1);
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
  const { body } = await post(`${house.url}/api/auth/guest`, {});
  const { accessToken } = body as unknown as SignedIn;
  const key = () => ({ authorization: `Bearer ${accessToken}`, 'idempotency-key': crypto.randomUUID() });
  const stake = { currency: 'COINS', amount: '20' };
  const played = await post(`${house.url}/api/games/spin-and-win/play`, { stake }, key());
  assert.is(played.status, 200, JSON.stringify(played.body));
  const roundId = String(played.body.roundId);
  const early = await command(['fairness', 'verify', roundId], settings);
  assert.is(early.code, 1);
  assert.match(early.said, /not shown yet/);
  const rotated = await post(`${house.url}/api/fairness/rotate`, {}, key());
  assert.is(rotated.status, 200, JSON.stringify(rotated.body));
  const shown = await command(['fairness', 'verify', roundId], settings);
  assert.is(shown.code, 0, shown.said);
  assert.match(shown.said, /comes to the same end\.$/);
  assert.is((await command(['fairness', 'verify', crypto.randomUUID()], settings)).code, 1);
});

start('players survive kill -9, and SIGTERM ends with 0', async () => {
  const registered = await post(`${house.url}/api/auth/register`, { email: EMAIL, password: PASSWORD, displayName: NAME });
  assert.is(registered.status, 201, JSON.stringify(registered.body));
  const { accessToken, refreshToken } = registered.body as unknown as SignedIn;
  secrets.push(accessToken, refreshToken);
  await doThingsWorthHiding(accessToken);
  assert.is(await house.stop('SIGKILL'), 'SIGKILL');

  const again = await startMain(settings);
  const back = await post(`${again.url}/api/auth/login`, { email: EMAIL, password: PASSWORD });
  assert.is(back.status, 200, JSON.stringify(back.body));
  assert.match((await command(['admin', 'grant', EMAIL], settings)).said, /is an operator now\.$/);
  assert.is(await again.stop(), 0, again.output());
  assert.is(await isReady(again.url), false);
  written.push(...house.output().split('\n'), ...again.output().split('\n'));
});

start('no line of the log holds a secret or a person, and each of a request has its id', () => {
  for (const secret of secrets)
    assert.equal(
      written.filter((line) => line.includes(secret)),
      [],
    );
  assert.equal(
    written.filter((line) => /[0-9a-f]{64}|eyJ|\$2b\$/.test(line)),
    [],
  );
  const lines = written.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  const ofRequests = lines.filter(({ event }) => event === 'request');
  assert.ok(ofRequests.length >= 4);
  for (const line of ofRequests) assert.match(String(line.requestId), /^[0-9a-f-]{36}$/);
});

start('when no server runs, a command takes the folder and does its work itself', async () => {
  assert.not.ok(readdirSync(folder.path).includes('control.sock'), 'the socket is gone with the server');
  const alone = await command(['ledger', 'verify'], settings);
  assert.is(alone.code, 0, alone.said);
  assert.match(alone.said, /The ledger holds/);
  folder.remove();
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

/** Wrong passwords, an operator's login, a socket with its token in the address, a spin with its seed, a forged token. */
async function doThingsWorthHiding(accessToken: string): Promise<void> {
  await post(`${house.url}/api/auth/login`, { email: EMAIL, password: WRONG });
  const form = new URLSearchParams({ email: ROOT.ROOT_ADMIN_EMAIL, password: ROOT.ROOT_ADMIN_PASSWORD });
  await fetch(`${house.url}/ops/login`, { method: 'POST', body: form, redirect: 'manual' });
  const client = new Client(house.url);
  client.auth.token = accessToken;
  const room = await client.joinOrCreate('spin', { currency: 'COINS' });
  room.onMessage('*', () => undefined);
  room.reconnection.enabled = false;
  await room.request('spin', { stake: { currency: 'COINS', amount: '20' } });
  client.auth.token = `${accessToken}x`;
  await client.joinOrCreate('spin', { currency: 'COINS' }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 700)); // lines are written every half second
}

start.run();
