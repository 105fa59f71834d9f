// What the rounds played came to, beside what the tables say: each figure with its exact one, each test of chance with its p.
import { approximately, decimals, type Ratio } from '../rules/ratio.ts';
import { BET_KINDS } from '../rules/roulette-bets.ts';
import { CHAMBERS, SEATS_MAX, SEATS_MIN } from '../rules/roulette.ts';
import { BET_CHAMBERS, sideBetReturns, spinReturns, wheelReturns } from '../rules/rtp.ts';
import { SPIN_TABLE, WEIGHT_SUM } from '../rules/spin.ts';
import { binomial, chiSquare, normal, runs, Z99, type Cell, type ChanceTest } from './chance-tests.ts';
import { classOf, PAIR_CLASSES, type SpinTally, type TableTally } from './play-rounds.ts';

export interface Figure {
  name: string;
  exact: string;
  seen: string;
}

export interface Judgement {
  figures: Figure[];
  tests: ChanceTest[];
  /** A test fails below it: 1 % in all, shared among the tests, so that true chance fails one run in a hundred. */
  bound: number;
  /** What does not hold, in words. */
  faults: string[];
}

const FALSE_ALARMS = 0.01;

export function judge(spins: SpinTally, tables: TableTally): Judgement {
  const tests = [...spinTests(spins), ...tableTests(tables)];
  const bound = FALSE_ALARMS / tests.length;
  const odd = tests.filter(({ p }) => p < bound).map(({ name, found, p }) => `${name}: ${found}, p ${p.toExponential(1)}`);
  return {
    figures: [...spinFigures(spins), ...betFigures(tables)],
    tests,
    bound,
    faults: [...odd, ...moneyFaults(spins, tables)],
  };
}

function spinTests(tally: SpinTally): ChanceTest[] {
  const { spins, segments, wheelDraws, jackpotDraws, pairs, changes, wins, jackpots } = tally;
  const weights = SPIN_TABLE.segments.map(({ weight }) => weight / WEIGHT_SUM);
  const classes = Array.from({ length: PAIR_CLASSES }, () => 0);
  for (const [segment, weight] of weights.entries()) classes[classOf(segment)]! += weight;
  const couples = Math.floor(spins / 2);
  const { hitRate } = wheelReturns();
  const chance = approximately(hitRate);
  const [wheel, whole] = [tally.wheelCurve.at(-1)!, tally.wholeCurve.at(-1)!];
  return [
    chiSquare('wheel: draws in a hundred parts', evenly(wheelDraws)),
    chiSquare('jackpot: draws in a hundred parts', evenly(jackpotDraws)),
    chiSquare(
      'wheel: segments by weight',
      segments.map((seen, index) => ({ seen, expected: spins * weights[index]! })),
    ),
    chiSquare(
      'wheel: each spin and the next',
      pairs.map((seen, at) => ({
        seen,
        expected: couples * classes[Math.floor(at / PAIR_CLASSES)]! * classes[at % PAIR_CLASSES]!,
      })),
    ),
    runs('wheel: wins after losses', { changes, tries: spins, chance }),
    binomial('wheel: wins', { hits: wins, tries: spins, chance }),
    binomial('jackpot: hits', { hits: jackpots, tries: spins, chance: 1 / SPIN_TABLE.jackpot.odds }),
    normal('wheel: return', { seen: wheel.mean, mean: approximately(wheelReturns().rtp), deviation: wheel.band / Z99 }),
    normal('wheel and jackpot: return', {
      seen: whole.mean,
      mean: approximately(spinReturns().rtp),
      deviation: whole.band / Z99,
    }),
  ];
}

function tableTests({ pullsAt, hitsAt, bullets, winners, betCurve }: TableTally): ChanceTest[] {
  const seats = Array.from({ length: SEATS_MAX - SEATS_MIN + 1 }, (_, more) => SEATS_MIN + more);
  const bets = betCurve.at(-1)!;
  return [
    chiSquare('roulette: where the bullet is', evenly(bullets)),
    ...BET_CHAMBERS.map((left) =>
      binomial(`roulette: hits with ${left} of ${CHAMBERS} chambers left`, {
        hits: hitsAt[left]!,
        tries: pullsAt[left]!,
        chance: 1 / left,
      }),
    ),
    ...seats.map((count) => chiSquare(`roulette: who wins of ${count}`, evenly(winners[count]!))),
    normal('side bets: return', {
      seen: bets.mean,
      mean: approximately(sideBetReturns('survive', CHAMBERS).rtp),
      deviation: bets.band / Z99,
    }),
  ];
}

function spinFigures({ spins, wins, jackpots, wheelCurve, wholeCurve }: SpinTally): Figure[] {
  const [wheel, whole] = [wheelReturns(), spinReturns()];
  return [
    figure('spin: the wheel’s return', wheel.rtp, wheelCurve.at(-1)!.mean),
    figure('spin: return with the jackpot', whole.rtp, wholeCurve.at(-1)!.mean),
    figure('spin: hit rate', wheel.hitRate, wins / spins),
    { name: 'spin: jackpots', exact: (spins / SPIN_TABLE.jackpot.odds).toFixed(1), seen: String(jackpots) },
  ];
}

const betFigures = ({ pullsAt, betsPaid, betStake }: TableTally): Figure[] =>
  BET_KINDS.flatMap((kind) =>
    BET_CHAMBERS.map((left) => {
      const staked = pullsAt[left]! * Number(betStake);
      return figure(
        `${kind}, ${left} chambers left: return`,
        sideBetReturns(kind, left).rtp,
        Number(betsPaid[kind][left]) / staked,
      );
    }),
  );

/** Sums that chance has no part in. */
function moneyFaults(spins: SpinTally, { pullsAt, hitsAt, betsPaid, betStake }: TableTally): string[] {
  const faults: string[] = [];
  if (spins.potBefore + spins.contributed !== spins.potAfter + spins.prizes) faults.push('the jackpot’s pot does not add up');
  for (const left of BET_CHAMBERS) {
    const wins = { survive: pullsAt[left]! - hitsAt[left]!, eliminated: hitsAt[left]! };
    for (const kind of BET_KINDS) {
      const { rtp, hitRate } = sideBetReturns(kind, left);
      const due = (BigInt(wins[kind]) * betStake * rtp.over * hitRate.under) / (rtp.under * hitRate.over);
      if (betsPaid[kind][left] !== due)
        faults.push(`${kind} with ${left} chambers left paid ${betsPaid[kind][left]}, not ${due}`);
    }
  }
  return faults;
}

const figure = (name: string, exact: Ratio, seen: number): Figure => ({ name, exact: decimals(exact), seen: seen.toFixed(6) });

function evenly(counts: readonly number[]): Cell[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((seen) => ({ seen, expected: all / counts.length }));
}
