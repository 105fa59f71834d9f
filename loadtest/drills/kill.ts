// kill -9 of the server at random moments, while real clients bet. No answer may ever change, and nothing may be staked,
// paid or held twice.
import { startPostgres } from '../../test/support/postgres.ts';
import { startMain } from '../../test/support/process.ts';
import { type Asked, type Drill, faultsIn, holdsResolved, type Outcome, seeded, SERVER_SETTINGS } from './kit.ts';
import { Load } from './load.ts';

const QUIET_MS = 20_000;

export const kill: Drill = {
  name: 'kill',
  what: 'kill -9 of the server at random moments under betting load',
  counts: { full: 200, quick: 5 },
  unit: 'kills',
  run: drill,
};

async function drill({ count, seed, progress }: Asked): Promise<Outcome> {
  const chance = seeded(seed);
  const postgres = await startPostgres();
  const database = await postgres.database();
  const settings = { ...SERVER_SETTINGS, DATABASE_URL: database };
  let server = await startMain(settings);
  const port = new URL(server.url).port;
  const load = new Load(server.url);
  let slowestStartMs = 0;
  try {
    await load.begin();
    for (let killed = 1; killed <= count; killed++) {
      await new Promise((resolve) => setTimeout(resolve, 50 + chance(700)));
      await server.stop('SIGKILL');
      const from = performance.now();
      server = await startMain({ ...settings, PORT: port });
      slowestStartMs = Math.max(slowestStartMs, performance.now() - from);
      progress(killed, `${load.answered} answers`);
    }
    await load.end();
    const faults = [...load.faults];
    if ((await holdsResolved(database, QUIET_MS)) === null)
      faults.push(`stakes are still open ${QUIET_MS / 1_000} s after the last start`);
    faults.push(...(await faultsIn(database)), ...(await load.unknownTo(database)));
    if (/uncaught|unhandled/.test(server.output())) faults.push('the last server logged an uncaught error');
    const { answered, saidAgain, tables } = load;
    return {
      figures: { kills: count, answers: answered, saidAgain, tables, slowestStartMs: Math.round(slowestStartMs) },
      faults,
    };
  } finally {
    await load.end();
    await server.stop('SIGKILL');
    await postgres.stop();
  }
}
