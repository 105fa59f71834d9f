// How a player fights: level, stat points, and what their gear, pets and potions add. One figure for rooms, profiles and tests.
import { fighterStats, standardPoints } from '../rules/battle-figures.ts';
import type { FighterStats } from '../rules/battle-types.ts';
import { type Effect, withEffects } from '../rules/items.ts';
import { START_ATTACK, START_DEFENCE, START_HP, START_STAMINA } from '../rules/levels.ts';
import type { Database } from './orm.ts';
import { petBonusOf } from './pets.ts';

export type Strength = FighterStats & { level: number };

/** Points not yet spent count as spent the standard way. Effects come on top of all the rest, by the database's clock. */
export async function strengthOf(db: Database, playerId: string): Promise<Strength> {
  const [row] = await db.rows<StrengthRow>(STRENGTH, [playerId]);
  if (!row) throw new Error(`player ${playerId} is unknown`);
  const { level, statPoints, gear, effects } = row;
  const own = fighterStats(level, standardPoints(statPoints));
  const pets = await petBonusOf(db, playerId);
  const stats = {
    attack: row.attack - START_ATTACK + own.attack + gear.attack + pets.attack,
    defence: row.defence - START_DEFENCE + own.defence + gear.defence + pets.defence,
    hp: row.health - START_HP + own.hp + gear.hp + pets.hp,
    stamina: row.staminaMax - START_STAMINA + own.stamina + gear.stamina + pets.stamina,
  };
  return { level, ...withEffects(stats, effects) };
}

interface StrengthRow extends Record<'level' | 'statPoints' | 'attack' | 'defence' | 'health' | 'staminaMax', number> {
  gear: FighterStats;
  effects: Pick<Effect, 'stat' | 'percent'>[];
}

const STRENGTH = `
  select level, stat_points as "statPoints", attack, defence, health, stamina_max as "staminaMax", worn.sums as gear, running.list as effects
    from player,
         lateral (select json_build_object('attack', coalesce(sum(g.attack), 0), 'defence', coalesce(sum(g.defence), 0),
                                           'hp', coalesce(sum(g.hp), 0), 'stamina', coalesce(sum(g.stamina), 0)) as sums
                    from gear g where g.player = player.id and g.slot is not null) worn,
         lateral (select coalesce(json_agg(json_build_object('stat', e.kind, 'percent', e.percent)), '[]'::json) as list
                    from effect e where e.player = player.id and e.ends_at > now()) running
   where id = $1`;
