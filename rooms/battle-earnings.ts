import type { BattleReward } from '../rules/battle-types.ts';
import { lootItem } from '../rules/items.ts';
import type { BattleState } from '../state/battle.ts';

/** A player's part of a finished battle, as the round keeps it; `shareBp` of the damage, in basis points. */
export function earned({ fighters }: BattleState, { playerId, coins, xp, loot }: BattleReward, outcome: 'won' | 'lost') {
  const all = [...fighters.values()].reduce((sum, { damage }) => sum + damage, 0);
  const own = fighters.get(playerId)?.damage ?? 0;
  const items = loot.map(({ rarity, pick }) => ({ item: lootItem(rarity, pick).itemId, quantity: 1 }));
  const shareBp = all === 0 ? 0 : Math.floor((own * 10_000) / all);
  return { playerId, coins: BigInt(coins), xp: BigInt(xp), items, shareBp, won: outcome === 'won' };
}
