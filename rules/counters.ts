/**
 * What is counted of a player. Boards rank some of them, achievements and quests ask for any; a subject that counts one more
 * thing adds its word here.
 */
export const COUNTERS = {
  winnings: 'Won in COINS, net, over settled rounds',
  rounds: 'Rounds played to their end',
  xp: 'XP earned',
  ap: 'AP earned',
  ap_spent: 'AP spent',
  battles: 'Battles won',
  battles_fought: 'Battles fought to their end',
  bosses: 'Bosses defeated',
  enemies: 'Enemies defeated',
  items_bought: 'Purchases in the shop',
  items_sold: 'Things sold',
  pets: 'Pets hatched',
  pets_fed: 'Meals given to pets',
  check_ins: 'Daily check-ins',
  streak_days: 'Days in a row, the longest',
  podiums: 'Periods of a board finished among the first three',
  registered: 'Registered',
  verified: 'Address verified',
  mining_payouts: 'Mining payouts',
  mined: 'Mined, in AP',
  season: 'Points in seasons',
  trades: 'Trades closed',
  quests: 'Quests claimed',
} as const;

export type Counter = keyof typeof COUNTERS;

export const isCounter = (word: string): word is Counter => Object.hasOwn(COUNTERS, word);

/** How a counter is read: all of it together, how many times something was counted, or the most at once. */
export const MEASURES = ['sum', 'count', 'best'] as const;
export type Measure = (typeof MEASURES)[number];

export const isMeasure = (word: string): word is Measure => MEASURES.some((measure) => measure === word);

export type Tally = Record<Measure, bigint>;

/** What of one counter came in, and how it stands with that. */
export interface Growth {
  added: Tally;
  now: Tally;
}

/** Something that is reached when a counter is. */
export interface Goal {
  counter: Counter;
  measure: Measure;
  /** From 1. */
  threshold: bigint;
}

export const nothing = (): Tally => ({ sum: 0n, count: 0n, best: 0n });

/** Both together; `best` is the greater. */
export const together = (one: Tally, other: Tally): Tally => ({
  sum: one.sum + other.sum,
  count: one.count + other.count,
  best: one.best > other.best ? one.best : other.best,
});

/** Whether the goal may have been reached by just what came in; of `best`, also where it had been before. */
export function reachedBy({ added, now }: Growth, { measure, threshold }: Pick<Goal, 'measure' | 'threshold'>): boolean {
  if (measure === 'best') return added.best >= threshold;
  return now[measure] >= threshold && now[measure] - added[measure] < threshold;
}

/**
 * A goal as a content row has it: an operator may have written it. Null: no counter, no measure (none is `sum`), or a threshold
 * that is no whole number from 1.
 */
export function goalFrom({ counter, measure = 'sum', threshold }: Record<string, unknown>): Goal | null {
  const most = wholeFrom(threshold, { from: 1n, to: COUNT_MAX });
  if (typeof counter !== 'string' || !isCounter(counter) || typeof measure !== 'string' || !isMeasure(measure)) return null;
  return most === null ? null : { counter, measure, threshold: most };
}

const COUNT_MAX = 1_000_000_000_000_000n;

/** A whole number of JSON, written as a number or as digits. Null: it is none, or outside its bounds. */
export function wholeFrom(value: unknown, { from, to }: { from: bigint; to: bigint }): bigint | null {
  if (typeof value === 'number' ? !Number.isSafeInteger(value) : typeof value !== 'string' || !/^\d{1,18}$/.test(value))
    return null;
  const number = BigInt(value as number | string);
  return number >= from && number <= to ? number : null;
}
