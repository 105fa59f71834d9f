// Kinds of things a player can own in stacks, as data: what loot names, potions, and elixirs whose effect ends by itself.
import type { FighterStats } from './battle-types.ts';

export const ITEM_RARITIES = ['common', 'uncommon', 'rare', 'epic', 'legendary'] as const;
export type ItemRarity = (typeof ITEM_RARITIES)[number];

export interface Item {
  itemId: string;
  name: string;
  rarity: ItemRarity;
  /** Restored in battle, in percent of the full HP and stamina; out of it stamina alone. Null for what is no potion. */
  potion: { hpPercent: number; staminaPercent: number; priceCoins: bigint } | null;
  /** What drinking it out of battle adds for a while; null for what is no elixir. */
  elixir: Elixir | null;
}

export interface Elixir {
  stat: keyof FighterStats;
  /** Of the drinker's own stat, gear and pets counted. */
  percent: number;
  seconds: number;
}

/** What runs, as kept: one of a stat. */
export interface Effect {
  stat: keyof FighterStats;
  percent: number;
  endsAt: Date;
}

const HALF_HOUR = 1_800;

export const ITEMS: readonly Item[] = [
  potion('potion_minor', 'Minor healing potion', { rarity: 'common', hpPercent: 20, staminaPercent: 0, priceCoins: 30n }),
  potion('potion_major', 'Major healing potion', { rarity: 'uncommon', hpPercent: 50, staminaPercent: 0, priceCoins: 120n }),
  potion('tonic', 'Stamina tonic', { rarity: 'common', hpPercent: 0, staminaPercent: 40, priceCoins: 40n }),
  elixir('elixir_might', 'Elixir of might', { rarity: 'uncommon', stat: 'attack', percent: 10 }),
  elixir('elixir_stone', 'Elixir of stone', { rarity: 'uncommon', stat: 'defence', percent: 10 }),
  elixir('elixir_vigour', 'Elixir of vigour', { rarity: 'uncommon', stat: 'hp', percent: 10 }),
  elixir('elixir_breath', 'Elixir of breath', { rarity: 'uncommon', stat: 'stamina', percent: 10 }),
  elixir('greater_might', 'Greater elixir of might', { rarity: 'rare', stat: 'attack', percent: 20 }),
  elixir('greater_stone', 'Greater elixir of stone', { rarity: 'rare', stat: 'defence', percent: 20 }),
  elixir('greater_vigour', 'Greater elixir of vigour', { rarity: 'rare', stat: 'hp', percent: 20 }),
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

/** The item a loot roll names: `pick` among those of its rarity that nobody drinks, in the order of this list. */
export function lootItem(rarity: ItemRarity, pick: number): Item {
  const candidates = ITEMS.filter((item) => item.rarity === rarity && item.potion === null && item.elixir === null);
  return candidates[pick % candidates.length]!;
}

/** Drunk on top of each other they last longer, up to this much ahead. */
export const EFFECT_SECONDS_MAX = 4 * 3_600;

/**
 * What runs once an elixir is drunk: the same strength again lasts longer, a stronger one takes the place of a weaker. Null:
 * nothing would come of it, because a stronger one runs or it would last past EFFECT_SECONDS_MAX.
 */
export function effectAfter(running: Effect | null, { stat, percent, seconds }: Elixir, now: Date): Effect | null {
  const on = running !== null && running.endsAt > now ? running : null;
  if (on && on.percent > percent) return null;
  const from = on && on.percent === percent ? on.endsAt : now;
  const endsAt = new Date(from.getTime() + seconds * 1_000);
  return endsAt.getTime() - now.getTime() > EFFECT_SECONDS_MAX * 1_000 ? null : { stat, percent, endsAt };
}

/** A fighter with what runs; parts of a point are lost. */
export function withEffects(stats: FighterStats, effects: readonly Pick<Effect, 'stat' | 'percent'>[]): FighterStats {
  const strengthened = { ...stats };
  for (const { stat, percent } of effects) strengthened[stat] += Math.floor((stats[stat] * percent) / 100);
  return strengthened;
}

/** Coins for one of a stack. */
const STACK_SALE: Record<ItemRarity, bigint> = { common: 5n, uncommon: 15n, rare: 60n, epic: 250n, legendary: 1_000n };
export const stackSale = (itemId: string): bigint => STACK_SALE[byId.get(itemId)?.rarity ?? 'common'];

function potion(
  itemId: string,
  name: string,
  { rarity, ...effect }: { rarity: ItemRarity; hpPercent: number; staminaPercent: number; priceCoins: bigint },
): Item {
  return { itemId, name, rarity, potion: effect, elixir: null };
}

function elixir(itemId: string, name: string, { rarity, ...drunk }: { rarity: ItemRarity } & Omit<Elixir, 'seconds'>): Item {
  return { itemId, name, rarity, potion: null, elixir: { ...drunk, seconds: HALF_HOUR } };
}

function loot(itemId: string, name: string, rarity: ItemRarity): Item {
  return { itemId, name, rarity, potion: null, elixir: null };
}
