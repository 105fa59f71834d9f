// Betting load by real clients: spins over REST, each said again under its key until there is an answer, and roulette
// tables by the SDK. What they were told is kept, to be compared with what is in the database afterwards.
import { ask, type DrillPlayer, register, spinOnce } from './kit.ts';

export interface LoadSize {
  spinners: number;
  tables: number;
}

const ANSWER_MS_MAX = 5_000;

export class Load {
  readonly url: string;
  readonly size: LoadSize;
  answered = 0;
  saidAgain = 0;
  /** Tables played to their end. */
  tables = 0;
  /** Longest wait between two answers to one spinner, ms; reset it to look at a part. */
  longestWaitMs = 0;
  readonly faults: string[] = [];
  readonly rounds = new Set<string>();
  #running = true;
  #work: Promise<unknown>[] = [];

  constructor(url: string, size: LoadSize = { spinners: 6, tables: 3 }) {
    this.url = url;
    this.size = size;
  }

  async begin(): Promise<void> {
    const { spinners, tables } = this.size;
    const players = await Promise.all(
      Array.from({ length: spinners + tables * 2 }, (_, index) => register(this.url, `p${index}`)),
    );
    for (const player of players.slice(0, spinners)) this.#work.push(this.#spin(player));
    for (let table = 0; table < tables; table++) {
      const two = players.slice(spinners + table * 2, spinners + table * 2 + 2);
      this.#work.push(this.#sitDown(two, 10 + table));
    }
  }

  async end(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#work);
    this.#work = [];
  }

  /** Rounds that a client was told of and the database does not know. */
  async unknownTo(database: string): Promise<string[]> {
    const rows = await ask<{ id: string }>(database, 'select id from round where id = any($1)', [[...this.rounds]]);
    return rows.length === this.rounds.size ? [] : [`${this.rounds.size - rows.length} answered rounds are not in the database`];
  }

  async #spin(player: DrillPlayer): Promise<void> {
    let last = performance.now();
    while (this.#running) {
      const key = crypto.randomUUID();
      let answer = await spinOnce(this.url, player, key);
      while (answer === null || answer.status >= 500 || answer.status === 429) {
        if (!this.#running && answer === null) return;
        this.saidAgain++;
        await pause(150);
        answer = await spinOnce(this.url, player, key);
      }
      this.longestWaitMs = Math.max(this.longestWaitMs, performance.now() - last);
      last = performance.now();
      if (answer.status === 401) return void this.faults.push('a session was lost');
      this.answered++;
      if (answer.body.roundId) this.rounds.add(answer.body.roundId);
      if (this.answered % 7 === 0) await this.#askAgain(player, { key, first: answer.body });
      if (answer.body.code === 'funds_short') await pause(1_000);
    }
  }

  /** The same key has the same answer for ever. */
  async #askAgain(player: DrillPlayer, { key, first }: { key: string; first: object }): Promise<void> {
    const again = await spinOnce(this.url, player, key);
    if (!again || again.status >= 500 || again.status === 429) return;
    if (JSON.stringify(again.body) !== JSON.stringify(first)) this.faults.push(`key ${key} was answered in two ways`);
  }

  async #sitDown(two: DrillPlayer[], stake: number): Promise<void> {
    while (this.#running) {
      try {
        await this.#playTable(two, stake);
        this.tables++;
      } catch {
        await pause(200); // the table went with its process; sit down again
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
        const pulling = index >= 0 && Date.now() >= table.betsCloseAt;
        if (pulling) await within(seats[index]!.request('pull', { pullNo: table.pullNo }).catch(() => undefined));
        await pause(60);
        if (!seats[0]!.connection.isOpen) throw new Error('the table is gone');
      }
    } finally {
      for (const seat of seats) void seat.leave().catch(() => undefined);
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A process that is gone answers nothing; nobody waits for it longer than this. */
const within = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    pause(ANSWER_MS_MAX).then((): never => {
      throw new Error('no answer');
    }),
  ]);
