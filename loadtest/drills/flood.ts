// Hostile frames and requests, clients that stop reading, one that sends as fast as it can. The process lives, the attackers
// are cut, no money moves by their doing, and a neighbour in another room hardly notices.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { freshFolder, isReady, startMain } from '../../test/support/process.ts';
import { type Asked, type Drill, type DrillPlayer, type Outcome, register, seeded, SERVER_SETTINGS } from './kit.ts';

const QUIET_MS = 5_000;
const CUT_MS = 1_000;
const ASK_EVERY_MS = 50;
/** A neighbour's slowest answers under attack, against quiet; the attackers share this machine with the server. */
const SLOWDOWN_MAX = 1.2;
/** Below this the clock's and the scheduler's own noise decides; ms. */
const NOISE_MS = 20;
/** A first flood warms the process up; what a second adds is the collector's, or it is a leak. */
const GROWN_AGAIN_MAX_BYTES = 32 * 1_048_576;
const DEAF_CLIENTS = 100;
const FRAMES_A_SOCKET = 200;

export const flood: Drill = {
  name: 'flood',
  what: 'hostile frames and requests, clients that stop reading, one that never stops sending',
  counts: { full: 100_000, quick: 4_000 },
  unit: 'hostile frames',
  run: drill,
};

async function drill({ count, seed, progress }: Asked): Promise<Outcome> {
  const chance = seeded(seed);
  const folder = freshFolder();
  const server = await startMain({ ...SERVER_SETTINGS, DATA_DIR: folder.path, SOCKETS_PER_ADDRESS: '5000' });
  const faults: string[] = [];
  try {
    const neighbour = await Neighbour.sitDown(server.url);
    const quiet = await neighbour.slowest(QUIET_MS);
    const attacker = await register(server.url, 'attacker');
    const before = await memoryOf(server.child.pid!);

    const cutMs = await floodBy(server.url, attacker);
    if (cutMs === null || cutMs > CUT_MS) faults.push(`the one that never stops was cut after ${cutMs ?? 'more than 10,000'} ms`);
    const deaf = await deafClients(server.url, attacker, Math.min(DEAF_CLIENTS, Math.ceil(count / 100)));
    const attacked = neighbour.slowest(QUIET_MS * 2);
    await hostileFrames(server.url, { attacker, count, chance, progress });
    await hostileRequests(server.url, Math.floor(count / 10), chance);
    const under = await attacked;
    for (const socket of deaf) socket.terminate();
    await sleep(1_000);

    const slowdown = Math.max(under, NOISE_MS) / Math.max(quiet, NOISE_MS);
    if (slowdown > SLOWDOWN_MAX) faults.push(`a neighbour's p99 went from ${quiet.toFixed(1)} to ${under.toFixed(1)} ms`);
    if (!(await isReady(server.url))) faults.push('the server is not ready afterwards');
    if (/"event":"(uncaught|room_failed)"|unhandled/.test(server.output()))
      faults.push('the server met an error that nobody caught');
    const wallet = await balanceOf(server.url, attacker);
    if (wallet !== '1000') faults.push(`the attacker has ${wallet} of 1000 coins`);
    const after = await memoryOf(server.child.pid!);
    await hostileFrames(server.url, { attacker, count: Math.floor(count / 2), chance, progress: () => undefined });
    await sleep(1_000);
    const again = (await memoryOf(server.child.pid!)) - after;
    if (again > GROWN_AGAIN_MAX_BYTES)
      faults.push(`half as many frames again took ${megabytes(again)} MB more: something is kept`);
    return {
      figures: {
        frames: count,
        cutMs: Math.round(cutMs ?? -1),
        quietP99Ms: Math.round(quiet),
        attackedP99Ms: Math.round(under),
        memoryGrownMb: megabytes(after - before),
        memoryGrownAgainMb: megabytes(again),
      },
      faults,
    };
  } finally {
    await server.stop();
    folder.remove();
  }
}

/** A player at a table of their own, asking the room something small at a steady pace. */
class Neighbour {
  #ask: () => Promise<unknown>;

  private constructor(ask: () => Promise<unknown>) {
    this.#ask = ask;
  }

  static async sitDown(url: string): Promise<Neighbour> {
    const player = await register(url, 'neighbour');
    const room = await player.client.joinOrCreate('leaderboard', { board: 'xp', period: 'all' });
    room.onMessage('*', () => undefined);
    return new Neighbour(() => room.request('page', { cursor: null }));
  }

  /** The 99th percentile of its answers' times over `ms`. */
  async slowest(ms: number): Promise<number> {
    const times: number[] = [];
    for (const end = performance.now() + ms; performance.now() < end; await sleep(ASK_EVERY_MS)) {
      const from = performance.now();
      await this.#ask();
      times.push(performance.now() - from);
    }
    times.sort((one, other) => one - other);
    return times[Math.floor(times.length * 0.99)]!;
  }
}

