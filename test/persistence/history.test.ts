import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BetRecord } from '../../persistence/history.ts';
import { commitmentOf } from '../../rules/fairness.ts';
import { always, spin } from '../support/spins.ts';
import { memoryStore } from '../support/store.ts';

const { db, store, player, guest, close } = await memoryStore();
const { history, instant, rounds } = store;

const reading = suite('persistence/history');
reading.after(close);

const wins = (payout: bigint) => always({ payout });

/** A roulette round of two that the first player wins, with a side bet of the second on the way. */
async function rouletteWonBy(winner: string, loser: string): Promise<string> {
  const { roundId } = await rounds.open({ game: 'roulette', roomId: 'table-7', rulesVersion: 1 });
  const stakes = [winner, loser].map((playerId) => ({ seat: playerId, playerId, amount: 100n }));
  await rounds.start({ roundId, clientSeeds: [], setup: {}, currency: 'COINS', stakes });
  const bet = {
    roundId,
    playerId: loser,
    kind: 'survive',
    currency: 'COINS',
    amount: 30n,
    details: {},
    requestId: randomUUID(),
  } as const;
  const { betId } = await rounds.bet(bet);
  await rounds.move({ roundId, moves: [], bets: [{ betId, paid: 34n }] });
  const end = { outcome: { winner }, payouts: [{ seat: winner, amount: 192n }], rake: 8n, counts: true };
  await rounds.move({ roundId, moves: [], end });
  return roundId;
}

reading("a player's bets come newest first, page by page without a gap or a double, of one game where asked", async () => {
  const [ann, bob] = [await player(10_000n), await player(10_000n)];
  const played: string[] = [];
  for (let index = 0; index < 7; index++)
    played.push((await instant.play(spin(ann, 20n, { decide: wins(BigInt(index)) }))).roundId);
  const table = await rouletteWonBy(ann, bob);
  const pages: BetRecord[] = [];
  for (let before: string | null = null; ; before = pages.at(-1)!.id) {
    const page = await history.bets(ann, { limit: 3, before, game: null });
    pages.push(...page);
    if (page.length < 3) break;
  }
  assert.equal(
    pages.map(({ roundId }) => roundId),
    [table, ...played.toReversed()],
  );
  assert.equal(
    pages.map(({ paid }) => paid),
    [192n, 6n, 5n, 4n, 3n, 2n, 1n, 0n],
  );
  assert.equal(
    (await history.bets(ann, { limit: 9, before: null, game: 'roulette' })).map(({ roundId }) => roundId),
    [table],
  );
  assert.equal(
    (await history.bets(bob, { limit: 9, before: null, game: null })).map(({ kind, amount, paid }) => [kind, amount, paid])
      .length,
    2,
  );
});

reading('bets taken in one and the same moment are paged without a gap too', async () => {
  const ann = await player(10_000n);
  for (let index = 0; index < 10; index++) await instant.play(spin(ann, 20n));
  await db.rows("update round_stake set at = '2026-11-21T12:00:00Z' where player = $1", [ann]);
  const seen: string[] = [];
  for (let before: string | null = null; seen.length < 10; before = seen.at(-1)!)
    seen.push(...(await history.bets(ann, { limit: 3, before, game: null })).map(({ id }) => id));
  assert.is(new Set(seen).size, 10);
});

reading('an open bet has no return and no outcome yet; a void one says why', async () => {
  const ann = await player(1_000n);
  const { roundId } = await rounds.open({ game: 'roulette', roomId: 'table-9', rulesVersion: 1 });
  await rounds.start({
    roundId,
    clientSeeds: [],
    setup: {},
    currency: 'COINS',
    stakes: [{ seat: ann, playerId: ann, amount: 50n }],
  });
  const bet = async () => (await history.bets(ann, { limit: 1, before: null, game: null }))[0]!;
  assert.equal([(await bet()).state, (await bet()).paid, (await bet()).outcome], ['open', null, null]);
  assert.is(await history.roomOf(roundId), 'table-9');
  await rounds.void(roundId, 'interrupted');
  assert.equal([(await bet()).state, (await bet()).paid, (await bet()).reason], ['void', 50n, 'interrupted']);
  assert.is(await history.roomOf(roundId), null);
  assert.is(await history.roomOf(randomUUID()), null);
});

