import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commitmentOf, drawStream } from '../../rules/fairness.ts';
import { decideSpin } from '../../rules/spin.ts';
import { always, replayFaults, spin, spinRows, STAKE_MAX } from '../support/spins.ts';
import { memoryStore, refusalOf } from '../support/store.ts';

const opened = await memoryStore();
const { db, store, player, guest, coins, seedScript, close } = opened;
const { instant, ledger } = store;

const spins = suite('persistence/instant');
spins.after(close);

const stateOf = async () =>
  JSON.stringify([
    await db.rows('select id::text, posted::text, held::text from ledger_account order by id'),
    await db.rows('select id, nonce, client_seed, status from fairness_seed order by id'),
    await db.rows('select count(*)::int as n from round'),
    await db.rows('select count(*)::int as n from score_event'),
  ]);

spins("a spin draws from the player's seed and nonce, moves stake and win, and is stored with its stake and score", async () => {
  const seed = new Uint8Array(32).fill(9);
  seedScript.push(seed);
  const ann = await player(1_000n);
  const due = decideSpin(drawStream({ serverSeed: seed, clientSeeds: ['lucky'], nonce: 0 }), 100n);
  const played = await instant.play(spin(ann, 100n, { clientSeed: 'lucky', roomId: 'room-1', setup: { table: 1 } }));
  assert.equal(played.outcome, { segment: due.segment, multiplier: due.multiplier });
  assert.is(played.payout, due.payout);
  assert.equal(played.fairness, { commitment: commitmentOf(seed), clientSeed: 'lucky', nonce: 0 });
  assert.equal(played.balance, { currency: 'COINS', available: 900n + due.payout, held: 0n });
  assert.is(played.replayed, false);
  assert.is((await coins(ann)).available, played.balance.available);
  const [bet] = await store.history.bets(ann, { limit: 1, before: null, game: 'spin' });
  assert.equal(
    { ...bet, at: null, id: null },
    {
      id: null,
      roundId: played.roundId,
      game: 'spin',
      kind: 'stake',
      currency: 'COINS',
      amount: 100n,
      paid: due.payout,
      state: 'settled',
      reason: null,
      outcome: played.outcome,
      at: null,
    },
  );
  assert.equal(await db.rows('select board, amount from score_event where player = $1', [ann]), [
    { board: 'winnings', amount: due.payout - 100n },
  ]);
});

spins('a player who names no client seed plays under the one from before, at first their own id', async () => {
  const ann = await player(1_000n);
  const seeds = [null, 'a-seed', null, 'b-seed'];
  const used: string[] = [];
  for (const clientSeed of seeds) used.push((await instant.play(spin(ann, 20n, { clientSeed }))).fairness.clientSeed);
  assert.equal(used, [ann, 'a-seed', 'a-seed', 'b-seed']);
  assert.is((await store.seeds.card(ann)).clientSeed, 'b-seed');
  assert.is((await store.seeds.card(ann)).nonce, 4);
});

spins('the same request again is the first answer again, however much was played since', async () => {
  const ann = await player(1_000n);
  const play = spin(ann, 20n, { decide: always({ payout: 50n, contribution: 1n }) });
  const first = await instant.play(play);
  await instant.play(spin(ann, 20n));
  const before = await stateOf();
  assert.equal(await instant.play(play), { ...first, replayed: true });
  assert.equal(await Promise.all([1, 2, 3].map(() => instant.play(play))), Array(3).fill({ ...first, replayed: true }));
  assert.is(await stateOf(), before);
});

spins('the same key with another stake, client seed or currency is request_reused and moves nothing', async () => {
  const [ann, bob] = [await player(1_000n), await player(1_000n)];
  const requestId = randomUUID();
  await instant.play(spin(ann, 20n, { requestId }));
  const before = await stateOf();
  for (const play of [
    spin(ann, 40n, { requestId }),
    spin(ann, 20n, { requestId, clientSeed: 'other' }),
    spin(ann, 20n, { requestId, currency: 'GEMS' }),
  ])
    assert.is(await refusalOf(instant.play(play)), 'request_reused');
  assert.is(await stateOf(), before);
  assert.is(await refusalOf(instant.play(spin(bob, 20n, { requestId }))), 'done', "another player's key is another request");
});

