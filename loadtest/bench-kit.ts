// What every benchmark shares: sides measured in turn within one run (A B, then B A), ratios of figures that lie beside each
// other, and one way to keep and show them. Absolutes are a machine's; the median of paired ratios is what counts.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chartOf } from './bench-chart.ts';

export interface BenchOptions {
  /** Fewer and shorter blocks: two minutes for all benchmarks together. */
  quick: boolean;
  /** How often every side is measured. */
  rounds: number;
  /** How long each time. */
  seconds: number;
}

/** One measured ratio, as it is kept under `results/` and shown in the table. */
export interface Ratio {
  bench: string;
  /** What is compared, in words. */
  what: string;
  /** Of the sides' figures, such as `transfers/s`. */
  unit: string;
  ours: number;
  peer: number;
  /** Ours ÷ theirs: the median of the pairs, and the lowest and highest. */
  ratio: number;
  low: number;
  high: number;
  /** Null: reported, not yet asked for. */
  goal: Goal | null;
}

/** A figure that stands by itself. */
export interface Figure extends Pick<Ratio, 'bench' | 'what' | 'unit' | 'ours' | 'low' | 'high'> {
  peer: null;
  ratio: null;
  goal: null;
}

export type Row = Ratio | Figure;

export type Goal = { atLeast: number } | { atMost: number };

/** A side's figure over one block. */
export type Side = (seconds: number) => Promise<number>;

const QUICK = { rounds: 2, seconds: 2 };
const FULL = { rounds: 5, seconds: 4 };
/** A miss within a quarter of the goal is noise of a shared machine. */
const SLACK = 1.25;

/** The flags all benchmarks take. Prints the help and ends the process when that is asked for. `names`: what may be chosen by name. */
export function benchOptions(help: string, names: readonly string[] = []): BenchOptions & { chosen: string[] } {
  const flags = {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values, positionals } = parseArgs({ options: flags, allowPositionals: names.length > 0 });
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`${unknown}: there is no such benchmark; there are ${names.join(', ')}`);
    process.exit(1);
  }
  if (values.help) {
    console.log(
      `${help}\n\n  --quick        ${QUICK.rounds} rounds of ${QUICK.seconds} s instead of ${FULL.rounds} of ${FULL.seconds} s\n  --rounds N     how often every side is measured\n  --seconds S    how long each time`,
    );
    process.exit(0);
  }
  const { rounds, seconds } = values.quick ? QUICK : FULL;
  suffix = values.quick ? '-quick' : '';
  return {
    quick: values.quick ?? false,
    rounds: Number(values.rounds ?? rounds),
    seconds: Number(values.seconds ?? seconds),
    chosen: positionals,
  };
}

/** Every side once a round, forwards and backwards in turn; figures by side, in the order of rounds. */
export async function interleave<Name extends string>(
  bench: string,
  sides: Record<Name, Side>,
  { rounds, seconds }: BenchOptions,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  const all = rounds * names.length;
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      progress(`${bench}: ${done++} of ${all} blocks, now ${name}`);
      figures[name].push(await sides[name](seconds));
    }
  }
  progress('');
  return figures;
}

/** Ours over theirs, pair by pair. */
export function ratioOf(
  said: Pick<Ratio, 'bench' | 'what' | 'unit' | 'goal'>,
  ours: readonly number[],
  peer: readonly number[],
): Ratio {
  const ratios = ours.map((figure, index) => figure / peer[index]!);
  return {
    ...said,
    ours: median(ours),
    peer: median(peer),
    ratio: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
  };
}

/** Ours alone, of each time it was measured. */
export const figureOf = (said: Pick<Figure, 'bench' | 'what' | 'unit'>, ours: readonly number[]): Figure => ({
  ...said,
  ours: median(ours),
  low: Math.min(...ours),
  high: Math.max(...ours),
  peer: null,
  ratio: null,
  goal: null,
});

/** False: missed by more than a quarter. */
export function reached({ ratio, goal }: Row): boolean {
  if (goal === null) return true;
  return 'atLeast' in goal ? ratio >= goal.atLeast / SLACK : ratio <= goal.atMost * SLACK;
}

/** Writes `results/<bench>.json` and its chart; a quick run's lie beside a full one's as `<bench>-quick`. */
export function keep(bench: string, ratios: readonly Row[]): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${bench}${suffix}.json`, RESULTS), `${JSON.stringify(ratios, null, 2)}\n`);
  writeFileSync(new URL(`${bench}${suffix}.svg`, RESULTS), chartOf(bench, ratios));
}

const RESULTS = new URL('results/', import.meta.url);
let suffix: '' | '-quick' = '';

/** What the last run of the same kind has kept; nothing where there was none. */
export function kept(bench: string): Row[] {
  const file = new URL(`${bench}${suffix}.json`, RESULTS);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Row[]) : [];
}

/** So that a run that fails is not taken for the one before. */
export const forget = (bench: string): void => rmSync(new URL(`${bench}${suffix}.json`, RESULTS), { force: true });

/** Keeps and prints them; the exit code says whether every goal was reached. */
export function finish(bench: string, ratios: readonly Row[]): void {
  keep(bench, ratios);
  console.log(tableOf(ratios));
  process.exitCode = ratios.every(reached) ? 0 : 1;
}

export function tableOf(ratios: readonly Row[]): string {
  const head = ['', 'ours', 'peer', 'unit', 'ratio', 'low–high', 'goal', ''];
  const rows = ratios.map((row) => [
    `${row.bench}: ${row.what}`,
    short(row.ours),
    row.peer === null ? '–' : short(row.peer),
    row.unit,
    row.ratio === null ? '–' : `${row.ratio.toFixed(2)}×`,
    row.ratio === null ? `${short(row.low)}–${short(row.high)}` : `${row.low.toFixed(2)}–${row.high.toFixed(2)}`,
    goalText(row.goal),
    row.goal === null ? '' : reached(row) ? 'ok' : 'MISSED',
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const goalText = (goal: Goal | null): string =>
  goal === null ? '–' : 'atLeast' in goal ? `≥ ${goal.atLeast}×` : `≤ ${goal.atMost}×`;

/** A line that replaces itself on a terminal; elsewhere one line each. Empty: done. */
export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
  else if (line) process.stderr.write(`${line}\n`);
}

/** Processor time of a process and its threads so far. Linux. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond();
}

let ticks = 0;
const ticksPerSecond = (): number => (ticks ||= Number(execFileSync('getconf', ['CLK_TCK']).toString()));

export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The figure that so large a share of them does not pass. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export const short = (figure: number): string => (figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toFixed(2));

/** How many calls a second `call` lasts, by so many callers at once, after a moment to warm up. `took`: each call's time. */
export function callsPerSecond(
  callers: number,
  call: (caller: number) => Promise<unknown>,
  took?: (milliseconds: number) => void,
): Side {
  return async (seconds) => {
    const warmUntil = performance.now() + WARM_MS;
    const until = warmUntil + seconds * 1_000;
    let calls = 0;
    const caller = async (index: number) => {
      for (let now = performance.now(); now < until; now = performance.now()) {
        await call(index);
        if (now < warmUntil) continue;
        calls++;
        took?.(performance.now() - now);
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
    return calls / ((performance.now() - warmUntil) / 1_000);
  };
}

const WARM_MS = 300;
