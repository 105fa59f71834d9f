// A player's own limits: tighter at once, looser after a day; pauses that can be made longer, never shorter.

export const LIMIT_KINDS = ['deposit', 'loss', 'wager'] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];
/** UTC day, ISO week, calendar month. */
export const LIMIT_PERIODS = ['day', 'week', 'month'] as const;
export type LimitPeriod = (typeof LIMIT_PERIODS)[number];

/** From asking for a looser limit to having it. */
export const LOOSER_AFTER_MS = 86_400_000;
export const COOL_OFF_HOURS = { min: 24, max: 1_008 } as const;
export const EXCLUSION_MONTHS = { min: 6, max: 60 } as const;
/** From a player's coming into a room, and again each time: how long, and what was won or lost. */
export const REALITY_CHECK_MS = 3_600_000;

/** Amounts in minor units; null is no limit. */
export interface Cap {
  cap: bigint | null;
  nextCap: bigint | null;
  /** When `nextCap` takes the place of `cap`; null: no change waits. */
  nextAt: Date | null;
}

/** What applies now, a change that has come due included. */
export const settled = ({ cap, nextCap, nextAt }: Cap, now: Date): Cap =>
  nextAt !== null && nextAt <= now ? { cap: nextCap, nextCap: null, nextAt: null } : { cap, nextCap, nextAt };

/** The limit after a player asks for `wanted`. Asking for what applies already takes back a change that waits. */
export function changed(limit: Cap, wanted: bigint | null, now: Date): Cap {
  const { cap } = settled(limit, now);
  const tighter = wanted !== null && (cap === null || wanted <= cap);
  if (tighter || wanted === cap) return { cap: wanted, nextCap: null, nextAt: null };
  return { cap, nextCap: wanted, nextAt: new Date(now.getTime() + LOOSER_AFTER_MS) };
}

/** The start of the UTC day, ISO week or month that `at` lies in. */
export function periodStart(period: LimitPeriod, at: Date): Date {
  const day = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  if (period === 'day') return new Date(day);
  if (period === 'month') return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1));
  return new Date(day - ((at.getUTCDay() + 6) % 7) * 86_400_000);
}
