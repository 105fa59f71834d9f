import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Table } from '../../rules/roulette.ts';
import { BET_STAKE_MIN, betReturn, BETS_MAX, decideBet, exposureOf, type BetOrder } from '../../rules/roulette-bets.ts';
import { AFTER_BETS, bet, NOON, order, refused, started } from '../support/roulette.ts';

const bets = suite('rules/roulette-bets');

const BET_REFUSALS: [string, Partial<BetOrder>, number, string, Table['phase']][] = [
  ['on an earlier pull', { pullNo: 0 }, NOON, 'pull_stale', 'turn'],
  ['on a later pull', { pullNo: 2 }, NOON, 'pull_stale', 'turn'],
  ['after the window', {}, AFTER_BETS, 'bets_closed', 'turn'],
  ['on another seat', { targetId: 'bob' }, NOON, 'bet_invalid', 'turn'],
  ['on nobody', { targetId: '' }, NOON, 'bet_invalid', 'turn'],
  ['of an unknown kind', { kind: 'both' as 'survive' }, NOON, 'bet_invalid', 'turn'],
  ['under the least stake', { stake: BET_STAKE_MIN - 1n }, NOON, 'stake_invalid', 'turn'],
  ['of less than nothing', { stake: -100n }, NOON, 'stake_invalid', 'turn'],
  ['past the exposure', { kind: 'eliminated', stake: 211n }, NOON, 'exposure_full', 'turn'],
  ['before the start', {}, NOON, 'bets_closed', 'waiting'],
  ['after the end', {}, NOON, 'round_over', 'over'],
  ['in a void round', {}, NOON, 'round_over', 'void'],
];
for (const [name, change, now, code, phase] of BET_REFUSALS) {
  bets(`a bet ${name} is refused ${code} and leaves the table untouched`, () => {
    const { table } = started({ seats: 2, draws: [0, 3] });
    table.phase = phase;
    const before = structuredClone(table);
    assert.throws(() => decideBet(table, order(table, change), { now, exposureMax: 1_000n }), refused(code));
    assert.equal(table, before);
  });
}

bets('anyone at the table may bet, the seat whose turn it is too', () => {
  const { table } = started({ seats: 2, draws: [0, 3] });
  for (const playerId of ['ann', 'bob', 'wes']) bet(table, { betId: playerId, playerId });
  assert.equal([...table.bets.keys()], ['ann', 'bob', 'wes']);
});

bets('side bets pay as published at each number of chambers', () => {
  const returns = [6, 5, 4, 3, 2].map((left) => [
    left,
    betReturn('survive', 1_000n, left),
    betReturn('eliminated', 1_000n, left),
  ]);
  assert.equal(returns, [
    [6, 1_152n, 5_760n],
    [5, 1_200n, 4_800n],
    [4, 1_280n, 3_840n],
    [3, 1_440n, 2_880n],
    [2, 1_920n, 1_920n],
  ]);
  assert.throws(() => betReturn('survive', 1_000n, 1), /no bet/);
});

bets('a side bet gives back exactly 96 % in the long run, and never more for any stake', () => {
  // Times n, so that the mean over the n chambers is whole: survive wins at n − 1 of them, eliminated at one.
  const meanTimesChambers = (kind: 'survive' | 'eliminated', stake: bigint, left: number) =>
    betReturn(kind, stake, left) * (kind === 'survive' ? BigInt(left - 1) : 1n);
  const WHOLE = 10_000n * 60n;
  for (const left of [6, 5, 4, 3, 2]) {
    for (const kind of ['survive', 'eliminated'] as const) {
      assert.is(meanTimesChambers(kind, WHOLE, left) * 100n, WHOLE * BigInt(left) * 96n);
      for (let stake = 100n; stake < 400n; stake++) {
        assert.ok(meanTimesChambers(kind, stake, left) * 100n <= stake * BigInt(left) * 96n);
      }
    }
  }
});

bets('exposure is the most the house can lose on the pull: bets on one outcome pay for those on the other', () => {
  const { table } = started({ seats: 2, draws: [0, 3] });
  assert.is(exposureOf([], 6), 0n);
  const survive = bet(table, { betId: 'one', kind: 'survive', stake: 1_000n });
  assert.is(exposureOf([survive], 6), 152n);
  const eliminated = bet(table, { betId: 'two', kind: 'eliminated', stake: 1_000n });
  assert.is(exposureOf([survive, eliminated], 6), 3_760n);
  assert.is(exposureOf([survive, { ...eliminated, stake: '100' }], 6), 52n);
});

bets('a bet that would fill the exposure past its cap is refused, one that reaches it is taken', () => {
  const { table } = started({ seats: 2, draws: [0, 3] });
  const big = order(table, { kind: 'eliminated', stake: 1_000n });
  assert.throws(() => decideBet(table, big, { now: NOON, exposureMax: 4_759n }), refused('exposure_full'));
  assert.is(decideBet(table, big, { now: NOON, exposureMax: 4_760n }).stake, '1000');
});

bets('a pull holds no more than 200 bets', () => {
  const { table } = started({ seats: 2, draws: [0, 3] });
  for (let count = 0; count < BETS_MAX; count++) bet(table, { betId: `${count}` });
  assert.throws(() => bet(table, { betId: 'more' }), refused('exposure_full'));
});

bets.run();
