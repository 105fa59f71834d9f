// The player's days: when one has begun for them, however their time zone was moved about, and what it brings.
// Days are dates (2026-11-21) by the clock of an IANA zone.

/** What was taken last: on which day, by which zone's clock. */
export interface Taken {
  /** The day; of a week, its Monday. */
  day: string;
  zone: string;
  at: Date;
  /** When the days that were taken, each as long as a day is, have passed. */
  pacedUntil: Date;
}

/** How many days long what is taken lasts: a day, or a week from Monday. */
export type Span = 1 | 7;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A day of summer time's start is up to 2 h short somewhere. Zone changes gain no more than this, once and for all. */
const SLACK_MS = 3 * HOUR_MS;

/**
 * Takes the day that `now` lies in, or null: it has not begun for this player. It begins when the day taken last has ended
 * where it was taken, a date later than it, and than the moment it was taken, has begun where the player is now, and as many
 * days have passed as were taken. So whoever moves has at no time more days than who stayed (but for `SLACK_MS`).
 */
export function take(last: Taken | null, { zone, now, span }: { zone: string; now: Date; span: Span }): Taken | null {
  const day = firstDay(localDay(zone, now), span);
  const end = dayEnd(zone, lastDay(day, span));
  if (last === null) return { day, zone, at: now, pacedUntil: end };
  if (now < opensAt(last, { zone, span }) || day <= last.day) return null;
  const paced = last.pacedUntil.getTime() + span * DAY_MS;
  return { day, zone, at: now, pacedUntil: new Date(Math.max(end.getTime(), paced)) };
}

/** The first moment at which the next one may be taken, if the player stays in this zone. */
export function opensAt(last: Taken, { zone, span }: { zone: string; span: Span }): Date {
  const ends = [dayEnd(last.zone, lastDay(last.day, span)), dayEnd(zone, lastDay(takenDay(last, { zone, span }), span))];
  return new Date(Math.max(...ends.map((end) => end.getTime()), last.pacedUntil.getTime() - SLACK_MS));
}

/** The day taken last as it is where the player is now: the later of its own date and the local one when it was taken. */
function takenDay({ day, at }: Taken, { zone, span }: { zone: string; span: Span }): string {
  const there = firstDay(localDay(zone, at), span);
  return there > day ? there : day;
}

/** A row of days; `at` of its last one, whose next day keeps it. */
export interface Streak extends Taken {
  streak: number;
}

/** When the row of days breaks: at the end of the next day, where the last one was taken. Moving away afterwards mends nothing. */
export const keptUntil = ({ zone, day }: Taken): Date => dayEnd(zone, dayAfter(zone, day));

/** The row of days as it stands: 0 once it is broken. */
export const standing = (last: Streak | null, now: Date): number => (last === null || now >= keptUntil(last) ? 0 : last.streak);

/** The row of days with `next`, which follows `last` or begins a new one. */
export function streakWith(last: Streak | null, next: Taken): number {
  if (last === null || next.at >= keptUntil(last)) return 1;
  const { zone } = next;
  return next.day === dayAfter(zone, takenDay(last, { zone, span: 1 })) ? last.streak + 1 : 1;
}

const CHECK_IN_XP = 25n;
const STREAK_THOUSANDTHS_MAX = 3_000;

/** 1 + 0.05 a day + 0.1 a whole week, at most 3; in thousandths. */
export const streakThousandths = (streak: number): number =>
  Math.min(1_000 + 50 * streak + 100 * Math.floor(streak / 7), STREAK_THOUSANDTHS_MAX);

/** What a check-in brings on the `streak`-th day in a row: 25 XP, 50 from 3 days, 75 from 7, by the streak's factor; rounded down. */
export function checkInXp(streak: number, percent: number): bigint {
  const more = streak >= 7 ? 50n : streak >= 3 ? 25n : 0n;
  return ((CHECK_IN_XP + more) * BigInt(streakThousandths(streak)) * BigInt(percent)) / 100_000n;
}

/** What a claim brings in COINS: 50 × min(1 + 0.1 a trade of that day, 3) + min(5 a day in a row, 100); rounded down. */
export function claimCoins({ trades, streak, percent }: { trades: bigint; streak: number; percent: number }): bigint {
  const tenths = trades > 20n ? 30n : 10n + (trades < 0n ? 0n : trades);
  return ((5n * tenths + BigInt(Math.min(5 * streak, 100))) * BigInt(percent)) / 100n;
}

/** Bounds of what an event may make of them, percent; an event never takes away. */
export const CHECK_IN_PERCENT = { min: 100, max: 200 };
export const CLAIM_PERCENT = { min: 100, max: 500 };

/** The date at `at` by the zone's clock. A zone this machine does not know is taken for UTC. */
export const localDay = (zone: string, at: Date): string => clockOf(zone).format(at);

/** The moment at which the date there becomes a later one. */
export function dayEnd(zone: string, day: string): Date {
  const midnight = Date.parse(`${addDays(day, 1)}T00:00:00Z`);
  // Clocks are at most 14 h ahead of UTC and 12 h behind it, nowadays by whole quarters of an hour.
  let [before, after] = [midnight - 15 * HOUR_MS, midnight + 13 * HOUR_MS];
  for (const step of [HOUR_MS / 4, 1]) {
    while (after - before > step) {
      const middle = before + Math.ceil((after - before) / (2 * step)) * step;
      if (localDay(zone, new Date(middle)) > day) after = middle;
      else before = middle;
    }
    if (localDay(zone, new Date(after - 1)) <= day) break;
  }
  return new Date(after);
}

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The Monday of its week; of a day, itself. */
export function firstDay(day: string, span: Span): string {
  if (span === 1) return day;
  const sinceMonday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return addDays(day, -sinceMonday);
}

const lastDay = (first: string, span: Span): string => (span === 1 ? first : addDays(first, span - 1));

/** The next date that there is: some zones have left one out. */
const dayAfter = (zone: string, day: string): string => localDay(zone, dayEnd(zone, day));

const CLOCKS_MAX = 700;
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  if (clocks.size >= CLOCKS_MAX) clocks.clear();
  const clock = newClock(zone);
  clocks.set(zone, clock);
  return clock;
}

function newClock(zone: string): Intl.DateTimeFormat {
  // Swedish dates are written 2026-11-21.
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('sv-SE', { ...parts, timeZone: zone });
  } catch (error) {
    if (error instanceof RangeError) return new Intl.DateTimeFormat('sv-SE', { ...parts, timeZone: 'UTC' });
    throw error;
  }
}
