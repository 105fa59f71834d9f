import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemAccount } from '../../persistence/ledger.ts';
import type { OpenPayout } from '../../persistence/mining-payouts.ts';
import type { PayoutVerdict } from '../../rules/mining.ts';
import { refusalOf, memoryStore } from '../support/store.ts';
import { apOf, coins, link, payout, tell, txidOf } from '../support/mining.ts';

const opened = await memoryStore();
const { db, store, clock, player } = opened;
const { mining: desk } = store;
const ap = (playerId: string) => apOf(opened, playerId);

let wallets = 0;
/** A player with a wallet of their own. */
async function miner(): Promise<{ playerId: string; address: string }> {
  const one = { playerId: await player(), address: `A${++wallets}` };
  assert.is(await link(opened, one.playerId, one.address), 'done');
  return one;
}

const mining = suite('persistence/mining');
mining.after(async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  await opened.close();
});

mining('a payout becomes AP of whoever the wallet is linked to, ten a coin, and counts', async () => {
  const { playerId, address } = await miner();
  assert.equal(await tell(opened, [payout('a1', address, coins(2.5))]), { accepted: 1, known: 0, conflicts: [] });
  assert.equal(await desk.credit(), { wallets: 1, payouts: 1 });
  assert.is(await ap(playerId), 25n);
  const counted = await db.rows<{ board: string; sum: bigint }>(
    `select board, sum(amount)::bigint as sum from score_event where player = $1 group by board order by board`,
    [playerId],
  );
  assert.equal(
    counted.map(({ board, sum }) => [board, sum]),
    [
      ['ap', 25n],
      ['mined', 25n],
      ['mining_payouts', 1n],
      ['xp', 25n],
    ],
  );
  const [told] = (await store.notifications.inbox(playerId, { limit: 5, before: null })).items;
  assert.equal(told!.kind, 'mining_reward');
  assert.equal(told!.data, { address, payouts: 1, units: '250000000', ap: '25', debtPaid: '0' });
});

mining('a payout told again, by whatever batch and in whatever order, is one payout', async () => {
  const { playerId, address } = await miner();
  const [one, two, three] = ['b1', 'b2', 'b3'].map((key) => payout(key, address, coins(1)));
  await tell(opened, [two!, three!]);
  assert.equal(await tell(opened, [one!, two!]), { accepted: 1, known: 1, conflicts: [] });
  assert.equal(await tell(opened, [three!, three!, one!]), { accepted: 0, known: 3, conflicts: [] });
  await desk.credit();
  await tell(opened, [one!, two!, three!]);
  assert.equal(await desk.credit(), { wallets: 0, payouts: 0 });
  assert.is(await ap(playerId), 30n);
});

mining('fractions are carried from payout to payout', async () => {
  const { playerId, address } = await miner();
  for (let n = 0; n < 7; n++) {
    await tell(opened, [payout(`c${n}`, address, 12_345_678n)]);
    await desk.credit();
  }
  assert.is(await ap(playerId), 8n); // 7 × 1.2345678 AP
  const { items } = await desk.wallets(playerId);
  assert.equal([items[0]!.ap, items[0]!.carry, items[0]!.units, items[0]!.payouts], [8n, 64_197_460n, 86_419_746n, 7n]);
});

mining('another rate is for what is credited from then on, and loses no fraction', async () => {
  const { playerId, address } = await miner();
  await tell(opened, [payout('r1', address, 15_000_000n)]);
  await desk.credit();
  await db.rows(`insert into live_config (key, value) values ('miningApPerCoin', '7')`);
  clock.pass(6_000);
  await tell(opened, [payout('r2', address, coins(1))]);
  await desk.credit();
  await db.rows(`delete from live_config where key = 'miningApPerCoin'`);
  clock.pass(6_000);
  const { items } = await desk.wallets(playerId);
  assert.equal([await ap(playerId), items[0]!.carry], [8n, 50_000_000n]); // 1.5 + 7
});

