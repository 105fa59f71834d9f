import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLeaderboards } from '../../persistence/leaderboards.ts';
import type { Board } from '../../rules/boards.ts';
import { startPostgres } from '../support/postgres.ts';
import { serverStore } from '../support/store.ts';
import { chanceOf } from '../support/torture.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, crowd, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });

const ranks = suite('persistence/ranks');
for (const end of [close, other.close, postgres.stop]) ranks.after(end);

const NOON = new Date('2026-11-21T12:00:00Z');
type Boards = ReturnType<typeof openLeaderboards>;
const small = (): Boards => openLeaderboards(db, { chunk: 4 });
const asked = (board: Board) => ({ board, period: 'all', now: NOON }) as const;

interface Deed {
  playerId: string;
  amount: number;
  at: Date;
}

async function fold(board: Board, deeds: readonly Deed[]): Promise<void> {
  await db.rows(
    `insert into score_event (board, player, amount, at)
       select $1, (e ->> 'playerId')::uuid, (e ->> 'amount')::bigint, (e ->> 'at')::timestamptz from json_array_elements($2::json) e`,
    [board, JSON.stringify(deeds)],
  );
  while ((await store.deeds.fold()) > 0);
}

/** Players whose ids begin with the same 8 bytes, three at a time. */
async function alike(count: number): Promise<string[]> {
  const players = await crowd(count, 0n);
  for (const [index, id] of players.entries()) {
    const twin = `${players[index - (index % 3)]!.slice(0, 18)}-8000-0000000000${String(index).padStart(2, '0')}`;
    await db.rows('update player set id = $2 where id = $1', [id, twin]);
    players[index] = twin;
  }
  return players;
}

const SORTED = `
  select player as "playerId", score::text as score from leaderboard_score where board = $1 and period = 'all' order by leaderboard_score.score desc, reached_at, player`;
type Place = readonly [rank: number, playerId: string, score: string];

async function sortedBySql(board: Board): Promise<Place[]> {
  const rows = await db.rows<{ playerId: string; score: string }>(SORTED, [board]);
  return rows.map(({ playerId, score }, index) => [index + 1, playerId, score] as const);
}

const placesOf = (lines: readonly { rank: number; playerId: string; score: bigint }[]): Place[] =>
  lines.map(({ rank, playerId, score }) => [rank, playerId, String(score)] as const);

async function assertExact(boards: Boards, board: Board, players: readonly string[]): Promise<void> {
  const due = await sortedBySql(board);
  for (let after = 0; after <= due.length + 1; after++) {
    const { items } = await boards.page({ ...asked(board), limit: 4, after });
    assert.equal(placesOf(items), due.slice(after, after + 4), `after ${after}`);
  }
  const standings = await boards.standings(players, { ...asked(board), around: 3 });
  assert.is(standings.size, due.length);
  for (const [rank, playerId, score] of due) {
    const own = standings.get(playerId)!;
    assert.equal([own.rank, String(own.score)], [rank, score]);
    assert.equal(placesOf(own.above), due.slice(Math.max(rank - 4, 0), rank - 1));
    assert.equal(placesOf(own.below), due.slice(rank, rank + 3));
  }
}

ranks('no place is wrong by one, at ties of score, time and half of the id, at any page, in either process', async () => {
  const players = await alike(30);
  const [here, there] = [small(), openLeaderboards(other.db, { chunk: 5 })];
  const chance = chanceOf(8);
  for (let round = 0; round < 12; round++) {
    await fold(
      'xp',
      Array.from({ length: 12 }, () => ({
        playerId: players[chance(players.length)]!,
        amount: chance(4) - 1,
        at: new Date(NOON.getTime() - chance(3)),
      })),
    );
    await assertExact(here, 'xp', players);
    if (round % 3 === 0) await assertExact(there, 'xp', players);
    assert.equal(await here.check(), []);
    if (round === 5) await assertExact(small(), 'xp', players);
  }
  assert.is(here.kept()[0]!.size, (await sortedBySql('xp')).length);
});

ranks('what is read while another process folds is of one moment each', async () => {
  const players = await crowd(40, 0n);
  const chance = chanceOf(9);
  const states: Place[][] = [];
  const boards = openLeaderboards(other.db, { chunk: 8 });
  await fold(
    'ap',
    players.map((playerId) => ({ playerId, amount: 5, at: NOON })),
  );
  states.push(await sortedBySql('ap'));
  let folding = true;
  const pages: { after: number; places: Place[] }[] = [];
  const owns: { own: Place; near: Place[] }[] = [];
  const reader = async () => {
    while (folding) {
      const after = chance(38) + 1;
      const { items } = await boards.page({ ...asked('ap'), limit: 6, after });
      pages.push({ after, places: placesOf(items) });
      const playerId = players[chance(40)]!;
      const standing = (await boards.standing(playerId, { ...asked('ap'), around: 2 }))!;
      const own = [standing.rank, playerId, String(standing.score)] as const;
      owns.push({ own, near: [...placesOf(standing.above), own, ...placesOf(standing.below)] });
    }
  };
  const readers = Promise.all([reader(), reader(), reader()]);
  for (let round = 0; round < 40; round++) {
    const deeds = players.map((playerId) => ({ playerId, amount: chance(5) - 2, at: new Date(NOON.getTime() + round) }));
    await fold(
      'ap',
      deeds.filter(() => chance(3) > 0),
    );
    states.push(await sortedBySql('ap'));
  }
  folding = false;
  await readers;
  assert.ok(pages.length > 20);
  const known = (places: Place[], from: number) =>
    states.some((state) => JSON.stringify(state.slice(from, from + places.length)) === JSON.stringify(places));
  for (const { after, places } of pages) assert.ok(known(places, after), `after ${after}: ${JSON.stringify(places)}`);
  for (const { own, near } of owns) assert.ok(known(near, near[0]![0] - 1), JSON.stringify(own));
});

