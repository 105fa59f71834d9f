// A server of the load test's own: the real one in a process of its own, on a free port and an empty folder, with the limits of
// one address raised to a crowd's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../server/config.ts';

export interface OwnServer {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const READY_SECONDS_MAX = 120;
const LOOK_MS = 10;
const CROWD = {
  JOINS_PER_MINUTE: '1000000',
  SIGN_INS_PER_MINUTE: '1000000',
  REQUESTS_PER_MINUTE: '100000000',
  SOCKETS_PER_ADDRESS: '1000000',
  BCRYPT_COST: '4',
};

export async function startOwnServer(): Promise<OwnServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-load-'));
  const own = { PORT: String(port), HOST: '127.0.0.1', DATABASE_URL: '', DATA_DIR: join(folder, 'data'), NODE_ENV: '' };
  const main = fileURLToPath(new URL('../server/main.ts', import.meta.url));
  const env = environmentWith({ ...own, ...CROWD, LOG_LEVEL: 'warn', DRAIN_SECONDS: '0' });
  const server = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await stopServer(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(url, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: server.pid!, stop };
}

/** Resolves at the first 200 of /health/ready. */
export async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const end = performance.now() + READY_SECONDS_MAX * 1_000;
  while (performance.now() < end && server.exitCode === null) {
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.status === 200) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`the server was not ready within ${READY_SECONDS_MAX} s`);
}

/** As an operator stops it. */
export async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  await exited;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
