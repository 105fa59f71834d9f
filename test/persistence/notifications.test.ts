// The inbox, and the promise that live listening stands on: numbers are committed in their order, per player. On a real
// PostgreSQL, since one connection has no order to break.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type NewsAsked, notifyIn } from '../../persistence/notifications.ts';
import { rowsIn } from '../../persistence/orm.ts';
import { startPostgres } from '../support/postgres.ts';
import { serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const { db, store, player, crowd, close } = await serverStore(await postgres.database(), { fresh: true });
const { notifications } = store;

const tell = (playerId: string, count = 1) =>
  db.transaction(async (em) => {
    for (let n = 0; n < count; n++) await notifyIn(em, { playerId, kind: 'level_up', data: { n } });
  });
const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const kept = async (playerId: string) =>
  (await db.rows<{ no: bigint }>('select no from notification where player = $1 order by no', [playerId])).map(({ no }) =>
    Number(no),
  );

const inbox = suite('persistence/notifications');
inbox.after(async () => {
  await close();
  await postgres.stop();
});

inbox('it is read newest first, a page at a time, with how many are unread and the newest number', async () => {
  const ann = await player();
  assert.equal(await notifications.inbox(ann, { limit: 10, before: null }), { items: [], unread: 0, last: 0 });
  await tell(ann, 5);
  const first = await notifications.inbox(ann, { limit: 3, before: null });
  assert.equal([first.items.map(({ no }) => no), first.unread, first.last], [[5, 4, 3], 5, 5]);
  assert.equal([first.items[0]!.kind, first.items[0]!.data, first.items[0]!.readAt], ['level_up', { n: 4 }, null]);
  const next = await notifications.inbox(ann, { limit: 3, before: 3 });
  assert.equal([next.items.map(({ no }) => no), next.unread, next.last], [[2, 1], 5, 5]);
  assert.equal((await notifications.inbox(ann, { limit: 3, before: 1 })).items, []);
});

inbox('what is read stays read, up to the number said and for that player alone', async () => {
  const [ann, bob] = [await player(), await player()];
  await Promise.all([tell(ann, 4), tell(bob, 2)]);
  assert.is(await notifications.read(ann, 3), 1);
  const readAt = (await notifications.inbox(ann, { limit: 9, before: null })).items.map(({ readAt }) => readAt);
  assert.is(readAt[0], null);
  await Promise.all([notifications.read(ann, 3), notifications.read(ann, 2)]);
  assert.equal(
    (await notifications.inbox(ann, { limit: 9, before: null })).items.map(({ readAt }) => readAt),
    readAt,
  );
  assert.is((await notifications.inbox(bob, { limit: 9, before: null })).unread, 2);
  assert.is(await notifications.read(ann, 1_000_000), 0);
});

inbox('whoever asks after the highest number seen misses none, while many are told at once and some changes fail', async () => {
  const [ann, bob] = [await player(), await player()];
  let telling = true;
  const told = Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const failing = index % 5 === 0;
      await db
        .transaction(async (em) => {
          await notifyIn(em, { playerId: index % 3 === 0 ? bob : ann, kind: 'egg_ready', data: { index } });
          await rowsIn(em, 'select pg_sleep(?)', [(index % 4) / 200]);
          if (failing) throw new Error('as asked');
        })
        .catch((error: Error) => assert.ok(failing, error.message));
    }),
  ).finally(() => (telling = false));
  const seen = new Map([ann, bob].map((playerId) => [playerId, [] as number[]]));
  for (let again = true; again;) {
    again = telling;
    const asked: NewsAsked[] = [...seen].map(([playerId, numbers]) => ({ playerId, after: numbers.at(-1) ?? 0 }));
    for (const { playerId, items } of await notifications.news(asked, 7)) seen.get(playerId)!.push(...items.map(({ no }) => no));
    again ||= (await notifications.news(asked, 1)).length > 0;
  }
  await told;
  for (const [playerId, numbers] of seen) {
    assert.equal(numbers, upTo(1, numbers.length));
    assert.equal(await kept(playerId), numbers);
  }
  assert.is(seen.get(ann)!.length + seen.get(bob)!.length, 48);
});

inbox('news are asked for many players at once, and who has none costs no row', async () => {
  const [ann, bob, cas] = (await crowd(3, 0n)) as [string, string, string];
  await Promise.all([tell(ann, 3), tell(bob, 2)]);
  const asked: NewsAsked[] = [
    { playerId: ann, after: 1 },
    { playerId: ann, after: null },
    { playerId: bob, after: 2 },
    { playerId: cas, after: 0 },
    { playerId: cas, after: null },
    { playerId: cas, after: 7 },
  ];
  const news = await notifications.news(asked, 10);
  const found = news.map(({ playerId, after, last, items }) => [playerId, after, last, items.map(({ no }) => no)]);
  assert.is(found.length, 4);
  for (const one of [
    [ann, 1, 3, [2, 3]],
    [ann, null, 3, []],
    [cas, null, 0, []],
    [cas, 7, 0, []],
  ])
    assert.ok(found.some((other) => JSON.stringify(other) === JSON.stringify(one)));
  assert.equal(await notifications.news([], 10), []);
});

inbox('a sweep keeps the newest 500 of 90 days, without a gap, and numbers go on', async () => {
  const [many, old, quiet] = (await crowd(3, 0n)) as [string, string, string];
  await Promise.all([tell(many, 520), tell(old, 6), tell(quiet, 2)]);
  // 2 was stamped by a clock that ran ahead; what is older than 3 goes with it all the same.
  await db.rows("update notification set at = now() - interval '91 days' where player = $1 and no in (1, 3)", [old]);
  assert.is(await notifications.sweep(), 23);
  assert.equal([await kept(many), await kept(old), await kept(quiet)], [upTo(21, 520), [4, 5, 6], [1, 2]]);
  assert.is(await notifications.sweep(), 0);
  await db.rows("update notification set at = now() - interval '91 days' where player = $1", [quiet]);
  assert.is(await notifications.sweep(), 2);
  await tell(quiet);
  assert.equal(await kept(quiet), [3]);
});

inbox('a sweep goes through however many players there are', async () => {
  const players = await crowd(1_203, 0n);
  await db.rows('insert into notification_head select id::uuid, 1 from json_array_elements_text($1::json) id', [
    JSON.stringify(players),
  ]);
  await db.rows(
    "insert into notification (player, no, kind, data, at) select id::uuid, 1, 'level_up', '{}', now() - interval '91 days' from json_array_elements_text($1::json) id",
    [JSON.stringify(players)],
  );
  assert.is(await notifications.sweep(), 1_203);
});

inbox.run();
