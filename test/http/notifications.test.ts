import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { notifyIn } from '../../persistence/notifications.ts';
import { type Json, openRest } from '../support/rest.ts';

const rest = await openRest();
const { ask, refused, db } = rest;
const [ann, bob] = [await rest.register(), await rest.register()];
await db.transaction(async (em) => {
  for (let n = 1; n <= 25; n++) await notifyIn(em, { playerId: ann.id, kind: 'loot_ready', data: { roundId: `r${n}` } });
});

const inbox = suite('http/notifications');
inbox.after(() => rest.close());

const page = async (query: string, token = ann.accessToken) => (await ask('GET', `/api/notifications${query}`, { token })).json;
const numbers = ({ items }: Json) => (items as { no: number }[]).map(({ no }) => no);
const read = (body: unknown, token = ann.accessToken) => refused('POST', '/api/notifications/read', { token, body });

inbox('it is read newest first, a page at a time, to its end', async () => {
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const told = await page(`?limit=10${cursor === null ? '' : `&cursor=${cursor}`}`);
    assert.equal([told.unread, told.last], [25, 25]);
    seen.push(...numbers(told));
    cursor = told.nextCursor as string | null;
  } while (cursor !== null);
  assert.equal(
    seen,
    Array.from({ length: 25 }, (_, index) => 25 - index),
  );
  assert.equal(await page('', bob.accessToken), { items: [], nextCursor: null, unread: 0, last: 0 });
});

inbox('what is read is read once and for all, and only one’s own', async () => {
  assert.equal((await ask('POST', '/api/notifications/read', { token: ann.accessToken, body: { upTo: 20 } })).json, {
    unread: 5,
  });
  assert.equal((await ask('POST', '/api/notifications/read', { token: bob.accessToken, body: { upTo: 25 } })).json, {
    unread: 0,
  });
  assert.equal((await ask('POST', '/api/notifications/read', { token: ann.accessToken, body: { upTo: 3 } })).json, { unread: 5 });
  const { items, unread } = await page('?limit=6');
  assert.is(unread, 5);
  assert.equal(
    (items as { readAt: string | null }[]).map(({ readAt }) => readAt === null),
    [true, true, true, true, true, false],
  );
});

inbox('what cannot be is refused and marks nothing', async () => {
  for (const body of [
    {},
    { upTo: 0 },
    { upTo: -1 },
    { upTo: 1.5 },
    { upTo: '25' },
    { upTo: 2 ** 53 },
    { upTo: 25, all: true },
    [],
  ])
    assert.equal(await read(body), [400, 'malformed'], JSON.stringify(body));
  for (const query of ['?limit=0', '?limit=101', '?cursor=x', '?cursor=-1', '?cursor=9999999999999999', '?all=1'])
    assert.equal(await refused('GET', `/api/notifications${query}`, { token: ann.accessToken }), [400, 'malformed'], query);
  for (const [method, path] of [
    ['GET', '/api/notifications'],
    ['POST', '/api/notifications/read'],
  ] as const)
    assert.equal(await refused(method, path), [401, 'unauthenticated']);
  assert.is((await page('?limit=1')).unread, 5);
});

inbox.run();
