// What is counted is counted once, whoever folds and whatever dies on the way; and every settled round is one.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countIn, openDeeds, type Deed } from '../../persistence/deeds.ts';
import { tallyIn } from '../../persistence/counters.ts';
import type { Play } from '../../persistence/instant.ts';
import { whole } from '../../persistence/orm.ts';
import type { Counter } from '../../rules/counters.ts';
import type { Currency } from '../../rules/currency.ts';
import { startPostgres } from '../support/postgres.ts';
import { give, memoryStore, serverStore } from '../support/store.ts';
import { chanceOf } from '../support/torture.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, guest, crowd, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });

const counting = suite('persistence/counters');
for (const end of [close, other.close, postgres.stop]) counting.after(end);

interface Event extends Deed {
  at: string;
}

const happened = (events: readonly Event[]) =>
  db.rows(
    `insert into score_event (board, player, amount, at)
       select e ->> 'counter', (e ->> 'playerId')::uuid, (e ->> 'amount')::bigint, (e ->> 'at')::timestamptz from json_array_elements($1::json) e`,
    [JSON.stringify(events.map((event) => ({ ...event, amount: String(event.amount) })))],
  );

async function foldAll(): Promise<void> {
  while ((await store.deeds.fold()) > 0);
}

const of = async (playerId: string) =>
  Object.fromEntries(
    [...(await store.counters.of(playerId))].map(([counter, { sum, count, best }]) => [counter, [sum, count, best]]),
  );

const daysOf = async (playerId: string) =>
  (
    await db.rows<{ counter: Counter; day: string; total: unknown }>(
      "select counter, to_char(day, 'YYYY-MM-DD') as day, total from counter_day where player = $1 order by counter, day",
      [playerId],
    )
  ).map(({ counter, day, total }) => [counter, day, whole(total)]);

