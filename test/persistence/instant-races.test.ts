import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jackpotAccount } from '../../persistence/ledger.ts';
import { commitmentOf } from '../../rules/fairness.ts';
import { startPostgres } from '../support/postgres.ts';
import { always, replayFaults, spin, spinRows, type Spun, STAKE_MAX } from '../support/spins.ts';
import { serverStore } from '../support/store.ts';
import { startWorker } from '../support/workers.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const opened = await serverStore(url, { fresh: true });
const { db, store, player, crowd, coins, close } = opened;
const { instant, ledger } = store;
const [one, two] = await Promise.all([startWorker(url, 'one'), startWorker(url, 'two')]);

const races = suite('persistence/instant races');
for (const end of [one.close, two.close, close]) races.after(end);
races.after(postgres.stop);

const STAKE = 20n;
const done = (spun: readonly Spun[]) => spun.filter((answer) => 'roundId' in answer);
const countTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const noncesOf = async (playerId: string) =>
  (await spinRows(db)).filter((row) => row.player === playerId).map(({ nonce }) => nonce);
const honest = async () => assert.equal([await replayFaults(opened), (await ledger.verify()).differences], [[], []]);

async function paidTo(playerId: string): Promise<bigint> {
  const rows = (await spinRows(db)).filter((row) => row.player === playerId);
  return rows.reduce((sum, { paid, stake }) => sum + paid - stake, 0n);
}

races('40 spins at once by one player: nonces 0 to 39, each once, and the money of 40 rounds', async () => {
  const ann = await player(1_000n);
  const played = await Promise.all(countTo(40).map(() => instant.play(spin(ann, STAKE))));
  assert.equal(
    played.map(({ fairness }) => fairness.nonce),
    countTo(40),
  );
  assert.equal(await noncesOf(ann), countTo(40));
  assert.is((await coins(ann)).available, 1_000n + (await paidTo(ann)));
  await honest();
});

races('40 players at once: each has a round of their own, and the jackpot has all their contributions', async () => {
  const players = await crowd(40, 100n);
  const pot = await ledger.jackpot('COINS');
  await Promise.all(players.map((playerId) => instant.play(spin(playerId, STAKE, { decide: always({ contribution: 1n }) }))));
  assert.is(await ledger.jackpot('COINS'), pot + 40n);
  for (const playerId of players) assert.equal([await noncesOf(playerId), (await coins(playerId)).available], [[0], 80n]);
  await honest();
});

races('one player in two processes at once: every spin is played, nonces 0 to 79, each once', async () => {
  const ann = await player(2_000n);
  const input = { players: [ann], each: 40, stake: STAKE, requestIds: null };
  const spun = (await Promise.all([one.run('spins', input), two.run('spins', input)])).flat();
  assert.equal(
    spun.filter((answer) => 'refused' in answer),
    [],
  );
  assert.equal(
    done(spun)
      .map(({ nonce }) => nonce)
      .toSorted((a, b) => a - b),
    countTo(80),
  );
  assert.equal(await noncesOf(ann), countTo(80));
  assert.is((await coins(ann)).available, 2_000n + (await paidTo(ann)));
  await honest();
});

races('many players in two processes at once, some short of funds: no gap, no double, every coin accounted for', async () => {
  const players = [...(await crowd(30, 100_000n)), ...(await crowd(10, 100n))];
  const input = { players, each: 12, stake: STAKE, requestIds: null };
  const spun = (await Promise.all([one.run('spins', input), two.run('spins', input)])).flat();
  assert.equal(
    spun.filter((answer) => 'refused' in answer && answer.refused !== 'funds_short'),
    [],
  );
  let rounds = 0;
  for (const playerId of players) {
    const nonces = await noncesOf(playerId);
    assert.equal(nonces, countTo(nonces.length));
    rounds += nonces.length;
  }
  assert.is(rounds, done(spun).length);
  assert.ok(rounds >= 30 * 24);
  await honest();
});

