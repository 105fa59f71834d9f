// Two servers on one PostgreSQL, as an operator runs them: a client that goes from one to the other hears each event once.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { notifyIn } from '../../persistence/notifications.ts';
import { type Listening, hear } from '../support/events.ts';
import { startPostgres } from '../support/postgres.ts';
import { type Run, startMain } from '../support/process.ts';
import { until } from '../support/server.ts';
import { serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const databaseUrl = await postgres.database();
const here = await serverStore(databaseUrl, { fresh: true });
const settings = {
  DATABASE_URL: databaseUrl,
  JWT_SECRET: 'for-tests-only-'.repeat(4),
  SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const [one, other] = (await Promise.all([startMain(settings), startMain(settings)])) as [Run, Run];

const events = suite('server/events');
events.after(async () => {
  await Promise.all([one.stop('SIGKILL'), other.stop('SIGKILL')]);
  await here.close();
  await postgres.stop();
});

async function guest(url = one.url): Promise<{ id: string; token: string }> {
  const response = await fetch(`${url}/api/auth/guest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const { player, accessToken } = (await response.json()) as { player: { id: string }; accessToken: string };
  return { id: player.id, token: accessToken };
}

const tell = (playerId: string, n: number) =>
  here.db.transaction((em) => notifyIn(em, { playerId, kind: 'level_up', data: { n } }));
const numbers = ({ heard }: Listening) => heard.flatMap(({ event, id }) => (event === 'level_up' ? [id!] : []));

events('what a third process tells is heard on both, and by who goes to and fro, each once and in order', async () => {
  const { id, token } = await guest();
  const stays = [await hear(one.url, { token }), await hear(other.url, { token })];
  await until('both to begin', () => stays.every(({ heard }) => heard.length === 1));
  let telling = true;
  const COUNT = 120;
  const told = (async () => {
    for (let n = 1; n <= COUNT; n++) await Promise.all([tell(id, n), new Promise((resolve) => setTimeout(resolve, 20))]);
  })().finally(() => (telling = false));
  const heard: number[] = [];
  let last: number | null = 0;
  for (let hop = 0; telling || last !== COUNT; hop++) {
    const stream = await hear(hop % 2 === 0 ? one.url : other.url, { token, lastEventId: last });
    const wanted = last! + (telling ? 12 : 1);
    await until('some of it', () => stream.last()! >= Math.min(wanted, COUNT));
    stream.close();
    await stream.ended;
    heard.push(...numbers(stream));
    last = stream.last();
  }
  await told;
  const all = Array.from({ length: COUNT }, (_, index) => index + 1);
  assert.equal(heard, all);
  await until('the others to have all', () => stays.every((stream) => stream.last() === COUNT));
  for (const stream of stays) {
    assert.equal(numbers(stream), all);
    stream.close();
  }
});

events('a session that ends on one process ends its streams on the other within seconds', async () => {
  const { token } = await guest();
  const far = await hear(other.url, { token });
  await until('a beginning', () => far.heard.length === 1);
  await fetch(`${one.url}/api/auth/logout`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  assert.is(await far.ended, true);
  assert.equal(far.heard.at(-1), { id: null, event: 'closed', data: { why: 'session_ended' } });
});

events('a process told to stop ends its streams and itself at once, and its clients go on with the other', async () => {
  const { id, token } = await guest();
  const stream = await hear(one.url, { token });
  await until('a beginning', () => stream.heard.length === 1);
  const began = performance.now();
  const stopped = one.stop('SIGTERM');
  assert.is(await stream.ended, true);
  assert.equal(stream.heard.at(-1)!.data, { why: 'server_closing' });
  assert.is(await stopped, 0);
  assert.ok(performance.now() - began < 10_000, one.output());
  await tell(id, 1);
  const again = await hear(other.url, { token, lastEventId: stream.last() });
  await until('what came meanwhile', () => numbers(again).length === 1);
  again.close();
});

events('a process that dies without a word loses its clients nothing', async () => {
  const { id, token } = await guest(other.url);
  const stream = await hear(other.url, { token });
  await until('a beginning', () => stream.heard.length === 1);
  await tell(id, 1);
  await until('the first', () => stream.last() === 1);
  const anew = startMain(settings);
  await other.stop('SIGKILL');
  assert.is(await stream.ended, false);
  await tell(id, 2);
  const next = await anew;
  const again = await hear(next.url, { token, lastEventId: stream.last() });
  await until('the second', () => numbers(again).length === 1);
  assert.equal(numbers(again), [2]);
  again.close();
  assert.is(await next.stop(), 0);
});

events.run();