const stateOf = async () =>
  JSON.stringify(
    await Promise.all(
      [
        'score_event',
        'player_counter',
        'counter_day',
        'player_achievement',
        'achievement_state',
        'quest',
        'leaderboard_score',
      ].map((table) => db.rows(`select * from ${table} t order by t::text`)),
    ),
    (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );

counting('sums that outgrow a column stop where they must, and keep nobody waiting', async () => {
  const [ann, bob] = [await player(), await player()];
  const at = '2026-11-21T10:00:00Z';
  const most = 9_223_372_036_854_775_807n;
  for (let times = 0; times < 3; times++) {
    await happened([
      { playerId: ann, counter: 'xp', amount: most, at },
      { playerId: ann, counter: 'xp', amount: most, at },
      { playerId: bob, counter: 'xp', amount: 7n, at },
    ]);
    await foldAll();
  }
  assert.equal((await of(bob)).xp, [21n, 3n, 7n]);
  assert.equal((await of(ann)).xp, [10n ** 18n, 6n, most]);
  await happened([{ playerId: ann, counter: 'xp', amount: -most, at }]);
  await foldAll();
  assert.is((await of(ann)).xp![0], 0n);
});

counting('deeds add up in all, by number and by the greatest; guests count too', async () => {
  const [ann, bob] = [await player(), await guest()];
  const at = '2026-11-21T10:00:00Z';
  await happened([
    { playerId: ann, counter: 'mined', amount: 30n, at },
    { playerId: ann, counter: 'mined', amount: 12n, at },
    { playerId: ann, counter: 'mined', amount: -10n, at },
    { playerId: bob, counter: 'mined', amount: 7n, at },
  ]);
  await foldAll();
  await happened([{ playerId: ann, counter: 'mined', amount: 4n, at }]);
  await foldAll();
  assert.equal([await of(ann), await of(bob)], [{ mined: [36n, 4n, 30n] }, { mined: [7n, 1n, 7n] }]);
});

counting('a day is the player’s own, also beside midnight, by a zone of half hours, and by one no machine knows', async () => {
  const [nairobi, kathmandu, lost] = (await crowd(3, 0n)) as [string, string, string];
  const zones = { [nairobi]: 'Africa/Nairobi', [kathmandu]: 'Asia/Kathmandu', [lost]: 'Mars/Olympus' };
  for (const [id, zone] of Object.entries(zones)) await db.rows('update player set time_zone = $2 where id = $1', [id, zone]);
  const at = [
    '2026-11-20T18:14:59.999Z',
    '2026-11-20T18:15:00Z',
    '2026-11-20T20:59:59.999Z',
    '2026-11-20T21:00:00Z',
    '2026-11-21T00:00:00Z',
  ];
  for (const playerId of [nairobi, kathmandu, lost])
    await happened(at.map((one, index) => ({ playerId, counter: 'battles', amount: 10n ** BigInt(index), at: one })));
  await foldAll();
  assert.equal(await daysOf(nairobi), [
    ['battles', '2026-11-20', 111n],
    ['battles', '2026-11-21', 11_000n],
  ]);
  assert.equal(await daysOf(kathmandu), [
    ['battles', '2026-11-20', 1n],
    ['battles', '2026-11-21', 11_110n],
  ]);
  assert.equal(await daysOf(lost), [
    ['battles', '2026-11-20', 1_111n],
    ['battles', '2026-11-21', 10_000n],
  ]);
});

const spin = (playerId: string, currency: Currency, payout: bigint): Play => ({
  game: 'spin',
  rulesVersion: 1,
  playerId,
  currency,
  stake: 20n,
  stakeMax: 10_000n,
  clientSeed: null,
  requestId: randomUUID(),
  roomId: null,
  setup: {},
  decide: () => ({ payout, contribution: 0n, jackpotHit: false, outcome: {} }),
});

counting('every spin is one round, won, lost or even, in any currency, by one row each', async () => {
  const ann = await player(1_000n);
  await give(store, { playerId: ann, currency: 'GEMS', amount: 100n });
  await db.rows('delete from score_event');
  for (const payout of [0n, 20n, 50n]) await store.instant.play(spin(ann, 'COINS', payout));
  for (const payout of [0n, 20n]) await store.instant.play(spin(ann, 'GEMS', payout));
  const again = spin(ann, 'COINS', 0n);
  await store.instant.play(again);
  await store.instant.play(again);
  assert.equal((await db.rows('select count(*)::int as n from score_event'))[0], { n: 6 });
  await foldAll();
  const { rounds, winnings } = await of(ann);
  assert.equal([rounds![0], winnings], [6n, [-10n, 4n, 30n]]);
});

counting(
  'every round at a table is one, for who had a stake or a bet in it, whether its winnings count or not; a void one is none',
  async () => {
    const [ann, bob, watcher] = (await crowd(3, 1_000n)) as [string, string, string];
    const { rounds } = store;
    const played = async ({ counts, currency = 'COINS' }: { counts: boolean; currency?: Currency }, end: 'settled' | 'void') => {
      const { roundId } = await rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 });
      const stakes = [ann, bob].map((playerId) => ({ seat: playerId, playerId, amount: 100n }));
      assert.equal(await rounds.start({ roundId, clientSeeds: [], setup: {}, currency, stakes }), { short: [] });
      const bet = {
        roundId,
        playerId: watcher,
        kind: 'survive',
        currency,
        amount: 10n,
        details: {},
        requestId: randomUUID(),
      } as const;
      const { betId } = await rounds.bet(bet);
      if (end === 'void') return rounds.void(roundId, 'test');
      await rounds.move({ roundId, moves: [], bets: [{ betId, paid: 10n }] });
      await rounds.move({ roundId, moves: [], end: { outcome: {}, payouts: [{ seat: ann, amount: 200n }], rake: 0n, counts } });
    };
    for (const playerId of [ann, bob, watcher]) await give(store, { playerId, currency: 'GEMS', amount: 500n });
    await played({ counts: true }, 'settled');
    await played({ counts: false }, 'settled');
    await played({ counts: true, currency: 'GEMS' }, 'settled');
    await played({ counts: true }, 'void');
    await foldAll();
    const tallies = await Promise.all([ann, bob, watcher].map(async (id) => of(id)));
    assert.equal(
      tallies.map(({ rounds: count, winnings }) => [count![0], winnings]),
      [
        [3n, [100n, 1n, 100n]],
        [3n, [-100n, 1n, -100n]],
        [3n, [0n, 1n, 0n]],
      ],
    );
  },
);

counting('who registers is counted once, as a guest who does so later is', async () => {
  const { player: ann } = await store.players.register({
    email: 'ann@example.com',
    password: 'correct horse',
    displayName: 'Ann',
    device: 'x',
  });
  const { player: bob } = await store.players.guest({ displayName: 'Bob', device: 'x' });
  await foldAll();
  assert.equal([await of(ann.id), await of(bob.id)], [{ registered: [1n, 1n, 1n] }, {}]);
  await store.players.upgrade({ playerId: bob.id, email: 'bob@example.com', password: 'correct horse', displayName: null });
  await foldAll();
  assert.equal(await of(bob.id), { registered: [1n, 1n, 1n] });
});

