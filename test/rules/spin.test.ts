import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CURRENCY_CODES } from '../../rules/currency.ts';
import { drawStream } from '../../rules/fairness.ts';
import { scripted } from '../../rules/random.ts';
import { Refusal } from '../../rules/refusal.ts';
import {
  checkStake,
  checkTable,
  contribution,
  decideSpin,
  jackpotPrize,
  paytable,
  replaySpin,
  SPIN_TABLE,
  spinCurrencies,
  stakeRangeOf,
  WEIGHT_SUM,
  type SpinTable,
} from '../../rules/spin.ts';

const spin = suite('rules/spin');

const NO_JACKPOT = 1;
const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

spin('a draw names the segment whose cumulative weight first exceeds it', () => {
  let from = 0;
  for (const [segment, { multiplier, weight }] of SPIN_TABLE.segments.entries()) {
    for (const draw of [from, from + weight - 1]) {
      const decision = decideSpin(scripted(draw, NO_JACKPOT), 100n);
      assert.equal(decision, { segment, multiplier, payout: BigInt(multiplier), jackpotHit: false });
    }
    from += weight;
  }
  assert.is(from, WEIGHT_SUM);
});

spin('the jackpot is always drawn second, and 0 hits', () => {
  assert.is(decideSpin(scripted(0, 0), 100n).jackpotHit, true);
  assert.is(decideSpin(scripted(0, SPIN_TABLE.jackpot.odds - 1), 100n).jackpotHit, false);
  assert.throws(() => decideSpin(scripted(0), 100n), RangeError);
});

spin('a published seed spins as anyone can compute', () => {
  const random = drawStream({ serverSeed: Uint8Array.from({ length: 32 }, (_, index) => index), clientSeeds: ['ann'], nonce: 7 });
  // The first word gives below(10000) = 9449, which is past 0×, 1×, 2× and within 3×.
  assert.equal(decideSpin(random, 20n), { segment: 3, multiplier: 300, payout: 60n, jackpotHit: false });
});

spin('every stake in range makes a whole payout at every segment, and a whole contribution', () => {
  for (const currency of spinCurrencies()) {
    const { min, max, step } = stakeRangeOf(currency);
    assert.is((max - min) % step, 0n);
    for (const stake of [min, min + step, max - step, max]) {
      assert.is((stake * BigInt(SPIN_TABLE.jackpot.contributionBp)) % 10_000n, 0n);
      for (const { multiplier } of SPIN_TABLE.segments) assert.is((stake * BigInt(multiplier)) % 100n, 0n);
    }
  }
});

spin('the published figures are exact: 91 % wheel, 96 % in all, 34.33 % hits', () => {
  const { rtp, baseRtp, hitRate, jackpot } = paytable('COINS');
  assert.equal(
    { rtp, baseRtp, hitRate, jackpot },
    {
      rtp: '0.960000',
      baseRtp: '0.910000',
      hitRate: '0.343300',
      jackpot: { contributionBp: 500, odds: 5_000 },
    },
  );
});

spin('every draw paid once gives back the wheel’s RTP to the unit', () => {
  const stake = 100n;
  let paid = 0n;
  for (let draw = 0; draw < WEIGHT_SUM; draw++) paid += decideSpin(scripted(draw, NO_JACKPOT), stake).payout;
  const contributed = contribution(stake) * BigInt(WEIGHT_SUM);
  const staked = stake * BigInt(WEIGHT_SUM);
  assert.is(paid * 100n, staked * 91n);
  assert.is((paid + contributed) * 100n, staked * 96n);
});

spin('the wheel keeps house rules: hit rate 30 % or more, highest prize 50× or more, RTP 94 to 97 %', () => {
  checkTable(SPIN_TABLE);
  const { rtp, hitRate, segments } = paytable('COINS');
  assert.ok(rtp >= '0.940000' && rtp <= '0.970000');
  assert.ok(hitRate >= '0.300000');
  assert.ok(Math.max(...segments.map(({ multiplier }) => multiplier)) >= 5_000);
});

spin('a paytable gives the stakes of its currency as digits', () => {
  const { stakeMin, stakeMax, stakeStep } = paytable('COINS');
  assert.equal([stakeMin, stakeMax, stakeStep], ['20', '10000', '20']);
  assert.not.equal(paytable('KES').stakeMax, stakeMax);
});

