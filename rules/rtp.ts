// What the tables come to for a player: exact ratios of whole numbers, computed from the tables that are played by. Nothing
// here is measured, and nothing is rounded before it is written out.
import { compare, decimals, minus, ONE, per, plus, ratio, rootDecimals, sum, times, type Ratio } from './ratio.ts';
import { CHAMBERS, RAKE_BP, splitPot } from './roulette.ts';
import { BET_KINDS, BET_STAKE_MIN, betReturn, type BetKind } from './roulette-bets.ts';
import { RTP_MAX, RTP_MIN, SPIN_TABLE, WEIGHT_SUM, type SpinTable } from './spin.ts';

/** Of one unit staked once. */
export interface Returns {
  /** The total return expected, the stake included. */
  rtp: Ratio;
  /** The chance of any return at all. */
  hitRate: Ratio;
  /** Of the total return; in units of the stake, squared. */
  variance: Ratio;
}

export interface Outcome {
  chance: Ratio;
  /** Total return of a unit staked. */
  pays: Ratio;
}

export interface JackpotReturns extends Returns {
  /** Of the pot before a draw, in stakes: its mean, and its variance. */
  pot: Ratio;
  potVariance: Ratio;
}

/** Throws unless the chances sum to 1. */
export function returnsOf(outcomes: readonly Outcome[]): Returns {
  const whole = sum(outcomes.map(({ chance }) => chance));
  if (compare(whole, ONE) !== 0) throw new RangeError(`chances sum to ${whole.over}/${whole.under}`);
  const rtp = sum(outcomes.map(({ chance, pays }) => times(chance, pays)));
  const squares = sum(outcomes.map(({ chance, pays }) => times(chance, pays, pays)));
  return {
    rtp,
    hitRate: sum(outcomes.filter(({ pays }) => pays.over > 0n).map(({ chance }) => chance)),
    variance: minus(squares, times(rtp, rtp)),
  };
}

/** The segments alone. */
export const wheelReturns = ({ segments }: SpinTable = SPIN_TABLE): Returns =>
  returnsOf(
    segments.map(({ multiplier, weight }) => ({
      chance: ratio(BigInt(weight), BigInt(WEIGHT_SUM)),
      pays: ratio(BigInt(multiplier), HUNDREDTHS),
    })),
  );

/**
 * The jackpot alone, once its pot has found its level. Every unit put in is paid out in the end, so the return is the
 * contribution, whatever is staked. `share` is the stake as a part of the highest: the smaller, the steadier.
 *
 * The pot before a draw, this stake's contribution c in it, goes P′ = P·(1 − share·hit) + c. With both sides' means and
 * mean squares equal: E[P] = c/(p·share), E[P²] = (2c·E[P]·(1 − p·share) + c²)/(p·(2·share − share²)). The few minor units by
 * which a prize is cut off stay in the pot, for the next one.
 */
export function jackpotReturns({ jackpot }: SpinTable = SPIN_TABLE, share: Ratio = ONE): JackpotReturns {
  const c = ratio(BigInt(jackpot.contributionBp), BASIS_POINTS);
  const p = ratio(1n, BigInt(jackpot.odds));
  const pot = per(c, times(p, share));
  const stays = minus(ONE, times(p, share));
  const potSquares = per(plus(times(TWO, c, pot, stays), times(c, c)), times(p, share, minus(TWO, share)));
  const squares = times(p, share, share, potSquares);
  return { rtp: c, hitRate: p, variance: minus(squares, times(c, c)), pot, potVariance: minus(potSquares, times(pot, pot)) };
}

/** Wheel and jackpot, which are drawn apart, together. */
export function spinReturns(table: SpinTable = SPIN_TABLE, share: Ratio = ONE): Returns {
  const wheel = wheelReturns(table);
  const jackpot = jackpotReturns(table, share);
  const neither = times(minus(ONE, wheel.hitRate), minus(ONE, jackpot.hitRate));
  return {
    rtp: plus(wheel.rtp, jackpot.rtp),
    hitRate: minus(ONE, neither),
    variance: plus(wheel.variance, jackpot.variance),
  };
}

/** A seat at a roulette table: everyone has the same chance of the pot less the rake. */
export function seatReturns(seats: number, rakeBp = RAKE_BP): Returns {
  const { payout } = splitPot(UNIT * BigInt(seats), rakeBp);
  return wonOrLost({ chance: ratio(1n, BigInt(seats)), pays: ratio(payout, UNIT) });
}

/** Total return of a stake that wins; `betReturn`, or what a test puts in its place. */
export type ReturnRule = (kind: BetKind, stake: bigint, chambersLeft: number) => bigint;

