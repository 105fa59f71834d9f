// Rounds by the million through the rules that play them for money: each spin from its own seed and nonce, each table from
// its seed to its winner, with a bet of either kind on every pull. What comes of them is counted, and nothing is judged here.
import { createHash } from 'node:crypto';
import { drawStream } from '../rules/fairness.ts';
import type { Random } from '../rules/random.ts';
import { approximately } from '../rules/ratio.ts';
import { applyBet, BET_KINDS, decideBet, type BetKind } from '../rules/roulette-bets.ts';
import { plainTable } from '../rules/roulette-replay.ts';
import { applyShot, CHAMBERS, decidePull, SEATS_MAX, SEATS_MIN, seatOrder, startRound, type Shot } from '../rules/roulette.ts';
import { jackpotReturns, sideBetReturns, wheelReturns } from '../rules/rtp.ts';
import { contribution, decideSpin, jackpotPrize, SPIN_TABLE, stakeRangeOf, WEIGHT_SUM } from '../rules/spin.ts';
import { Z99 } from './chance-tests.ts';

/** A mean on its way, and how far from the exact one 99 of 100 would be. */
export interface Sample {
  rounds: number;
  mean: number;
  band: number;
}

export interface SpinTally {
  spins: number;
  /** By index of the table. */
  segments: number[];
  /** `below(10000)` and `below(jackpotOdds)`, in so many equal parts. */
  wheelDraws: number[];
  jackpotDraws: number[];
  /** Of spins two by two: class of the first · classes + class of the second. */
  pairs: number[];
  /** Places where a win follows a loss, or a loss a win. */
  changes: number;
  wins: number;
  jackpots: number;
  stake: bigint;
  /** Minor units: what the wheel and the jackpot paid, what the pot took and where it stands. */
  wheelPaid: bigint;
  prizes: bigint;
  contributed: bigint;
  potBefore: bigint;
  potAfter: bigint;
  wheelCurve: Sample[];
  wholeCurve: Sample[];
}

export interface TableTally {
  tables: number;
  pulls: number;
  /** By chambers left. */
  pullsAt: number[];
  hitsAt: number[];
  bullets: number[];
  /** By seats at the table, then by place. */
  winners: number[][];
  bets: number;
  betStake: bigint;
  /** By kind, then by chambers left, minor units. */
  betsPaid: Record<BetKind, bigint[]>;
  betCurve: Sample[];
}

export interface Play {
  seed: string;
  count: number;
  /** Called some hundred times, with how many are done. */
  progress(done: number): void;
}

export const DRAW_PARTS = 100;
/** A segment's class in the pairs: the last one takes every rarer segment. */
export const PAIR_CLASSES = 5;
export const classOf = (segment: number): number => Math.min(segment, PAIR_CLASSES - 1);

const POINTS_PER_DECADE = 40;
const FIRST_POINT = 1_000;
/** Whole returns at every chamber count. */
const BET_STAKE = 10_000n;
const PROGRESS_STEPS = 200;

export function playSpins({ seed, count, progress }: Play): SpinTally {
  const serverSeed = createHash('sha256').update(`spins:${seed}`).digest();
  const { max: stake } = stakeRangeOf('COINS');
  const tally = openSpins(stake);
  const points = pointsTo(count);
  const steps = stepsTo(count);
  let before: boolean | null = null;
  let first = 0;
  for (let nonce = 0; nonce < count; nonce++) {
    const { below } = drawStream({ serverSeed, clientSeeds: ['monte-carlo'], nonce });
    const { segment, payout, jackpotHit } = decideSpin(watched(below, tally), stake);
    takeMoney(tally, { payout, jackpotHit });
    tally.segments[segment]! += 1;
    if (nonce % 2 === 0) first = classOf(segment);
    else tally.pairs[first * PAIR_CLASSES + classOf(segment)]! += 1;
    const win = payout > 0n;
    if (win) tally.wins += 1;
    if (before !== null && before !== win) tally.changes += 1;
    before = win;
    tally.spins = nonce + 1;
    if (points.has(tally.spins)) sample(tally);
    if (steps.has(tally.spins)) progress(tally.spins);
  }
  return tally;
}

export function playTables({ seed, count, progress }: Play): TableTally {
  const serverSeed = createHash('sha256').update(`tables:${seed}`).digest();
  const tally = openTables();
  const steps = stepsTo(count);
  const curve = { next: FIRST_POINT, variance: 0, paid: 0 };
  for (let nonce = 0; nonce < count; nonce++) {
    const seats = SEATS.slice(0, SEATS_MIN + (nonce % (SEATS_MAX - SEATS_MIN + 1)));
    playTable(tally, { seats, random: drawStream({ serverSeed, clientSeeds: seats, nonce }), curve });
    tally.tables = nonce + 1;
    if (steps.has(tally.tables)) progress(tally.tables);
  }
  if (tally.betCurve.at(-1)?.rounds !== tally.bets) sampleBets(tally, curve);
  return tally;
}

const SEATS = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];

function openSpins(stake: bigint): SpinTally {
  const put = contribution(stake);
  // The pot begins at its mean level, so that the figures of a pot that has found it hold from the first spin.
  const pot = BigInt(Math.round(approximately(jackpotReturns().pot) * Number(stake))) - put;
  const { segments } = SPIN_TABLE;
  return {
    spins: 0,
    segments: segments.map(() => 0),
    wheelDraws: zeros(DRAW_PARTS),
    jackpotDraws: zeros(DRAW_PARTS),
    pairs: zeros(PAIR_CLASSES * PAIR_CLASSES),
    changes: 0,
    wins: 0,
    jackpots: 0,
    stake,
    wheelPaid: 0n,
    prizes: 0n,
    contributed: 0n,
    potBefore: pot,
    potAfter: pot,
    wheelCurve: [],
    wholeCurve: [],
  };
}

