/** What is ranked: `winnings` in COINS, `battles` won, `xp` and `ap` earned in the period. */
export const BOARDS = ['winnings', 'battles', 'xp', 'ap'] as const;
export type Board = (typeof BOARDS)[number];

export const isBoard = (word: string): word is Board => BOARDS.some((board) => board === word);

/** Calendar periods, UTC. */
export const PERIODS = ['all', 'daily', 'weekly', 'monthly'] as const;
export type Period = (typeof PERIODS)[number];
/** Those that end. */
export type ClosingPeriod = Exclude<Period, 'all'>;

const DAY_MS = 86_400_000;

/** The calendar period, UTC, that `at` lies in: all, d2026-11-21, w2026-W47 (ISO week), m2026-11. */
export function periodKey(period: Period, at: Date): string {
  const day = at.toISOString().slice(0, 10);
  if (period === 'all') return 'all';
  if (period === 'daily') return `d${day}`;
  if (period === 'monthly') return `m${day.slice(0, 7)}`;
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 4 - (at.getUTCDay() || 7)));
  const week = Math.ceil(((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / DAY_MS + 1) / 7);
  return `w${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

/** The first moment that lies in the period after the one `at` lies in; null: it never ends. */
export function periodEnd(period: Period, at: Date): Date | null {
  if (period === 'all') return null;
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (period === 'daily') return new Date(Date.UTC(year, month, day + 1));
  if (period === 'monthly') return new Date(Date.UTC(year, month + 1, 1));
  return new Date(Date.UTC(year, month, day + 8 - (at.getUTCDay() || 7)));
}

/** The kind of period a key names. */
export function periodOf(key: string): Period {
  const kinds: Record<string, Period> = { a: 'all', d: 'daily', w: 'weekly', m: 'monthly' };
  const kind = kinds[key.slice(0, 1)];
  if (kind === undefined) throw new Error(`${key} names no period`);
  return kind;
}

/** So long scores of a period that has ended are kept; its first hundred always are. Days. */
export const KEPT_DAYS: Record<ClosingPeriod, number> = { daily: 60, weekly: 366, monthly: 366 };

/** So many of a closed period are kept for ever and may be rewarded. */
export const FINAL_MAX = 100;
/** A closing waits so long for deeds of the period that are still being written. Milliseconds. */
export const CLOSING_MS = 10 * 60_000;

export interface BoardReward {
  coins: bigint;
  gems: bigint;
}

/** From the rank after the band before up to and with `to`. House figures: a day's first earns about ten daily claims. */
export const BOARD_REWARDS: Record<ClosingPeriod, readonly (BoardReward & { to: number })[]> = {
  daily: [
    { to: 1, coins: 500n, gems: 5n },
    { to: 3, coins: 250n, gems: 3n },
    { to: 10, coins: 100n, gems: 1n },
    { to: 100, coins: 25n, gems: 0n },
  ],
  weekly: [
    { to: 1, coins: 2_000n, gems: 20n },
    { to: 3, coins: 1_000n, gems: 12n },
    { to: 10, coins: 400n, gems: 4n },
    { to: 100, coins: 100n, gems: 0n },
  ],
  monthly: [
    { to: 1, coins: 8_000n, gems: 60n },
    { to: 3, coins: 4_000n, gems: 36n },
    { to: 10, coins: 1_500n, gems: 12n },
    { to: 100, coins: 400n, gems: 0n },
  ],
};

/** What a place in a closed period earns. Who has won nothing is not rewarded, however few there are. */
export function boardReward(period: ClosingPeriod, { rank, score }: { rank: number; score: bigint }): BoardReward {
  const band = score > 0n ? BOARD_REWARDS[period].find(({ to }) => rank <= to) : undefined;
  return { coins: band?.coins ?? 0n, gems: band?.gems ?? 0n };
}