ranks('who has missed changes that are forgotten by now begins anew', async () => {
  const players = await crowd(6, 0n);
  const boards = small();
  const earn = (amount: number) =>
    fold(
      'battles',
      players.map((playerId, index) => ({ playerId, amount: amount + index, at: NOON })),
    );
  await earn(1);
  await assertExact(boards, 'battles', players);
  await earn(3);
  await store.boardPeriods.prune({ keptMs: 0 });
  await earn(2);
  await assertExact(boards, 'battles', players);
  await earn(9);
  await store.boardPeriods.prune({ keptMs: 0 });
  await boards.follow();
  assert.equal(boards.kept(), [], 'following finds it out too');
  await assertExact(boards, 'battles', players);
});

ranks('an index that differs from SQL is found out by the check, and gone', async () => {
  const [ann, bob] = (await crowd(2, 0n)) as [string, string];
  const boards = small();
  await fold('winnings', [
    { playerId: ann, amount: 10, at: NOON },
    { playerId: bob, amount: 20, at: NOON },
  ]);
  assert.is((await boards.standing(ann, { ...asked('winnings'), around: 1 }))!.rank, 2);
  assert.equal(await boards.check(), []);
  const insert = `insert into leaderboard_score (board, period, player, score, reached_at) values ('winnings', 'all', $1, 99, now())`;
  await db.rows(insert, ['00000000-0000-4000-8000-000000000001']);
  const differences = await boards.check();
  const where = { board: 'winnings', key: 'all' };
  assert.equal(differences[0], { ...where, what: 'size', ours: 2, theirs: 3 });
  assert.equal(differences.find(({ what, ours }) => what === 'rank' && ours === 1)?.theirs ?? 2, 2);
  assert.equal(boards.kept(), []);
  assert.is((await boards.standing(ann, { ...asked('winnings'), around: 1 }))!.rank, 3);
  assert.equal(await boards.check(), []);
});

ranks('an index is built once however many ask, and makes room for the next', async () => {
  const boards = openLeaderboards(db, { bytesMax: 1 });
  const places = await Promise.all(Array.from({ length: 20 }, () => boards.page({ ...asked('xp'), limit: 1, after: 1 })));
  assert.is(new Set(places.map(({ items }) => JSON.stringify(placesOf(items)))).size, 1);
  assert.equal(
    boards.kept().map(({ board }) => board),
    ['xp'],
  );
  await fold('ap', [{ playerId: (await crowd(1, 0n))[0]!, amount: 5, at: NOON }]);
  await boards.page({ ...asked('ap'), limit: 1, after: 1 });
  assert.equal(
    boards.kept().map(({ board }) => board),
    ['ap'],
  );
});

ranks('days that never were are answered, and take no place from those that are', async () => {
  const boards = small();
  await boards.page({ ...asked('xp'), limit: 1, after: 1 });
  for (let day = 1; day <= 20; day++) {
    const never = { board: 'xp', period: 'daily', now: new Date(Date.UTC(1999, 0, day)) } as const;
    assert.equal(await boards.page({ ...never, limit: 5, after: 3 }), { items: [], closedAt: null });
    assert.is(await boards.standing('00000000-0000-4000-8000-000000000001', { ...never, around: 1 }), null);
  }
  assert.equal(
    boards.kept().map(({ board, key }) => [board, key]),
    [['xp', 'all']],
  );
});

ranks('a score that would leave what can be ranked stays at its edge, and goes on from there', async () => {
  const [ann, bob] = (await crowd(2, 0n)) as [string, string];
  const boards = small();
  const huge = 2 ** 53;
  const scores = async () => {
    const all = await boards.standings([ann, bob], { board: 'winnings', period: 'daily', now: NOON, around: 1 });
    return [ann, bob].map((player) => all.get(player)!.score);
  };
  await fold('winnings', [
    { playerId: ann, amount: huge, at: NOON },
    { playerId: ann, amount: huge, at: NOON },
    { playerId: bob, amount: -huge, at: NOON },
  ]);
  assert.equal(await scores(), [2n ** 52n, -(2n ** 52n)]);
  await fold('winnings', [
    { playerId: ann, amount: huge, at: NOON },
    { playerId: bob, amount: 1, at: NOON },
  ]);
  assert.equal(await scores(), [2n ** 52n, 1n - 2n ** 52n]);
});

ranks.run();
