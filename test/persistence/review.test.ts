import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryStore } from '../support/store.ts';

const { db, store, player, coins, close } = await memoryStore();
const { rounds, ledger, history } = store;

const review = suite('persistence/review');
review.after(close);

async function started(players: readonly string[]): Promise<string> {
  const { roundId } = await rounds.open({ game: 'roulette', roomId: 'room-1', rulesVersion: 3 });
  const stakes = players.map((playerId) => ({ seat: playerId, playerId, amount: 100n }));
  assert.equal(await rounds.start({ roundId, clientSeeds: players, setup: {}, currency: 'COINS', stakes }), { short: [] });
  return roundId;
}

review('a round that its own living process could not void is void as soon as the database takes it', async () => {
  const ann = await player(500n);
  const roundId = await started([ann]);
  const transaction = db.transaction;
  db.transaction = () => Promise.reject(new Error('the database is away'));
  const failed = await rounds.void(roundId, 'failed').catch((error: Error) => error.message);
  db.transaction = transaction;
  assert.is(failed, 'the database is away');
  assert.equal(await coins(ann), { available: 400n, held: 100n });
  await rounds.beat();
  assert.is(await rounds.voidAbandoned({ silentMs: 10_000, every: false }), 1);
  assert.equal(await coins(ann), { available: 500n, held: 0n });
  assert.is((await history.proof(roundId))!.state, 'void');
  assert.is((await history.bets(ann, { limit: 1, before: null, game: null }))[0]!.reason, 'failed');
  assert.is(await rounds.voidAbandoned({ silentMs: 10_000, every: false }), 0);
});

review('a round that ended although the answer was lost is not void, and is not tried for ever', async () => {
  const ann = await player(500n);
  const roundId = await started([ann]);
  const end = { outcome: {}, payouts: [{ seat: ann, amount: 96n }], rake: 4n, counts: false };
  await rounds.move({ roundId, moves: [], end });
  const transaction = db.transaction;
  db.transaction = () => Promise.reject(new Error('the database is away'));
  await rounds.void(roundId, 'failed').catch(() => false);
  db.transaction = transaction;
  assert.is(await rounds.voidAbandoned({ silentMs: 10_000, every: false }), 0);
  assert.equal(await coins(ann), { available: 496n, held: 0n });
  assert.is((await history.proof(roundId))!.state, 'settled');
});

review(
  'a side bet whose answer was lost, so that no table shows it, returns when the round ends, and the winner is paid',
  async () => {
    const [ann, bob, cat] = [await player(500n), await player(500n), await player(500n)];
    const roundId = await started([ann, bob]);
    const lost = { roundId, playerId: cat, kind: 'survive', currency: 'COINS', amount: 150n, details: { pullNo: 1 } } as const;
    await rounds.bet({ ...lost, requestId: randomUUID() });
    assert.equal(await coins(cat), { available: 350n, held: 150n });
    const end = { outcome: { winner: ann }, payouts: [{ seat: ann, amount: 192n }], rake: 8n, counts: true };
    await rounds.move({ roundId, moves: [{ pull: 1 }], end });
    assert.equal(await coins(cat), { available: 500n, held: 0n });
    assert.equal(await coins(ann), { available: 592n, held: 0n });
    const [bet] = await history.bets(cat, { limit: 1, before: null, game: null });
    assert.equal([bet!.state, bet!.paid], ['void', 150n]);
  },
);

review('after all of this every balance is the sum of its entries', async () => {
  assert.equal((await ledger.verify()).differences, []);
});

review.run();
