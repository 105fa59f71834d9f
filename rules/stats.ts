// Stat points: what a player has spent, how more are spent, and how all come back.
import { POINT, type SpentPoints } from './battle-figures.ts';
import { LEVEL_MAX, pointsAtLevel, type Stamina, START_ATTACK, START_DEFENCE, START_HP, START_STAMINA } from './levels.ts';
import { refuseUnless } from './refusal.ts';

/** What taking every point back costs: the gems of four levels. */
export const RESPEC_GEMS = 20n;

/** All the points there are at the last level; nobody spends more at once. */
export const POINTS_MAX = pointsAtLevel(LEVEL_MAX);

export interface Stats {
  /** Free ones. */
  statPoints: number;
  attack: number;
  defence: number;
  health: number;
  staminaMax: number;
}

/** Refuses `points_short`. */
export function allocate(stats: Stats, points: SpentPoints): Stats {
  const { attack, defence, hp, stamina } = points;
  const sum = attack + defence + hp + stamina;
  refuseUnless(sum <= stats.statPoints, 'points_short');
  return {
    statPoints: stats.statPoints - sum,
    attack: stats.attack + attack * POINT.attack,
    defence: stats.defence + defence * POINT.defence,
    health: stats.health + hp * POINT.hp,
    staminaMax: stats.staminaMax + stamina * POINT.stamina,
  };
}

/** Refuses `points_unspent`. */
export function respec(stats: Stats): Stats {
  const { attack, defence, hp, stamina } = spentPoints(stats);
  const sum = attack + defence + hp + stamina;
  refuseUnless(sum > 0, 'points_unspent');
  return {
    statPoints: stats.statPoints + sum,
    attack: START_ATTACK,
    defence: START_DEFENCE,
    health: START_HP,
    staminaMax: START_STAMINA,
  };
}

export const spentPoints = ({ attack, defence, health, staminaMax }: Stats): SpentPoints => ({
  attack: spent(attack - START_ATTACK, POINT.attack),
  defence: spent(defence - START_DEFENCE, POINT.defence),
  hp: spent(health - START_HP, POINT.hp),
  stamina: spent(staminaMax - START_STAMINA, POINT.stamina),
});

/** With another maximum: what is above it is gone, what is missing grows. */
export const staminaUpTo = ({ tenths, atMs }: Stamina, max: number): Stamina => ({
  tenths: Math.min(tenths, max * 10),
  max,
  atMs,
});

function spent(over: number, point: number): number {
  if (over < 0 || over % point !== 0) throw new RangeError(`a stat is ${over} above its start, which is no number of points`);
  return over / point;
}
