import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SANDBOX_PAYER_ADDRESS } from '../../providers/sandbox/coin-daemon.ts';
import { answerCommand, commands } from '../../server/commands/index.ts';
import { openCashier } from '../../server/cashier.ts';
import type { Miner } from '../../server/miner.ts';
import { addressOf, apOf, coins, link, openMine, payout, tell } from '../support/mining.ts';
import { memoryStore } from '../support/store.ts';

const opened = await memoryStore();
const { db, store } = opened;
const mine = await openMine(opened);
const core = await openMine(opened, { miningCore: [{ name: 'core', url: mine.pool.miningCoreUrl }], rpcUrl: mine.coin.rpcUrl });
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const cashier = openCashier({ store, mpesa: null, callbackUrl: '', log: quiet });
const said: string[] = [];
const steps: number[] = [];

async function command(words: string, miner: Miner | null = mine.miner) {
  said.length = 0;
  steps.length = 0;
  const house = { db, store, mpesa: null, cashier, miner, discord: null, serving: true };
  return answerCommand(house)(
    ['mining', ...words.split(' ')],
    (done, total, what) => void (total === 0 ? said.push(what) : steps.push(done)),
  );
}

const mining = suite('server/mining-command');
mining.after(async () => {
  await mine.close();
  await core.close();
  await opened.close();
});

mining('only words that are a way to call it are taken', () => {
  const takes = (words: string) => commands.mining!.takes(words.split(' '));
  for (const words of ['status', 'backfill chain', 'backfill chain 100', 'backfill zpool']) assert.ok(takes(words), words);
  for (const words of [
    '',
    'status now',
    'backfill',
    'backfill chain -1',
    'backfill chain all',
    'backfill zpool 3',
    'backfill chain 1 2',
    'dig',
  ])
    assert.not.ok(takes(words), words);
});

mining('the chain is read from the block named on, with its progress', async () => {
  const [playerId, address] = [await opened.player(), addressOf('early')];
  await link(opened, playerId, address);
  mine.coin.chain.pay(SANDBOX_PAYER_ADDRESS, [{ address, amount: coins(2) }]);
  mine.coin.chain.mine(9);
  await mine.miner.round();
  assert.equal(await command('backfill chain'), {
    ok: false,
    line: 'No backfill was begun. Say from which block: npm run mining -- backfill chain <height>',
  });
  const read = await command('backfill chain 1');
  assert.equal([read.ok, steps], [true, [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  await mine.later();
  assert.is(await apOf(opened, playerId), 20n);
  mine.coin.feel('silent');
  const silent = await command('backfill chain 3');
  assert.equal([silent.ok, /go on from block 3/.test(silent.line)], [false, true]);
  mine.coin.feel('well');
  assert.is((await command('backfill chain')).ok, true);
});

mining('a pool is read to the end of its past, once, and goes on where it stopped', async () => {
  const [playerId, address] = [await opened.player(), addressOf('miner of old')];
  await link(opened, playerId, address);
  for (let n = 0; n < 20; n++) {
    const txid = mine.coin.chain.pay(addressOf('core’s wallet'), [{ address, amount: coins(1) }]);
    mine.pool.payouts.push({ address, amount: coins(1), txid, atMs: n * 1_000 });
  }
  mine.coin.chain.mine(6);
  mine.pool.feel('busy');
  const stopped = await command('backfill core', core.miner);
  assert.equal([stopped.ok, /say it again later/.test(stopped.line)], [false, true]);
  mine.pool.feel('well');
  const read = await command('backfill core', core.miner);
  assert.equal([read.ok, /20 payouts that were not known/.test(read.line)], [true, true], read.line);
  const asked = mine.pool.asked.length;
  assert.is((await command('backfill core', core.miner)).ok, true);
  assert.is(mine.pool.asked.length, asked, 'it is not asked again');
  await mine.later();
  assert.is(await apOf(opened, playerId), 200n);
  assert.is(
    (await command('backfill nobody', core.miner)).line,
    'No pool of MINING_YIIMP or MINING_MININGCORE is called nobody.',
  );
});

mining('the figures are told, and what needs review makes it fail', async () => {
  assert.is((await command('status')).ok, true);
  await tell(opened, [payout('x', 'A', coins(1))]);
  await tell(opened, [payout('x', 'A', coins(2))]);
  const { ok, line } = await command('status');
  assert.equal([ok, /1 payouts need review/.test(line)], [false, true]);
  assert.ok(
    said.some((words) => words.startsWith('credited: 21 payouts of 2200000000 units')),
    said.join(),
  );
});

mining('where mining is not set up, it says so', async () => {
  for (const words of ['backfill chain 1', 'backfill zpool']) {
    const { ok, line } = await command(words, null);
    assert.equal([ok, /not set up/.test(line)], [false, true]);
  }
});

mining.run();
