// How long `npm start` takes until the server says it is ready: the first time, with an empty folder and the page still to be
// built, and the next. In a copy of the project, so that nobody's data and nobody's built page are touched.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../server/config.ts';
import { type BenchOptions, benchOptions, finish, progress, ratioOf } from './bench-kit.ts';
import { freePort, stopServer, untilReady } from './own-server.ts';

const HELP = `npm start until /health/ready answers 200: the first time (empty folder, page built) and the next.
--seconds has no meaning here.`;
const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const LEFT_OUT = /^(node_modules|data|\.git|\.env|web[/\\]dist(-\d+)?)([/\\]|$)/;
const FIRST_SECONDS_MAX = 10;
const NEXT_SECONDS_MAX = 3;

await main(benchOptions(HELP));

async function main({ rounds: wanted, quick }: BenchOptions): Promise<void> {
  const rounds = quick ? 1 : wanted;
  const first: number[] = [];
  const next: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const copy = copyOfProject();
    try {
      progress(`start: round ${round + 1} of ${rounds}, first start`);
      first.push(await startSeconds(copy));
      progress(`start: round ${round + 1} of ${rounds}, next start`);
      next.push(await startSeconds(copy));
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }
  progress('');
  const unit = { bench: 'start', unit: 's', goal: { atMost: 1 } };
  finish('start', [
    ratioOf({ ...unit, what: `first start to ready, of ${FIRST_SECONDS_MAX} s` }, first, same(first, FIRST_SECONDS_MAX)),
    ratioOf({ ...unit, what: `next start to ready, of ${NEXT_SECONDS_MAX} s` }, next, same(next, NEXT_SECONDS_MAX)),
  ]);
}

function same(figures: readonly number[], allowed: number): number[] {
  return figures.map(() => allowed);
}

function copyOfProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'playhouse-start-'));
  cpSync(PROJECT, copy, { recursive: true, filter: (file) => !LEFT_OUT.test(relative(PROJECT, file)) });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  return copy;
}

/** From the command to the first 200; then the server is stopped as an operator stops it. */
async function startSeconds(folder: string): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const server = spawn('npm', ['start', '--silent'], {
    cwd: folder,
    env: environmentWith({ PORT: String(port), HOST: '127.0.0.1', DATABASE_URL: '', DATA_DIR: './data', NODE_ENV: '' }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await untilReady(`http://127.0.0.1:${port}`, server);
    return (performance.now() - began) / 1_000;
  } finally {
    await stopServer(server); // npm hands the signal on
  }
}
