import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RoundEnd } from '../../persistence/rounds.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, crowd, coins, close } = await serverStore(url, { fresh: true });
// A second Playhouse on the same database, with a holder of its own.
const other = await serverStore(url, { fresh: false, salt: 'other' });
const { rounds, ledger, history } = store;

const races = suite('persistence/rounds races');
for (const end of [close, other.close, postgres.stop]) races.after(end);

async function started(players: string[], amount = 100n): Promise<string> {
  const { roundId } = await rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 });
  const stakes = players.map((playerId) => ({ seat: playerId, playerId, amount }));
  const { short } = await rounds.start({ roundId, clientSeeds: [], setup: {}, currency: 'COINS', stakes });
  assert.equal(short, []);
  return roundId;
}

const bet = (roundId: string, playerId: string, amount: bigint, requestId: string = randomUUID(), at = store) =>
  at.rounds.bet({ roundId, playerId, kind: 'survive', currency: 'COINS', amount, details: {}, requestId });
const end = (payouts: RoundEnd['payouts'], rake = 0n): RoundEnd => ({ outcome: {}, payouts, rake, counts: true });
/** Once more for each connection that was cut while it lay idle. */
async function connected<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 20 || !/terminat|not queryable/.test(String(error))) throw error;
    }
  }
}

const honest = async () => assert.equal((await ledger.verify()).differences, []);

races('40 bets at once by 40 players through two stores: each is held once, and the sum is the sum', async () => {
  const [ann, bob] = [await player(100n), await player(100n)];
  const watchers = await crowd(40, 50n);
  const roundId = await started([ann, bob]);
  const placed = await Promise.all(
    watchers.map((id, index) => bet(roundId, id, BigInt(index + 1), undefined, index % 2 ? other.store : store)),
  );
  const house = await ledger.systemBalance('house', 'COINS');
  for (const [index, id] of watchers.entries())
    assert.equal(await coins(id), { available: 49n - BigInt(index), held: BigInt(index + 1) });
  const bets = placed.map(({ betId }, index) => ({ betId, paid: index % 2 ? 0n : BigInt(2 * index) }));
  await rounds.move({ roundId, moves: [{ pull: 1 }], bets });
  for (const [index, id] of watchers.entries())
    assert.equal(await coins(id), { available: 49n - BigInt(index) + bets[index]!.paid, held: 0n });
  const staked = (40n * 41n) / 2n;
  assert.is(await ledger.systemBalance('house', 'COINS'), house + staked - bets.reduce((sum, { paid }) => sum + paid, 0n));
  await rounds.void(roundId, 'test');
  await honest();
});

races('40 bets at once by one player who can pay for 25: 25 are held, 15 are refused, none is lost', async () => {
  const [ann, watcher] = [await player(100n), await player(250n)];
  const roundId = await started([ann]);
  const codes = await Promise.all(
    Array.from({ length: 40 }, (_, index) => refusalOf(bet(roundId, watcher, 10n, undefined, index % 2 ? other.store : store))),
  );
  assert.is(codes.filter((code) => code === 'done').length, 25);
  assert.is(codes.filter((code) => code === 'funds_short').length, 15);
  assert.equal(await coins(watcher), { available: 0n, held: 250n });
  await rounds.void(roundId, 'test');
  assert.equal(await coins(watcher), { available: 250n, held: 0n });
});

races('one bet said 40 times at once through two stores is one bet with one answer', async () => {
  const [ann, watcher] = [await player(100n), await player(100n)];
  const roundId = await started([ann]);
  const requestId = randomUUID();
  const placed = await Promise.all(
    Array.from({ length: 40 }, (_, index) => bet(roundId, watcher, 10n, requestId, index % 2 ? other.store : store)),
  );
  assert.is(placed.filter(({ replayed }) => !replayed).length, 1);
  assert.is(new Set(placed.map(({ betId, available, held }) => [betId, available, held].join())).size, 1);
  assert.is((await history.bets(watcher, { limit: 10, before: null, game: null })).length, 1);
  assert.equal(await coins(watcher), { available: 90n, held: 10n });
});

races('one key used for bets in two rounds at once is a bet in one of them', async () => {
  const watcher = await player(100n);
  const [one, two] = [await started([await player(100n)]), await started([await player(100n)])];
  const requestId = randomUUID();
  const codes = await Promise.all([
    refusalOf(bet(one, watcher, 10n, requestId)),
    refusalOf(bet(two, watcher, 10n, requestId, other.store)),
  ]);
  assert.equal(codes.toSorted(), ['done', 'request_reused']);
  assert.equal(await coins(watcher), { available: 90n, held: 10n });
  assert.is((await history.bets(watcher, { limit: 10, before: null, game: null })).length, 1);
});

