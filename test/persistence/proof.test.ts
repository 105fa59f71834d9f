// That a round's commitment was there before anything was staked on it, read from the rows themselves.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decideSpinRound } from '../../rules/spin.ts';
import { memoryStore } from '../support/store.ts';

const { store, db, player, close } = await memoryStore();

const proof = suite('persistence/proof');
proof.after(() => close());

const spin = async (playerId: string) => {
  const round = decideSpinRound({ currency: 'COINS', stake: 20n });
  const played = await store.instant.play({ ...round, playerId, clientSeed: null, requestId: randomUUID(), roomId: null });
  return (await store.history.proof(played.roundId))!;
};

const seedRow = async (commitment: string) => {
  const [row] = await db.rows<{ made: Date; shown: Date | null }>(
    'select made_at as made, shown_at as shown from fairness_seed where commitment = $1',
    [commitment],
  );
  return row!;
};

proof('a spin’s commitment is as old as its seed’s row, and older than its stake', async () => {
  const playerId = await player(1_000n);
  const { commitment } = await store.seeds.card(playerId);
  const played = await spin(playerId);
  assert.is(played.commitment, commitment);
  assert.equal(played.committedAt, (await seedRow(commitment)).made);
  assert.is(played.stakes.length, 1);
  const [stake] = played.stakes;
  assert.equal([stake!.seat, stake!.kind, stake!.amount, stake!.state], [null, 'stake', 20n, 'settled']);
  assert.ok(played.committedAt <= stake!.at && stake!.at <= played.endedAt!);
});

proof('the next seed is promised while the one before is still in use', async () => {
  const playerId = await player(1_000n);
  const { commitment, nextCommitment } = await store.seeds.card(playerId);
  await spin(playerId);
  await store.seeds.rotate(playerId, 'mine');
  const played = await spin(playerId);
  assert.is(played.commitment, nextCommitment);
  assert.ok(played.committedAt < (await seedRow(commitment)).shown!, 'promised before the old one was shown');
  assert.is((await seedRow(nextCommitment)).shown, null);
  assert.is(played.serverSeed, null);
});

proof('a table’s commitment can be read before there is any stake, and its seed cannot', async () => {
  const [ann, bob] = [await player(1_000n), await player(1_000n)];
  const { roundId, commitment } = await store.rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 });
  const laid = (await store.history.proof(roundId))!;
  assert.equal([laid.commitment, laid.serverSeed, laid.stakes, laid.state], [commitment, null, [], 'open']);
  assert.equal(laid.committedAt, laid.openedAt);

  const setup = { seats: [ann, bob], stake: '100', currency: 'COINS', rakeBp: 400 };
  const stakes = [ann, bob].map((seat) => ({ seat, playerId: seat, amount: 100n }));
  await store.rounds.start({ roundId, clientSeeds: [ann, bob], setup, currency: 'COINS', stakes });
  const bet = { roundId, playerId: ann, kind: 'survive', currency: 'COINS', amount: 200n, details: {} } as const;
  const { betId } = await store.rounds.bet({ ...bet, requestId: randomUUID() });
  const running = (await store.history.proof(roundId))!;
  assert.equal([running.committedAt, running.serverSeed], [laid.committedAt, null]);
  assert.equal(
    running.stakes.map(({ kind, amount, paid, state }) => [kind, amount, paid, state]),
    [
      ['stake', 100n, null, 'open'],
      ['stake', 100n, null, 'open'],
      ['survive', 200n, null, 'open'],
    ],
  );
  assert.is(running.stakes[2]!.stakeId, betId);
  for (const { at } of running.stakes) assert.ok(running.committedAt <= at);
  await store.rounds.void(roundId, 'failed');
  assert.ok((await store.history.proof(roundId))!.stakes.every(({ amount, paid, state }) => paid === amount && state === 'void'));
});

proof.run();
