// Several processes at once, on a real server: what each is told of the same payouts is credited once.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apOf, coins, link, payout, tell, txidOf } from '../support/mining.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const one = await serverStore(url, { fresh: true });
const two = await serverStore(url, { fresh: false, salt: 'two' });
const both = [one, two];
const ap = (playerId: string) => apOf(one, playerId);

async function miner(address: string) {
  const playerId = await one.player();
  await link(one, playerId, address);
  return playerId;
}
const payouts = (word: string, address: string, count: number) =>
  Array.from({ length: count }, (_one, n) => payout(`${word}${n}`, address, coins(1)));
const creditAll = () => Promise.all([...both, ...both].map(({ store }) => store.mining.credit()));

const races = suite('persistence/mining-races');
races.after(async () => {
  assert.equal((await one.store.ledger.verify()).differences, []);
  for (const { close } of both) await close();
  await postgres.stop();
});

races('the same payouts in many batches at once, in any order, while they are credited, are credited once', async () => {
  const playerId = await miner('A1');
  const all = payouts('a', 'A1', 60);
  const batches = Array.from({ length: 16 }, (_one, n) => (n % 2 === 0 ? all.slice(n) : all.toReversed().slice(n)));
  const told = await Promise.all([
    ...batches.map((batch, n) => tell(both[n % 2]!, batch)),
    ...Array.from({ length: 6 }, async () => {
      await creditAll();
      return { accepted: 0 };
    }),
  ]);
  assert.is(
    told.reduce((sum, { accepted }) => sum + accepted, 0),
    60,
  );
  await creditAll();
  assert.is(await ap(playerId), 600n);
});

races('one signature is taken by one of those who send it at once', async () => {
  const playerId = await miner('A2');
  const signature = Buffer.from(txidOf('one signature'), 'hex');
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_one, n) => refusalOf(tell(both[n % 2]!, payouts(`b${n}-`, 'A2', 1), { signature }))),
  );
  assert.equal(answers.toSorted(), [...Array<string>(7).fill('batch_replayed'), 'done']);
  await creditAll();
  assert.is(await ap(playerId), 10n);
});

races('a wallet that is linked while its payouts are credited and more come loses none', async () => {
  const playerId = await one.player();
  await tell(one, payouts('c', 'A3', 20));
  await Promise.all([
    creditAll(),
    link(two, playerId, 'A3'),
    creditAll(),
    ...Array.from({ length: 5 }, (_one, n) => tell(both[n % 2]!, payouts(`c${n}-`, 'A3', 4))),
    creditAll(),
  ]);
  await creditAll();
  assert.is(await ap(playerId), 400n);
});

races('two players who link one wallet at once: one has it, and all of its AP', async () => {
  const [ann, bob] = [await one.player(), await one.player()];
  await tell(one, payouts('d', 'A4', 10));
  const linked = await Promise.all([link(one, ann, 'A4'), link(two, bob, 'A4'), creditAll()]);
  assert.equal(linked.slice(0, 2).map(String).toSorted(), ['done', 'wallet_taken']);
  await creditAll();
  assert.equal([await ap(ann), await ap(bob)].map(String).toSorted(), ['0', '100']);
});

races('a payout taken back by many at once goes back once', async () => {
  const playerId = await miner('A5');
  const txid = txidOf('e');
  await tell(one, [payout('e', 'A5', coins(2), { txid, vout: 0 })], { confirm: true });
  const [found] = await one.store.mining.payouts.due(10);
  const place = { vout: 0, height: 9, blockHash: 'h9' };
  await Promise.all(both.map(({ store }) => store.mining.payouts.weighed(found!, { kind: 'count', ...place })));
  await creditAll();
  assert.is(await ap(playerId), 20n);
  await Promise.all([
    ...[...both, ...both].map(({ store }) => store.mining.payouts.weighed(found!, { kind: 'gone' })),
    tell(one, payouts('e-more', 'A5', 3)),
    creditAll(),
  ]);
  await creditAll();
  assert.is(await ap(playerId), 30n);
});

races('two operators who decide at once: one of them does', async () => {
  const playerId = await miner('A6');
  await tell(one, [payout('f', 'A6', coins(1))]);
  await creditAll();
  await tell(one, [payout('f', 'A6', coins(5))]);
  const [found] = await one.store.mining.inReview({ limit: 10, after: null });
  const actorId = await one.player();
  const decide = (n: number, verdict: 'accept' | 'refuse') =>
    refusalOf(both[n]!.store.mining.decide({ payoutId: found!.id, verdict, reason: 'so', actorId }));
  const answers = await Promise.all([decide(0, 'refuse'), decide(1, 'refuse')]);
  assert.equal(answers.toSorted(), ['done', 'not_found']);
  assert.is(await ap(playerId), 0n);
  assert.is((await one.store.auditLog.page({ limit: 10, before: null })).length, 1);
});

races('two players are never asked for one amount, nor one for two by two devices', async () => {
  const [ann, bob] = [await one.player(), await one.player()];
  const asked = await Promise.all(
    Array.from({ length: 12 }, (_one, n) => both[n % 2]!.store.mining.donations.ask(n < 6 ? ann : bob, `A7-${n % 3}`)),
  );
  const amounts = new Map(asked.map(({ playerId, address, amount }) => [amount, `${playerId} ${address}`]));
  assert.is(amounts.size, 6);
  assert.is(new Set(amounts.values()).size, 6);
});

races('twenty thousand payouts for one wallet are taken and credited in seconds', async () => {
  const playerId = await miner('A8');
  const started = performance.now();
  for (let n = 0; n < 20; n++) await tell(one, payouts(`g${n}-`, 'A8', 1_000));
  await creditAll();
  const seconds = (performance.now() - started) / 1_000;
  assert.is(await ap(playerId), 200_000n);
  assert.ok(seconds < 60, `${seconds} s`);
});

races.run();
