// npm run bench's part on ranks: the rank of players at random in process against Redis' ZREVRANK, in interleaved blocks of one run;
// what an index takes, how long PostgreSQL needs to give it again, and what a whole answer with its SQL costs.
import { openLeaderboards } from '../persistence/leaderboards.ts';
import type { Database } from '../persistence/orm.ts';
import { rebuild } from '../persistence/rank-rebuild.ts';
import type { RankIndex, RankKey } from '../persistence/rank-index.ts';
import { type Postgres, startPostgres } from '../test/support/postgres.ts';
import { serverStore } from '../test/support/store.ts';
import {
  benchOptions,
  type BenchOptions,
  callsPerSecond,
  figureOf,
  finish,
  interleave,
  progress,
  ratioOf,
  type Row,
  type Side,
} from './bench-kit.ts';
import { type Redis, startRedis } from './redis.ts';

const BENCH = 'rank';
/** What is asked of an index. */
const BYTES_MAX = 24;
const REBUILD_SECONDS_MAX = 15;
const PLAYERS_OF_BOUND = 10_000_000;
const ASKED = 100_000;
const UNCACHED_PLAYERS = 1_000_000;
/** Between two looks at the clock. */
const AT_ONCE = 1_000;
const CALLERS = 32;
const MOVES = 1_000_000;

const options = benchOptions(
  'The rank of any player in process, against Redis; the size of an index, and building it anew from SQL.',
);
const sizes = options.quick ? [100_000, 1_000_000] : [100_000, 1_000_000, 10_000_000];
progress(`${BENCH}: starting PostgreSQL and Redis`);
const settings = { shared_buffers: '2GB', max_wal_size: '8GB', checkpoint_timeout: '1h', maintenance_work_mem: '512MB' };
const postgres = await startPostgres({ settings });
const redis = await startRedis();
try {
  const rows: Row[] = [];
  const times: Taken[] = [];
  for (const players of sizes) {
    const measured = await among(players, { postgres, redis, options });
    rows.push(...measured.rows);
    times.push({ players, seconds: measured.seconds, microseconds: measured.rates.map((rate) => 1e6 / rate) });
  }
  finish(BENCH, [...rows, rebuilding(times.at(-1)!), ...growth(times)]);
} finally {
  await redis?.stop();
  await postgres.stop();
}

interface Taken {
  players: number;
  /** To build the index. */
  seconds: number;
  /** Of a rank, each time it was measured. */
  microseconds: number[];
}

interface Bench {
  postgres: Postgres;
  redis: Redis | null;
  options: BenchOptions;
}

async function among(players: number, { postgres: server, redis: peer, options: asked }: Bench) {
  const many = players.toLocaleString('en');
  progress(`${BENCH}: filling boards of ${many} players`);
  const url = await server.database();
  const { db, close } = await serverStore(url, { fresh: true });
  try {
    await fill(server, new URL(url).pathname.slice(1), players);
    await peer?.fill(players);
    progress(`${BENCH}: building the index of ${many} players`);
    const { index, seconds } = await built(db, players);
    const sides: Record<string, Side> = { ours: ranks(index) };
    if (peer) sides.redis = peer.rank;
    const rates = await interleave(`${BENCH}, ${many} players`, sides, asked);
    const what = `rank among ${many}`;
    const unit = 'calls/s';
    const rows: Row[] = [
      peer
        ? ratioOf({ bench: BENCH, what: `${what}, to Redis ZREVRANK`, unit, goal: { atLeast: 1 } }, rates.ours!, rates.redis!)
        : figureOf({ bench: BENCH, what, unit }, rates.ours!),
      ...(await answers(db, what, asked)),
      ...bytes(index, many),
      figureOf({ bench: BENCH, what: `index of ${many} built from SQL`, unit: 's' }, [seconds]),
    ];
    if (peer)
      rows.push(figureOf({ bench: BENCH, what: `Redis takes, of ${many}`, unit: 'B a player' }, [await peer.bytesAMember()]));
    return { rows, rates: rates.ours!, seconds };
  } finally {
    await close();
  }
}

/** Ours to the most that is asked. */
function bounded(what: string, unit: string, ours: number, most: number): Row {
  return ratioOf({ bench: BENCH, what, unit, goal: { atMost: 1 } }, [ours], [most]);
}

/** Scores as if each had been won by chance, many the same; ids in the order of their making, as UUIDv7 is. */
async function fill(server: Postgres, database: string, players: number): Promise<void> {
  const statements = [
    'drop index leaderboard_score_rank',
    'alter table leaderboard_score drop constraint leaderboard_score_pkey',
    `insert into leaderboard_score (board, period, player, score, reached_at)
       select 'xp', 'all', (lpad(to_hex(1780000000000 + n * 911), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
              floor(-ln(1 - random()) * 1000000), timestamptz '2026-01-01' + floor(random() * 2.6e10) * interval '1 millisecond'
         from generate_series(1, ${players}::bigint) n`,
    'alter table leaderboard_score add primary key (board, period, player)',
    'create index leaderboard_score_rank on leaderboard_score (board, period, score desc, reached_at, player)',
    "insert into leaderboard_period (board, period, last_no) values ('xp', 'all', 0)",
    'vacuum analyze leaderboard_score',
  ];
  for (const statement of statements) await server.sql(statement, database);
}

