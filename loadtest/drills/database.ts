// PostgreSQL crashes and comes back, its connections are cut, it is slow, it has no connection left; the server lives on,
// takes no stake that is not recorded, and is itself again within ten seconds.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Postgres, startPostgres } from '../../test/support/postgres.ts';
import { isReady, startMain } from '../../test/support/process.ts';
import { type Asked, type Drill, faultsIn, holdsResolved, type Outcome, seeded, SERVER_SETTINGS } from './kit.ts';
import { Load } from './load.ts';

const HEALTHY_MS = 10_000;
const CONNECTIONS_MAX = 30;

export const database: Drill = {
  name: 'database',
  what: 'PostgreSQL crashed, cut off, slow, out of connections, by turns under load',
  counts: { full: 24, quick: 4 },
  unit: 'troubles',
  run: drill,
};

const TROUBLES = ['crash', 'cut', 'slow', 'full'] as const;

async function drill({ count, seed, progress }: Asked): Promise<Outcome> {
  const chance = seeded(seed);
  const postgres = await startPostgres({ settings: { max_connections: String(CONNECTIONS_MAX) } });
  const url = await postgres.database();
  const server = await startMain({ ...SERVER_SETTINGS, DATABASE_URL: url });
  const load = new Load(server.url);
  const faults: string[] = [];
  let slowestRecoveryMs = 0;
  try {
    await load.begin();
    for (let done = 1; done <= count; done++) {
      const trouble = TROUBLES[(done - 1) % TROUBLES.length]!;
      await sleep(300 + chance(700));
      await CAUSE[trouble](postgres, url, chance);
      const recoveryMs = await recovered(server.url, load);
      if (recoveryMs === null) faults.push(`after ${trouble} the server was not itself within ${HEALTHY_MS / 1_000} s`);
      slowestRecoveryMs = Math.max(slowestRecoveryMs, recoveryMs ?? HEALTHY_MS);
      progress(done, `${trouble}, ${load.answered} answers`);
    }
    await load.end();
    if ((await holdsResolved(url, 60_000)) === null) faults.push('stakes are still open a minute after the last trouble');
    faults.push(...load.faults, ...(await faultsIn(url)), ...(await load.unknownTo(url)));
    if (/"event":"uncaught"/.test(server.output())) faults.push('the server met an error that nobody caught');
    const { answered, saidAgain, tables } = load;
    return {
      figures: { troubles: count, answers: answered, saidAgain, tables, slowestRecoveryMs: Math.round(slowestRecoveryMs) },
      faults,
    };
  } finally {
    await load.end();
    await server.stop();
    await postgres.stop();
  }
}

const CAUSE: Record<
  (typeof TROUBLES)[number],
  (postgres: Postgres, url: string, chance: (below: number) => number) => Promise<unknown>
> = {
  crash: (postgres, _url, chance) => postgres.crash(200 + chance(3_000)),
  cut: (postgres) => postgres.cutConnections(),
  /** A lock that everything waits for, as a careless migration takes it. */
  slow: async (_postgres, url, chance) => {
    const keeper = new pg.Client({ connectionString: url });
    await keeper.connect();
    await keeper.query('begin; lock table round_stake in access exclusive mode');
    await sleep(500 + chance(2_500));
    await keeper.query('rollback');
    await keeper.end();
  },
  /** Others take every connection there is; then the server's own are cut, so that it must find new ones. */
  full: async (postgres, url, chance) => {
    const others = await Promise.all(Array.from({ length: CONNECTIONS_MAX }, () => taken(url)));
    await postgres.cutConnections().catch(() => 0);
    await sleep(500 + chance(2_000));
    await Promise.all(others.filter((other) => other !== null).map((other) => other.end().catch(() => undefined)));
  },
};

async function taken(url: string): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch {
    return null; // there is none left, as intended
  }
}

/** Ready, and a bet answered again; null when that takes too long. */
async function recovered(url: string, load: Load): Promise<number | null> {
  const from = performance.now();
  const answered = load.answered;
  while (performance.now() - from < HEALTHY_MS) {
    if (load.answered > answered + load.size.spinners && (await isReady(url))) return performance.now() - from;
    await sleep(50);
  }
  return null;
}
