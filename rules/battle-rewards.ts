import type { Battle, Combatant } from './battle.ts';
import { DIFFICULTIES, RARITIES } from './battle-figures.ts';
import type { BattleOutcome, BattleReward, LootRoll } from './battle-types.ts';
import type { Random } from './random.ts';

/** For each fighter and wave cleared, before difficulty: 100·wave coins and 50·wave XP. */
const COINS_A_WAVE = 100;
const XP_A_WAVE = 50;
/** Everyone who stayed has this much of an equal share; the rest goes by damage. */
const FLOOR_PERCENT = 50;
/** A lost battle teaches something and pays nothing, so that losing on purpose is no trade. */
const LOST_XP_PERCENT = 50;
/** A boss pays twice over, in coins, XP and loot rolls. */
const BOSS_FACTOR = 2;

/**
 * What each fighter who stayed has earned, bots too, in order of joining. A won battle's loot is rolled here, from the
 * round's own stream: per roll `below(100)`, and on a find `below(100)` for rarity and `below(65536)` for the item.
 */
export function earned(battle: Battle, outcome: BattleOutcome, random: Random): BattleReward[] {
  const all = [...battle.combatants.values()];
  const worked = all.reduce((sum, { shown }) => sum + shown.damage, 0);
  const pool = poolOf(battle, outcome);
  return all
    .filter(({ left }) => !left)
    .map((combatant) => ({
      playerId: combatant.playerId,
      coins: shareOf(pool.coins, combatant, { worked, size: all.length }),
      xp: shareOf(pool.xp, combatant, { worked, size: all.length }),
      loot: outcome === 'won' ? rollLoot(battle, random) : [],
    }));
}

function poolOf({ view, definition, combatants }: Battle, outcome: BattleOutcome): { coins: number; xp: number } {
  const cleared = outcome === 'won' ? view.wave : Math.max(0, view.wave - 1);
  const percent = DIFFICULTIES[definition.difficulty].rewardPercent * (definition.boss ? BOSS_FACTOR : 1);
  const parts = (combatants.size * percent * cleared * (cleared + 1)) / 2;
  if (outcome === 'won') return { coins: Math.floor((parts * COINS_A_WAVE) / 100), xp: Math.floor((parts * XP_A_WAVE) / 100) };
  return { coins: 0, xp: Math.floor((parts * XP_A_WAVE * LOST_XP_PERCENT) / 10_000) };
}

function shareOf(pool: number, { shown }: Combatant, { worked, size }: { worked: number; size: number }): number {
  const floor = Math.floor((pool * FLOOR_PERCENT) / 100 / size);
  const byWork = pool - Math.floor((pool * FLOOR_PERCENT) / 100);
  return floor + (worked === 0 ? 0 : Math.floor((byWork * shown.damage) / worked));
}

function rollLoot({ definition }: Battle, random: Random): LootRoll[] {
  const found: LootRoll[] = [];
  for (let roll = 0; roll < (definition.boss ? BOSS_FACTOR : 1); roll++) {
    if (random.below(100) >= DIFFICULTIES[definition.difficulty].lootPercent) continue;
    const drawn = random.below(100);
    const [rarity] = RARITIES.find(([, upTo]) => drawn < upTo)!;
    found.push({ rarity, pick: random.below(65_536) });
  }
  return found;
}
