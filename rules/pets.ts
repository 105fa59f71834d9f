// Pets: what hatches from which egg, how they grow on food, and what they add to their player in battle.
import type { FighterStats } from './battle-types.ts';
import type { Random } from './random.ts';
import { minus, ONE, per, type Ratio, ratio, times } from './ratio.ts';

/** Stored with each hatch: a change of any weight, rarity or of the pity rule raises it. */
export const EGG_RULES_VERSION = 1;

export const PET_RARITIES = ['common', 'uncommon', 'rare', 'epic', 'legendary'] as const;
export type PetRarity = (typeof PET_RARITIES)[number];

/** What a pet gives, in tenths of a point at level 1. */
interface SpeciesFigures {
  name: string;
  rarity: PetRarity;
  /** Of 100, in a common egg. */
  weight: number;
  attack: number;
  defence: number;
  hp: number;
}

/** The weights are rules.md's; rarity follows from them. In the order in which a draw passes them. */
export const SPECIES = {
  wolf: { name: 'Wolf', rarity: 'common', weight: 15, attack: 14, defence: 8, hp: 40 },
  bear: { name: 'Bear', rarity: 'common', weight: 15, attack: 9, defence: 13, hp: 60 },
  fox: { name: 'Fox', rarity: 'common', weight: 15, attack: 11, defence: 11, hp: 50 },
  tiger: { name: 'Tiger', rarity: 'uncommon', weight: 12, attack: 20, defence: 12, hp: 60 },
  lion: { name: 'Lion', rarity: 'uncommon', weight: 12, attack: 17, defence: 17, hp: 70 },
  eagle: { name: 'Eagle', rarity: 'uncommon', weight: 10, attack: 22, defence: 10, hp: 50 },
  serpent: { name: 'Serpent', rarity: 'rare', weight: 8, attack: 28, defence: 16, hp: 70 },
  dragon: { name: 'Dragon', rarity: 'epic', weight: 3, attack: 40, defence: 32, hp: 140 },
  phoenix: { name: 'Phoenix', rarity: 'epic', weight: 2, attack: 34, defence: 30, hp: 160 },
  griffin: { name: 'Griffin', rarity: 'epic', weight: 2, attack: 36, defence: 32, hp: 130 },
  unicorn: { name: 'Unicorn', rarity: 'epic', weight: 2, attack: 28, defence: 36, hp: 160 },
  pegasus: { name: 'Pegasus', rarity: 'epic', weight: 2, attack: 32, defence: 32, hp: 150 },
  hydra: { name: 'Hydra', rarity: 'legendary', weight: 1, attack: 44, defence: 40, hp: 200 },
  cerberus: { name: 'Cerberus', rarity: 'legendary', weight: 1, attack: 48, defence: 36, hp: 180 },
} as const satisfies Record<string, SpeciesFigures>;
export type Species = keyof typeof SPECIES;
export const SPECIES_NAMES = Object.keys(SPECIES) as Species[];

const MINUTE_MS = 60_000;

export interface EggFigures {
  name: string;
  hatchMs: number;
  /** The common egg's weight of each rarity is multiplied by this; 0: it does not come out of this egg. */
  times: Record<PetRarity, number>;
}

export const EGGS = {
  common: {
    name: 'Common egg',
    hatchMs: 10 * MINUTE_MS,
    times: { common: 1, uncommon: 1, rare: 1, epic: 1, legendary: 1 },
  },
  rare: { name: 'Rare egg', hatchMs: 120 * MINUTE_MS, times: { common: 1, uncommon: 2, rare: 4, epic: 4, legendary: 4 } },
  epic: { name: 'Epic egg', hatchMs: 480 * MINUTE_MS, times: { common: 0, uncommon: 1, rare: 3, epic: 6, legendary: 8 } },
} as const satisfies Record<string, EggFigures>;
export type EggKind = keyof typeof EGGS;
export const EGG_KINDS = Object.keys(EGGS) as EggKind[];

/** After so many hatches in a row below `PITY_RARITY`, of whatever eggs, the next one is of it or better. */
export const PITY_AFTER = 9;
export const PITY_RARITY: PetRarity = 'rare';

/** A species and its weight, in the order of the draw. */
export type Weighted = readonly [species: Species, weight: number];

export const weightsOf = (kind: EggKind): Weighted[] =>
  SPECIES_NAMES.map((species) => [species, SPECIES[species].weight * EGGS[kind].times[SPECIES[species].rarity]] as const).filter(
    ([, weight]) => weight > 0,
  );

/** What a hatch draws from. `misses`: hatches since the last rare one. Kept with the draw, so that anyone can make it again. */
export interface HatchSetup {
  kind: EggKind;
  misses: number;
  weights: Weighted[];
}

export type Hatched = {
  species: Species;
  rarity: PetRarity;
  /** It had to be rare or better. */
  pity: boolean;
};

export const hatchSetup = (kind: EggKind, misses: number): HatchSetup => ({
  kind,
  misses,
  weights: misses < PITY_AFTER ? weightsOf(kind) : weightsOf(kind).filter(([species]) => isRare(species)),
});

/** One draw: the species whose cumulative weight first exceeds `below(sum of weights)`. */
export function hatch({ weights, misses }: HatchSetup, random: Random): Hatched {
  let left = random.below(totalOf(weights));
  const drawn = weights.find(([, weight]) => (left -= weight) < 0)!;
  const [species] = drawn;
  return { species, rarity: SPECIES[species].rarity, pity: misses >= PITY_AFTER };
}