spins('funds_short uses no nonce, changes nothing and is remembered under its key', async () => {
  const ann = await player(10n);
  const play = spin(ann, 20n);
  await store.seeds.card(ann);
  const before = await stateOf();
  assert.is(await refusalOf(instant.play(play)), 'funds_short');
  assert.is(await stateOf(), before);
  const rich = await ledger.accountOf(await player(100n), 'COINS');
  await ledger.post({
    id: randomUUID(),
    op: 'move',
    debit: rich,
    credit: await ledger.accountOf(ann, 'COINS'),
    amount: 50n,
    reason: 'gift',
  });
  assert.is(await refusalOf(instant.play(play)), 'funds_short');
  assert.is((await instant.play(spin(ann, 20n))).fairness.nonce, 0);
});

spins('a hit pays its share of the pot, its own contribution in it, and what was paid is stored with the round', async () => {
  const [ann, bob] = [await player(10_000n), await player(10_000n)];
  const pot = (await ledger.jackpot('COINS')) + 250n;
  const hit = spin(ann, 5_000n, { decide: always({ payout: 7n, contribution: 250n, jackpotHit: true }) });
  const played = await instant.play(hit);
  const prize = (pot * 5_000n) / STAKE_MAX;
  assert.equal([played.prize, played.payout, played.balance.available], [prize, prize + 7n, 5_000n + prize + 7n]);
  assert.equal(played.outcome, { segment: 0, pot: String(pot), prize: String(prize) });
  assert.is(await ledger.jackpot('COINS'), pot - prize);
  assert.is((await coins(ann)).available, played.balance.available);
  assert.equal(await instant.play(hit), { ...played, replayed: true });
  const whole = await instant.play(spin(bob, STAKE_MAX, { decide: always({ jackpotHit: true }) }));
  assert.is(whole.prize, pot - prize);
  assert.is(await ledger.jackpot('COINS'), 0n);
  assert.is((await instant.play(spin(bob, 20n, { decide: always({ jackpotHit: true }) }))).prize, 0n);
  assert.equal((await store.ledger.verify()).differences, []);
});

spins('a rotation shows the seed that was promised, and starts the next one that was promised', async () => {
  const ann = await player(1_000n);
  const first = await store.seeds.card(ann);
  const played = await instant.play(spin(ann, 20n));
  assert.is(played.fairness.commitment, first.commitment);
  assert.is((await store.history.proof(played.roundId))!.serverSeed, null);
  const { shown, ...card } = await store.seeds.rotate(ann, 'mine');
  assert.is(shown.commitment, first.commitment);
  assert.is(commitmentOf(Buffer.from(shown.serverSeed, 'hex')), first.commitment);
  assert.equal(
    { ...card, nextCommitment: null },
    { commitment: first.nextCommitment, nextCommitment: null, clientSeed: 'mine', nonce: 0 },
  );
  assert.is((await store.history.proof(played.roundId))!.serverSeed, shown.serverSeed);
  assert.equal((await instant.play(spin(ann, 20n))).fairness, { commitment: first.nextCommitment, clientSeed: 'mine', nonce: 0 });
  assert.is((await store.seeds.rotate(ann, null)).clientSeed, 'mine');
});

spins('spins and rotations of one player at once take turns: each seed has its nonces without a gap', async () => {
  const ann = await player(5_000n);
  const work = Array.from({ length: 60 }, (_, index) =>
    index % 6 === 5 ? store.seeds.rotate(ann, null) : instant.play(spin(ann, 20n)),
  );
  await Promise.all<unknown>(work);
  const rows = (await spinRows(db)).filter((row) => row.player === ann);
  assert.is(rows.length, 50);
  const bySeed = Map.groupBy(rows, ({ seed }) => seed);
  assert.is(bySeed.size, 10);
  for (const of of bySeed.values())
    assert.equal(
      of.map(({ nonce }) => nonce),
      of.map((_, index) => index),
    );
});

spins('a seed is never in the database as it is', async () => {
  const seed = new Uint8Array(32).fill(0xab);
  seedScript.push(seed);
  const ann = await guest(1_000n);
  await instant.play(spin(ann, 20n));
  const dump = JSON.stringify(await db.rows('select encode(sealed, $$hex$$), t::text from fairness_seed t'));
  assert.not.match(dump, 'ab'.repeat(16));
});

spins('every stored spin plays again to the same end from its seed', async () => {
  assert.ok((await spinRows(db)).length > 60);
  assert.equal(await replayFaults(opened), []);
});

spins.run();
