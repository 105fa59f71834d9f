// Kinds of things a player can own, as data: what loot names, and potions with their price and effect in battle.

export const ITEM_RARITIES = ['common', 'uncommon', 'rare', 'epic', 'legendary'] as const;
export type ItemRarity = (typeof ITEM_RARITIES)[number];

export interface Item {
  itemId: string;
  name: string;
  rarity: ItemRarity;
  /** Restored in battle, in percent of the full HP and stamina; null for what is no potion. */
  potion: { hpPercent: number; staminaPercent: number; priceCoins: bigint } | null;
}

export const ITEMS: readonly Item[] = [
  potion('potion_minor', 'Minor healing potion', { rarity: 'common', hpPercent: 20, staminaPercent: 0, priceCoins: 30n }),
  potion('potion_major', 'Major healing potion', { rarity: 'uncommon', hpPercent: 50, staminaPercent: 0, priceCoins: 120n }),
  potion('tonic', 'Stamina tonic', { rarity: 'common', hpPercent: 0, staminaPercent: 40, priceCoins: 40n }),
  loot('goblin_ear', 'Goblin ear', 'common'),
  loot('wolf_pelt', 'Wolf pelt', 'common'),
  loot('iron_shard', 'Iron shard', 'common'),
  loot('orc_tusk', 'Orc tusk', 'uncommon'),
  loot('archer_string', 'Waxed bowstring', 'uncommon'),
  loot('troll_heart', 'Troll heart', 'rare'),
  loot('knight_crest', 'Knight’s crest', 'rare'),
  loot('golem_core', 'Golem core', 'epic'),
  loot('wraith_silk', 'Wraith silk', 'epic'),
  loot('dragon_scale', 'Dragon scale', 'legendary'),
];

const byId = new Map(ITEMS.map((item) => [item.itemId, item]));
export const itemById = (itemId: string): Item | null => byId.get(itemId) ?? null;

/** The item a loot roll names: `pick` among those of its rarity that are no potion, in the order of this list. */
export function lootItem(rarity: ItemRarity, pick: number): Item {
  const candidates = ITEMS.filter((item) => item.rarity === rarity && item.potion === null);
  return candidates[pick % candidates.length]!;
}

function potion(
  itemId: string,
  name: string,
  { rarity, ...effect }: { rarity: ItemRarity; hpPercent: number; staminaPercent: number; priceCoins: bigint },
): Item {
  return { itemId, name, rarity, potion: effect };
}

function loot(itemId: string, name: string, rarity: ItemRarity): Item {
  return { itemId, name, rarity, potion: null };
}
