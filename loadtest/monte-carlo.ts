// `npm run rtp`: rounds by the million through the real rules, their returns set against the exact figures, their draws
// against chance. The same seed plays the same rounds.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { approximately } from '../rules/ratio.ts';
import { CHAMBERS } from '../rules/roulette.ts';
import { sideBetReturns, spinReturns, wheelReturns, written } from '../rules/rtp.ts';
import { convergenceChart } from './convergence-chart.ts';
import { judge, type Judgement } from './judge-rounds.ts';
import { playSpins, playTables, type SpinTally, type TableTally } from './play-rounds.ts';

const HELP = `npm run rtp [-- --rounds 1e7] [--seed <text>] [--quick] [--docs]
  --rounds  spins to play (1e7, at least 1e4); and one roulette table, with bets on each pull, for every 20
  --seed    the same seed plays the same rounds (playhouse)
  --quick   3e5 spins: some seconds
  --docs    puts the chart into docs/ too

Writes rtp.json and rtp.svg, or rtp-quick.…, into loadtest/results/. Exit code 1 where a return or a draw is not what the
tables say. The bound of each test is 1 % shared among all: true chance fails one seed in a hundred.`;

const RESULTS = 'loadtest/results';
const SPINS_A_TABLE = 20;
const ROUNDS_MIN = 10_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1e7' },
    seed: { type: 'string', default: 'playhouse' },
    quick: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 300_000 : Number(values.rounds);

if (values.help) console.log(HELP);
else if (!Number.isSafeInteger(rounds) || rounds < ROUNDS_MIN) {
  console.error(`--rounds is a whole number from ${ROUNDS_MIN}\n\n${HELP}`);
  process.exitCode = 2;
} else play(rounds, values.seed);

function play(count: number, seed: string): void {
  const began = performance.now();
  const spins = playSpins({ seed, count, progress: told('spins', count, began) });
  const tables = Math.floor(count / SPINS_A_TABLE);
  const roulette = playTables({ seed, count: tables, progress: told('tables', tables, performance.now()) });
  const judged = judge(spins, roulette);
  print(judged);
  write({ seed, spins, roulette, judged });
  console.log(closingLine({ spins, roulette, judged, seconds: (performance.now() - began) / 1_000 }));
  if (judged.faults.length > 0) process.exitCode = 1;
}

/** One line, written over itself at a terminal, each tenth on its own elsewhere. */
function told(what: string, all: number, began: number): (done: number) => void {
  let tenth = 0;
  return (done) => {
    const seconds = (performance.now() - began) / 1_000;
    const left = ((all - done) / done) * seconds;
    const line = `${done.toLocaleString('en')} of ${all.toLocaleString('en')} ${what}, ${left.toFixed(0)} s left`;
    if (process.stderr.isTTY) process.stderr.write(`\r${line.padEnd(60)}${done === all ? '\n' : ''}`);
    else if (Math.floor((done / all) * 10) > tenth) {
      tenth = Math.floor((done / all) * 10);
      process.stderr.write(`${line}\n`);
    }
  };
}

function print({ figures, tests, bound }: Judgement): void {
  console.log(`\n${'return'.padEnd(44)}${'exact'.padStart(10)}${'played'.padStart(12)}`);
  for (const { name, exact, seen } of figures) console.log(`${name.padEnd(44)}${exact.padStart(10)}${seen.padStart(12)}`);
  console.log(`\n${'test of chance'.padEnd(44)}${'p'.padStart(10)}`);
  for (const { name, found, p } of tests)
    console.log(`${name.padEnd(44)}${p.toFixed(4).padStart(10)}  ${found}${p < bound ? '  ✗' : ''}`);
  console.log('');
}

interface Played {
  spins: SpinTally;
  roulette: TableTally;
  judged: Judgement;
}

function write({ seed, spins, roulette, judged }: Played & { seed: string }): void {
  const name = values.quick ? 'rtp-quick' : 'rtp';
  const { figures, tests, bound, faults } = judged;
  const result = {
    seed,
    spins: spins.spins,
    tables: roulette.tables,
    bets: roulette.bets,
    verdict: faults.length === 0 ? 'holds' : 'does not hold',
    faults,
    exact: { wheel: written(wheelReturns()), spin: written(spinReturns()) },
    figures,
    bound,
    tests,
    segments: spins.segments,
    curves: { wheel: spins.wheelCurve, spin: spins.wholeCurve, sideBets: roulette.betCurve },
  };
  const chart = convergenceChart([
    { title: 'Spin: the wheel alone', unit: 'spins', exact: approximately(wheelReturns().rtp), curve: spins.wheelCurve },
    { title: 'Spin: wheel and jackpot', unit: 'spins', exact: approximately(spinReturns().rtp), curve: spins.wholeCurve },
    {
      title: 'Roulette: side bets of both kinds',
      unit: 'bets',
      exact: approximately(sideBetReturns('survive', CHAMBERS).rtp),
      curve: roulette.betCurve,
    },
  ]);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(RESULTS, `${name}.svg`), chart);
  if (values.docs) writeFileSync('docs/rtp.svg', chart);
}

function closingLine({ spins, roulette, judged, seconds }: Played & { seconds: number }): string {
  const { tests, bound, faults } = judged;
  const played = `${spins.spins.toLocaleString('en')} spins and ${roulette.bets.toLocaleString('en')} side bets in ${seconds.toFixed(0)} s`;
  if (faults.length > 0) return `RTP DOES NOT HOLD after ${played}: ${faults.join('; ')}`;
  const least = Math.min(...tests.map(({ p }) => p));
  const whole = spins.wholeCurve.at(-1)!;
  return `RTP holds after ${played}: spin ${whole.mean.toFixed(6)} of ${written(spinReturns()).rtp} (99 % band ±${whole.band.toFixed(6)}); least p of ${tests.length} tests ${least.toFixed(4)}, bound ${bound.toFixed(5)}`;
}