function watched(below: Random['below'], { wheelDraws, jackpotDraws }: SpinTally): Random {
  return {
    below(limit) {
      const draw = below(limit);
      const parts = limit === WEIGHT_SUM ? wheelDraws : jackpotDraws;
      parts[Math.floor((draw * DRAW_PARTS) / limit)]! += 1;
      return draw;
    },
  };
}

function takeMoney(tally: SpinTally, { payout, jackpotHit }: { payout: bigint; jackpotHit: boolean }): void {
  const { stake } = tally;
  const put = contribution(stake);
  tally.wheelPaid += payout;
  tally.contributed += put;
  tally.potAfter += put;
  if (!jackpotHit) return;
  const prize = jackpotPrize(tally.potAfter, { stake, stakeMax: stake });
  tally.jackpots += 1;
  tally.prizes += prize;
  tally.potAfter -= prize;
}

const WHEEL_VARIANCE = approximately(wheelReturns().variance);
const POT_VARIANCE = approximately(jackpotReturns().potVariance);

/** Prizes are what was put in less what stands in the pot, so besides the wheel only the pot's own level varies. */
function sample({ spins, stake, wheelPaid, prizes, wheelCurve, wholeCurve }: SpinTally): void {
  const staked = spins * Number(stake);
  const wheel = Number(wheelPaid) / staked;
  wheelCurve.push({ rounds: spins, mean: wheel, band: Z99 * Math.sqrt(WHEEL_VARIANCE / spins) });
  const band = (Z99 * Math.sqrt(WHEEL_VARIANCE * spins + POT_VARIANCE)) / spins;
  wholeCurve.push({ rounds: spins, mean: wheel + Number(prizes) / staked, band });
}

function openTables(): TableTally {
  const nothing = () => Array.from({ length: CHAMBERS + 1 }, () => 0n);
  return {
    tables: 0,
    pulls: 0,
    pullsAt: zeros(CHAMBERS + 1),
    hitsAt: zeros(CHAMBERS + 1),
    bullets: zeros(CHAMBERS),
    winners: Array.from({ length: SEATS_MAX + 1 }, (_, seats) => zeros(seats)),
    bets: 0,
    betStake: BET_STAKE,
    betsPaid: { survive: nothing(), eliminated: nothing() },
    betCurve: [],
  };
}

interface Curve {
  next: number;
  /** Summed over the bets so far, in stakes squared; a pull's two bets are one draw. */
  variance: number;
  paid: number;
}

function playTable(tally: TableTally, { seats, random, curve }: { seats: string[]; random: Random; curve: Curve }): void {
  const table = plainTable({ seats, stake: 100n });
  const cylinder = startRound(table, { roundId: 'round', random: loading(random, tally), now: 0 });
  while (table.phase === 'turn') {
    const { turn, pullNo, chambersLeft } = table;
    if (chambersLeft > 1)
      for (const kind of BET_KINDS) {
        const order = { betId: kind, playerId: 'wes', name: '', kind, targetId: turn, stake: BET_STAKE, pullNo };
        applyBet(table, decideBet(table, order, { now: table.betsCloseAt - 1 }));
      }
    const shot = decidePull(table, cylinder, { seatId: turn, pullNo, now: table.betsCloseAt });
    applyShot(table, cylinder, shot, 0);
    count(tally, shot, curve);
  }
  tally.winners[seats.length]![seatOrder(table).indexOf(table.winner)]! += 1;
}

const loading = (random: Random, { bullets }: TableTally): Random => {
  let drawn = 0;
  return {
    below(limit) {
      const draw = random.below(limit);
      if (drawn++ > 0) bullets[draw]! += 1; // the first draw names a seat
      return draw;
    },
  };
};

/** The two bets of a pull come to one of two sums: their variance, from each kind's, which are opposite faces of one draw. */
const PULL_VARIANCE = Array.from({ length: CHAMBERS + 1 }, (_, chambersLeft) => {
  if (chambersLeft < 2) return 0;
  const [survive, eliminated] = BET_KINDS.map((kind) => Math.sqrt(approximately(sideBetReturns(kind, chambersLeft).variance)));
  return (survive! - eliminated!) ** 2;
});

function count(tally: TableTally, { chambersLeft, hit, bets }: Shot, curve: Curve): void {
  tally.pulls += 1;
  tally.pullsAt[chambersLeft]! += 1;
  if (hit) tally.hitsAt[chambersLeft]! += 1;
  for (const { betId, payout } of bets) {
    tally.bets += 1;
    tally.betsPaid[betId as BetKind][chambersLeft]! += payout;
    curve.paid += Number(payout);
  }
  curve.variance += PULL_VARIANCE[chambersLeft]!;
  if (tally.bets < curve.next) return;
  sampleBets(tally, curve);
  curve.next = tally.bets * STRIDE;
}

function sampleBets({ bets, betCurve }: TableTally, { paid, variance }: Curve): void {
  betCurve.push({ rounds: bets, mean: paid / (bets * Number(BET_STAKE)), band: (Z99 * Math.sqrt(variance)) / bets });
}

const STRIDE = 10 ** (1 / POINTS_PER_DECADE);

function pointsTo(count: number): Set<number> {
  const points = new Set([count]);
  for (let point = FIRST_POINT; point < count; point *= STRIDE) points.add(Math.round(point));
  return points;
}

const stepsTo = (count: number): Set<number> =>
  new Set(Array.from({ length: PROGRESS_STEPS }, (_, step) => Math.floor((count * (step + 1)) / PROGRESS_STEPS)));

const zeros = (length: number): number[] => Array.from({ length }, () => 0);