mining('what was paid to a wallet before anyone linked it is credited when it is linked', async () => {
  const address = 'A-unknown';
  await tell(opened, [payout('d1', address, coins(3)), payout('d2', address, coins(0.05))]);
  assert.equal(await desk.credit(), { wallets: 0, payouts: 0 });
  const playerId = await player();
  await link(opened, playerId, address);
  assert.equal(await desk.credit(), { wallets: 1, payouts: 2 });
  assert.is(await ap(playerId), 30n);
});

mining('what is paid after a wallet was unlinked waits for the next owner', async () => {
  const { playerId, address } = await miner();
  await link(opened, playerId, 'A-spare');
  await store.wallets.unlink(playerId, { chain: 'advc', address });
  await tell(opened, [payout('e1', address, coins(1))]);
  await desk.credit();
  assert.is(await ap(playerId), 0n);
  const next = await player();
  await link(opened, next, address);
  await desk.credit();
  assert.is(await ap(next), 10n);
});

mining('a payout told with another amount counts no more until a person has looked; what is credited stays, once', async () => {
  const { playerId, address } = await miner();
  await tell(opened, [payout('f1', address, coins(1)), payout('f2', address, coins(1))]);
  assert.equal(await tell(opened, [payout('f1', address, coins(9))]), { accepted: 0, known: 0, conflicts: ['f1'] });
  await desk.credit();
  assert.is(await ap(playerId), 10n, 'f2 alone');
  assert.equal((await tell(opened, [payout('f2', 'A-elsewhere', coins(1))])).conflicts, ['f2']);
  await desk.credit();
  assert.is(await ap(playerId), 10n);
  const reviewed = await desk.inReview({ limit: 10, after: null });
  assert.equal(
    reviewed.map(({ key, state, review, said }) => [key, state, review, said!.amount]),
    [
      ['f1', 'due', 'told_otherwise', '900000000'],
      ['f2', 'credited', 'told_otherwise', '100000000'],
    ],
  );
});

mining('within one batch, the first word about a payout stands', async () => {
  const { address } = await miner();
  const told = await tell(opened, [payout('g1', address, coins(1)), payout('g1', address, coins(2))]);
  assert.equal(told, { accepted: 1, known: 0, conflicts: ['g1'] });
});

mining(
  'an operator takes a payout as it was told first, or refuses it and takes back what it brought; both are written down',
  async () => {
    const { playerId, address } = await miner();
    const admin = await player();
    for (const key of ['h1', 'h2']) {
      await tell(opened, [payout(key, address, coins(1))]);
      if (key === 'h2') await desk.credit();
      await tell(opened, [payout(key, address, coins(5))]);
    }
    const byKey = new Map((await desk.inReview({ limit: 100, after: null })).map((one) => [one.key, one.id]));
    const decide = (key: string, verdict: 'accept' | 'refuse') =>
      refusalOf(desk.decide({ payoutId: byKey.get(key)!, verdict, reason: 'asked the pool', actorId: admin }));
    assert.is(await ap(playerId), 10n, 'h2 was credited; h1 waits');
    assert.equal([await decide('h1', 'accept'), await decide('h2', 'refuse')], ['done', 'done']);
    await desk.credit();
    assert.is(await ap(playerId), 10n, 'h1 came, h2 went');
    assert.equal([await decide('h1', 'refuse'), await decide('h2', 'accept')], ['not_found', 'not_found']);
    const acts = await store.auditLog.page({ limit: 10, before: null, actorId: admin });
    assert.equal(
      acts.map(({ action, before, after }) => [action, before!.state, after!.state]),
      [
        ['mining.refuse', 'credited', 'refused'],
        ['mining.accept', 'due', 'due'],
      ],
    );
  },
);