/** With how many chambers left there are bets. */
export const BET_CHAMBERS: readonly number[] = Array.from({ length: CHAMBERS - 1 }, (_, more) => more + 2);

/** A side bet at a stake that leaves nothing to cut off. */
export const sideBetReturns = (kind: BetKind, chambersLeft: number, returnOf: ReturnRule = betReturn): Returns =>
  wonOrLost({ chance: chanceOf(kind, chambersLeft), pays: ratio(returnOf(kind, UNIT, chambersLeft), UNIT) });

/**
 * The stake at which cutting off to whole minor units costs most, and the return there. What is cut off comes round again
 * with the ratio's own period, and weighs less the higher the stake: one period from the least stake holds the worst.
 */
export function sideBetLeast(
  kind: BetKind,
  chambersLeft: number,
  returnOf: ReturnRule = betReturn,
): { stake: bigint; rtp: Ratio } {
  const chance = chanceOf(kind, chambersLeft);
  const { under: period } = ratio(returnOf(kind, UNIT, chambersLeft), UNIT);
  let least = { stake: 0n, rtp: ONE };
  for (let stake = BET_STAKE_MIN; stake < BET_STAKE_MIN + period; stake += 1n) {
    const rtp = times(chance, ratio(returnOf(kind, stake, chambersLeft), stake));
    if (least.stake === 0n || compare(rtp, least.rtp) < 0) least = { stake, rtp };
  }
  return least;
}

/** Throws, naming every fault, unless each side bet, and a seat's part in the pot, is within house rules at any stake. */
export function checkRouletteReturns({
  returnOf = betReturn,
  rakeBp = RAKE_BP,
}: { returnOf?: ReturnRule; rakeBp?: number } = {}): void {
  const faults = BET_KINDS.flatMap((kind) =>
    BET_CHAMBERS.flatMap((chambersLeft) => {
      const name = `${kind} with ${chambersLeft} chambers left`;
      return [
        ...boundFaults(name, sideBetReturns(kind, chambersLeft, returnOf).rtp),
        ...boundFaults(`${name}, cut off,`, sideBetLeast(kind, chambersLeft, returnOf).rtp),
      ];
    }),
  );
  faults.push(...boundFaults('a seat', seatReturns(2, rakeBp).rtp));
  if (faults.length > 0) throw new RangeError(`roulette returns: ${faults.join('; ')}`);
}

/** As figures for people: six decimals. The index is 1.645 deviations: a round's return lies so near its mean in 90 of 100, were it normal. */
export const written = ({ rtp, hitRate, variance }: Returns) => ({
  rtp: decimals(rtp),
  hitRate: decimals(hitRate),
  variance: decimals(variance),
  volatilityIndex: rootDecimals(times(variance, VOLATILITY, VOLATILITY)),
});

/** For the document of the REST door: every kind of bet and what it comes to. */
export function sideBetWords(): string {
  const lines = BET_KINDS.flatMap((kind) =>
    BET_CHAMBERS.map((chambersLeft) => {
      const pays = decimals(ratio(betReturn(kind, UNIT, chambersLeft), UNIT), 3);
      return `${kind} with ${chambersLeft} chambers left ${pays}× (RTP ${decimals(sideBetReturns(kind, chambersLeft).rtp)})`;
    }),
  );
  return `Total return of a bet that wins, the stake included: ${lines.join('; ')}. Whole minor units, cut off`;
}

const HUNDREDTHS = 100n;
const BASIS_POINTS = 10_000n;
const MILLION = 1_000_000n;
const TWO = ratio(2n);
const VOLATILITY = ratio(1_645n, 1_000n);
/** Minor units at which every return of the tables is whole: chambers and basis points divide it. */
const UNIT = 720_720n * 10n ** 8n;

/** With n chambers left the bullet is in each of them alike, and the next one is pulled on. */
const chanceOf = (kind: BetKind, chambersLeft: number): Ratio =>
  ratio(kind === 'eliminated' ? 1n : BigInt(chambersLeft - 1), BigInt(chambersLeft));

const wonOrLost = ({ chance, pays }: Outcome): Returns =>
  returnsOf([
    { chance, pays },
    { chance: minus(ONE, chance), pays: ratio(0n) },
  ]);

function boundFaults(name: string, rtp: Ratio): string[] {
  const [least, most] = [ratio(RTP_MIN, MILLION), ratio(RTP_MAX, MILLION)];
  const within = compare(rtp, least) >= 0 && compare(rtp, most) <= 0;
  return within ? [] : [`${name} returns ${decimals(rtp)}, outside ${decimals(least)}–${decimals(most)}`];
}
