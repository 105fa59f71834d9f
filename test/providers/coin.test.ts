import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Chain, ChainSilent, sendersOf } from '../../providers/coin-chain.ts';
import { openDaemon } from '../../providers/coin-daemon.ts';
import { openExplorer } from '../../providers/coin-explorer.ts';
import { coinsOf, unitsOf } from '../../providers/coin-units.ts';
import { SANDBOX_FEE_ADDRESS, SANDBOX_MINER_ADDRESS, startCoinSandbox } from '../../providers/sandbox/coin-daemon.ts';

const sandbox = await startCoinSandbox();
const { chain } = sandbox;
const sides: [string, Chain][] = [
  ['daemon', openDaemon({ url: sandbox.rpcUrl, callMs: 5_000 })],
  ['explorer', openExplorer({ url: sandbox.explorerUrl, callMs: 5_000 })],
];
const NOWHERE = 'ab'.repeat(32);

const coin = suite('providers/coin');
coin.after.each(() => sandbox.feel('well'));
coin.after(() => sandbox.close());

coin('coins are read exactly, and what is no amount is none', () => {
  const read: [string, bigint | null][] = [
    ['0.00000001', 1n],
    ['1', 100_000_000n],
    ['12.5', 1_250_000_000n],
    ['12.50000000000', 1_250_000_000n],
    ['89999999.12345678', 8_999_999_912_345_678n],
    ['300000000', 30_000_000_000_000_000n],
    ['300000000.00000001', null],
    ['0.000000001', null],
    ['-1', null],
    ['1e3', null],
    ['1,5', null],
    ['.5', null],
    ['', null],
    [' 1', null],
  ];
  for (const [text, units] of read) assert.is(unitsOf(text), units, text);
  for (const units of [0n, 1n, 123_456_789n, 30_000_000_000_000_000n]) assert.is(unitsOf(coinsOf(units)), units);
});

for (const [name, side] of sides) {
  coin(`the ${name} tells of the tip, blocks, payments and whom they came from`, async () => {
    const txid = chain.pay('A-payer', [
      { address: 'A-one', amount: 10_000_001n },
      { address: 'A-two', amount: 8_999_999_912_345_678n },
    ]);
    const waiting = await side.transaction(txid);
    assert.equal([waiting!.blockHash, waiting!.height, waiting!.coinbase], [null, null, false]);
    const [mined] = chain.mine();
    const tip = await side.tip();
    assert.equal(tip, { height: mined!.height, hash: mined!.hash });
    assert.is(await side.hashAt(mined!.height), mined!.hash);
    const block = await side.block(mined!.hash);
    assert.equal([block!.height, block!.previous, block!.transactions.length], [mined!.height, mined!.previous, 2]);
    const [coinbase, payment] = block!.transactions;
    assert.equal(
      coinbase!.outputs.map(({ address, amount }) => [address, amount]),
      [
        [null, 0n],
        [SANDBOX_FEE_ADDRESS, 3_000_000_000n],
        [SANDBOX_MINER_ADDRESS, 27_000_000_000n],
      ],
    );
    assert.equal([coinbase!.coinbase, coinbase!.inputs], [true, []]);
    assert.equal(payment, await side.transaction(txid), 'alike in its block and by itself');
    assert.equal(
      payment!.outputs.map(({ amount }) => amount),
      [10_000_001n, 8_999_999_912_345_678n],
    );
    assert.equal([payment!.height, payment!.blockHash], [mined!.height, mined!.hash]);
    assert.equal(await sendersOf(side, payment!), ['A-payer']);
  });

  coin(`the ${name} says null of what is not there`, async () => {
    assert.is(await side.transaction(NOWHERE), null);
    assert.is(await side.block(NOWHERE), null);
    assert.is(await side.hashAt(1_000_000), null);
  });

  coin(`a ${name} that warms up, is silent or talks nonsense is silent`, async () => {
    for (const mood of ['warming', 'silent', 'nonsense'] as const) {
      sandbox.feel(mood);
      for (const question of [
        () => side.tip(),
        () => side.hashAt(0),
        () => side.block(NOWHERE),
        () => side.transaction(NOWHERE),
      ]) {
        const answered = await question().then(
          () => 'answered',
          (error: unknown) => (error instanceof ChainSilent ? 'silent' : error),
        );
        assert.is(answered, 'silent', `${mood}`);
      }
    }
  });

  coin(`a ${name} that fell behind knows less, not otherwise`, async () => {
    chain.mine(3);
    const last = chain.blocks.at(-1)!;
    sandbox.feel({ behind: 2 });
    assert.is((await side.tip()).height, last.height - 2);
    assert.is(await side.hashAt(last.height), null);
  });

  coin(`a block that gave way is not on the ${name}’s active chain`, async () => {
    const gone = chain.blocks.at(-1)!;
    chain.reorganise(1);
    assert.is.not(await side.hashAt(gone.height), gone.hash);
  });
}

coin('a wrong password is no answer, and is not told to the log', async () => {
  const wrong = openDaemon({ url: sandbox.rpcUrl.replace('sandbox:sandbox', 'sandbox:hunter2') });
  const error = await wrong.tip().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ChainSilent);
  assert.not.match(String(error), /hunter2/);
});

coin.run();
