import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scripted } from '../../rules/random.ts';
import {
  approximately,
  compare,
  decimals,
  minus,
  ONE,
  per,
  plus,
  ratio,
  rootDecimals,
  sum,
  times,
  type Ratio,
} from '../../rules/ratio.ts';
import { CHAMBERS } from '../../rules/roulette.ts';
import { BET_KINDS, BET_STAKE_MIN, betReturn } from '../../rules/roulette-bets.ts';
import {
  BET_CHAMBERS,
  checkRouletteReturns,
  jackpotReturns,
  returnsOf,
  seatReturns,
  sideBetLeast,
  sideBetReturns,
  sideBetWords,
  spinReturns,
  wheelReturns,
  written,
} from '../../rules/rtp.ts';
import { decideSpin, paytable, spinCurrencies, SPIN_TABLE, WEIGHT_SUM, type SpinTable } from '../../rules/spin.ts';
import { bet, pullNow, started } from '../support/roulette.ts';

const rtp = suite('rules/rtp');

const same = (one: Ratio, other: Ratio, what?: string) =>
  assert.is(compare(one, other), 0, what ?? `${text(one)}, ${text(other)}`);
const text = ({ over, under }: Ratio) => `${over}/${under}`;
/** Mean, hits and variance of equally likely returns, each by its definition. */
function counted(returns: readonly Ratio[]) {
  const share = ratio(1n, BigInt(returns.length));
  const mean = times(sum(returns), share);
  const away = returns.map((one) => times(minus(one, mean), minus(one, mean)));
  return {
    rtp: mean,
    hitRate: times(ratio(BigInt(returns.filter(({ over }) => over > 0n).length)), share),
    variance: times(sum(away), share),
  };
}

rtp('ratios stay in lowest terms, and are rounded only where they are written', () => {
  assert.equal(ratio(6n, -4n), { over: -3n, under: 2n });
  assert.throws(() => ratio(1n, 0n), RangeError);
  same(plus(ratio(1n, 3n), ratio(1n, 6n)), ratio(1n, 2n));
  same(per(ratio(1n, 3n), ratio(2n, 3n)), ratio(1n, 2n));
  assert.ok(compare(ratio(1n, 3n), ratio(1n, 2n)) < 0);
  assert.is(decimals(ratio(2n, 3n)), '0.666667');
  assert.is(decimals(ratio(1n, 2n), 3), '0.500');
  assert.is(decimals(ratio(5n, 10_000_000n)), '0.000001');
  assert.is(rootDecimals(ratio(2n)), '1.414213');
  assert.is(rootDecimals(ratio(0n)), '0.000000');
  for (let root = 0n; root < 300n; root++) assert.is(rootDecimals(ratio(root * root), 1), `${root}.0`);
  assert.ok(Math.abs(approximately(ratio(1n, 7n)) - 1 / 7) < 1e-15);
});

const SMALL: SpinTable = {
  segments: [
    { multiplier: 0, weight: 5_000 },
    { multiplier: 100, weight: 4_000 },
    { multiplier: 525, weight: 1_000 },
  ],
  jackpot: { contributionBp: 300, odds: 4 },
  stakes: { COINS: { min: 400n, max: 400n, step: 400n } },
};

for (const [name, table] of [
  ['a small wheel', SMALL],
  ['the wheel that is played', SPIN_TABLE],
] as const) {
  rtp(`${name}: every one of its ${WEIGHT_SUM} draws, played by the rules, comes to the figures`, () => {
    const stake = 400n;
    const returns = Array.from({ length: WEIGHT_SUM }, (_, draw) =>
      ratio(decideSpin(scripted(draw, 1), stake, table).payout, stake),
    );
    const [exact, all] = [wheelReturns(table), counted(returns)];
    for (const figure of ['rtp', 'hitRate', 'variance'] as const) same(exact[figure], all[figure], figure);
  });
}

rtp('a table whose chances leave something out has no figures', () => {
  assert.throws(() => returnsOf([{ chance: ratio(1n, 3n), pays: ONE }]), /sum to 1\/3/);
});

rtp('the jackpot’s pot comes to its level from any beginning, and its prizes to the figures', () => {
  for (const share of [ONE, ratio(1n, 2n), ratio(1n, 500n)]) {
    const exact = jackpotReturns(SMALL, share);
    const [p, f, c] = [1 / SMALL.jackpot.odds, approximately(share), SMALL.jackpot.contributionBp / 10_000];
    // Mean and mean square of the pot before each draw, stepped until they no longer move.
    let [mean, squares] = [9, 200];
    for (let draw = 0; draw < 60_000; draw++) {
      const [kept, keptSquares] = [mean * (1 - p * f), squares * (1 - p + p * (1 - f) ** 2)];
      [mean, squares] = [kept + c, keptSquares + 2 * c * kept + c * c];
    }
    assert.ok(Math.abs(mean - approximately(exact.pot)) < 1e-9, `pot at ${text(share)}`);
    assert.ok(Math.abs(p * f * mean - approximately(exact.rtp)) < 1e-9, `return at ${text(share)}`);
    const variance = p * f * f * squares - (p * f * mean) ** 2;
    assert.ok(Math.abs(variance - approximately(exact.variance)) < 1e-9, `variance at ${text(share)}`);
    assert.ok(Math.abs(squares - mean * mean - approximately(exact.potVariance)) < 1e-9, `the pot’s variance at ${text(share)}`);
  }
  same(jackpotReturns(SMALL).rtp, ratio(3n, 100n));
  same(jackpotReturns(SMALL).hitRate, ratio(1n, 4n));
});

