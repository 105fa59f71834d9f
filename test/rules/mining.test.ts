import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  apOf,
  apOff,
  BATCH_WINDOW_MS,
  batchFresh,
  COIN_UNITS,
  type ChainView,
  type ToldPayout,
  weighPayout,
} from '../../rules/mining.ts';

const mining = suite('rules/mining');

mining('one coin is 10 AP, and what is over is carried', () => {
  assert.equal(apOf({ carry: 0n, worth: COIN_UNITS * 10n }), { ap: 10n, carry: 0n });
  assert.equal(apOf({ carry: 0n, worth: 12_345_678n * 10n }), { ap: 1n, carry: 23_456_780n });
  assert.equal(apOf({ carry: 99_999_999n, worth: 1n }), { ap: 1n, carry: 0n });
});

mining('however payouts come, in whatever order and at whatever rate, no fraction is lost or made', () => {
  let seed = 7n;
  const next = (below: bigint) => (seed = (seed * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 63n) % below;
  for (let run = 0; run < 200; run++) {
    let [carry, ap, worthInAll] = [0n, 0n, 0n];
    const open: bigint[] = [];
    for (let step = 0; step < 50; step++) {
      if (open.length > 0 && next(4n) === 0n) {
        const worth = open.splice(Number(next(BigInt(open.length))), 1)[0]!;
        const off = apOff({ carry, worth });
        [ap, carry, worthInAll] = [ap - off.ap, off.carry, worthInAll - worth];
      } else {
        const worth = next(10n * COIN_UNITS) * (1n + next(30n));
        const on = apOf({ carry, worth });
        [ap, carry, worthInAll] = [ap + on.ap, on.carry, worthInAll + worth];
        open.push(worth);
      }
      assert.ok(carry >= 0n && carry < COIN_UNITS, `carry ${carry}`);
      assert.is(ap * COIN_UNITS + carry, worthInAll);
    }
  }
});

mining('a batch is taken within five minutes of the moment it says, before and after', () => {
  for (const [off, fresh] of [
    [0, true],
    [BATCH_WINDOW_MS, true],
    [-BATCH_WINDOW_MS, true],
    [BATCH_WINDOW_MS + 1, false],
    [-BATCH_WINDOW_MS - 1, false],
  ] as const)
    assert.is(batchFresh(1_000_000_000 + off, 1_000_000_000), fresh, String(off));
  assert.is(batchFresh(NaN, 1), false);
});

const told: ToldPayout = { address: 'A', amount: 5n, vout: null, height: null, blockHash: null, counted: false };
const outputs = [
  { n: 0, address: 'B', amount: 5n },
  { n: 1, address: 'A', amount: 5n },
  { n: 2, address: null, amount: 0n },
];
const view = (more: Partial<ChainView['transaction'] & object> = {}, tipHeight = 105): ChainView => ({
  transaction: { blockHash: 'h100', height: 100, active: true, coinbase: false, outputs, ...more },
  tipHeight,
  hashAtHeight: null,
});
const kindOf = (payout: ToldPayout, seen: ChainView) => weighPayout(payout, seen, 6).kind;

mining('a payout counts under six blocks, its own included', () => {
  assert.equal(weighPayout(told, view(), 6), { kind: 'count', vout: 1, height: 100, blockHash: 'h100' });
  assert.equal(weighPayout(told, view({}, 104), 6), { kind: 'seen', vout: 1, height: 100, blockHash: 'h100', missing: 1 });
});

mining('a block’s own reward counts after thirty', () => {
  assert.is(kindOf(told, view({ coinbase: true }, 128)), 'seen');
  assert.is(kindOf(told, view({ coinbase: true }, 129)), 'count');
});

mining('what the chain does not know, has in no block or in a lost one, waits', () => {
  assert.is(kindOf(told, { ...view(), transaction: null }), 'wait');
  assert.is(kindOf(told, view({ blockHash: null, height: null })), 'wait');
  assert.is(kindOf(told, view({ active: false })), 'wait');
});

mining('another amount, or nothing for that address, is for a person', () => {
  assert.equal(weighPayout({ ...told, amount: 6n }, view(), 6), { kind: 'review', reason: 'amount_differs' });
  assert.equal(weighPayout({ ...told, address: 'C' }, view(), 6), { kind: 'review', reason: 'not_paid_there' });
  assert.equal(weighPayout({ ...told, vout: 0 }, view(), 6), { kind: 'review', reason: 'not_paid_there' });
});

mining(
  'what counts goes only when its block was replaced and its transaction is in none; a chain that fell behind proves nothing',
  () => {
    const counted = { ...told, height: 100, blockHash: 'h100', counted: true };
    const lost = { ...view(), transaction: null };
    assert.is(kindOf(counted, { ...lost, hashAtHeight: 'other' }), 'gone');
    assert.is(kindOf(counted, { ...lost, hashAtHeight: 'h100' }), 'wait');
    assert.is(kindOf(counted, { ...lost, hashAtHeight: null }), 'wait');
    assert.is(kindOf(counted, { ...view({ height: 104, blockHash: 'h104b' }), hashAtHeight: 'other' }), 'count');
    assert.is(kindOf({ ...counted, counted: false }, { ...lost, hashAtHeight: 'other' }), 'wait');
  },
);

mining.run();
