// npm run bench: every benchmark or those that are named, one after the other, each in a process of its own; one table; exit 1 where a ratio misses its
// goal by more than a quarter.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { benchOptions, forget, kept, progress, reached, tableOf } from './bench-kit.ts';

const BENCHES = ['start', 'ledger', 'rest', 'battle', 'replay', 'rank'];

const { chosen } = benchOptions(
  `All benchmarks (${BENCHES.join(', ')}) or those that are named, each against its peer in interleaved blocks`,
  BENCHES,
);
const asked = chosen.length > 0 ? BENCHES.filter((bench) => chosen.includes(bench)) : BENCHES;
const flags = process.argv.slice(2).filter((word) => !BENCHES.includes(word));
const failed: string[] = [];
for (const [index, bench] of asked.entries()) {
  forget(bench);
  progress(`bench ${index + 1} of ${asked.length}: ${bench}`);
  // The flags are every benchmark's own.
  const file = fileURLToPath(new URL(`${bench}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (kept(bench).length === 0) failed.push(`${bench} (${signal ?? `exit ${code}`})`);
}
progress('');
const ratios = asked.flatMap(kept);
const missed = ratios.filter((ratio) => !reached(ratio));
console.log(tableOf(ratios));
for (const bench of failed) console.log(`${bench}: did not run to its end`);
const goals = ratios.filter(({ goal }) => goal !== null).length;
console.log(`\n${goals - missed.length} of ${goals} goals reached or within a quarter of it.`);
process.exitCode = missed.length + failed.length > 0 ? 1 : 0;
