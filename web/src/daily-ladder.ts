import { CHECK_IN_PERCENT, checkInXp } from '../../rules/daily.ts';

/** As `GET /api/daily` has it. */
export interface Daily {
  timeZone: string;
  day: string;
  streak: number;
  best: number;
  keptUntil: string | null;
  /** What the next one brings; `opensAt` null: it may be taken now. */
  checkIn: { xp: string; streak: number; opensAt: string | null };
  claim: { coins: string; trades: string; opensAt: string | null };
}

export const WEEK_DAYS = 7;

export interface Rung {
  /** Of the row of days, from 1. */
  day: number;
  xp: bigint;
  state: 'had' | 'now' | 'to come';
}

/** The seven days of the row that the next check-in is one of, or the last one where today's is had. */
export function ladderOf({ streak, checkIn }: Daily): Rung[] {
  const open = checkIn.opensAt === null;
  const now = open ? checkIn.streak : Math.max(1, streak);
  const had = open ? checkIn.streak - 1 : streak;
  const first = now - ((now - 1) % WEEK_DAYS);
  return Array.from({ length: WEEK_DAYS }, (_, index) => {
    const day = first + index;
    const state = day <= had ? 'had' : open && day === now ? 'now' : 'to come';
    return { day, xp: checkInXp(day, percentOf(checkIn)), state };
  });
}

/** The least an event may make of it, percent, to bring what it brings; 100: none is on. */
export function percentOf({ xp, streak }: Daily['checkIn']): number {
  let { min: percent } = CHECK_IN_PERCENT;
  while (percent < CHECK_IN_PERCENT.max && checkInXp(streak, percent) < BigInt(xp)) percent++;
  return percent;
}
