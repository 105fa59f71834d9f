// The watch over the chain and the pools, against a daemon and a pool on loopback that do as they are told.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ChainCursor } from '../../persistence/mining-cursors.ts';
import { SANDBOX_DONATION_ADDRESS, SANDBOX_PAYER_ADDRESS } from '../../providers/sandbox/coin-daemon.ts';
import { addressOf, apOf, coins, link, openMine, tell, payout } from '../support/mining.ts';
import { memoryStore } from '../support/store.ts';

const opened = await memoryStore();
const { store, player } = opened;
const mine = await openMine(opened);
const { coin, pool, miner } = mine;
const { chain } = coin;
const ap = (playerId: string) => apOf(opened, playerId);
await miner.round(); // the watch begins here

let wallets = 0;
async function owner(): Promise<{ playerId: string; address: string }> {
  const one = { playerId: await player(), address: addressOf(`wallet ${++wallets}`) };
  await link(opened, one.playerId, one.address);
  return one;
}
const paidTo = (address: string, count: number) => chain.pay(SANDBOX_PAYER_ADDRESS, [{ address, amount: coins(count) }]);
const eventsOf = (playerId: string) => store.mining.events(playerId, { limit: 20, before: null });

const miners = suite('server/miner');
miners.after.each(() => {
  coin.feel('well');
  pool.feel('well');
});
miners.after(async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  await mine.close();
  await opened.close();
});

miners('what a pool pays on the chain is credited under six blocks, and not before', async () => {
  const { playerId, address } = await owner();
  paidTo(address, 2);
  await mine.blocks(5);
  assert.is(await ap(playerId), 0n);
  assert.equal(
    (await eventsOf(playerId)).map(({ pool: name, state }) => [name, state]),
    [['zpool', 'waiting']],
  );
  await mine.blocks(1);
  assert.is(await ap(playerId), 20n);
});

miners('it is credited with the very block that makes six, however little time went by', async () => {
  const { playerId, address } = await owner();
  paidTo(address, 1);
  const [alone, mined] = [addressOf('alone'), await player()];
  await link(opened, mined, alone);
  chain.mine(1, alone);
  await miner.round();
  for (let blocks = 2; blocks <= 30; blocks++) {
    assert.equal([await ap(playerId), await ap(mined)], [blocks > 6 ? 10n : 0n, 0n], `${blocks} blocks`);
    chain.mine();
    await miner.round();
  }
  assert.is(await ap(mined), 2_700n);
});

miners('what anybody else pays to a wallet is no payout, nor is the pool’s own change', async () => {
  const { playerId, address } = await owner();
  chain.pay(addressOf('a friend'), [{ address, amount: coins(50) }]);
  chain.pay(SANDBOX_PAYER_ADDRESS, [{ address: SANDBOX_PAYER_ADDRESS, amount: coins(50) }]);
  await mine.blocks(7);
  assert.equal([await ap(playerId), (await eventsOf(playerId)).length], [0n, 0]);
});

miners('a block a player mined alone counts after thirty', async () => {
  const { playerId, address } = await owner();
  chain.mine(1, address);
  await mine.blocks(28);
  assert.is(await ap(playerId), 0n);
  await mine.blocks(1);
  assert.is(await ap(playerId), 2_700n);
});

miners('payments to a wallet that nobody had linked are credited when it is', async () => {
  const address = addressOf('later');
  paidTo(address, 1);
  await mine.blocks(6);
  const playerId = await player();
  await link(opened, playerId, address);
  await miner.round();
  assert.is(await ap(playerId), 10n);
});

miners('a reorganisation that drops a payment takes its AP back, and one that keeps it does not', async () => {
  const [lost, kept] = [await owner(), await owner()];
  const txid = paidTo(lost.address, 1);
  paidTo(kept.address, 1);
  await mine.blocks(6);
  assert.equal([await ap(lost.playerId), await ap(kept.playerId)], [10n, 10n]);
  chain.reorganise(8, { lost: [txid] });
  await mine.later();
  assert.equal([await ap(lost.playerId), await ap(kept.playerId)], [0n, 10n]);
  assert.ok(mine.logged.some(([event]) => event === 'mining_chain_reorganised'));
  await mine.blocks(10);
  assert.equal([await ap(lost.playerId), await ap(kept.playerId)], [0n, 10n], 'and it stays so');
});

