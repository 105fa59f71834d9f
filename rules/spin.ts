import { isCurrency, stakeFits, type Currency, type StakeRange } from './currency.ts';
import type { Random } from './random.ts';
import { refuseUnless } from './refusal.ts';

/** Stored with each round; a change to what a draw means raises it. */
export const SPIN_RULES_VERSION = 1;
/** The weights of a wheel sum to this; one draw below it names the segment. */
export const WEIGHT_SUM = 10_000;
/** Recent wins shown in a room. */
export const WINS_SHOWN = 20;

const HUNDREDTHS = 100n;
const BASIS_POINTS = 10_000n;
/** A ratio in millionths has exactly the six decimals that are published. */
const MILLION = 1_000_000n;
const MILLIONTHS_PER_BP = MILLION / BASIS_POINTS;
/** House rules, millionths: what a start lets through, here and in `rtp.ts` for side bets. */
export const RTP_MIN = 940_000n;
export const RTP_MAX = 970_000n;
const HIT_RATE_MIN = 300_000n;
const TOP_MULTIPLIER_MIN = 5_000;

export interface Segment {
  /** Hundredths of the stake, the stake included; 0 pays nothing. */
  multiplier: number;
  /** Of 10,000. */
  weight: number;
}

export interface SpinTable {
  segments: readonly Segment[];
  /** `contributionBp` of each stake goes to the pot; one spin in `odds` hits. */
  jackpot: { contributionBp: number; odds: number };
  /** The currencies this wheel is played in. */
  stakes: Partial<Record<Currency, StakeRange>>;
}

/**
 * 91 % from the wheel and 5 % through the jackpot, 96 % in all, in the middle of what house rules allow; no segment pays
 * less than its stake. Stakes move in steps that make the jackpot's part whole too, so the published figure holds at each.
 */
export const SPIN_TABLE: SpinTable = {
  segments: [
    { multiplier: 0, weight: 6_567 },
    { multiplier: 100, weight: 1_300 },
    { multiplier: 200, weight: 1_100 },
    { multiplier: 300, weight: 600 },
    { multiplier: 500, weight: 300 },
    { multiplier: 1_000, weight: 100 },
    { multiplier: 2_500, weight: 20 },
    { multiplier: 5_000, weight: 10 },
    { multiplier: 10_000, weight: 3 },
  ],
  jackpot: { contributionBp: 500, odds: 5_000 },
  stakes: {
    COINS: { min: 20n, max: 10_000n, step: 20n },
    KES: { min: 1_000n, max: 500_000n, step: 100n },
  },
};

export interface SpinDecision {
  /** Index in `segments`. */
  segment: number;
  multiplier: number;
  /** From the wheel, minor units, the stake included. A jackpot's prize comes on top of it. */
  payout: bigint;
  jackpotHit: boolean;
}

/** One spin: the segment, then always the jackpot. `stake` has passed `checkStake`. */
export function decideSpin(random: Random, stake: bigint, table: SpinTable = SPIN_TABLE): SpinDecision {
  const segment = segmentAt(table, random.below(WEIGHT_SUM));
  const jackpotHit = random.below(table.jackpot.odds) === 0;
  const { multiplier } = table.segments[segment]!;
  return { segment, multiplier, payout: (stake * BigInt(multiplier)) / HUNDREDTHS, jackpotHit };
}

/** Refuses `currency_unknown` for one not played here, `stake_invalid` outside the range or between its steps. */
export function checkStake(currency: string, stake: bigint, table: SpinTable = SPIN_TABLE): Currency {
  refuseUnless(isCurrency(currency), 'currency_unknown');
  const range = table.stakes[currency];
  refuseUnless(range, 'currency_unknown');
  refuseUnless(stakeFits(stake, range), 'stake_invalid');
  return currency;
}

/** The range of a currency played here. */
export function stakeRangeOf(currency: Currency, table: SpinTable = SPIN_TABLE): StakeRange {
  const range = table.stakes[currency];
  refuseUnless(range, 'currency_unknown');
  return range;
}

export const spinCurrencies = (table: SpinTable = SPIN_TABLE): Currency[] => Object.keys(table.stakes).filter(isCurrency);

/** What a stake adds to the pot, minor units; posted with the stake and returned when the round is void. */
export const contribution = (stake: bigint, table: SpinTable = SPIN_TABLE): bigint =>
  (stake * BigInt(table.jackpot.contributionBp)) / BASIS_POINTS;

/** What a hit pays out of `pot`, this spin's own contribution in it; the rest of the pot stays. */
export const jackpotPrize = (pot: bigint, { stake, stakeMax }: { stake: bigint; stakeMax: bigint }): bigint =>
  (pot * stake) / stakeMax;

export interface RecordedSpin {
  currency: Currency;
  stake: bigint;
  /** The jackpot's pot before the hit, this spin's contribution in it. */
  pot: bigint;
  /** From the round's first draw. */
  random: Random;
}

/** The same spin again, from its record. */
export function replaySpin(
  { currency, stake, pot, random }: RecordedSpin,
  table: SpinTable = SPIN_TABLE,
): SpinDecision & { prize: bigint } {
  const decision = decideSpin(random, stake, table);
  const stakeMax = stakeRangeOf(currency, table).max;
  return { ...decision, prize: decision.jackpotHit ? jackpotPrize(pot, { stake, stakeMax }) : 0n };
}

export interface Paytable {
  segments: readonly Segment[];
  /** Exact, six decimals: wheel and jackpot; the wheel alone; the part of spins that pay. */
  rtp: string;
  baseRtp: string;
  hitRate: string;
  jackpot: { contributionBp: number; odds: number };
  /** Minor units, digits. */
  stakeMin: string;
  stakeMax: string;
  stakeStep: string;
}

