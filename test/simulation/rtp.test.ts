// A shorter `npm run rtp`: the same rounds, the same judgement, with tables that were meddled with to be found out.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { binomial, chiSquare, chiSquareTail, normalTails, runs, Z99 } from '../../loadtest/chance-tests.ts';
import { convergenceChart } from '../../loadtest/convergence-chart.ts';
import { judge } from '../../loadtest/judge-rounds.ts';
import { playSpins, playTables, type SpinTally, type TableTally } from '../../loadtest/play-rounds.ts';
import { SPIN_TABLE } from '../../rules/spin.ts';

const rtp = suite('simulation/rtp');

const SPINS = 200_000;
const TABLES = 8_000;
const told: number[] = [];
const spins = playSpins({ seed: 'test', count: SPINS, progress: (done) => void told.push(done) });
const tables = playTables({ seed: 'test', count: TABLES, progress: () => undefined });

const near = (seen: number, wanted: number, within: number) =>
  assert.ok(Math.abs(seen - wanted) < within, `${seen} is not ${wanted} ± ${within}`);

rtp('p-values are those of the tables in books', () => {
  near(normalTails(1.959964), 0.05, 1e-7);
  near(normalTails(Z99), 0.01, 1e-12);
  near(normalTails(5), 5.733e-7, 1e-10);
  for (const [sum, freedom, p] of [
    [3.841, 1, 0.05],
    [15.507, 8, 0.05],
    [20.09, 8, 0.01],
    [134.642, 99, 0.01],
    [66.766, 40, 0.005],
    [2.733, 8, 0.95],
  ] as const)
    near(chiSquareTail(sum, freedom), p, 5e-5);
  assert.is(chiSquareTail(0, 5), 1);
});

rtp('cells that expect too few are counted together', () => {
  const { found } = chiSquare('thin', [
    { seen: 50, expected: 50 },
    { seen: 41, expected: 44 },
    { seen: 6, expected: 3 },
    { seen: 3, expected: 3 },
  ]);
  assert.is(found, `χ² ${(9 / 44 + 9 / 6).toFixed(2)}, 2 degrees`);
});

rtp('runs too many, too few and as they should be are told apart', () => {
  const [tries, chance] = [100_000, 0.3];
  const mean = (tries - 1) * 2 * chance * (1 - chance);
  assert.ok(runs('just', { changes: mean, tries, chance }).p > 0.99);
  for (const changes of [mean * 1.02, mean * 0.98]) assert.ok(runs('odd', { changes, tries, chance }).p < 1e-4);
  assert.ok(binomial('odd', { hits: 30_800, tries, chance }).p < 1e-6);
});

rtp(`${SPINS} spins and ${TABLES} tables by the rules: every return and every draw is what the tables say`, () => {
  const { tests, faults, figures, bound } = judge(spins, tables);
  assert.equal(faults, []);
  assert.is(tests.length, 21);
  assert.ok(Math.abs(bound * tests.length - 0.01) < 1e-12);
  for (const { name, exact, seen } of figures)
    if (name.includes('return')) assert.ok(Math.abs(Number(exact) - Number(seen)) < 0.04, `${name}: ${seen} of ${exact}`);
  assert.is(told.at(-1), SPINS);
});

rtp('the jackpot’s prizes are what was put in, less what stands in the pot', () => {
  assert.ok(spins.jackpots > 0);
  assert.is(spins.prizes, spins.potBefore + spins.contributed - spins.potAfter);
  assert.is(spins.contributed, (BigInt(SPINS) * spins.stake * BigInt(SPIN_TABLE.jackpot.contributionBp)) / 10_000n);
});

const meddled = (change: (spins: SpinTally, tables: TableTally) => void): string[] => {
  const [touchedSpins, touchedTables] = structuredClone([spins, tables] as const);
  change(touchedSpins, touchedTables);
  return judge(touchedSpins, touchedTables).faults;
};

const MEDDLING: [what: string, change: Parameters<typeof meddled>[0], fault: RegExp][] = [
  ['a rare prize that comes half as often', ({ segments }) => void (segments[6]! /= 2), /segments by weight/],
  ['draws that avoid one part', ({ wheelDraws }) => void (wheelDraws[7]! *= 0.8), /wheel: draws/],
  ['losses that follow losses', (one) => void (one.changes *= 0.98), /wins after losses/],
  ['a spin that knows the one before', ({ pairs }) => void ((pairs[0]! -= 900), (pairs[1]! += 900)), /each spin and the next/],
  ['jackpots that never hit', (one) => void (one.jackpots = 5), /jackpot: hits/],
  ['a wheel that keeps two in a hundred', ({ wheelCurve }) => void (wheelCurve.at(-1)!.mean -= 0.03), /wheel: return/],
  ['a bullet that shuns a chamber', (_, { bullets }) => void (bullets[0]! *= 0.9), /where the bullet is/],
  ['a place that wins more', (_, { winners }) => void (winners[4]![0]! *= 1.3), /who wins of 4/],
  ['a pull that hits less', (_, { hitsAt }) => void (hitsAt[2] = Math.round(hitsAt[2]! * 0.9)), /hits with 2/],
  ['one minor unit kept of a bet', (_, { betsPaid }) => void (betsPaid.survive[6]! -= 1n), /survive with 6 chambers left paid/],
  ['one minor unit gone from the pot', (one) => void (one.potAfter -= 1n), /pot does not add up/],
];

for (const [what, change, fault] of MEDDLING) {
  rtp(`${what} would be found`, () => {
    const faults = meddled(change);
    assert.ok(
      faults.some((line) => fault.test(line)),
      faults.join('\n') || 'nothing was found',
    );
  });
}

rtp('the same seed plays the same rounds, another one others', () => {
  const play = (seed: string) => playSpins({ seed, count: 2_000, progress: () => undefined }).segments;
  assert.equal(play('one'), play('one'));
  assert.not.equal(play('one'), play('two'));
});

rtp('the chart holds every panel, with nothing that is no number in it', () => {
  const chart = convergenceChart([
    { title: 'one', unit: 'spins', exact: 0.91, curve: spins.wheelCurve },
    { title: 'two', unit: 'bets', exact: 0.96, curve: tables.betCurve },
  ]);
  assert.is(chart.match(/<polyline/g)!.length, 2);
  assert.not.match(chart, /NaN|Infinity|undefined/);
  for (const curve of [spins.wheelCurve, tables.betCurve])
    assert.ok(curve.length > 50 && curve.at(-1)!.rounds > curve[0]!.rounds);
});

rtp.run();
