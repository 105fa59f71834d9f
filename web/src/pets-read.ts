import type { FighterStats } from '../../rules/battle-types.ts';
import type { EggKind, Food, PetRarity, PetSet, Species } from '../../rules/pets.ts';
import { ask } from './api.ts';

export interface Pet {
  petId: string;
  species: Species;
  name: string;
  rarity: PetRarity;
  level: number;
  /** Within its level, digits. */
  xp: string;
  /** What its level takes in all; null at the highest. */
  needed: string | null;
  set: PetSet | null;
  place: number | null;
  bonus: Record<PetSet, FighterStats>;
  hatchedAt: string;
  roundId: string;
}

export interface Egg {
  eggId: string;
  kind: EggKind;
  name: string;
  laidAt: string;
  readyAt: string;
}

export interface Pity {
  after: number;
  atLeast: PetRarity;
  misses: number;
}

export interface Pets {
  pets: Pet[];
  eggs: Egg[];
  levelMax: number;
  pity: Pity;
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

type First = Page<Pet> & { levelMax: number; eggs: Page<Egg>; pity: Pity };

/** All of them, however many pages. */
export async function readPets(): Promise<Pets> {
  const { items, nextCursor, eggs, levelMax, pity } = await ask<First>('/api/pets?limit=100');
  const [morePets, moreEggs] = await Promise.all([
    readOn<Pet>('/api/pets', nextCursor),
    readOn<Egg>('/api/pets/eggs', eggs.nextCursor),
  ]);
  return { pets: [...items, ...morePets], eggs: [...eggs.items, ...moreEggs], levelMax, pity };
}

async function readOn<T>(path: string, from: string | null): Promise<T[]> {
  const all: T[] = [];
  for (let cursor = from; cursor !== null;) {
    const page: Page<T> = await ask(`${path}?limit=100&cursor=${encodeURIComponent(cursor)}`);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

export interface Odds {
  eggs: {
    kind: EggKind;
    name: string;
    hatchSeconds: number;
    species: { species: Species; name: string; rarity: PetRarity; weight: number; odds: string; oddsWithPity: string }[];
  }[];
  foods: { food: Food; name: string; priceCoins: string; xp: string }[];
}

export const readOdds = (): Promise<Odds> => ask<Odds>('/api/pets/odds', { open: true });