races('one request said 200 times at once in two processes is one round with one answer', async () => {
  const ann = await player(1_000n);
  const input = { players: [ann], each: 0, stake: STAKE, requestIds: Array<string>(100).fill(randomUUID()) };
  const spun = (await Promise.all([one.run('spins', input), two.run('spins', input)])).flat();
  assert.is(done(spun).length, 200);
  assert.is(done(spun).filter(({ replayed }) => !replayed).length, 1);
  const answers = new Set(done(spun).map(({ roundId, payout, available, nonce }) => [roundId, payout, available, nonce].join()));
  assert.is(answers.size, 1);
  assert.equal(await noncesOf(ann), [0]);
  assert.is((await coins(ann)).available, 1_000n + (await paidTo(ann)));
});

races('one request short of funds, said 100 times at once in two processes, is refused every time', async () => {
  const ann = await player(STAKE - 1n);
  const input = { players: [ann], each: 0, stake: STAKE, requestIds: Array<string>(50).fill(randomUUID()) };
  const spun = (await Promise.all([one.run('spins', input), two.run('spins', input)])).flat();
  assert.equal([...new Set(spun.map((answer) => ('refused' in answer ? answer.refused : 'done')))], ['funds_short']);
  assert.equal(await noncesOf(ann), []);
});

races('40 jackpots at once: each is paid from the pot as the one before left it, never below zero', async () => {
  const players = await crowd(40, 10_000n);
  const hit = always({ contribution: 250n, jackpotHit: true });
  const before = await ledger.jackpot('COINS');
  const [last] = await db.rows<{ seq: bigint }>('select max(seq) as seq from ledger_transfer');
  const played = await Promise.all(players.map((playerId) => instant.play(spin(playerId, 5_000n, { decide: hit }))));
  const prizes = played.reduce((sum, { prize }) => sum + prize!, 0n);
  assert.is(await ledger.jackpot('COINS'), before + 40n * 250n - prizes);
  for (const { outcome, prize, payout } of played) {
    assert.is(prize, (BigInt(String(outcome.pot)) * 5_000n) / STAKE_MAX);
    assert.is(payout, prize);
  }
  // In the order of the ledger, the pot of each is what had come in by then less what had been paid.
  const text = 'select delta from ledger_entry where account = $1 and seq > $2 order by seq';
  const entries = await db.rows<{ delta: bigint }>(text, [jackpotAccount('COINS'), last!.seq]);
  const paid: string[] = [];
  let pot = before;
  for (const { delta } of entries) {
    if (delta <= 0n) paid.push(`${-delta} of ${pot}`);
    pot += delta;
    assert.ok(pot >= 0n);
  }
  assert.equal(paid.toSorted(), played.map(({ outcome }) => `${String(outcome.prize)} of ${String(outcome.pot)}`).toSorted());
  await honest();
});

races('rotations while two processes spin: nonces have no gap under any seed, and each seed keeps its promise', async () => {
  const ann = await player(5_000n);
  const input = { players: [ann], each: 40, stake: STAKE, requestIds: null };
  const spinning = Promise.all([one.run('spins', input), two.run('spins', input)]);
  const promised: string[] = [(await store.seeds.card(ann)).commitment];
  for (let rotated = 0; rotated < 8; rotated++) {
    const { shown, commitment } = await store.seeds.rotate(ann, `seed-${rotated}`);
    assert.is(shown.commitment, promised.at(-1));
    assert.is(commitmentOf(Buffer.from(shown.serverSeed, 'hex')), shown.commitment);
    promised.push(commitment);
  }
  const spun = (await spinning).flat();
  assert.is(done(spun).length, 80, JSON.stringify(spun.filter((answer) => 'refused' in answer)));
  const bySeed = Map.groupBy(
    (await spinRows(db)).filter((row) => row.player === ann),
    ({ seed }) => seed,
  );
  for (const rows of bySeed.values())
    assert.equal(
      rows.map(({ nonce }) => nonce),
      countTo(rows.length),
    );
  await honest();
});

races.run();
