import { staminaAt } from '../rules/battle-figures.ts';
import { hasFought, hasPart } from '../rules/battle-rewards.ts';
import type { BattleReward, LootRoll } from '../rules/battle-types.ts';
import type { Battle } from '../rules/battle.ts';
import { lootItem } from '../rules/items.ts';

/** A player's part of a finished battle, as the round keeps it; `shareBp` of the damage, in basis points. */
export function earned(battle: Battle, { playerId, coins, xp, loot }: BattleReward, at: Date) {
  const combatant = battle.combatants.get(playerId)!;
  const { shown, defeated } = combatant;
  const worked = [...battle.combatants.values()].reduce((sum, { shown: { damage } }) => sum + damage, 0);
  const part = hasPart(battle, combatant, worked);
  return {
    playerId,
    coins: BigInt(coins),
    xp: BigInt(xp),
    items: loot.map(thingOf),
    shareBp: worked === 0 ? 0 : Math.floor((shown.damage * 10_000) / worked),
    fought: hasFought(combatant),
    won: battle.view.phase === 'won' && part,
    enemies: BigInt(defeated),
    bosses: part ? bossesEnded(battle) : 0n,
    stamina: { leftBp: Math.floor((staminaAt(shown, battle.tick) * 10_000) / Math.max(1, shown.staminaMax)), at },
  };
}

const thingOf = ({ rarity, pick, gear = null }: LootRoll) => ({
  item: gear ? gear.itemId : lootItem(rarity, pick).itemId,
  quantity: 1,
  gear,
});

/** Those of waves that are over, and of the one that was fought last. */
function bossesEnded({ definition, view }: Battle): bigint {
  const before = definition.waves.slice(0, Math.max(0, view.wave - 1)).filter(({ boss }) => boss !== null).length;
  const now = [...view.enemies.values()].filter(({ boss, hp }) => boss && hp === 0).length;
  return BigInt(before + now);
}
