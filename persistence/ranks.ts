// The indexes that this process keeps: each built when first asked for, brought up to the moment of every answer by the log of
// changes, dropped when idle or when it takes room that others need. SQL is the truth; an index that differs is built anew.
import type { Database } from './orm.ts';
import { type BoardKey, changesSince, follow } from './rank-changes.ts';
import { lowestId, type RankIndex } from './rank-index.ts';
import { type Built, rebuild } from './rank-rebuild.ts';
import { inSnapshot, type Read } from './snapshot.ts';

export interface RankSettings {
  /** Keys a chunk of an index; a test takes a few. */
  chunk?: number;
  /** All indexes together; the last one asked for is kept whatever it takes. */
  bytesMax?: number;
}

/** What a statement reads of the log beside its rows, in one moment with them. */
export interface Moment {
  /** Digits. */
  lastNo: string;
  changes: Uint8Array | null;
}

/** Where an index and SQL are not the same. */
export interface RankDifference extends BoardKey {
  what: 'size' | 'rank';
  ours: number;
  theirs: number;
}

interface Live extends Built {
  which: BoardKey;
  usedAt: number;
  checkedAt: number;
}

const BYTES_MAX = 512 * 1024 * 1024;
const KEPT_MAX = 256;
/** Shorter than changes are kept. */
const IDLE_MS = 5 * 60_000;
const TRIES_MAX = 20;
/** An index ahead of the database is so by a commit or two; one that stays ahead follows a log that was put back. */
const AHEAD_MAX = 5;
const SPARSE_BYTES = 24;
const SMALL_BYTES = 1024 * 1024;

export type Ranks = ReturnType<typeof openRanks>;

export function openRanks(db: Database, { chunk, bytesMax = BYTES_MAX }: RankSettings = {}) {
  const kept = new Map<string, Live>();
  const building = new Map<string, Promise<Live>>();
  let line: Promise<unknown> = Promise.resolve();

  /** One at a time, whoever asks; the old one answers until the new one is there. */
  function build(which: BoardKey): Promise<Live> {
    const name = nameOf(which);
    const asked = building.get(name);
    if (asked) return asked;
    const built = line.then(async () => {
      const live = { ...(await rebuild(db, which, chunk)), which, usedAt: performance.now(), checkedAt: performance.now() };
      // Whoever asks for days that never were makes no room for them.
      if (live.there) kept.set(name, live);
      makeRoom(kept, bytesMax);
      return live;
    });
    building.set(name, built);
    line = built.then(
      () => building.delete(name),
      () => building.delete(name),
    );
    return built;
  }

  async function of(which: BoardKey): Promise<Live> {
    const name = nameOf(which);
    const live = kept.get(name);
    if (!live) return build(which);
    live.usedAt = performance.now();
    kept.delete(name);
    kept.set(name, live);
    return live;
  }

  /** False: not the same moment; ask again. */
  function broughtTo(live: Live, moment: Moment, tries: number): boolean {
    const name = nameOf(live.which);
    if (kept.get(name) !== live) return false;
    const no = follow(live.index, live.no, moment.changes);
    const last = BigInt(moment.lastNo);
    if (no === null || no < last || (no > last && tries > AHEAD_MAX)) {
      kept.delete(name);
      return false;
    }
    live.no = no;
    return no === last;
  }

  return {
    /**
     * What `settle` makes of rows and an index that stand at the same moment. `ask` reads the rows by one statement, with the
     * changes after `no`, or says at once what the answer is. `settle` gives null when the index has moved on since `ask` used it.
     */
    async read<Rows extends Moment, Answer>(
      which: BoardKey,
      ask: (index: RankIndex, no: string) => Promise<Rows | { answer: Answer }>,
      settle: (index: RankIndex, rows: Rows) => Answer | null,
    ): Promise<Answer> {
      for (let tries = 1; tries <= TRIES_MAX; tries++) {
        const live = await of(which);
        const rows = await ask(live.index, String(live.no));
        if ('answer' in rows) return rows.answer;
        if (!broughtTo(live, rows, tries)) continue;
        const answer = settle(live.index, rows);
        if (answer !== null) return answer;
      }
      throw new Error(`the ranks of ${nameOf(which)} move faster than they can be read`);
    },

    /** Brings every index up to date, so that no answer has much to catch up with; drops the idle. Run it every few seconds. */
    async follow(): Promise<void> {
      for (const [name, live] of [...kept]) {
        if (performance.now() - live.usedAt > IDLE_MS) {
          kept.delete(name);
          continue;
        }
        const [moment] = await db.rows<Moment>(MOMENT, [live.which.board, live.which.key, String(live.no)]);
        if (moment) broughtTo(live, moment, 1);
        else kept.delete(name);
      }
    },

    /**
     * Looks whether the index that was not looked at for longest agrees with SQL: its size, and the ranks of a few at random. One
     * that does not is dropped; one with too many holes is built anew.
     */
    async check(): Promise<RankDifference[]> {
      const live = [...kept.values()].toSorted((one, other) => one.checkedAt - other.checkedAt)[0];
      if (!live) return [];
      live.checkedAt = performance.now();
      const differences = await compared(db, live, (moment) => broughtTo(live, moment, 1));
      if (differences.length > 0) kept.delete(nameOf(live.which));
      else if (live.index.bytes > Math.max(SMALL_BYTES, live.index.size * SPARSE_BYTES)) await build(live.which);
      return differences;
    },

    /** What is kept, the least recently used first. */
    kept: () => [...kept.values()].map(({ which, index: { size, bytes } }) => ({ ...which, size, bytes })),
  };
}