mining('a batch’s signature is taken once, and a batch that fails leaves it', async () => {
  const { address } = await miner();
  const signature = Buffer.from(txidOf('signature'), 'hex');
  const batch = { signature, payouts: [payout('s1', address, coins(1))] };
  await tell(opened, [payout('s1', address, 0n)], { signature }).then(
    () => assert.unreachable(),
    () => undefined,
  );
  assert.equal(await tell(opened, batch.payouts, batch), { accepted: 1, known: 0, conflicts: [] });
  assert.is(await refusalOf(tell(opened, batch.payouts, batch)), 'batch_replayed');
  clock.pass(3 * 3_600_000);
  await desk.payouts.sweep();
  assert.equal(await tell(opened, batch.payouts, batch), { accepted: 0, known: 1, conflicts: [] });
});

// What the chain bears out, as its watcher would say it.
const onChain = (key: string, address: string, amount: bigint) => payout(key, address, amount, { txid: txidOf(key), vout: null });
async function open(key: string): Promise<OpenPayout> {
  clock.pass(7 * 3_600_000);
  const found = (await desk.payouts.due(1_000)).find(({ txid }) => txid === txidOf(key));
  assert.ok(found, `${key} is due to be looked at`);
  return found;
}
const says = async (key: string, verdict: PayoutVerdict) => desk.payouts.weighed(await open(key), verdict);
const at = (height: number) => ({ vout: 1, height, blockHash: `h${height}` });

mining('with a chain to ask, a payout in a transaction counts when the chain bears it out', async () => {
  const { playerId, address } = await miner();
  await tell(opened, [onChain('k1', address, coins(1))], { confirm: true });
  await desk.credit();
  await says('k1', { kind: 'seen', ...at(100), missing: 5 });
  await desk.credit();
  assert.is(await ap(playerId), 0n);
  await says('k1', { kind: 'count', ...at(100) });
  await desk.credit();
  assert.is(await ap(playerId), 10n);
});

mining('one output is one payout, whoever tells of it', async () => {
  const { playerId, address } = await miner();
  const txid = txidOf('l1');
  await tell(opened, [payout('l1', address, coins(1), { txid, vout: 1 })], { pool: 'one' });
  assert.equal((await tell(opened, [payout('other', address, coins(1), { txid, vout: 1 })], { pool: 'two' })).accepted, 0);
  await tell(opened, [payout(`${txid}:${address}`, address, coins(1), { txid })], { pool: 'three', confirm: true });
  await says('l1', { kind: 'count', ...at(100) });
  await desk.credit();
  assert.is(await ap(playerId), 10n);
  assert.equal((await tell(opened, [payout('l1x', address, coins(2), { txid, vout: 1 })], { pool: 'two' })).conflicts, ['l1x']);
});

async function credited(key: string, count: number) {
  const one = await miner();
  await tell(opened, [onChain(key, one.address, coins(count))], { confirm: true });
  await says(key, { kind: 'count', ...at(100) });
  await desk.credit();
  assert.is((await desk.payouts.reorganised(100)) > 0, true);
  return one;
}

mining('what a reorganisation undid goes back by transfer, and comes again when it is paid again', async () => {
  const { playerId } = await credited('m1', 2);
  const before = await store.ledger.systemBalance('mint', 'AP');
  await says('m1', { kind: 'gone' });
  assert.is(await ap(playerId), 0n);
  assert.is((await store.ledger.systemBalance('mint', 'AP')) - before, 20n);
  assert.equal((await store.notifications.inbox(playerId, { limit: 1, before: null })).items[0]!.kind, 'mining_taken_back');
  await says('m1', { kind: 'wait' });
  await says('m1', { kind: 'count', ...at(120) });
  await desk.credit();
  assert.is(await ap(playerId), 20n);
});