reading('figures by game and currency are the sums of settled bets; void ones and open ones are left out', async () => {
  const [ann, bob] = [await player(10_000n), await player(10_000n)];
  for (const payout of [0n, 50n, 20n, 400n]) await instant.play(spin(ann, 20n, { decide: wins(payout) }));
  await rouletteWonBy(ann, bob);
  await rouletteWonBy(bob, ann);
  const { roundId } = await rounds.open({ game: 'roulette', roomId: 'x', rulesVersion: 1 });
  await rounds.start({
    roundId,
    clientSeeds: [],
    setup: {},
    currency: 'COINS',
    stakes: [{ seat: ann, playerId: ann, amount: 50n }],
  });
  assert.equal(await history.figures(ann), [
    { game: 'roulette', currency: 'COINS', rounds: 2n, staked: 230n, paid: 226n, won: 2n, bestPaid: 192n },
    { game: 'spin', currency: 'COINS', rounds: 4n, staked: 80n, paid: 470n, won: 2n, bestPaid: 400n },
  ]);
  await rounds.void(roundId, 'test');
  assert.is((await history.figures(ann))[0]!.rounds, 2n);
  assert.equal(await history.figures(await guest()), []);
});

reading('totals count players who are there and rounds that were settled', async () => {
  const before = await history.totals();
  const [ann, gone] = [await player(100n), await player()];
  await instant.play(spin(ann, 20n));
  await store.players.erase(gone);
  const { players, rounds: counted } = await history.totals();
  assert.is(players, before.players + 1);
  const spins = (rows: typeof counted) => rows.find(({ game }) => game === 'spin')!.rounds;
  assert.is(spins(counted), spins(before.rounds) + 1);
});

reading(
  "a spin's seed is shown once its player has rotated, a round's own once it is over, each the one that was promised",
  async () => {
    const ann = await player(1_000n);
    const played = await instant.play(spin(ann, 20n));
    assert.is((await history.proof(played.roundId))!.serverSeed, null);
    await store.seeds.rotate(ann, null);
    const proof = (await history.proof(played.roundId))!;
    assert.is(commitmentOf(Buffer.from(proof.serverSeed!, 'hex')), played.fairness.commitment);
    const next = await instant.play(spin(ann, 20n));
    assert.is((await history.proof(next.roundId))!.serverSeed, null, 'the next seed is not shown with the last');
    const { roundId, commitment } = await rounds.open({ game: 'battle', roomId: 'x', rulesVersion: 1 });
    assert.is((await history.proof(roundId))!.serverSeed, null);
    await rounds.void(roundId, 'test');
    assert.is(commitmentOf(Buffer.from((await history.proof(roundId))!.serverSeed!, 'hex')), commitment);
  },
);

reading('a stored seed that is not the one promised, or was moved to another row, is never shown', async () => {
  const opened = await Promise.all([1, 2].map(() => rounds.open({ game: 'battle', roomId: 'x', rulesVersion: 1 })));
  for (const { roundId } of opened) await rounds.void(roundId, 'test');
  const [one, two] = opened.map(({ roundId }) => roundId);
  const fails = (roundId: string) =>
    history.proof(roundId).then(
      () => false,
      () => true,
    );
  await db.rows('update round set sealed = (select sealed from round where id = $2) where id = $1', [one, two]);
  assert.ok(await fails(one!));
  await db.rows("update round set commitment = repeat('0', 64) where id = $1", [two]);
  assert.ok(await fails(two!));
});

reading.run();
