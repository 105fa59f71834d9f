// How a player fights: level, stat points, and what their gear, pets and potions add. One figure for rooms, profiles and tests.
import { fighterStats, standardPoints } from '../rules/battle-figures.ts';
import type { FighterStats } from '../rules/battle-types.ts';
import { START_ATTACK, START_DEFENCE, START_HP, START_STAMINA } from '../rules/levels.ts';
import type { Database } from './orm.ts';
import { petBonusOf } from './pets.ts';

export type Strength = FighterStats & { level: number };

/** Points not yet spent count as spent the standard way. */
export async function strengthOf(db: Database, playerId: string): Promise<Strength> {
  const [row] = await db.rows<StrengthRow>(STRENGTH, [playerId]);
  if (!row) throw new Error(`player ${playerId} is unknown`);
  const { level, statPoints } = row;
  const own = fighterStats(level, standardPoints(statPoints));
  const pets = await petBonusOf(db, playerId);
  return {
    level,
    attack: row.attack - START_ATTACK + own.attack + pets.attack,
    defence: row.defence - START_DEFENCE + own.defence + pets.defence,
    hp: row.health - START_HP + own.hp + pets.hp,
    stamina: row.staminaMax - START_STAMINA + own.stamina + pets.stamina,
  };
}

interface StrengthRow extends Record<'level' | 'statPoints' | 'attack' | 'defence' | 'health' | 'staminaMax', number> {}

const STRENGTH = `
  select level, stat_points as "statPoints", attack, defence, health, stamina_max as "staminaMax" from player where id = $1`;