/** The counter after a hatch. */
export const missesAfter = (misses: number, species: Species): number => (isRare(species) ? 0 : misses + 1);

export const totalOf = (weights: readonly Weighted[]): number => weights.reduce((sum, [, weight]) => sum + weight, 0);

export const isRare = (species: Species): boolean =>
  PET_RARITIES.indexOf(SPECIES[species].rarity) >= PET_RARITIES.indexOf(PITY_RARITY);

/**
 * The part of many hatches of one kind that each species is, pity counted, exact. From one rare pet to the next it takes
 * (1 − q^(n+1)) / p hatches on average, where p is an ordinary hatch's chance of one, q = 1 − p and n = PITY_AFTER.
 */
export function oddsWithPity(kind: EggKind): [Species, Ratio][] {
  const weights = weightsOf(kind);
  const rare = totalOf(weights.filter(([species]) => isRare(species)));
  const total = totalOf(weights);
  const chance = ratio(BigInt(rare), BigInt(total));
  const missed = times(...Array.from({ length: PITY_AFTER + 1 }, () => minus(ONE, chance)));
  const rareRate = per(chance, minus(ONE, missed));
  return weights.map(([species, weight]) =>
    isRare(species)
      ? [species, times(rareRate, ratio(BigInt(weight), BigInt(rare)))]
      : [species, times(minus(ONE, rareRate), ratio(BigInt(weight), BigInt(total - rare)))],
  );
}

export const FOODS = {
  snack: { name: 'Snack', priceCoins: 50n, xp: 10n },
  meal: { name: 'Meal', priceCoins: 200n, xp: 50n },
  feast: { name: 'Feast', priceCoins: 700n, xp: 200n },
  banquet: { name: 'Banquet', priceCoins: 3_000n, xp: 1_000n },
} as const satisfies Record<string, { name: string; priceCoins: bigint; xp: bigint }>;
export type Food = keyof typeof FOODS;
export const FOOD_NAMES = Object.keys(FOODS) as Food[];

/** What one request may feed. */
export const FEED_MAX = 1_000;

/** The default of the live config `petLevelMax`. */
export const PET_LEVEL_MAX = 40;
/** No operator may set it higher: the XP that level 98 takes is more than int8 holds. */
export const PET_LEVEL_LIMIT = 97;

/** XP from level L to level L + 1: ⌊100·3^(L−1)/2^(L−1)⌋, exact; index 0 is unused. */
export const PET_XP_STEPS: readonly bigint[] = Array.from({ length: PET_LEVEL_LIMIT + 1 }, (_, level) =>
  level === 0 ? 0n : (100n * 3n ** BigInt(level - 1)) / 2n ** BigInt(level - 1),
);

/** `xp` is what it has within its level; 0 at the cap. */
export interface Growth {
  level: number;
  xp: bigint;
}

export interface Fed extends Growth {
  /** How many of what was offered: at the cap it eats no more. */
  eaten: number;
}

/** Feeds one after the other until the cap is reached: what is over in the last bite is lost, what is not eaten is not paid. */
export function feed(
  { level, xp }: Growth,
  { food, quantity, levelMax }: { food: Food; quantity: number; levelMax: number },
): Fed {
  let needed = -xp;
  for (let next = level; next < levelMax; next++) needed += PET_XP_STEPS[next]!;
  if (needed <= 0n) return { level, xp, eaten: 0 };
  const portion = FOODS[food].xp;
  const most = (needed + portion - 1n) / portion;
  const eaten = most < BigInt(quantity) ? most : BigInt(quantity);
  return { ...grown({ level, xp: xp + eaten * portion }, levelMax), eaten: Number(eaten) };
}

function grown({ level, xp }: Growth, levelMax: number): Growth {
  while (level < levelMax && xp >= PET_XP_STEPS[level]!) xp -= PET_XP_STEPS[level++]!;
  return { level, xp: level >= levelMax ? 0n : xp };
}

export const PET_SETS = ['attack', 'defence'] as const;
export type PetSet = (typeof PET_SETS)[number];
export const PLACES_A_SET = 3;

export interface PetInSet {
  species: Species;
  level: number;
  set: PetSet;
}

/**
 * What a pet adds where it stands: attack in the attack set, defence and HP in the other. At level 40 four times what it
 * adds at level 1; three of the strongest then add what nineteen stat points do, of the 137 that a player of level 40 has had.
 */
export function petBonus({ species, level, set }: PetInSet): FighterStats {
  const { attack, defence, hp } = SPECIES[species];
  return set === 'attack'
    ? { attack: atLevel(attack, level), defence: 0, hp: 0, stamina: 0 }
    : { attack: 0, defence: atLevel(defence, level), hp: atLevel(hp, level), stamina: 0 };
}

export const petBonuses = (pets: readonly PetInSet[]): FighterStats =>
  pets.map(petBonus).reduce(
    (sum, { attack, defence, hp, stamina }) => ({
      attack: sum.attack + attack,
      defence: sum.defence + defence,
      hp: sum.hp + hp,
      stamina: sum.stamina + stamina,
    }),
    { attack: 0, defence: 0, hp: 0, stamina: 0 },
  );

const atLevel = (tenths: number, level: number): number => Math.max(1, Math.floor((tenths * (level + 12)) / 130));