counting(
  'a fold that dies half-way, by a fault or by the loss of its connection, changes nothing, and the next does all of it',
  async () => {
    const ann = await player();
    const events = Array.from(
      { length: 50 },
      () => ({ playerId: ann, counter: 'battles', amount: 1n, at: '2026-11-21T10:00:00Z' }) as const,
    );
    await happened(events);
    const before = await stateOf();
    const failing = openDeeds(db, [tallyIn, () => Promise.reject(new Error('half-way'))]);
    for (let tries = 0; tries < 3; tries++)
      assert.is(
        await failing.fold().then(
          () => 'done',
          (error: Error) => error.message,
        ),
        'half-way',
      );
    assert.is(await stateOf(), before);
    const cut = openDeeds(other.db, [
      tallyIn,
      async (em) => void (await em.execute('select pg_terminate_backend(pg_backend_pid())')),
    ]);
    assert.is(
      await cut.fold().then(
        () => 'done',
        () => 'cut',
      ),
      'cut',
    );
    assert.is(await stateOf(), before);
    assert.is(await store.deeds.fold(), 50);
    assert.equal((await of(ann)).battles, [50n, 50n, 1n]);
  },
);

counting('100,000 deeds of 500 players, counted while four folders in two processes fold: each once', async () => {
  const players = await crowd(500, 0n);
  const chance = chanceOf(3);
  const due = new Map<string, bigint>();
  const counters = ['battles', 'enemies', 'mined'] as const;
  const parts = Array.from({ length: 20 }, () =>
    Array.from({ length: 5_000 }, (): Event => {
      const [playerId, counter, amount] = [players[chance(500)]!, counters[chance(3)]!, BigInt(chance(90))];
      due.set(`${playerId} ${counter}`, (due.get(`${playerId} ${counter}`) ?? 0n) + amount);
      return { playerId, counter, amount, at: `2026-11-2${chance(2)}T1${chance(3)}:00:00Z` };
    }),
  );
  let over = false;
  const folder = async ({ deeds }: typeof store) => {
    let folded = 0;
    for (; !over; await sleep(5)) folded += await deeds.fold();
    return folded;
  };
  const folders = [store, other.store, store, other.store].map(folder);
  for (const part of parts) await happened(part);
  over = true;
  let folded = (await Promise.all(folders)).reduce((sum, count) => sum + count, 0);
  for (let more = 1; more > 0; folded += more) more = await store.deeds.fold();
  assert.is(folded, 100_000);
  const rows = await db.rows<{ player: string; counter: string; total: unknown; days: unknown; deeds: unknown }>(
    `select c.player, c.counter, c.total, c.deeds, (select sum(d.total)::bigint from counter_day d where d.player = c.player and d.counter = c.counter) as days
       from player_counter c where c.player = any($1)`,
    [players],
  );
  assert.is(rows.length, due.size);
  for (const { player: id, counter, total, days } of rows)
    assert.equal([whole(total), whole(days)], Array(2).fill(due.get(`${id} ${counter}`)));
  assert.is(
    rows.reduce((sum, { deeds }) => sum + Number(deeds), 0),
    100_000,
  );
});

counting('what is counted inside a change that fails is not', async () => {
  const ann = await player();
  const failing = db.transaction(async (em) => {
    await countIn(em, [{ playerId: ann, counter: 'pets', amount: 1n }]);
    throw new Error('no');
  });
  assert.is(await failing.catch((error: Error) => error.message), 'no');
  await foldAll();
  assert.equal(await of(ann), {});
});

counting('days long past are forgotten, totals stay', async () => {
  const ann = await player();
  await happened(
    ['2026-10-20', '2026-11-20'].map((day) => ({ playerId: ann, counter: 'pets', amount: 1n, at: `${day}T10:00:00Z` })),
  );
  await foldAll();
  assert.ok((await store.counters.sweep()) > 0);
  assert.equal([await daysOf(ann), (await of(ann)).pets], [[['pets', '2026-11-20', 1n]], [2n, 2n, 1n]]);
});

counting(
  'who played before counting began is counted for it: registered, the boards, rounds, and those still to be folded once',
  async () => {
    const before = await memoryStore();
    try {
      const ann = await before.player(1_000n);
      for (const payout of [0n, 20n, 50n]) await before.store.instant.play(spin(ann, 'COINS', payout));
      while ((await before.store.deeds.fold()) > 0);
      for (const payout of [30n, 0n]) await before.store.instant.play(spin(ann, 'COINS', payout));
      await before.db.orm.migrator.down({ to: '20261121-8-create-progress' });
      await before.store.migrate();
      await before.store.seed();
      while ((await before.store.deeds.fold()) > 0);
      const tallies = await before.store.counters.of(ann);
      assert.equal(
        (['registered', 'rounds', 'winnings'] as const).map((counter) => tallies.get(counter)!.sum),
        [1n, 5n, 0n],
      );
      assert.is(await before.store.achievements.sweep(), 1);
      assert.is(await before.store.achievements.award(), 1);
    } finally {
      await before.close();
    }
  },
);

counting.run();
