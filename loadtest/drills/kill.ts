// kill -9 of the server at random moments, while real clients bet. Each client says an unanswered request again under its
// key until there is an answer; no answer may ever change, and nothing may be staked, paid or held twice.
import { startMain, type Run } from '../../test/support/process.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { type Asked, ask, type Drill, type DrillPlayer, faultsIn, holdsResolved, type Outcome, register, seeded, spinOnce } from './kit.ts';

const SPINNERS = 6;
const TABLES = 3;
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
  const settings = { DATABASE_URL: database, JWT_SECRET: 'd'.repeat(48), SECRETS_KEY: 'ab'.repeat(32), REQUESTS_PER_MINUTE: '100000', SIGN_INS_PER_MINUTE: '10000', JOINS_PER_MINUTE: '10000', LOG_LEVEL: 'error' };
  let server = await startMain(settings);
  const port = new URL(server.url).port;
  const load = new Load(server.url);
  const faults: string[] = [];
  let slowestMs = 0;
  try {
    await load.begin();
    for (let killed = 1; killed <= count; killed++) {
      await new Promise((resolve) => setTimeout(resolve, 50 + chance(700)));
      await server.stop('SIGKILL');
      const from = performance.now();
      server = await startMain({ ...settings, PORT: port });
      slowestMs = Math.max(slowestMs, performance.now() - from);
      progress(killed, `${load.answered} answers`);
    }
    await load.end();
    const waited = await holdsResolved(database, QUIET_MS);
    if (waited === null) faults.push(`stakes are still open ${QUIET_MS / 1_000} s after the last start`);
    faults.push(...load.faults, ...(await faultsIn(database)), ...(await unplayed(database, load.rounds)));
    if (/uncaught|unhandled/.test(server.output())) faults.push('the last server logged an uncaught error');
    return { figures: { kills: count, answers: load.answered, saidAgain: load.saidAgain, tables: load.tables, slowestStartMs: Math.round(slowestMs) }, faults };
  } finally {
    await load.end();
    await stopped(server);
    await postgres.stop();
  }
}

const stopped = (server: Run) => server.stop('SIGKILL');

/** Rounds that a client was told of and the database does not know. */
async function unplayed(database: string, told: ReadonlySet<string>): Promise<string[]> {
  const rows = await ask<{ id: string }>(database, 'select id from round where id = any($1)', [[...told]]);
  return rows.length === told.size ? [] : [`${told.size - rows.length} answered rounds are not in the database`];
}

/** Spins over REST and roulette by the SDK, until told to end. */
class Load {
  readonly url: string;
  answered = 0;
  saidAgain = 0;
  tables = 0;
  readonly faults: string[] = [];
  readonly rounds = new Set<string>();
  #running = true;
  #work: Promise<unknown>[] = [];

  constructor(url: string) {
    this.url = url;
  }

  async begin(): Promise<void> {
    const players = await Promise.all(Array.from({ length: SPINNERS + TABLES * 2 }, (_, index) => register(this.url, `p${index}`)));
    for (const player of players.slice(0, SPINNERS)) this.#work.push(this.#spin(player));
    for (let table = 0; table < TABLES; table++) {
      const two = players.slice(SPINNERS + table * 2, SPINNERS + table * 2 + 2);
      this.#work.push(this.#sitDown(two, 10 + table));
    }
  }

  async end(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#work);
    this.#work = [];
  }

  async #spin(player: DrillPlayer): Promise<void> {
    while (this.#running) {
      const key = crypto.randomUUID();
      let answer = await spinOnce(this.url, player, key);
      while (answer === null || answer.status >= 500) {
        if (!this.#running && answer === null) return;
        this.saidAgain++;
        await new Promise((resolve) => setTimeout(resolve, 150));
        answer = await spinOnce(this.url, player, key);
      }
      if (answer.status === 401) return void this.faults.push('a session was lost with the process');
      this.answered++;
      if (answer.body.roundId) this.rounds.add(answer.body.roundId);
      const again = this.answered % 7 === 0 ? await spinOnce(this.url, player, key) : null;
      if (again && again.status < 500 && JSON.stringify(again.body) !== JSON.stringify(answer.body)) this.faults.push(`key ${key} was answered in two ways`);
      if (answer.body.code === 'funds_short') await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  async #sitDown(two: DrillPlayer[], stake: number): Promise<void> {
    while (this.#running) {
      try {
        await this.#playTable(two, stake);
        this.tables++;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200)); // the table went with its process; sit down again
      }
    }
  }

  async #playTable(two: DrillPlayer[], stake: number): Promise<void> {
    const options = { stake: { currency: 'COINS', amount: String(stake) }, seats: 2 };
    const seats = await within(Promise.all(two.map(({ client }) => client.joinOrCreate('roulette', options))));
    for (const seat of seats) seat.onMessage('*', () => undefined);
    try {
      await within(Promise.all(seats.map((seat) => seat.request('ready', {}))));
      const ends = performance.now() + 30_000;
      while (this.#running && performance.now() < ends) {
        const table = seats[0]!.state as { phase: string; turn: string; pullNo: number; betsCloseAt: number };
        if (table.phase === 'over' || table.phase === 'void') return;
        const index = two.findIndex(({ playerId }) => playerId === table.turn);
        if (index >= 0 && Date.now() >= table.betsCloseAt) await within(seats[index]!.request('pull', { pullNo: table.pullNo }).catch(() => undefined));
        await new Promise((resolve) => setTimeout(resolve, 60));
        if (!seats[0]!.connection.isOpen) throw new Error('the table is gone');
      }
    } finally {
      for (const seat of seats) void seat.leave().catch(() => undefined);
    }
  }
}

/** A process that is gone answers nothing; nobody waits for it longer than this. */
const within = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([work, new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), 5_000))]);