miners('a daemon that fell behind or does not answer takes nothing back', async () => {
  const { playerId, address } = await owner();
  paidTo(address, 1);
  await mine.blocks(6);
  for (const mood of [{ behind: 8 }, 'silent', 'nonsense', 'warming'] as const) {
    coin.feel(mood);
    await store.mining.payouts.reorganised(0);
    await mine.later();
    assert.is(await ap(playerId), 10n, JSON.stringify(mood));
  }
});

miners('while the chain is silent nothing is lost: it is read on from where it stopped', async () => {
  const { playerId, address } = await owner();
  coin.feel('silent');
  paidTo(address, 1);
  await mine.blocks(6);
  assert.is(await ap(playerId), 0n);
  coin.feel('well');
  await mine.later();
  assert.is(await ap(playerId), 10n);
});

miners('what a signed batch told with a transaction waits for the chain, whichever told it first', async () => {
  const { playerId, address } = await owner();
  const txid = paidTo(address, 1);
  await tell(opened, [payout('b1', address, coins(1), { txid, vout: 0 })], { pool: 'acme', confirm: true });
  await mine.blocks(7);
  assert.is(await ap(playerId), 10n, 'once, though both told of it');
  const forged = 'ee'.repeat(32);
  await tell(opened, [payout('b2', address, coins(1_000), { txid: forged, vout: 0 })], { pool: 'acme', confirm: true });
  const wrong = paidTo(address, 1);
  await tell(opened, [payout('b3', address, coins(9), { txid: wrong, vout: null })], { pool: 'acme', confirm: true });
  await mine.blocks(7);
  assert.is(await ap(playerId), 20n, 'the payment as the chain has it; neither the forged nor the wrong one');
  const reviewed = await store.mining.inReview({ limit: 10, after: null });
  assert.equal(
    reviewed.map(({ key, review }) => [key, review]),
    [['b3', 'amount_differs']],
  );
});

const polled = await openMine(opened, {
  yiimp: [{ name: 'yi', url: pool.yiimpUrl }],
  miningCore: [{ name: 'core', url: pool.miningCoreUrl }],
  rpcUrl: coin.rpcUrl,
  payers: [],
});
miners.after(() => polled.close());

miners('pools that are asked tell of payouts, and the chain decides; each is asked as often as it bears', async () => {
  const { playerId, address } = await owner();
  const txid = chain.pay(addressOf('yi’s wallet'), [{ address, amount: coins(3) }]);
  pool.payouts.push({ address, amount: coins(3), txid, atMs: 0 }, { address, amount: coins(99), txid: 'aa'.repeat(32), atMs: 0 });
  for (let rounds = 0; rounds < 40; rounds++) {
    opened.clock.pass(66_000);
    await polled.miner.poll();
  }
  const asked = pool.asked.length;
  await polled.miner.poll();
  assert.is(pool.asked.length, asked, 'not again at once');
  await mine.blocks(7);
  assert.is(await ap(playerId), 30n, 'both pools told of it; the chain has it once');
});

miners('a donation of the very amount, from the wallet itself, links it under six blocks', async () => {
  const [playerId, address] = [await player(), addressOf('donor')];
  const { donations } = store.mining;
  const asked = await donations.ask(playerId, address);
  assert.is((await donations.ask(playerId, address)).id, asked.id, 'asked again it is the same');
  const donate = (from: string, amount: bigint) => chain.pay(from, [{ address: SANDBOX_DONATION_ADDRESS, amount }]);
  donate(addressOf('a stranger'), asked.amount);
  donate(address, asked.amount + 1n);
  chain.pay(address, [{ address: addressOf('elsewhere'), amount: asked.amount }]);
  await mine.blocks(7);
  assert.is((await donations.last(playerId, address))!.state, 'open');
  donate(address, asked.amount);
  chain.mine(5);
  await miner.round();
  assert.is((await donations.last(playerId, address))!.state, 'seen');
  chain.mine(1);
  await miner.round();
  assert.is((await donations.last(playerId, address))!.state, 'linked');
  assert.is((await store.wallets.walletOf(address))!.playerId, playerId);
  const [told] = (await store.notifications.inbox(playerId, { limit: 1, before: null })).items;
  assert.equal([told!.kind, told!.data.address], ['verification_complete', address]);
});