mining('AP that were spent already are a debt that the next payouts pay', async () => {
  const { playerId, address } = await credited('n1', 3);
  const debit = await store.ledger.accountOf(playerId, 'AP');
  const id = crypto.randomUUID();
  await store.ledger.post({ id, op: 'move', debit, credit: systemAccount('shop', 'AP'), amount: 22n, reason: 'test' });
  await says('n1', { kind: 'gone' });
  assert.equal([await ap(playerId), (await desk.wallets(playerId)).debt], [0n, 22n]);
  await tell(opened, [payout('n2', address, coins(1.5))]);
  await desk.credit();
  assert.equal([await ap(playerId), (await desk.wallets(playerId)).debt], [0n, 7n]);
  await tell(opened, [payout('n3', address, coins(1.5))]);
  await desk.credit();
  assert.equal([await ap(playerId), (await desk.wallets(playerId)).debt], [8n, 0n]);
});

mining('a debt goes with the wallet it was made by: handed to another account, the wallet pays it there first', async () => {
  const { playerId, address } = await credited('debt1', 3);
  const debit = await store.ledger.accountOf(playerId, 'AP');
  const id = crypto.randomUUID();
  await store.ledger.post({ id, op: 'move', debit, credit: systemAccount('shop', 'AP'), amount: 30n, reason: 'test' });
  await says('debt1', { kind: 'gone' });
  assert.is((await desk.wallets(playerId)).debt, 30n);
  assert.is(await link(opened, playerId, 'A-left-behind'), 'done');
  await store.wallets.unlink(playerId, { chain: 'advc', address });
  const other = await player();
  assert.is(await link(opened, other, address), 'done');
  await says('debt1', { kind: 'count', ...at(120) });
  await desk.credit();
  assert.equal([await ap(other), (await desk.wallets(playerId)).debt], [0n, 0n], 'what counted again has paid it');
  await tell(opened, [payout('debt2', address, coins(2))]);
  await desk.credit();
  assert.equal([await ap(playerId), await ap(other)], [0n, 20n]);
});

mining('a donation proves the one wallet that it is from: paid by several at once it proves none', async () => {
  const playerId = await player();
  const { amount } = await desk.donations.ask(playerId, 'A-of-an-exchange');
  const seen = (senders: string[]) =>
    desk.donations.seen({ txid: txidOf(senders.join()), vout: 0, amount, senders, height: 100, blockHash: txidOf('block') });
  assert.is(await seen(['A-of-an-exchange', 'A-of-the-thief']), false);
  assert.is(await seen(['A-of-the-thief']), false);
  assert.is(await seen([]), false);
  assert.is((await desk.donations.last(playerId, 'A-of-an-exchange'))!.state, 'open');
  assert.is(await seen(['A-of-an-exchange']), true);
});

mining('what counted for a wallet that is nobody’s is undone without a trace', async () => {
  await tell(opened, [onChain('o1', 'A-nobody', coins(1))], { confirm: true });
  await says('o1', { kind: 'count', ...at(100) });
  await desk.payouts.reorganised(100);
  await says('o1', { kind: 'gone' });
  const playerId = await player();
  await link(opened, playerId, 'A-nobody');
  await desk.credit();
  assert.is(await ap(playerId), 0n);
});

mining('what the chain never had is for a person after some days', async () => {
  const { address } = await miner();
  await tell(opened, [onChain('p1', address, coins(1))], { confirm: true });
  for (let looks = 0; looks < 24; looks++) await says('p1', { kind: 'wait' });
  const [reviewed] = (await desk.inReview({ limit: 100, after: null })).filter(({ key }) => key === 'p1');
  assert.equal([reviewed!.state, reviewed!.review], ['waiting', 'not_on_chain']);
});

mining('a player reads what was paid to their wallets, the newest first', async () => {
  const { playerId, address } = await miner();
  await link(opened, playerId, `${address}-two`);
  await tell(opened, [payout('q1', address, coins(1))]);
  await tell(opened, [payout('q2', `${address}-two`, coins(2))]);
  await tell(opened, [payout('q3', address, coins(3))]);
  const first = await desk.events(playerId, { limit: 2, before: null });
  const rest = await desk.events(playerId, { limit: 2, before: first.at(-1)!.id });
  assert.equal(
    [...first, ...rest].map(({ amount }) => amount),
    [coins(3), coins(2), coins(1)],
  );
});

mining.run();
