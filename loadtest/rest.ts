// npm run bench's part on REST: profile reads, spins and purchases with a player's token, against node:http and pg running the same SQL
// without one; each a process of its own on the same PostgreSQL, in interleaved blocks of one run.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openAccess } from '../persistence/access.ts';
import { uuid7 } from '../persistence/ids.ts';
import { startMain } from '../test/support/process.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { JWT_SECRET, SECRETS_KEY, serverStore } from '../test/support/store.ts';
import { benchOptions, cpuSeconds, finish, interleave, progress, type Ratio, ratioOf, type Side } from './bench-kit.ts';
import { requestsPerSecond, WARM_MS } from './http-load.ts';

const BENCH = 'rest';
const CONNECTIONS = 32;
/** One half plays at each server, as a seed is one process's at a time. */
const PLAYERS = 640;
/** Of what the bare peer does. */
const GOALS = { profile: 0.4, spin: 0.3, purchase: 0.4 };
const STAKE = '{"stake":{"currency":"COINS","amount":"20"}}';
const POTION = '{"offerId":"potion_minor","quantity":1,"price":{"currency":"COINS","amount":"30"}}';

interface Guest {
  playerId: string;
  token: string;
}

const options = benchOptions('Requests a second over REST with a token, against node:http and pg with the same SQL without one.');
progress(`${BENCH}: starting PostgreSQL`);
const postgres = await startPostgres({
  fsync: true,
  settings: { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '1h' },
});
const url = await postgres.database();
const opened = await serverStore(url, { fresh: true });
const guests = await madeGuests();
await opened.close();
// Counted as ever, but so few players must not meet their limit.
const settings = {
  DATABASE_URL: url,
  JWT_SECRET,
  SECRETS_KEY: SECRETS_KEY.toString('hex'),
  LOG_LEVEL: 'warn',
  REQUESTS_PER_MINUTE: '100000000',
};
const house = await startMain(settings);
const raw = fork(fileURLToPath(new URL('peers/raw-rest.ts', import.meta.url)), [url]);
try {
  const [rawPort] = (await once(raw, 'message')) as [number];
  pin(house.child, raw);
  finish(BENCH, await measured(Number(new URL(house.url).port), rawPort));
} finally {
  raw.kill();
  await house.stop();
  await postgres.stop();
}

/** Players with a seed, coins and a session each. */
async function madeGuests(): Promise<Guest[]> {
  const { db, store, crowd } = opened;
  progress(`${BENCH}: making ${PLAYERS} players`);
  const players = await crowd(PLAYERS, 1_000_000n);
  for (let from = 0; from < players.length; from += 100)
    await Promise.all(players.slice(from, from + 100).map((id) => store.seeds.current(id)));
  const access = openAccess(JWT_SECRET);
  const made = players.map((playerId) => ({ playerId, sessionId: uuid7() }));
  await db.rows(
    `insert into session (id, player_id, device, created_at, used_at, expires_at)
       select (e ->> 'sessionId')::uuid, (e ->> 'playerId')::uuid, 'bench', now(), now(), now() + interval '1 day' from json_array_elements($1::json) e`,
    [JSON.stringify(made)],
  );
  return made.map((one) => ({ playerId: one.playerId, token: access.sign(one, new Date()) }));
}

/** Servers on one core, the generator on the other. */
function pin(...servers: ChildProcess[]): void {
  if (availableParallelism() < 2 || process.platform !== 'linux') return;
  for (const { pid } of servers) execFileSync('taskset', ['-acp', '0', String(pid)]);
  execFileSync('taskset', ['-acp', '1', String(process.pid)]);
}

async function measured(housePort: number, rawPort: number): Promise<Ratio[]> {
  const [ours, raws] = [guests.slice(0, PLAYERS / 2), guests.slice(PLAYERS / 2)];
  const spent: Record<string, number[]> = {};
  const at =
    (name: string, pid: number, side: Side): Side =>
    async (seconds) => {
      const before = cpuSeconds(pid);
      const rate = await side(seconds);
      (spent[name] ??= []).push(((cpuSeconds(pid) - before) * 1e6) / (rate * (seconds + WARM_MS / 1_000)));
      return rate;
    };
  const [housePid, rawPid] = [house.child.pid!, raw.pid!];
  const sides = {
    'profile, raw': at('profile, raw', rawPid, load(rawPort, raws, profile)),
    'profile, ours': at('profile, ours', housePid, load(housePort, ours, profile)),
    'spin, raw': at('spin, raw', rawPid, load(rawPort, raws, spin)),
    'spin, ours': at('spin, ours', housePid, load(housePort, ours, spin)),
    'purchase, raw': at('purchase, raw', rawPid, load(rawPort, raws, purchase)),
    'purchase, ours': at('purchase, ours', housePid, load(housePort, ours, purchase)),
  };
  const figures = await interleave(BENCH, sides, options);
  return (['profile', 'spin', 'purchase'] as const).flatMap((what) => {
    const [own, peer] = [`${what}, ours`, `${what}, raw`] as const;
    const said = { bench: BENCH, goal: null };
    return [
      ratioOf(
        { ...said, what: `${what} with a token, to http + pg without`, unit: 'requests/s', goal: { atLeast: GOALS[what] } },
        figures[own],
        figures[peer],
      ),
      ratioOf({ ...said, what: `${what}, processor time in Node`, unit: 'µs/request' }, spent[own]!, spent[peer]!),
    ];
  });
}

/** Each connection has players of its own, so none has two requests under way. */
function load(port: number, players: readonly Guest[], request: (guest: Guest) => string): Side {
  const turns = Array.from({ length: CONNECTIONS }, () => 0);
  const each = players.length / CONNECTIONS;
  const next = (connection: number) => request(players[connection * each + (turns[connection]!++ % each)]!);
  return requestsPerSecond({ host: '127.0.0.1', port, connections: CONNECTIONS, next });
}

function profile({ playerId, token }: Guest): string {
  return `GET /api/player/me HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\nX-Player: ${playerId}\r\n\r\n`;
}

function spin(guest: Guest): string {
  return post('/api/games/spin-and-win/play', guest, STAKE);
}

function purchase(guest: Guest): string {
  return post('/api/shop/purchase', guest, POTION);
}

function post(path: string, { playerId, token }: Guest, body: string): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\nX-Player: ${playerId}`;
  return `${head}\r\nIdempotency-Key: ${crypto.randomUUID()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