const nameOf = ({ board, key }: BoardKey): string => `${board} ${key}`;

function makeRoom(kept: Map<string, Live>, bytesMax: number): void {
  let bytes = [...kept.values()].reduce((sum, { index }) => sum + index.bytes, 0);
  for (const [name, { index }] of [...kept].slice(0, -1)) {
    if (bytes <= bytesMax && kept.size <= KEPT_MAX) return;
    kept.delete(name);
    bytes -= index.bytes;
  }
}

const MOMENT = `
  select h.last_no::text as "lastNo", ${changesSince('$3')} as changes
    from leaderboard_period h where h.board = $1 and h.period = $2 and h.swept_at is null`;

const SAMPLES = 3;

/** Nothing where the two could not be brought to one moment: there is a next time. */
async function compared(db: Database, live: Live, broughtTo: (moment: Moment) => boolean): Promise<RankDifference[]> {
  const { which, index, no } = live;
  const positions = Array.from({ length: index.size > 0 ? SAMPLES : 0 }, () => Math.floor(Math.random() * index.size));
  const keys = positions.map((position) => index.at(position)!);
  const there = await inSnapshot(
    db,
    async (read) => {
      const [moment] = await read<Moment>(MOMENT.replaceAll(/\$\d/g, '?'), [String(no), which.board, which.key]);
      const size = await counted(read, SIZE, [which.board, which.key]);
      const ranks: number[] = [];
      for (const key of keys) {
        const [score, at] = [String(key.score), new Date(key.ms).toISOString()];
        const here = [which.board, which.key, score];
        ranks.push(await counted(read, BEFORE, [...here, ...here, at, lowestId(key)]));
      }
      return { moment, size, ranks };
    },
    { whole: true },
  );
  if (!there.moment || !broughtTo(there.moment)) return [];
  const differences: RankDifference[] = [];
  const compare = (what: RankDifference['what'], ours: number, theirs: number) =>
    ours !== theirs && differences.push({ ...which, what, ours, theirs });
  compare('size', index.size, there.size);
  for (const [sample, key] of keys.entries()) compare('rank', index.before(key) + 1, there.ranks[sample]! + 1);
  return differences;
}

const counted = async (read: Read, text: string, params: unknown[]): Promise<number> =>
  Number((await read<{ count: unknown }>(text, params))[0]!.count);

const SIZE = 'select count(*) as count from leaderboard_score where board = ? and period = ?';
const BEFORE = `
  select (select count(*) from leaderboard_score where board = ? and period = ? and score > ?)
       + (select count(*) from leaderboard_score where board = ? and period = ? and score = ? and (reached_at, player) < (?::timestamptz, ?::uuid)) as count`;
