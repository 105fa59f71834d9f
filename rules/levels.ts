export const LEVEL_MAX = 100;

/**
 * XP from level L − 1 to level L, for L from 2: ⌊100·23^(L−2)/20^(L−2)⌋, exact (a float is one short already at level 3).
 * `XP_STEPS[0]` and `XP_STEPS[1]` are 0.
 */
export const XP_STEPS: readonly bigint[] = xpSteps();
/** XP in all at which a level begins; `XP_TOTALS[1]` is 0. */
export const XP_TOTALS: readonly bigint[] = xpTotals();

export const START_COINS = 1_000n;
export const GUEST_COINS = 100n;
export const START_ATTACK = 10;
export const START_DEFENCE = 10;
export const START_HP = 100;
export const START_STAMINA = 100;

export const POINTS_A_LEVEL = 3;
/** On top, at levels 10, 20, 30 …. */
export const POINTS_A_TENTH_LEVEL = 5;
export const GEMS_A_LEVEL = 5n;

/** Out of battle stamina grows by a tenth of its maximum each of these. */
export const STAMINA_PERIOD_MS = 10_000;

/** No player has more, whatever comes: far past the last level, far below int8. */
export const XP_MAX = 1_000_000_000_000_000n;

/** The level reached with this much XP in all, 1 … LEVEL_MAX. */
export function levelOf(xp: bigint): number {
  let low = 1;
  let high = LEVEL_MAX;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (XP_TOTALS[middle]! <= xp) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** XP since the level began, and what the next one takes in all; `needed` is null at the last level. */
export function xpWithinLevel(xp: bigint): { level: number; gained: bigint; needed: bigint | null } {
  const level = levelOf(xp);
  return { level, gained: xp - XP_TOTALS[level]!, needed: XP_STEPS[level + 1] ?? null };
}

/** Stat points a player has had to spend by this level, spent ones included. */
export const pointsAtLevel = (level: number): number =>
  (level - 1) * POINTS_A_LEVEL + Math.floor(level / 10) * POINTS_A_TENTH_LEVEL;

/** Stamina in tenths of a point, so that a tenth of any maximum is whole, as it stood at `atMs` (epoch). */
export interface Stamina {
  tenths: number;
  max: number;
  atMs: number;
}

/** What it has grown to. Time short of a whole period is kept for the next read; at the maximum none is saved up. */
export function staminaGrown({ tenths, max, atMs }: Stamina, nowMs: number): Stamina {
  const periods = Math.max(0, Math.floor((nowMs - atMs) / STAMINA_PERIOD_MS));
  const grown = Math.min(max * 10, tenths + periods * max);
  return { tenths: grown, max, atMs: grown === max * 10 ? Math.max(atMs, nowMs) : atMs + periods * STAMINA_PERIOD_MS };
}

/** Whole points, as shown. */
export const staminaPoints = ({ tenths }: Stamina): number => Math.floor(tenths / 10);

function xpSteps(): bigint[] {
  const steps = [0n, 0n];
  for (let level = 2; level <= LEVEL_MAX; level++) {
    const raised = BigInt(level - 2);
    steps.push((100n * 23n ** raised) / 20n ** raised);
  }
  return steps;
}

function xpTotals(): bigint[] {
  const totals = [0n];
  for (let level = 1; level <= LEVEL_MAX; level++) totals.push(totals[level - 1]! + XP_STEPS[level]!);
  return totals;
}