miners('a donation that a reorganisation dropped is asked for again', async () => {
  const [playerId, address] = [await player(), addressOf('unlucky donor')];
  const { donations } = store.mining;
  const { amount } = await donations.ask(playerId, address);
  const txid = chain.pay(address, [{ address: SANDBOX_DONATION_ADDRESS, amount }]);
  chain.mine(3);
  await miner.round();
  chain.reorganise(3, { lost: [txid] });
  await miner.round();
  assert.is((await donations.last(playerId, address))!.state, 'open');
  chain.pay(address, [{ address: SANDBOX_DONATION_ADDRESS, amount }]);
  chain.mine(6);
  await miner.round();
  assert.is((await donations.last(playerId, address))!.state, 'linked');
});

miners('a donation that comes too late proves nothing', async () => {
  const [playerId, address] = [await player(), addressOf('late donor')];
  const { amount } = await store.mining.donations.ask(playerId, address);
  opened.clock.pass(25 * 3_600_000);
  chain.pay(address, [{ address: SANDBOX_DONATION_ADDRESS, amount }]);
  chain.mine(7);
  await miner.round();
  assert.is((await store.mining.donations.last(playerId, address))!.state, 'expired');
  assert.is(await store.wallets.walletOf(address), null);
});

miners('a backfill reads what was paid before the watch began, and goes on where it stopped', async () => {
  const other = await memoryStore();
  const [playerId, address] = [await other.player(), addressOf('early')];
  await link(other, playerId, address);
  const dug = await openMine(other);
  for (let n = 0; n < 30; n++) {
    dug.coin.chain.pay(SANDBOX_PAYER_ADDRESS, [{ address, amount: coins(1) }]);
    dug.coin.chain.mine();
  }
  await dug.miner.round(); // begins at the tip: nothing of before is read
  await dug.blocks(6);
  const early = () => apOf(other, playerId);
  assert.is(await early(), 0n);
  assert.equal(await dug.miner.backfillChain(null, () => undefined), { kind: 'not_begun' });

  const seen: number[] = [];
  const stopped = await dug.miner.backfillChain(1, (done) => {
    seen.push(done);
    if (done === 25) dug.coin.feel('silent');
  });
  assert.equal([stopped.kind, stopped.kind === 'silent' && stopped.next], ['silent', 26]);
  dug.coin.feel('well');
  const read = await dug.miner.backfillChain(null, (done) => seen.push(done));
  assert.is(read.kind, 'read');
  assert.ok(seen.length < 45, 'at most twenty blocks are read again');
  await dug.later();
  assert.is(await early(), 300n);
  assert.equal(await dug.miner.backfillChain(1, () => undefined).then(({ kind }) => kind), 'read');
  await dug.later();
  assert.is(await early(), 300n, 'read again, it is nothing new');
  await dug.close();
  await other.close();
});

miners('the watch keeps its place, and two that watch at once do nothing twice', async () => {
  const { playerId, address } = await owner();
  const second = await openMine(opened, { rpcUrl: coin.rpcUrl });
  paidTo(address, 1);
  chain.mine(6);
  await Promise.all([miner.round(), second.miner.round(), miner.round()]);
  await mine.later();
  assert.is(await ap(playerId), 10n);
  const cursor = await store.mining.cursors.read<ChainCursor>('chain');
  assert.is(cursor!.hashes[0], chain.blocks.at(-1)!.hash);
  assert.ok(cursor!.hashes.length <= 120);
  await second.close();
});

miners('nobody is credited for the pool’s and the coin’s own outputs', async () => {
  const [row] = await opened.db.rows<{ count: bigint }>('select count(*) from mining_payout where address = any ($1)', [
    [SANDBOX_PAYER_ADDRESS, SANDBOX_DONATION_ADDRESS, mine.settings.feeAddress],
  ]);
  assert.is(Number(row!.count), 0);
  assert.ok(mine.desk.reserved(SANDBOX_PAYER_ADDRESS) && !mine.desk.reserved(addressOf('a stranger')));
});

miners.run();
