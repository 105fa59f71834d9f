// What players did, added up: in all, and by day of their own clock. Guests count too. From here achievements unlock and
// quests are done, in the transaction of the fold.
import { together, type Counter, type Growth, type Tally } from '../rules/counters.ts';
import { unlockIn } from './achievements.ts';
import type { DeedSum } from './deeds.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { completeIn } from './quests.ts';

/** One player's counter, in all or on one day, and how it grew. */
export interface Grown extends Growth {
  playerId: string;
  counter: Counter;
}

export interface GrownDay extends Grown {
  day: string;
}

/** Folds sums into the counters. A round in COINS says what it won, also when that is 0: each is a round played. */
export async function tallyIn(em: EntityManager, sums: readonly DeedSum[]): Promise<void> {
  const days = new Map<string, Line>();
  const totals = new Map<string, Line>();
  for (const line of sums.flatMap(linesOf)) {
    add(days, `${line.playerId} ${line.counter} ${line.day}`, line);
    add(totals, `${line.playerId} ${line.counter}`, line);
  }
  if (totals.size === 0) return;
  const grown = await addIn(em, ADD_TOTALS, totals, ({ playerId, counter }) => `${playerId} ${counter}`);
  const grownDays = await addIn(em, ADD_DAYS, days, ({ playerId, counter, day }) => `${playerId} ${counter} ${day}`);
  await unlockIn(em, grown);
  await completeIn(em, grownDays);
}

interface Line {
  playerId: string;
  counter: Counter;
  day: string;
  tally: Tally;
}

function linesOf({ playerId, counter, localDay: day, amount, count, best }: DeedSum): Line[] {
  const times = BigInt(count);
  const line = { playerId, counter, day, tally: { sum: amount, count: times, best } };
  if (counter !== 'winnings') return [line];
  return [line, { playerId, counter: 'rounds', day, tally: { sum: times, count: times, best: 1n } }];
}

function add(lines: Map<string, Line>, key: string, line: Line): void {
  const known = lines.get(key);
  lines.set(key, known ? { ...line, tally: together(known.tally, line.tally) } : line);
}

interface CounterRow {
  playerId: string;
  counter: Counter;
  day: string;
  total: unknown;
  deeds: unknown;
  best: unknown;
}

async function addIn(
  em: EntityManager,
  text: string,
  lines: ReadonlyMap<string, Line>,
  keyOf: (row: CounterRow) => string,
): Promise<GrownDay[]> {
  const json = [...lines.values()].map(({ playerId: player, counter, day, tally: { sum, count, best } }) => ({
    player,
    counter,
    day,
    total: String(within(sum)),
    deeds: String(count),
    best: String(best),
  }));
  const rows = await rowsIn<CounterRow>(em, text, [JSON.stringify(json)]);
  return rows.map((row) => {
    const { playerId, counter, day } = row;
    return { playerId, counter, day, added: lines.get(keyOf(row))!.tally, now: tallyOf(row) };
  });
}

/** Either way: so low that a week of days is still an int8, and no one sum keeps a fold from everybody else's. */
const TOTAL_MAX = 10n ** 18n;
const within = (sum: bigint): bigint => (sum > TOTAL_MAX ? TOTAL_MAX : sum < -TOTAL_MAX ? -TOTAL_MAX : sum);

export const tallyOf = ({ total, deeds, best }: Pick<CounterRow, 'total' | 'deeds' | 'best'>): Tally => ({
  sum: whole(total),
  count: whole(deeds),
  best: whole(best),
});

const LINES = `json_to_recordset(?::json) l(player uuid, counter text, day date, total bigint, deeds bigint, best bigint)`;
const GROW = `
  set total = least(greatest(c.total + excluded.total, -${TOTAL_MAX}), ${TOTAL_MAX}), deeds = c.deeds + excluded.deeds,
      best = greatest(c.best, excluded.best)`;

const ADD_TOTALS = `
  insert into player_counter as c (player, counter, total, deeds, best)
    select player, counter, total, deeds, best from ${LINES} order by player, counter
  on conflict (player, counter) do update ${GROW}
  returning player as "playerId", counter, '' as day, total, deeds, best`;

const ADD_DAYS = `
  insert into counter_day as c (player, counter, day, total, deeds, best)
    select player, counter, day, total, deeds, best from ${LINES} order by player, counter, day
  on conflict (player, counter, day) do update ${GROW}
  returning player as "playerId", counter, to_char(day, 'YYYY-MM-DD') as day, total, deeds, best`;

/** Of many counters of one player. */
export type Tallies = ReadonlyMap<Counter, Tally>;

/** What one player did from one day to another, both included. */
export async function talliesBetween(
  em: EntityManager,
  { playerId, from, to }: { playerId: string; from: string; to: string },
): Promise<Tallies> {
  const rows = await rowsIn<CounterRow>(em, BETWEEN, [playerId, from, to]);
  return new Map(rows.map((row) => [row.counter, tallyOf(row)]));
}

const BETWEEN = `
  select counter, sum(total)::bigint as total, sum(deeds)::bigint as deeds, max(best) as best from counter_day
   where player = ? and day between ?::date and ?::date group by counter`;

export type Counters = ReturnType<typeof openCounters>;

/** Longer than any quest looks back. */
const DAYS_KEPT = 21;
const SWEEP_ROWS_MAX = 10_000;

export function openCounters(db: Database, now: () => Date) {
  return {
    /** All that a player did, by counter. */
    async of(playerId: string): Promise<Tallies> {
      const rows = await db.rows<CounterRow>('select counter, total, deeds, best from player_counter where player = $1', [
        playerId,
      ]);
      return new Map(rows.map((row) => [row.counter, tallyOf(row)]));
    },

    /** Forgets single days that no quest asks for any more; totals stay. Returns how many. */
    async sweep(): Promise<number> {
      const before = new Date(now().getTime() - DAYS_KEPT * 86_400_000);
      let swept = 0;
      for (let rows = SWEEP_ROWS_MAX; rows === SWEEP_ROWS_MAX; swept += rows)
        rows = (await db.rows(SWEEP, [before, SWEEP_ROWS_MAX])).length;
      return swept;
    },
  };
}

const SWEEP = `
  delete from counter_day where ctid in (select ctid from counter_day where day < ($1::timestamptz at time zone 'utc')::date limit $2)
  returning 1`;
