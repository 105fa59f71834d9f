// npm run bench: every benchmark, one after the other, each in a process of its own; one table; exit 1 where a ratio misses its
// goal by more than a quarter.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { benchOptions, forget, kept, progress, reached, tableOf } from './bench-kit.ts';

const BENCHES = ['start', 'ledger', 'rest', 'battle'];

benchOptions(
  `All benchmarks (${BENCHES.join(', ')}), each against its peer in interleaved blocks; one by itself: node loadtest/<name>.ts`,
);
const failed: string[] = [];
for (const [index, bench] of BENCHES.entries()) {
  forget(bench);
  progress(`bench ${index + 1} of ${BENCHES.length}: ${bench}`);
  // The words after `bench` are every benchmark's own.
  const file = fileURLToPath(new URL(`${bench}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file, ...process.argv.slice(2)], { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(child, 'exit');
  if (kept(bench).length === 0) failed.push(bench);
}
progress('');
const ratios = BENCHES.filter((bench) => !failed.includes(bench)).flatMap(kept);
const missed = ratios.filter((ratio) => !reached(ratio));
console.log(tableOf(ratios));
for (const bench of failed) console.log(`${bench}: did not run to its end`);
const asked = ratios.filter(({ goal }) => goal !== null).length;
console.log(`\n${asked - missed.length} of ${asked} goals reached or within a quarter of it.`);
process.exitCode = missed.length + failed.length > 0 ? 1 : 0;
