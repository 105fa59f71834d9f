// The server as an operator runs it: a process of its own, on a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Run {
  child: ChildProcess;
  url: string;
  /** Everything written to stdout and stderr so far. */
  output: () => string;
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>;
  stop: (signal?: NodeJS.Signals) => Promise<number | string>;
}

/** An empty folder, and its removal. */
export function freshFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'playhouse-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A port that nobody has at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts `node …words` with nothing of this process' settings. */
export function run(words: readonly string[], settings: Record<string, string>): Omit<Run, 'url'> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, NODE_ENV: 'test', BCRYPT_COST: '4', ...settings };
  const child = spawn(process.execPath, [...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  endWithUs(child);
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'gone')),
  );
  return {
    child,
    output: () => Buffer.concat(parts).toString(),
    ended,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

const left = new Set<ChildProcess>();
let watching = false;

/** Nothing that a test started outlives it, however the test ends short of SIGKILL. */
function endWithUs(child: ChildProcess): void {
  if (!watching) {
    watching = true;
    process.once('exit', () => left.forEach((one) => one.kill('SIGKILL')));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(1));
  }
  left.add(child);
  child.once('exit', () => left.delete(child));
}

const READY_MS_MAX = 60_000;

/** The whole server, ready. Throws with its output if it ends or dawdles instead. */
export async function startMain(settings: Record<string, string>): Promise<Run> {
  const port = settings.PORT ?? String(await freePort());
  const started = run(['server/main.ts'], { HOST: '127.0.0.1', ...settings, PORT: port });
  const url = `http://127.0.0.1:${port}`;
  let over = false;
  void started.ended.then(() => (over = true));
  const end = performance.now() + READY_MS_MAX;
  while (!(await isReady(url))) {
    if (over || performance.now() > end) {
      await started.stop('SIGKILL');
      throw new Error(`the server is not ready:\n${started.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { ...started, url };
}

export async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}

/** A command, to its end. */
export async function command(
  words: readonly string[],
  settings: Record<string, string>,
): Promise<{ code: number | string; said: string }> {
  const { ended, output } = run(['server/command.ts', ...words], settings);
  return { code: await ended, said: output().trim() };
}
