// Runs every test file in a process of its own, three at a time, and adds up what uvu says. `npm test -- rules` runs those
// whose path has `rules` in it. Output of a file is shown only where something failed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PREPARED } from './support/prepared.ts';

interface Result {
  file: string;
  passed: number;
  failed: number;
  seconds: number;
  /** What the file printed; shown when it failed. */
  output: string;
}

const HERE = dirname(fileURLToPath(import.meta.url));
/** A file waits for clocks and servers about a third of its time. */
const AT_ONCE = 3;
/** Fewer files than this make their own databases. */
const PREPARED_FOR = 4;
const FILE_MS_MAX = 240_000;
/** These take longest, so they begin first. */
const SLOW = /^(browser|server|rooms|simulation)\//;

const wanted = process.argv.slice(2);
const files = readdirSync(HERE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort((a, b) => Number(SLOW.test(b)) - Number(SLOW.test(a)) || a.localeCompare(b));

const prepared = mkdtempSync(join(tmpdir(), 'playhouse-tests-'));
process.once('exit', () => rmSync(prepared, { recursive: true, force: true }));
if (files.length >= PREPARED_FOR)
  execFileSync(process.execPath, [join(HERE, 'prepare.ts'), prepared], { stdio: ['ignore', 'ignore', 'inherit'] });

const results: Result[] = [];
const waiting = [...files];
await Promise.all(Array.from({ length: AT_ONCE }, work));

const failed = results.reduce((sum, result) => sum + result.failed, 0);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0;

async function work(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const result = await run(file);
    results.push(result);
    const verdict = result.failed > 0 ? `${result.failed} FAILED of ${result.passed + result.failed}` : `${result.passed} passed`;
    process.stdout.write(`${file}  ${verdict}  (${result.seconds.toFixed(1)} s)\n`);
    if (result.failed > 0) process.stdout.write(`${result.output}\n`);
  }
}

function run(file: string): Promise<Result> {
  const began = performance.now();
  const env = { ...process.env, [PREPARED]: prepared };
  // PGlite's code is compiled once and quickly: a file is over before a better compilation would pay.
  const child = spawn(process.execPath, ['--liftoff-only', join(HERE, file)], {
    cwd: dirname(HERE),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  const late = setTimeout(() => end(child), FILE_MS_MAX);
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(late);
      const output = Buffer.concat(parts).toString();
      resolve({
        file,
        ...counted(output, code),
        seconds: (performance.now() - began) / 1_000,
        output: signal ? `${output}\nended by ${signal}` : output,
      });
    });
  });
}

/** First in a way that lets it end what it has started. */
function end(child: ChildProcess): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
}

/** A file that ends badly, or says that it tested nothing, has failed at least once, whatever its figures. */
function counted(output: string, code: number | null): { passed: number; failed: number } {
  const sum = (word: string) =>
    [...output.matchAll(new RegExp(`^\\s*${word}:\\s+(\\d+)\\s*$`, 'gm'))].reduce((all, [, digits]) => all + Number(digits), 0);
  const [total, passed] = [sum('Total'), sum('Passed')];
  const failures = total - passed;
  return { passed, failed: failures === 0 && (code !== 0 || total === 0) ? 1 : failures };
}