export function paytable(currency: Currency, table: SpinTable = SPIN_TABLE): Paytable {
  const { min, max, step } = stakeRangeOf(currency, table);
  const { base, rtp, hitRate } = millionthsOf(table);
  return {
    segments: table.segments,
    rtp: sixDecimals(rtp),
    baseRtp: sixDecimals(base),
    hitRate: sixDecimals(hitRate),
    jackpot: table.jackpot,
    stakeMin: `${min}`,
    stakeMax: `${max}`,
    stakeStep: `${step}`,
  };
}

/** Throws, naming every fault, unless the table is within house rules. Called at start: a wrong wheel never turns. */
export function checkTable(table: SpinTable): void {
  const faults = [
    ...wheelFaults(table),
    ...jackpotFaults(table),
    ...Object.entries(table.stakes).flatMap(([code, range]) => stakeFaults(table, code, range)),
  ];
  if (faults.length > 0) throw new RangeError(`spin table: ${faults.join('; ')}`);
}

function segmentAt({ segments }: SpinTable, draw: number): number {
  let cumulative = 0;
  for (const [index, { weight }] of segments.entries()) {
    cumulative += weight;
    if (cumulative > draw) return index;
  }
  throw new RangeError(`weights sum to ${cumulative}, drawn ${draw}`);
}

function wheelFaults(table: SpinTable): string[] {
  const { segments } = table;
  const whole = segments.every(
    ({ multiplier, weight }) => Number.isSafeInteger(multiplier) && multiplier >= 0 && Number.isSafeInteger(weight) && weight > 0,
  );
  if (!whole) return ['multipliers are whole hundredths from 0, weights whole from 1'];
  const sum = segments.reduce((total, { weight }) => total + weight, 0);
  if (sum !== WEIGHT_SUM) return [`weights sum to ${sum}, not ${WEIGHT_SUM}`];
  const { rtp, hitRate } = millionthsOf(table);
  const top = Math.max(...segments.map(({ multiplier }) => multiplier));
  return [
    ...(hitRate < HIT_RATE_MIN ? [`hit rate ${sixDecimals(hitRate)} is below ${sixDecimals(HIT_RATE_MIN)}`] : []),
    ...(top < TOP_MULTIPLIER_MIN ? [`highest multiplier ${top} is below ${TOP_MULTIPLIER_MIN} hundredths`] : []),
    ...(rtp < RTP_MIN || rtp > RTP_MAX
      ? [`RTP ${sixDecimals(rtp)} is outside ${sixDecimals(RTP_MIN)}–${sixDecimals(RTP_MAX)}`]
      : []),
  ];
}

function jackpotFaults({ jackpot: { contributionBp, odds } }: SpinTable): string[] {
  return [
    ...(Number.isInteger(contributionBp) && contributionBp >= 0 && contributionBp <= 10_000
      ? []
      : [`contribution ${contributionBp} bp`]),
    ...(Number.isInteger(odds) && odds >= 1 && odds <= 2 ** 32 ? [] : [`odds ${odds}`]),
  ];
}

function stakeFaults({ segments, jackpot }: SpinTable, code: string, { min, max, step }: StakeRange): string[] {
  if (!(step > 0n && min > 0n && min <= max && (max - min) % step === 0n))
    return [`${code} stakes run from ${min} to ${max} by ${step}`];
  const payoutsWhole = segments.every(
    ({ multiplier }) =>
      Number.isSafeInteger(multiplier) && [min, step].every((stake) => (stake * BigInt(multiplier)) % HUNDREDTHS === 0n),
  );
  const contributionsWhole =
    Number.isInteger(jackpot.contributionBp) &&
    [min, step].every((stake) => (stake * BigInt(jackpot.contributionBp)) % BASIS_POINTS === 0n);
  return [
    ...(payoutsWhole ? [] : [`${code} stakes make payouts that are not whole`]),
    ...(contributionsWhole ? [] : [`${code} stakes make contributions that are not whole`]),
  ];
}

/** multiplier/100 × weight/10,000 is whole in millionths, so nothing is rounded. */
function millionthsOf({ segments, jackpot }: SpinTable): { base: bigint; rtp: bigint; hitRate: bigint } {
  const base = segments.reduce((sum, { multiplier, weight }) => sum + BigInt(multiplier) * BigInt(weight), 0n);
  const hits = segments.reduce((sum, { multiplier, weight }) => sum + (multiplier > 0 ? weight : 0), 0);
  const contributed = Number.isInteger(jackpot.contributionBp) ? BigInt(jackpot.contributionBp) * MILLIONTHS_PER_BP : 0n;
  return { base, rtp: base + contributed, hitRate: BigInt(hits) * MILLIONTHS_PER_BP };
}

const sixDecimals = (millionths: bigint): string =>
  `${millionths / MILLION}.${(millionths % MILLION).toString().padStart(6, '0')}`;

/** What `store.instant.play` needs of a spin, whichever door it came by. `stake` has passed `checkStake`. */
export function decideSpinRound({ currency, stake }: { currency: Currency; stake: bigint }, table: SpinTable = SPIN_TABLE) {
  const stakeMax = stakeRangeOf(currency, table).max;
  return {
    game: 'spin',
    rulesVersion: SPIN_RULES_VERSION,
    currency,
    stake,
    stakeMax,
    setup: { currency, stake: `${stake}`, stakeMax: `${stakeMax}`, segments: table.segments, jackpotOdds: table.jackpot.odds },
    decide: (random: Random) => {
      const { segment, multiplier, payout, jackpotHit } = decideSpin(random, stake, table);
      return {
        payout,
        contribution: contribution(stake, table),
        jackpotHit,
        outcome: { segment, multiplier, payout: `${payout}`, jackpotHit },
      };
    },
  };
}
