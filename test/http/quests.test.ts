// Daily, quests and achievements over REST.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newKey, openRest, type Json } from '../support/rest.ts';

const rest = await openRest();
const { ask, refused, register, clock, db, store } = rest;

const progress = suite('http/quests');
progress.after(() => rest.close());

const DAY_MS = 86_400_000;

async function did(player: string, counter: string, amount: number): Promise<void> {
  const insert = 'insert into score_event (board, player, amount, at) values ($1, $2, $3, $4)';
  await db.rows(insert, [counter, player, amount, clock.now()]);
  while ((await store.deeds.fold()) > 0);
}

const itemsOf = async (path: string, token: string) => (await ask('GET', path, { token })).json.items as Json[];

progress('a guest sees the day, checks in and claims once, and again the next day', async () => {
  const { json: guest } = await ask('POST', '/api/auth/guest', { body: {} });
  const token = String(guest.accessToken);
  const fresh = (await ask('GET', '/api/daily', { token })).json;
  assert.equal(fresh, {
    timeZone: 'UTC',
    day: '2026-11-21',
    streak: 0,
    best: 0,
    keptUntil: null,
    checkIn: { xp: '26', streak: 1, opensAt: null },
    claim: { coins: '50', trades: '0', opensAt: null },
  });
  const post = (path: string, key = newKey()) => ask('POST', `/api/daily/${path}`, { token, key, body: {} });
  const midnight = '2026-11-22T00:00:00.000Z';
  const key = newKey();
  const first = await post('check-in', key);
  assert.equal(first.json, { day: '2026-11-21', streak: 1, best: 1, xp: '26', level: 1, opensAt: midnight });
  const again = await post('check-in', key);
  assert.equal([again.json, again.headers.get('idempotency-replayed')], [first.json, 'true']);
  assert.equal((await post('claim')).json, { day: '2026-11-21', coins: '55', trades: '0', streak: 1, opensAt: midnight });
  assert.equal([(await post('check-in')).json.code, (await post('claim')).json.code], ['already_checked_in', 'already_claimed']);
  assert.is((await post('check-in')).status, 409);
  clock.pass(DAY_MS);
  const later = await ask('POST', '/api/auth/refresh', { body: { refreshToken: guest.refreshToken } });
  const next = await ask('POST', '/api/daily/check-in', { token: String(later.json.accessToken), key: newKey(), body: {} });
  assert.equal([next.json.streak, next.json.xp], [2, '27']);
});

progress('a time zone moved there and back brings no second day', async () => {
  const { accessToken: token } = await register();
  const checkIn = () => refused('POST', '/api/daily/check-in', { token, key: newKey(), body: {} });
  assert.equal(await checkIn(), [200, 'done']);
  for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Africa/Nairobi', 'UTC']) {
    await ask('PATCH', '/api/player/me', { token, body: { timeZone } });
    assert.equal(await checkIn(), [409, 'already_checked_in'], timeZone);
  }
});

progress('quests are shown, done by what one does, and claimed once, by who has them', async () => {
  const [ann, bob] = [await register(), await register()];
  const token = ann.accessToken;
  const items = await itemsOf('/api/quests', token);
  assert.equal([items.length, items.filter(({ period }) => period === 'daily').length], [6, 3]);
  const [quest] = items;
  const claim = (by: string, id = String(quest!.id)) =>
    refused('POST', `/api/quests/${id}/claim`, { token: by, key: newKey(), body: {} });
  assert.equal(await claim(token), [409, 'quest_unfinished']);
  await did(ann.id, String(quest!.counter), Number(quest!.threshold));
  const done = (await itemsOf('/api/quests', token)).find(({ id }) => id === quest!.id)!;
  assert.equal([done.progress, done.done, done.claimedAt], [quest!.threshold, true, null]);
  assert.equal(await claim(bob.accessToken), [404, 'not_found']);
  const codes = await Promise.all(Array.from({ length: 10 }, () => claim(token)));
  assert.is(codes.filter(([status]) => status === 200).length, 1);
  assert.is(codes.filter(([status, code]) => status === 409 && code === 'quest_claimed').length, 9);
  assert.is((await rest.coins(ann.id)).available, 1_000n + BigInt(String(quest!.coins)));
  assert.ok((await itemsOf('/api/quests', token)).find(({ id }) => id === quest!.id)!.claimedAt);
  assert.equal(await claim(token, newKey()), [404, 'not_found']);
  assert.equal(await claim(token, 'daily-rounds'), [400, 'malformed']);
});

progress('achievements are for anyone to see, a page at a time, and for a player with how far they are', async () => {
  const ann = await register();
  await did(ann.id, 'battles', 30);
  await store.achievements.award();
  const all: Json[] = [];
  let cursor: string | null = null;
  do {
    const { json } = await ask('GET', `/api/achievements?limit=7${cursor === null ? '' : `&cursor=${cursor}`}`);
    all.push(...(json.items as Json[]));
    cursor = json.nextCursor as string | null;
  } while (cursor !== null);
  assert.ok(all.length > 30);
  assert.is(new Set(all.map(({ achievementId }) => achievementId)).size, all.length);
  assert.is(all.find(({ achievementId }) => achievementId === 'battles-25')!.holders, '1');
  const own = await itemsOf('/api/player/me/achievements?limit=100', ann.accessToken);
  assert.equal(
    own.map(({ achievementId }) => achievementId),
    all.map(({ achievementId }) => achievementId),
  );
  const battles = own
    .filter(({ counter }) => counter === 'battles')
    .map(({ progress: counted, unlockedAt }) => [counted, unlockedAt !== null]);
  assert.equal(battles, [
    ['1', true],
    ['25', true],
    ['30', false],
    ['30', false],
  ]);
  assert.ok(own.find(({ achievementId }) => achievementId === 'registered-1')!.unlockedAt);
  assert.equal((await ask('GET', '/api/achievements?cursor=gone')).json, { items: [], nextCursor: null });
  for (const query of ['limit=0', 'limit=101', 'cursor=', 'tier=gold'])
    assert.equal(await refused('GET', `/api/achievements?${query}`), [400, 'malformed'], query);
});

progress('without a token there is nothing to see or take; nor with a body that says more, or without a key', async () => {
  const { accessToken: token } = await register();
  const taking = ['/api/daily/check-in', '/api/daily/claim', `/api/quests/${newKey()}/claim`];
  for (const path of ['/api/daily', '/api/quests', '/api/player/me/achievements'])
    assert.equal(await refused('GET', path), [401, 'unauthenticated'], path);
  for (const path of taking) {
    assert.equal(await refused('POST', path, { key: newKey(), body: {} }), [401, 'unauthenticated'], path);
    assert.equal(await refused('POST', path, { token, body: {} }), [400, 'idempotency_key_required'], path);
    for (const body of [{ day: '2026-11-22' }, { timeZone: 'UTC' }, []])
      assert.equal(await refused('POST', path, { token, key: newKey(), body }), [400, 'malformed'], path);
  }
});

progress('nothing in the log is an error', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

progress.run();