races('a void and the last move at once: exactly one of them happens, 30 times', async () => {
  const [ann, bob] = [await player(10_000n), await player(10_000n)];
  const outcomes = new Set<string>();
  for (let times = 0; times < 30; times++) {
    const [before, roundId] = [await coins(ann), await started([ann, bob])];
    const [moved, voided] = await Promise.all([
      refusalOf(rounds.move({ roundId, moves: [], end: end([{ seat: ann, amount: 192n }], 8n) })),
      other.store.rounds.void(roundId, 'interrupted'),
    ]);
    assert.is(moved === 'done', !voided);
    if (moved !== 'done') assert.is(moved, 'round_over');
    assert.is((await coins(ann)).available - before.available, voided ? 0n : 92n);
    outcomes.add((await history.proof(roundId))!.state);
  }
  assert.is((await coins(bob)).held, 0n);
  assert.ok(outcomes.size >= 1);
  await honest();
});

races('20 voids of one round at once return its stakes once', async () => {
  const [ann, bob] = [await player(100n), await player(100n)];
  const roundId = await started([ann, bob]);
  const voided = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? other.store : store).rounds.void(roundId, 'test')),
  );
  assert.is(voided.filter(Boolean).length, 1);
  assert.equal([await coins(ann), await coins(bob)], Array(2).fill({ available: 100n, held: 0n }));
});

races("starts that want the same players' money at once: those that get it get all of it", async () => {
  const players = await crowd(6, 250n);
  const opened = await Promise.all(
    Array.from({ length: 12 }, () => rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 })),
  );
  const starts = await Promise.all(
    opened.map(({ roundId }, index) => {
      const seated = players.map((_, seat) => players[(seat * (index % 2 ? 1 : 5) + index) % 6]!).slice(0, 4);
      const stakes = seated.map((playerId) => ({ seat: playerId, playerId, amount: 100n }));
      return (index % 2 ? other.store : store).rounds.start({ roundId, clientSeeds: [], setup: {}, currency: 'COINS', stakes });
    }),
  );
  const held = (await Promise.all(players.map(coins))).reduce((sum, balance) => sum + balance.held, 0n);
  assert.is(held, BigInt(starts.filter(({ short }) => short.length === 0).length) * 400n);
  await Promise.all(opened.map(({ roundId }) => rounds.void(roundId, 'test')));
  for (const id of players) assert.equal(await coins(id), { available: 250n, held: 0n });
  await honest();
});

races(
  'a connection cut in the middle of a settlement leaves all of it or nothing, and the void then returns what is left',
  async () => {
    const [ann, bob] = [await player(100n), await player(100n)];
    for (let times = 0; times < 5; times++) {
      const before = await connected(() => coins(ann));
      const roundId = await connected(() => started([ann, bob], 10n));
      const settling = rounds.move({ roundId, moves: [], end: end([{ seat: ann, amount: 20n }]) }).then(
        () => true,
        () => false,
      );
      await postgres.cutConnections();
      const settled = await settling;
      // Its answer lost, the settlement may still be on its way; the void takes its turn after it.
      const voided = await connected(() => rounds.void(roundId, 'test'));
      if (settled) assert.not(voided);
      assert.is((await connected(() => history.proof(roundId)))!.state, voided ? 'void' : 'settled');
      assert.equal(await connected(() => coins(ann)), { available: before.available + (voided ? 0n : 10n), held: 0n });
      assert.is((await coins(bob)).held, 0n);
    }
    await honest();
  },
);

races('rounds of another process are voided once, however many sweep at once', async () => {
  const ann = await player(1_000n);
  await rounds.beat();
  await Promise.all(Array.from({ length: 10 }, async () => started([ann], 10n)));
  const swept = await Promise.all(
    Array.from({ length: 4 }, () => other.store.rounds.voidAbandoned({ silentMs: 0, every: true })),
  );
  assert.ok(swept.reduce((sum, count) => sum + count, 0) >= 10);
  assert.equal(await coins(ann), { available: 1_000n, held: 0n });
  const rows = await db.rows(
    "select s.id from round_stake s join round r on r.id = s.round where s.player = $1 and s.state <> 'void'",
    [ann],
  );
  assert.equal(rows, []);
});

races.run();
