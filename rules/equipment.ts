// Gear as data: eight slots, the kinds that go there, and how a piece's figures are rolled. What a piece was rolled is kept
// with it; nothing here is asked again.
import { fighterStats, standardPoints } from './battle-figures.ts';
import type { FighterStats } from './battle-types.ts';
import type { ItemRarity } from './items.ts';
import { LEVEL_MAX, pointsAtLevel } from './levels.ts';
import type { Random } from './random.ts';

/** Stored with each roll: a change of a kind, a range or the order of draws raises it. */
export const GEAR_RULES_VERSION = 1;

export const SLOTS = ['weapon', 'shield', 'helmet', 'armour', 'gloves', 'boots', 'ring', 'amulet'] as const;
export type Slot = (typeof SLOTS)[number];

export interface GearKind {
  itemId: string;
  name: string;
  slot: Slot;
  /** Percent of a whole set's bonus that this one piece brings, by stat: 50 in all. Two plain sets of eight make 100 a stat. */
  shares: FighterStats;
}

/** A piece as rolled. Whole numbers; `stats` are added to the wearer's own. */
export interface GearRoll {
  itemId: string;
  rarity: ItemRarity;
  /** That of a player for whom it is made; below it nobody wears it. */
  level: number;
  stats: FighterStats;
}

/** The order matters: a roll's first draw is a place in this list. */
export const GEAR: readonly GearKind[] = [
  gear('sword', 'Sword', 'weapon', { attack: 50 }),
  gear('spear', 'Spear', 'weapon', { attack: 40, stamina: 10 }),
  gear('tower_shield', 'Tower shield', 'shield', { defence: 50 }),
  gear('buckler', 'Buckler', 'shield', { defence: 40, attack: 10 }),
  gear('iron_helm', 'Iron helm', 'helmet', { defence: 25, hp: 25 }),
  gear('hood', 'Ranger’s hood', 'helmet', { hp: 30, attack: 20 }),
  gear('plate', 'Plate armour', 'armour', { hp: 50 }),
  gear('chain_mail', 'Chain mail', 'armour', { hp: 30, defence: 20 }),
  gear('gauntlets', 'Gauntlets', 'gloves', { attack: 25, defence: 25 }),
  gear('leather_gloves', 'Leather gloves', 'gloves', { attack: 20, stamina: 30 }),
  gear('greaves', 'Greaves', 'boots', { stamina: 50 }),
  gear('travel_boots', 'Travel boots', 'boots', { stamina: 40, hp: 10 }),
  gear('band', 'Iron band', 'ring', { attack: 25, stamina: 25 }),
  gear('signet', 'Signet ring', 'ring', { defence: 30, hp: 20 }),
  gear('charm', 'Bone charm', 'amulet', { hp: 25, stamina: 25 }),
  gear('talisman', 'War talisman', 'amulet', { attack: 25, defence: 25 }),
];

/** What one stat of a piece is rolled from, both ends included. */
export const ROLL_RANGES: Record<ItemRarity, readonly [least: number, most: number]> = {
  common: [1, 5],
  uncommon: [5, 10],
  rare: [10, 20],
  epic: [20, 35],
  legendary: [35, 50],
};

/** A share is of 100; a roll of 200. */
const ROLL_PARTS = 20_000;
/** A beginner's stats are so low that every rarity would come to the same point. */
const STANDARD_LEAST = 20;

const byId = new Map(GEAR.map((kind) => [kind.itemId, kind]));
export const gearById = (itemId: string): GearKind | null => byId.get(itemId) ?? null;

/**
 * One piece, in five draws: `below(GEAR.length)` for its kind, then for attack, defence, HP and stamina, in this order and
 * whether or not the kind has any of it, `below(most − least + 1)` in the rarity's range. A roll of r is worth, over a whole
 * set, r in 200 of what a standard fighter of that level has of the stat (STANDARD_LEAST at least), and 1 at least where the
 * kind has the stat at all. `level` is 1 … LEVEL_MAX. Battles are near: a twentieth more of everything turns seven wins of
 * ten into nine, so a rare set is for the next battle, a legendary one for the battle after that.
 */
export function rollGear(random: Random, { rarity, level }: { rarity: ItemRarity; level: number }): GearRoll {
  if (!Number.isInteger(level) || level < 1 || level > LEVEL_MAX) throw new RangeError(`gear of level ${level}`);
  const { itemId, shares } = GEAR[random.below(GEAR.length)]!;
  const standard = fighterStats(level, standardPoints(pointsAtLevel(level)));
  const [least, most] = ROLL_RANGES[rarity];
  const statOf = (stat: keyof FighterStats): number => {
    const rolled = least + random.below(most - least + 1);
    const own = Math.max(STANDARD_LEAST, standard[stat]);
    return shares[stat] === 0 ? 0 : Math.max(1, Math.floor((own * rolled * shares[stat]) / ROLL_PARTS));
  };
  const [attack, defence, hp, stamina] = [statOf('attack'), statOf('defence'), statOf('hp'), statOf('stamina')];
  return { itemId, rarity, level, stats: { attack, defence, hp, stamina } };
}

/** Coins for a piece: a tenth more of the first figure with each level. */
const SALE: Record<ItemRarity, bigint> = { common: 10n, uncommon: 30n, rare: 100n, epic: 400n, legendary: 1_500n };
export const gearSale = ({ rarity, level }: Pick<GearRoll, 'rarity' | 'level'>): bigint =>
  (SALE[rarity] * BigInt(10 + level)) / 10n;

function gear(itemId: string, name: string, slot: Slot, shares: Partial<FighterStats>): GearKind {
  return { itemId, name, slot, shares: { attack: 0, defence: 0, hp: 0, stamina: 0, ...shares } };
}