rtp('wheel and jackpot together: the sum of returns, either’s hit, both variances', () => {
  const [wheel, jackpot, both] = [wheelReturns(SMALL), jackpotReturns(SMALL), spinReturns(SMALL)];
  same(both.rtp, plus(wheel.rtp, jackpot.rtp));
  same(both.variance, plus(wheel.variance, jackpot.variance));
  same(both.hitRate, ratio(5n, 8n));
});

rtp('the published paytable says what was computed', () => {
  for (const currency of spinCurrencies()) {
    const published = paytable(currency);
    assert.is(published.rtp, decimals(spinReturns().rtp));
    assert.is(published.baseRtp, decimals(wheelReturns().rtp));
    assert.is(published.hitRate, decimals(wheelReturns().hitRate));
  }
  assert.equal(written(wheelReturns()), {
    rtp: '0.910000',
    hitRate: '0.343300',
    variance: '8.781900',
    volatilityIndex: '4.874837',
  });
});

for (const kind of BET_KINDS) {
  for (const chambersLeft of BET_CHAMBERS) {
    rtp(
      `${kind} with ${chambersLeft} chambers left: every place of the bullet, pulled by the rules, comes to the figures`,
      () => {
        const stake = 10_000n;
        const spent = CHAMBERS - chambersLeft;
        const returns: Ratio[] = [];
        for (let bullet = spent; bullet < CHAMBERS; bullet++) {
          const { table, cylinder } = started({ seats: 3, draws: [0, bullet, 0] });
          for (let pull = 0; pull < spent; pull++) pullNow(table, cylinder);
          assert.is(table.chambersLeft, chambersLeft);
          bet({ ...table, betsCloseAt: Infinity, bets: table.bets }, { kind, stake, targetId: table.turn, pullNo: table.pullNo });
          returns.push(ratio(pullNow(table, cylinder).bets[0]!.payout, stake));
        }
        const [exact, all] = [sideBetReturns(kind, chambersLeft), counted(returns)];
        for (const figure of ['rtp', 'hitRate', 'variance'] as const) same(exact[figure], all[figure], figure);
        assert.is(decimals(exact.rtp), '0.960000');
      },
    );

    rtp(`${kind} with ${chambersLeft} chambers left: no stake up to 10,000 returns less than the least that is told`, () => {
      const { stake: worst, rtp: least } = sideBetLeast(kind, chambersLeft);
      const { hitRate } = sideBetReturns(kind, chambersLeft);
      const at = (stake: bigint) => times(hitRate, ratio(betReturn(kind, stake, chambersLeft), stake));
      same(at(worst), least);
      for (let stake = BET_STAKE_MIN; stake <= 10_000n; stake++) assert.ok(compare(at(stake), least) >= 0, `${stake}`);
    });
  }
}

rtp('a seat returns the pot less the rake, whatever the number of seats', () => {
  for (const seats of [2, 3, 4, 5, 6]) {
    const { rtp: back, hitRate } = seatReturns(seats);
    same(back, ratio(96n, 100n));
    same(hitRate, ratio(1n, BigInt(seats)));
  }
  same(seatReturns(2, 250).rtp, ratio(975n, 1_000n));
});

rtp('returns outside their bounds are refused, each by its name', () => {
  checkRouletteReturns();
  const generous = () =>
    checkRouletteReturns({ returnOf: (kind, stake, left) => betReturn(kind, stake, left) + (left === 3 ? stake / 20n : 0n) });
  assert.throws(generous, /survive with 3 chambers left returns 0\.993333, outside 0\.940000–0\.970000/);
  const mean = () => checkRouletteReturns({ returnOf: (kind, stake, left) => (betReturn(kind, stake, left) * 97n) / 100n });
  assert.throws(mean, /eliminated with 6 chambers left returns 0\.931200/);
  assert.throws(() => checkRouletteReturns({ rakeBp: 700 }), /a seat returns 0\.930000/);
});

rtp('a return that only the cutting off spoils is refused too', () => {
  const toTens = () => checkRouletteReturns({ returnOf: (kind, stake, left) => (betReturn(kind, stake, left) / 10n) * 10n });
  assert.throws(toTens, /cut off, returns/);
});

rtp('docs/FAIRNESS.md publishes what was computed, row by row', () => {
  const published = readFileSync('docs/FAIRNESS.md', 'utf8');
  const told = (first: string, returns: Parameters<typeof written>[0], last = '') => {
    const { rtp: back, hitRate, variance, volatilityIndex } = written(returns);
    const row = `| ${first} | ${back} | ${hitRate} | ${variance} | ${volatilityIndex} |${last}\n`;
    assert.ok(published.includes(row), row);
  };
  const { min, max } = SPIN_TABLE.stakes.COINS!;
  told('wheel alone', wheelReturns());
  told('jackpot alone, highest stake', jackpotReturns());
  told('both, highest stake', spinReturns());
  told('both, lowest stake', spinReturns(SPIN_TABLE, ratio(min, max)));
  for (const seats of [2, 3, 4, 5, 6]) told(String(seats), seatReturns(seats));
  for (const kind of BET_KINDS)
    for (const chambersLeft of BET_CHAMBERS) {
      const pays = decimals(ratio(betReturn(kind, 600_000n, chambersLeft), 600_000n), 3);
      const least = sideBetLeast(kind, chambersLeft);
      const last = ` ${decimals(least.rtp)} at ${least.stake} |`;
      told(`${kind} | ${chambersLeft} | ${pays}×`, sideBetReturns(kind, chambersLeft), last);
    }
});

rtp('the REST door’s document tells every bet’s return', () => {
  const words = sideBetWords();
  for (const part of [
    'survive with 6 chambers left 1.152× (RTP 0.960000)',
    'eliminated with 2 chambers left 1.920× (RTP 0.960000)',
  ])
    assert.ok(words.includes(part), words);
});

rtp.run();
