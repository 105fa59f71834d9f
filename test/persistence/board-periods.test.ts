import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBoardPeriods } from '../../persistence/board-periods.ts';
import { BOARD_REWARDS, type Board, boardReward, FINAL_MAX, type Period } from '../../rules/boards.ts';
import { startPostgres } from '../support/postgres.ts';
import { serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, crowd, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { boardPeriods, leaderboards } = store;

const periods = suite('persistence/board-periods');
for (const end of [close, other.close, postgres.stop]) periods.after(end);

const MINUTE_MS = 60_000;
const day = (text: string) => new Date(`${text}T12:00:00Z`);
const later = (at: Date, minutes: number) => new Date(at.getTime() + minutes * MINUTE_MS);

async function happen(board: Board, at: Date, deeds: readonly (readonly [playerId: string, amount: number])[]): Promise<void> {
  await db.rows(
    `insert into score_event (board, player, amount, at)
       select $1, (e ->> 0)::uuid, (e ->> 1)::bigint, $2 from json_array_elements($3::json) e`,
    [board, at, JSON.stringify(deeds)],
  );
}

async function foldAll(): Promise<void> {
  while ((await store.deeds.fold()) > 0);
}

const wallet = async (playerId: string) =>
  Object.fromEntries((await store.ledger.wallet(playerId)).map(({ currency, available }) => [currency, available]));
const told = (playerId: string) =>
  db.rows<{ data: Record<string, unknown> }>(
    `select data from notification where player = $1 and kind = 'board_reward' order by data ->> 'period'`,
    [playerId],
  );
const shown = async (board: Board, period: Period, now: Date, after = 0) => {
  const { items, closedAt } = await leaderboards.page({ board, period, limit: 100, after, now });
  return { closedAt, scores: items.map(({ rank, playerId, score }) => [rank, playerId, score] as const) };
};

periods('unless told otherwise, a period is over by the database’s clock, which dates the deeds', async () => {
  const insert = `insert into leaderboard_period (board, period, ends_at, last_no) values ('ap', $1, now() + $2::int * interval '1 minute', 1)`;
  for (const [key, minutes] of [
    ['d2001-01-01', -9],
    ['d2001-01-02', -11],
  ] as const)
    await db.rows(insert, [key, minutes]);
  assert.equal(await boardPeriods.close(), [{ board: 'ap', key: 'd2001-01-02' }]);
  await db.rows("delete from leaderboard_period where board = 'ap'");
});

periods('a day closes ten minutes after its end, with what was done in it, and never changes again', async () => {
  const [ann, bob] = (await crowd(2, 0n)) as [string, string];
  const at = day('2026-03-04');
  const end = new Date('2026-03-05T00:00:00Z');
  await happen('xp', at, [
    [ann, 10],
    [bob, 7],
  ]);
  await foldAll();
  assert.equal(await boardPeriods.close(later(end, 9)), []);
  await happen('xp', later(end, -1), [[bob, 2]]);
  assert.equal(await boardPeriods.close(later(end, 10)), [], 'a deed of the day is not counted yet');
  await foldAll();
  const closing = later(end, 11);
  assert.equal(await boardPeriods.close(closing), [{ board: 'xp', key: 'd2026-03-04' }]);
  const frozen = await shown('xp', 'daily', at);
  assert.equal(frozen, {
    closedAt: closing,
    scores: [
      [1, ann, 10n],
      [2, bob, 9n],
    ],
  });
  await happen('xp', at, [[bob, 100]]);
  await foldAll();
  assert.equal(await shown('xp', 'daily', at), frozen, 'what comes too late counts for the periods that are open');
  assert.equal((await shown('xp', 'weekly', at)).scores[0], [1, bob, 109n]);
  assert.is((await leaderboards.standing(bob, { board: 'xp', period: 'daily', now: at, around: 1 }))!.rank, 2);
  assert.equal(await boardPeriods.close(closing), []);
});

periods('four that close and pay at once close each period once and pay each place once', async () => {
  await boardPeriods.pay();
  const players = await crowd(105, 0n);
  const at = day('2026-01-14');
  await happen(
    'battles',
    at,
    players.map((player, index) => [player, 1_000 - index] as const),
  );
  await foldAll();
  const four = [boardPeriods, other.store.boardPeriods, boardPeriods, other.store.boardPeriods];
  const closed = (await Promise.all(four.map((each) => each.close(day('2026-02-02'))))).flat();
  assert.equal(closed.map(({ key }) => key).toSorted(), ['d2026-01-14', 'm2026-01', 'w2026-W03']);
  const paid = await Promise.all(four.map((each) => each.pay()));
  assert.is(
    paid.reduce((sum, count) => sum + count, 0),
    3 * FINAL_MAX,
  );
  assert.is(await boardPeriods.pay(), 0);
  for (const rank of [1, 2, 3, 4, 10, 11, 100, 101]) {
    const due = { coins: 0n, gems: 0n };
    for (const period of ['daily', 'weekly', 'monthly'] as const) {
      const { coins, gems } = boardReward(period, { rank, score: 1n });
      due.coins += coins;
      due.gems += gems;
    }
    const player = players[rank - 1]!;
    const { COINS, GEMS } = await wallet(player);
    assert.equal([COINS, GEMS], [due.coins, due.gems], `rank ${rank}`);
    assert.is((await told(player)).length, rank <= FINAL_MAX ? 3 : 0, `rank ${rank}`);
  }
  const { coins, gems } = BOARD_REWARDS.daily[0]!;
  assert.equal((await told(players[0]!))[0]!.data, {
    board: 'battles',
    period: 'daily',
    key: 'd2026-01-14',
    rank: 1,
    score: '1000',
    coins: String(coins),
    gems: String(gems),
  });
  const podiums = await db.rows(`select player from score_event where board = 'podiums'`);
  assert.is(podiums.length, 3 * 3);
  assert.equal((await store.ledger.verify()).differences, []);
});

periods('killed between its steps, the next one goes on where it stopped', async () => {
  const players = await crowd(5, 0n);
  const at = day('2025-12-02');
  await happen(
    'ap',
    at,
    players.map((player, index) => [player, 50 - index] as const),
  );
  await foldAll();
  const stops = { left: 2 };
  const grantAllIn: typeof store.ledger.grantAllIn = async (em, grants) => {
    if (stops.left-- <= 0) throw new Error('killed');
    await store.ledger.grantAllIn(em, grants);
  };
  const dying = openBoardPeriods(db, { grantAllIn });
  assert.equal(await dying.close(day('2025-12-03')), [{ board: 'ap', key: 'd2025-12-02' }]);
  try {
    await dying.pay();
    assert.unreachable();
  } catch (error) {
    assert.is((error as AggregateError).errors.length, 3);
  }
  const coins = () => Promise.all(players.map(async (player) => (await wallet(player)).COINS));
  assert.equal(await coins(), [500n, 250n, 0n, 0n, 0n]);
  assert.is((await told(players[2]!)).length, 0, 'nobody is told of what was not paid');
  assert.is(await boardPeriods.pay(), 3);
  assert.equal(await coins(), [500n, 250n, 250n, 100n, 100n]);
});

periods('who has won nothing, is banned or is gone gets nothing, and keeps no other waiting', async () => {
  const [ann, bob, cat, dan] = (await crowd(4, 0n)) as [string, string, string, string];
  const at = day('2025-11-05');
  await happen('winnings', at, [
    [ann, 40],
    [bob, 30],
    [cat, 20],
    [dan, -5],
  ]);
  await foldAll();
  await store.players.ban(ann);
  await store.players.erase(bob);
  assert.equal(await boardPeriods.close(day('2025-11-06')), [{ board: 'winnings', key: 'd2025-11-05' }]);
  await boardPeriods.pay();
  assert.is(await boardPeriods.pay(), 0);
  const coins = await Promise.all([ann, bob, cat, dan].map(async (player) => (await wallet(player)).COINS));
  assert.equal(coins, [0n, 0n, 250n, 0n]);
  assert.equal(
    (await shown('winnings', 'daily', at)).scores.map(([, player]) => player),
    [ann, bob, cat, dan],
  );
});

periods('long after its end a period is forgotten but for its first hundred, once all of them are paid', async () => {
  const players = await crowd(120, 0n);
  const at = day('2025-06-10');
  await happen(
    'xp',
    at,
    players.map((player, index) => [player, 1_000 - index] as const),
  );
  await foldAll();
  const before = await shown('xp', 'daily', at);
  assert.is((await shown('xp', 'daily', at, 100)).scores.length, 20);
  const closing = day('2025-06-11');
  assert.equal(await boardPeriods.close(closing), [{ board: 'xp', key: 'd2025-06-10' }]);
  assert.is(await boardPeriods.sweep(day('2025-09-10')), 0, 'its rewards are still owed');
  await boardPeriods.pay();
  assert.is(await boardPeriods.sweep(day('2025-08-09')), 0, 'sixty days are not over');
  assert.is(await boardPeriods.sweep(day('2025-08-11')), 120);
  assert.is(await boardPeriods.sweep(day('2025-08-11')), 0);
  assert.equal(await shown('xp', 'daily', at), { closedAt: closing, scores: before.scores.slice(0, 100) });
  assert.equal(
    (await shown('xp', 'daily', at, 97)).scores.map(([rank]) => rank),
    [98, 99, 100],
  );
  const placeOf = (player: string) => leaderboards.standing(player, { board: 'xp', period: 'daily', now: at, around: 2 });
  const last = (await placeOf(players[99]!))!;
  assert.equal([last.rank, last.above.map(({ rank }) => rank), last.below], [100, [98, 99], []]);
  assert.is(await placeOf(players[100]!), null);
  assert.is((await shown('xp', 'monthly', at)).scores.length, 100, 'its week and month go their own time');
});

periods('all time is never over', async () => {
  await boardPeriods.close(day('2999-01-01'));
  const open = await db.rows<{ period: string }>('select distinct period from leaderboard_period where closed_at is null');
  assert.equal(
    open.map(({ period }) => period),
    ['all'],
  );
});

periods('places that always fail hold up none behind them, and are paid once they can be', async () => {
  const players = await crowd(7, 0n);
  const at = day('2025-10-14');
  await happen(
    'ap',
    at,
    players.map((player, index) => [player, 50 - index] as const),
  );
  await foldAll();
  const stuck = new Set(players.slice(0, 5));
  const grantAllIn: typeof store.ledger.grantAllIn = async (em, grants) => {
    if (grants.some(({ playerId }) => stuck.has(playerId))) throw new Error('stuck');
    await store.ledger.grantAllIn(em, grants);
  };
  const failing = openBoardPeriods(db, { grantAllIn }, { paidAtOnce: 2 });
  assert.equal(await failing.close(day('2025-10-15')), [{ board: 'ap', key: 'd2025-10-14' }]);
  const coins = () => Promise.all(players.map(async (player) => (await wallet(player)).COINS));
  for (let run = 0; run < 2; run++) {
    const failed = await failing.pay().catch((error: AggregateError) => error.errors.length);
    assert.is(failed, 5);
    assert.equal(await coins(), [0n, 0n, 0n, 0n, 0n, 100n, 100n]);
  }
  assert.is(await boardPeriods.pay(), 5);
  assert.equal(await coins(), [500n, 250n, 250n, 100n, 100n, 100n, 100n]);
});

periods.run();