async function built(db: Database, players: number): Promise<{ index: RankIndex; seconds: number }> {
  const start = performance.now();
  const { index } = await rebuild(db, { board: 'xp', key: 'all' });
  if (index.size !== players) throw new Error(`the index has ${index.size} of ${players} players`);
  return { index, seconds: (performance.now() - start) / 1_000 };
}

/** Of players at random: their keys lie ready, as they come out of a row. */
function ranks(index: RankIndex): Side {
  const keys = Array.from({ length: ASKED }, () => index.at(Math.floor(Math.random() * index.size))!);
  const columns = (['score', 'ms', 'high', 'low'] as const).map((part) => Float64Array.from(keys, (key) => key[part]));
  const [score, ms, high, low] = columns as [Float64Array, Float64Array, Float64Array, Float64Array];
  const key: RankKey = { score: 0, ms: 0, high: 0, low: 0 };
  let sum = 0;
  return async (seconds) => {
    let calls = 0;
    const start = performance.now();
    const until = start + seconds * 1_000;
    for (; performance.now() < until; calls += AT_ONCE) {
      for (let call = calls; call < calls + AT_ONCE; call++) {
        const at = call % ASKED;
        [key.score, key.ms, key.high, key.low] = [score[at]!, ms[at]!, high[at]!, low[at]!];
        sum += index.before(key);
      }
    }
    if (sum === 0) throw new Error('nobody was found');
    return calls / ((performance.now() - start) / 1_000);
  };
}

/** As the doors ask: a player's row, rank and neighbours, and a page anywhere. */
async function answers(db: Database, what: string, { seconds }: BenchOptions): Promise<Row[]> {
  const boards = openLeaderboards(db);
  const which = { board: 'xp', period: 'all', now: new Date() } as const;
  const some = await db.rows<{ player: string }>('select player from leaderboard_score order by player limit 1000');
  const chance = (below: number) => Math.floor(Math.random() * below);
  await boards.standing(some[0]!.player, { ...which, around: 5 });
  const size = boards.kept()[0]!.size;
  const own = callsPerSecond(CALLERS, async () => {
    if (!(await boards.standing(some[chance(some.length)]!.player, { ...which, around: 5 }))) throw new Error('nobody was found');
  });
  const page = callsPerSecond(CALLERS, async () => {
    const { items } = await boards.page({ ...which, limit: 20, after: chance(size - 20) });
    if (items.length !== 20) throw new Error('the page is not full');
  });
  return [
    figureOf({ bench: BENCH, what: `${what}, with name, score and neighbours from SQL`, unit: 'calls/s' }, [await own(seconds)]),
    figureOf({ bench: BENCH, what: `page of 20 at any ${what}`, unit: 'calls/s' }, [await page(seconds)]),
  ];
}

function bytes(index: RankIndex, many: string): Row[] {
  const filled = index.bytes / index.size;
  for (let move = 0; move < MOVES; move++) {
    const key = index.at(Math.floor(Math.random() * index.size))!;
    index.remove(key);
    index.insert({ ...key, score: key.score + Math.floor(Math.random() * 10_000) });
  }
  const moved = index.bytes / index.size;
  return [
    bounded(`memory a player of ${many}, to ${BYTES_MAX} B`, 'B', filled, BYTES_MAX),
    bounded(`memory a player of ${many} after ${MOVES.toLocaleString('en')} moves, to ${BYTES_MAX} B`, 'B', moved, BYTES_MAX),
  ];
}

function rebuilding({ players, seconds }: Taken): Row {
  const most = (REBUILD_SECONDS_MAX * players) / PLAYERS_OF_BOUND;
  return bounded(`index of ${players.toLocaleString('en')} built from SQL, to ${most} s`, 's', seconds, most);
}

/** How a rank's time grows with the number of players: as a power of it, and beside its logarithm where no cache holds either board. */
function growth(times: readonly Taken[]): Row[] {
  const [first, last] = [times[0]!, times.at(-1)!];
  const timesOver = (one: Taken, other: Taken) => other.microseconds.map((time, index) => time / one.microseconds[index]!);
  const decades = Math.log10(last.players / first.players);
  const [from, to] = [first, last].map(({ players }) => players.toLocaleString('en'));
  const power = figureOf(
    { bench: BENCH, what: `time of a rank, ${from} to ${to}: power of n`, unit: '' },
    timesOver(first, last).map((ratio) => Math.log10(ratio) / decades),
  );
  const before = times.at(-2)!;
  if (before.players < UNCACHED_PLAYERS) return [power];
  const grown = timesOver(before, last);
  const logs = grown.map(() => Math.log(last.players) / Math.log(before.players));
  const what = `time of a rank, ${before.players.toLocaleString('en')} to ${to}, to log n's growth`;
  return [ratioOf({ bench: BENCH, what, unit: '×', goal: { atMost: 1 } }, grown, logs), power];
}