/** A socket of the attacker's in a room of its own. */
async function attack(url: string, { accessToken }: DrillPlayer): Promise<WebSocket> {
  const response = await fetch(`${url}/matchmake/joinOrCreate/leaderboard`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ board: 'ap', period: 'monthly' }),
  });
  const { roomId, sessionId, processId } = (await response.json()) as Record<string, string>;
  const socket = new WebSocket(`${url.replace('http', 'ws')}/${processId}/${roomId}?sessionId=${sessionId}`);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('message', resolve).once('close', resolve));
  if (socket.readyState === WebSocket.OPEN) socket.send(Uint8Array.of(10));
  return socket;
}

/** How long the server lets one send as fast as it can; null: over ten seconds. */
async function floodBy(url: string, attacker: DrillPlayer): Promise<number | null> {
  const socket = await attack(url, attacker);
  const from = performance.now();
  let closed = false;
  socket.once('close', () => (closed = true));
  const message = Buffer.from([13, 0xa4, 0x70, 0x61, 0x67, 0x65, 0x80]); // ROOM_DATA "page" {}
  while (!closed && performance.now() - from < 10_000) {
    for (let sent = 0; sent < 1_000 && socket.readyState === WebSocket.OPEN; sent++) socket.send(message);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return closed ? performance.now() - from : null;
}

/** Clients that never read again. */
async function deafClients(url: string, attacker: DrillPlayer, count: number): Promise<WebSocket[]> {
  const deaf: WebSocket[] = [];
  for (let made = 0; made < count; made++) {
    const socket = await attack(url, attacker);
    socket.pause();
    deaf.push(socket);
  }
  return deaf;
}

interface Hostile {
  attacker: DrillPlayer;
  count: number;
  chance: (below: number) => number;
  progress(done: number): void;
}

async function hostileFrames(url: string, { attacker, count, chance, progress }: Hostile): Promise<void> {
  let sent = 0;
  while (sent < count) {
    const socket = await attack(url, attacker);
    for (let frame = 0; frame < FRAMES_A_SOCKET && sent < count; frame++, sent++) {
      if (socket.readyState !== WebSocket.OPEN) break;
      socket.send(hostileFrame(chance));
      if (frame % 20 === 19) await sleep(1);
    }
    sent++; // a socket that was cut at once counts for one
    socket.terminate();
    progress(Math.min(sent, count));
  }
}

/** Random bytes, or a frame that begins as a real one; now and then one far too large. */
function hostileFrame(chance: (below: number) => number): Buffer {
  const length = chance(200) === 0 ? 1_048_576 : 1 + chance(60);
  const frame = Buffer.alloc(length, chance(256));
  for (let at = 0; at < Math.min(length, 60); at++) frame[at] = chance(256);
  if (chance(2) === 0) frame[0] = [10, 13, 14, 15, 16, 17, 18, 21, 22][chance(9)]!;
  return frame;
}

async function hostileRequests(url: string, count: number, chance: (below: number) => number): Promise<void> {
  const paths = [
    '/api/auth/login',
    '/api/games/spin-and-win/play',
    '/matchmake/joinOrCreate/roulette',
    '/api/wallet',
    '/matchmake/create/__proto__',
    '/api/%00',
    '/ops/monitor',
    '/docs',
  ];
  const bodies = [
    '{',
    '{"__proto__":{"admin":true}}',
    '[]',
    'null',
    '"x"',
    `{"a":"${'x'.repeat(20_000)}"}`,
    '{"stake":{"currency":"COINS","amount":"-1"}}',
    '\u0000',
  ];
  for (let sent = 0; sent < count; sent += 20) {
    await Promise.all(
      Array.from({ length: Math.min(20, count - sent) }, async () => {
        const headers = {
          'content-type': chance(4) === 0 ? 'text/plain' : 'application/json',
          authorization: `Bearer ${'a'.repeat(chance(300))}`,
        };
        const asked = fetch(`${url}${paths[chance(paths.length)]}`, {
          method: 'POST',
          headers,
          body: bodies[chance(bodies.length)]!,
          signal: AbortSignal.timeout(20_000),
        });
        await asked.then((response) => response.arrayBuffer()).catch(() => undefined); // a cut connection is an answer too
      }),
    );
  }
}

async function balanceOf(url: string, { accessToken }: DrillPlayer): Promise<string> {
  const response = await fetch(`${url}/api/wallet`, { headers: { authorization: `Bearer ${accessToken}` } });
  const { balances } = (await response.json()) as { balances: { currency: string; available: string }[] };
  return balances.find(({ currency }) => currency === 'COINS')!.available;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);

/** Resident bytes of a process. */
async function memoryOf(pid: number): Promise<number> {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kb) * 1_024;
}
