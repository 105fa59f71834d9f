// What boards and their periods are called, and which day of a period the address names.
import { periodEnd, type Period } from '../../rules/boards.ts';

export const BOARD_NAMES: Record<string, string> = {
  winnings: 'Winnings',
  battles: 'Battles',
  xp: 'Experience',
  ap: 'Action points',
};

const DAY_MS = 86_400_000;
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
const atMidnight = (day: string): Date => new Date(`${day}T00:00:00Z`);

/** A day that lies in the period a key names (d2026-11-21, w2026-W47, m2026-11). Null: it names none. */
export function dayOfKey(key: string): string | null {
  const [, month] = /^m(\d{4}-\d\d)$/.exec(key) ?? [];
  if (month !== undefined) return `${month}-01`;
  const [, year, week] = /^w(\d{4})-W(\d\d)$/.exec(key) ?? [];
  if (year === undefined || week === undefined) return /^d(\d{4}-\d\d-\d\d)$/.exec(key)?.[1] ?? null;
  // The fourth of January is always in the first ISO week.
  const fourth = new Date(Date.UTC(Number(year), 0, 4));
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * DAY_MS;
  return dayOf(new Date(monday + (Number(week) - 1) * 7 * DAY_MS));
}

/** The first day of the period that `day` lies in, UTC. */
export function firstOf(period: Period, day: string): string {
  if (period === 'monthly') return `${day.slice(0, 7)}-01`;
  if (period !== 'weekly') return day;
  return dayOf(new Date(periodEnd('weekly', atMidnight(day))!.getTime() - 7 * DAY_MS));
}

/** The same period one earlier or later, by its first day. */
export function beside(period: Period, day: string, by: 1 | -1): string {
  const first = firstOf(period, day);
  return by === 1
    ? dayOf(periodEnd(period, atMidnight(first))!)
    : firstOf(period, dayOf(new Date(atMidnight(first).getTime() - 1)));
}

/** `21 November`, `the week from 16 November`, `November 2026`. */
export function spanName(period: Period, day: string): string {
  const first = atMidnight(firstOf(period, day));
  if (period === 'monthly') return first.toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const named = first.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
  return period === 'weekly' ? `Week from ${named}` : named;
}

const PERIODS: Record<string, Period> = { d: 'daily', w: 'weekly', m: 'monthly' };

/** The same of a period's key. */
export function periodName(key: string): string {
  const [period, day] = [PERIODS[key.slice(0, 1)], dayOfKey(key)];
  return period === undefined || day === null ? 'All time' : spanName(period, day);
}
