import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Board, type Period, periodKey, PERIODS } from '../../rules/boards.ts';
import { startPostgres } from '../support/postgres.ts';
import { serverStore } from '../support/store.ts';
import { chanceOf } from '../support/torture.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, guest, crowd, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { deeds, leaderboards } = store;

const boards = suite('persistence/leaderboards');
for (const end of [close, other.close, postgres.stop]) boards.after(end);

const NOON = new Date('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number) => new Date(NOON.getTime() - hours * HOUR_MS);

interface Event {
  playerId: string;
  amount: bigint;
  at: Date;
}

const happened = (board: string, events: Event[]) =>
  db.rows(
    `insert into score_event (board, player, amount, at)
       select $1, (e ->> 'playerId')::uuid, (e ->> 'amount')::bigint, (e ->> 'at')::timestamptz from json_array_elements($2::json) e`,
    [board, JSON.stringify(events.map((event) => ({ ...event, amount: String(event.amount) })))],
  );

async function foldAll(): Promise<number> {
  let folded = 0;
  for (let count = 1; count > 0; folded += count) count = await deeds.fold();
  return folded;
}

/** The log has a gap then, so indexes are built anew. */
async function clear(): Promise<void> {
  for (const table of ['score_event', 'leaderboard_score', 'leaderboard_change', 'leaderboard_final'])
    await db.rows(`delete from ${table}`);
  await db.rows('update leaderboard_period set last_no = last_no + 1, closed_at = null, swept_at = null, emptied = false');
}
const page = async (board: Board, period: Period, limit = 100, after = 0) =>
  (await leaderboards.page({ board, period, limit, after, now: NOON })).items;

boards('what happened counts for all time, its day, its ISO week and its month, and for no other', async () => {
  await clear();
  const ann = await player();
  await happened('xp', [
    { playerId: ann, amount: 1n, at: NOON },
    { playerId: ann, amount: 10n, at: new Date('2026-11-20T23:59:59.999Z') },
    { playerId: ann, amount: 100n, at: new Date('2026-11-15T23:59:59Z') },
    { playerId: ann, amount: 1_000n, at: new Date('2026-10-31T23:59:59Z') },
  ]);
  assert.is(await foldAll(), 4);
  const scores = await Promise.all(PERIODS.map(async (period) => [period, (await page('xp', period))[0]?.score]));
  assert.equal(Object.fromEntries(scores), { all: 1_111n, daily: 1n, weekly: 11n, monthly: 111n });
  assert.equal(await page('ap', 'all'), []);
});

boards('of equal scores the one reached first is ahead, then the lower player id', async () => {
  await clear();
  const [ann, bob, cat, dan] = (await crowd(4, 0n)).toSorted() as [string, string, string, string];
  await happened('xp', [
    { playerId: cat, amount: 5n, at: hoursAgo(3) },
    { playerId: bob, amount: 5n, at: hoursAgo(2) },
    { playerId: ann, amount: 5n, at: hoursAgo(2) },
    { playerId: dan, amount: 2n, at: hoursAgo(9) },
    { playerId: dan, amount: 3n, at: hoursAgo(1) },
  ]);
  await foldAll();
  const order = async () => (await page('xp', 'all')).map(({ playerId }) => playerId);
  assert.equal(await order(), [cat, ann, bob, dan]);
  await happened('xp', [{ playerId: cat, amount: 0n, at: NOON }]);
  await foldAll();
  assert.equal(await order(), [cat, ann, bob, dan], 'an event of nothing moves nobody');
  await happened('xp', [
    { playerId: cat, amount: 1n, at: hoursAgo(0.5) },
    { playerId: cat, amount: -1n, at: NOON },
  ]);
  await foldAll();
  assert.equal(await order(), [ann, bob, dan, cat], 'a score left and reached again was reached again');
});

boards('guests are left out until they register, and deleted players', async () => {
  await clear();
  const [ann, passing, gone] = [await player(), await guest(), await player()];
  await store.players.erase(gone);
  await happened(
    'battles',
    [ann, passing, gone].map((playerId) => ({ playerId, amount: 1n, at: NOON })),
  );
  assert.is(await foldAll(), 3);
  assert.equal(
    (await page('battles', 'all')).map(({ playerId }) => playerId),
    [ann],
  );
  assert.is(await leaderboards.standing(passing, { board: 'battles', period: 'all', around: 2, now: NOON }), null);
  await db.rows("update player set guest = false, email = id || '@example.com' where id = $1", [passing]);
  await happened('battles', [{ playerId: passing, amount: 2n, at: NOON }]);
  await foldAll();
  assert.equal(
    (await page('battles', 'all')).map(({ playerId, score }) => [playerId, score]),
    [
      [passing, 2n],
      [ann, 1n],
    ],
  );
});

boards('each event is folded once by four folders at once, 12,000 of them', async () => {
  await clear();
  const players = await crowd(50, 0n);
  const chance = chanceOf(11);
  const due = new Map<string, bigint>();
  const events = Array.from({ length: 12_000 }, () => {
    const [playerId, amount] = [players[chance(50)]!, BigInt(chance(200) - 60)];
    due.set(playerId, (due.get(playerId) ?? 0n) + amount);
    return { playerId, amount, at: hoursAgo(chance(40)) };
  });
  await happened('winnings', events);
  const folders = [deeds, other.store.deeds, deeds, other.store.deeds];
  let folded = 0;
  for (let round = 0; folded < events.length && round < 50; round++)
    for (const count of await Promise.all(folders.map((folder) => folder.fold()))) folded += count;
  assert.is(folded, events.length);
  assert.is(await deeds.fold(), 0);
  assert.equal(
    Object.fromEntries((await page('winnings', 'all')).map(({ playerId, score }) => [playerId, score])),
    Object.fromEntries(due),
  );
});

boards('pages and standings agree with a plain sort, on random events folded in random parts', async () => {
  for (const seed of [1, 2, 3]) {
    await clear();
    const chance = chanceOf(seed);
    const players = [...(await crowd(60, 0n)), await guest()];
    const scores = new Map<string, { score: bigint; reachedAt: number }>();
    for (let part = 0; part < 4; part++) {
      const events = Array.from({ length: 80 }, () => ({
        playerId: players[chance(61)]!,
        amount: BigInt(chance(7) - 2),
        at: hoursAgo(chance(1_000)),
      }));
      await happened('ap', events);
      await foldAll();
      for (const { playerId, amount, at } of events) {
        if (amount === 0n || playerId === players[60]) continue;
        const known = scores.get(playerId) ?? { score: 0n, reachedAt: 0 };
        scores.set(playerId, { score: known.score + amount, reachedAt: Math.max(known.reachedAt, at.getTime()) });
      }
    }
    const sorted = [...scores]
      .map(([playerId, { score, reachedAt }]) => ({ playerId, score, reachedAt }))
      .toSorted(
        (one, two) => Number(two.score - one.score) || one.reachedAt - two.reachedAt || (one.playerId < two.playerId ? -1 : 1),
      );
    const due = sorted.map(({ playerId, score }, index) => ({ rank: index + 1, playerId, score }));
    const plain = (rows: Awaited<ReturnType<typeof page>>) =>
      rows.map(({ rank, playerId, score }) => ({ rank, playerId, score }));
    const paged = [];
    for (let after = 0; after < due.length; after += 7) paged.push(...plain(await page('ap', 'all', 7, after)));
    assert.equal(paged, due);
    for (const { rank, playerId, score } of due) {
      const standing = (await leaderboards.standing(playerId, { board: 'ap', period: 'all', around: 3, now: NOON }))!;
      assert.equal([standing.rank, standing.score], [rank, score]);
      assert.equal(plain(standing.above), due.slice(Math.max(rank - 4, 0), rank - 1));
      assert.equal(plain(standing.below), due.slice(rank, rank + 3));
    }
  }
});

boards('a period has the same name here as in SQL, at the edges of ISO weeks and years too', async () => {
  const days = [
    '2026-01-01',
    '2026-12-31',
    '2027-01-01',
    '2027-01-03',
    '2027-01-04',
    '2024-12-29',
    '2024-12-30',
    '2020-12-31',
    '2021-01-03',
    '2021-01-04',
    '2028-02-29',
    '2015-12-28',
    '2016-01-03',
  ];
  const chance = chanceOf(5);
  const edges = days.flatMap((day) => [`${day}T00:00:00.000Z`, `${day}T23:59:59.999Z`]).map((at) => new Date(at));
  const others = Array.from(
    { length: 2_000 },
    () => new Date(Date.UTC(2000, 0, 1) + chance(60 * 366) * 86_400_000 + chance(86_400_000)),
  );
  const instants = [...edges, ...others];
  const text = `select to_char(at at time zone 'utc', '"d"YYYY-MM-DD') as daily, to_char(at at time zone 'utc', '"w"IYYY-"W"IW') as weekly,
                       to_char(at at time zone 'utc', '"m"YYYY-MM') as monthly, 'all' as "all"
                  from (select x::timestamptz as at, n from json_array_elements_text($1::json) with ordinality j(x, n)) q order by n`;
  const rows = await db.rows(text, [JSON.stringify(instants)]);
  for (const [index, at] of instants.entries())
    assert.equal(Object.fromEntries(PERIODS.map((period) => [period, periodKey(period, at)])), rows[index], at.toISOString());
});

boards.run();