spin('only COINS and KES are played', () => {
  assert.equal(
    CURRENCY_CODES.filter((code) => spinCurrencies().includes(code)),
    ['COINS', 'KES'],
  );
});

for (const [currency, stake, code] of [
  ['EUR', 20n, 'currency_unknown'],
  ['GEMS', 20n, 'currency_unknown'],
  ['toString', 20n, 'currency_unknown'],
  ['COINS', 0n, 'stake_invalid'],
  ['COINS', -20n, 'stake_invalid'],
  ['COINS', 10n, 'stake_invalid'],
  ['COINS', 21n, 'stake_invalid'],
  ['COINS', 10_020n, 'stake_invalid'],
  ['COINS', 10n ** 30n, 'stake_invalid'],
  ['KES', 20n, 'stake_invalid'],
  ['KES', 1_050n, 'stake_invalid'],
] as const) {
  spin(`${stake} ${currency} is refused ${code}`, () => assert.throws(() => checkStake(currency, stake), refused(code)));
}

spin('stakes at both ends of the range are taken', () => {
  for (const stake of [20n, 10_000n]) assert.is(checkStake('COINS', stake), 'COINS');
});

spin('a jackpot pays the part of the pot that the stake is of the highest, and the rest stays', () => {
  assert.is(jackpotPrize(1_000n, { stake: 10_000n, stakeMax: 10_000n }), 1_000n);
  assert.is(jackpotPrize(1_000n, { stake: 20n, stakeMax: 10_000n }), 2n);
  assert.is(jackpotPrize(999n, { stake: 20n, stakeMax: 10_000n }), 1n);
  assert.is(jackpotPrize(0n, { stake: 20n, stakeMax: 10_000n }), 0n);
});

spin('a recorded spin replays to the same payout and prize', () => {
  const record = { currency: 'COINS', stake: 100n, pot: 50_000n } as const;
  assert.equal(replaySpin({ ...record, random: scripted(9_999, 0) }), {
    segment: 8,
    multiplier: 10_000,
    payout: 10_000n,
    jackpotHit: true,
    prize: 500n,
  });
  assert.is(replaySpin({ ...record, random: scripted(0, 1) }).prize, 0n);
});

const altered = (
  change: (table: { segments: { multiplier: number; weight: number }[] } & Omit<SpinTable, 'segments'>) => void,
) => {
  const table = structuredClone({ ...SPIN_TABLE, segments: SPIN_TABLE.segments.map((segment) => ({ ...segment })) });
  change(table);
  return table;
};
for (const [fault, table] of [
  ['weights sum to 9999', altered(({ segments }) => void (segments[0]!.weight -= 1))],
  ['weights whole from 1', altered(({ segments }) => void (segments[0]!.weight = 0))],
  ['weights whole from 1', altered(({ segments }) => void (segments[1]!.multiplier = 1.5))],
  ['highest multiplier 2500', altered(({ segments }) => void (segments[7]!.multiplier = segments[8]!.multiplier = 2_500))],
  ['hit rate 0.293300', altered(({ segments }) => void ((segments[0]!.weight += 500), (segments[1]!.weight -= 500)))],
  ['RTP 0.910000', altered(({ jackpot }) => void (jackpot.contributionBp = 0))],
  ['RTP 1.000000', altered(({ jackpot }) => void (jackpot.contributionBp = 900))],
  ['contribution -1 bp', altered(({ jackpot }) => void (jackpot.contributionBp = -1))],
  ['odds 0', altered(({ jackpot }) => void (jackpot.odds = 0))],
  ['COINS stakes run from 20 to 10001', altered(({ stakes }) => void (stakes.COINS!.max = 10_001n))],
  ['COINS stakes make contributions', altered(({ stakes }) => void (stakes.COINS = { min: 10n, max: 100n, step: 10n }))],
  ['COINS stakes make payouts', altered(({ segments }) => void (segments[1]!.multiplier = 101))],
] as const) {
  spin(`a table is not played with this fault: ${fault}`, () =>
    assert.throws(
      () => checkTable(table),
      (error: Error) => error.message.includes(fault),
    ),
  );
}

spin('all faults of a table are named at once', () => {
  const table = altered(({ jackpot, stakes }) => {
    jackpot.odds = 0;
    stakes.KES!.step = 0n;
  });
  assert.throws(() => checkTable(table), /odds 0; KES stakes/);
});

spin.run();
