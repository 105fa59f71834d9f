import type { FighterStats } from '../../rules/battle-types.ts';
import type { ItemRarity } from '../../rules/items.ts';
import type { EggKind } from '../../rules/pets.ts';
import { ask } from './api.ts';
import type { Drink } from './gear.ts';
import type { Money } from './money.ts';

export interface Offer extends Drink {
  offerId: string;
  name: string;
  kind: 'item' | 'gear' | 'egg';
  item: string | null;
  rarity: ItemRarity | null;
  egg: EggKind | null;
  hatchSeconds: number | null;
  /** Of one, now. */
  price: Money;
  usual: Money;
  percentOff: number;
  levelRequired: number;
  /** How many more you may buy; null: no end. */
  left: number | null;
  today: boolean;
}

export interface NewGear {
  id: string;
  item: string;
  rarity: ItemRarity;
  level: number;
  stats: FighterStats;
}

export interface Bought {
  quantity: number;
  paid: Money;
  stack: { item: string; quantity: number } | null;
  gear: NewGear[];
  eggs: { eggId: string; kind: EggKind; readyAt: string }[];
  roundId: string | null;
}

export interface Shelves {
  offers: Offer[];
  /** UTC. */
  day: string;
}

interface Page {
  items: Offer[];
  nextCursor: string | null;
  day: string;
}

export async function readShop(): Promise<Shelves> {
  const offers: Offer[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Page = await ask(`/api/shop/items?limit=100${cursor === null ? '' : `&cursor=${cursor}`}`);
    offers.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return { offers, day: page.day };
  }
}

const DAY_MS = 86_400_000;

/** When the day's own offers turn. */
export const turnsAt = (day: string): number => Date.parse(`${day}T00:00:00Z`) + DAY_MS;
