// `npm run drill -- <name>`: breaks the house on purpose, and looks whether a cent is missing afterwards.
import { mkdirSync, writeFileSync } from 'node:fs';
import { callbacks } from './drills/callbacks.ts';
import { clock } from './drills/clock.ts';
import { commit } from './drills/commit.ts';
import { database } from './drills/database.ts';
import { disk } from './drills/disk.ts';
import { flood } from './drills/flood.ts';
import type { Drill, Outcome } from './drills/kit.ts';
import { kill } from './drills/kill.ts';

const DRILLS: readonly Drill[] = [kill, database, callbacks, flood, commit, clock, disk];

const HELP = `Usage: npm run drill -- <name> [--count N] [--quick] [--seed N]

Breaks the house on purpose and then asks whether anything was lost, made, held or paid twice. Each drill starts servers and
databases of its own on this machine and ends them.

${DRILLS.map(({ name, what, counts, unit }) => `  ${name.padEnd(10)} ${what} (${counts.full} ${unit}, --quick ${counts.quick})`).join('\n')}
  all        every drill, one after the other

  --count N  how often; --quick takes the small count
  --seed N   the same moments again (default: the clock's)`;

let toldAt = 0;

await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  const name = words.find((word) => !word.startsWith('--') && !/^\d+$/.test(word));
  const chosen = name === 'all' ? DRILLS : DRILLS.filter((drill) => drill.name === name);
  if (words.includes('--help') || chosen.length === 0) {
    console.log(HELP);
    process.exitCode = words.includes('--help') ? 0 : 2;
    return;
  }
  const seed = numberAfter(words, '--seed') ?? Date.now() % 1_000_000;
  let passed = true;
  for (const drill of chosen) {
    const count = numberAfter(words, '--count') ?? (words.includes('--quick') ? drill.counts.quick : drill.counts.full);
    passed = (await runOne(drill, { count, seed })) && passed;
  }
  process.exit(passed ? 0 : 1);
}

async function runOne(drill: Drill, { count, seed }: { count: number; seed: number }): Promise<boolean> {
  console.log(`${drill.name}: ${drill.what}; ${count} ${drill.unit}, seed ${seed}`);
  const from = performance.now();
  const outcome = await drill.run({ count, seed, progress: (done, note) => tellProgress(drill, { done, count, note }) });
  if (process.stderr.isTTY) process.stderr.write('\n');
  const seconds = Math.round((performance.now() - from) / 1_000);
  keep(drill, outcome, { count, seed, seconds });
  const figures = Object.entries(outcome.figures).map(([what, number]) => `${what} ${number}`);
  for (const fault of outcome.faults) console.log(`  FAULT ${fault}`);
  console.log(`${drill.name}: ${outcome.faults.length === 0 ? 'passed' : 'FAILED'} in ${seconds} s; ${figures.join(', ')}`);
  return outcome.faults.length === 0;
}

/** A line that rewrites itself for a person, one line every ten seconds for a log. */
function tellProgress(
  { name, unit }: Drill,
  { done, count, note }: { done: number; count: number; note: string | undefined },
): void {
  const line = `${name}: ${done} of ${count} ${unit}${note === undefined ? '' : `, ${note}`}`;
  if (process.stderr.isTTY) return void process.stderr.write(`\r${line}\x1b[K`);
  if (performance.now() - toldAt < 10_000) return;
  toldAt = performance.now();
  process.stderr.write(`${line}\n`);
}

function keep({ name }: Drill, outcome: Outcome, about: { count: number; seed: number; seconds: number }): void {
  mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
  const file = new URL(`./results/drill-${name}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify({ drill: name, at: new Date().toISOString(), ...about, ...outcome }, null, 2)}\n`);
}

function numberAfter(words: readonly string[], flag: string): number | null {
  const at = words.indexOf(flag);
  const word = at < 0 ? undefined : words[at + 1];
  if (word === undefined) return null;
  if (!/^\d{1,9}$/.test(word)) throw new RangeError(`${flag} takes a whole number`);
  return Number(word);
}
