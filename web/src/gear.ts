// What is owned, as the house tells it, and what wearing it would come to.
import { HP_A_LEVEL } from '../../rules/battle-figures.ts';
import type { FighterStats } from '../../rules/battle-types.ts';
import { type Slot, SLOTS } from '../../rules/equipment.ts';
import { ITEM_RARITIES, type ItemRarity, withEffects } from '../../rules/items.ts';
import { ask } from './api.ts';
import type { Profile } from './me.ts';
import { readPets } from './pets-read.ts';

export type Stat = keyof FighterStats;

export const STATS: readonly Stat[] = ['attack', 'defence', 'hp', 'stamina'];
export const STAT_NAMES: Record<Stat, string> = { attack: 'attack', defence: 'defence', hp: 'health', stamina: 'stamina' };

export interface Drink {
  potion: { hpPercent: number; staminaPercent: number } | null;
  elixir: { stat: Stat; percent: number; seconds: number } | null;
}

export interface Owned extends Drink {
  itemId: string;
  kind: 'gear' | 'stack';
  item: string;
  name: string;
  rarity: ItemRarity;
  quantity: number;
  /** COINS for one, digits. */
  sale: string;
  gear: { level: number; goesIn: Slot; slot: Slot | null; stats: FighterStats; roundId: string | null } | null;
}

export type Piece = Owned & { gear: NonNullable<Owned['gear']> };

export interface Effect {
  stat: Stat;
  percent: number;
  endsAt: string;
}

export interface Inventory {
  items: Owned[];
  used: number;
  places: number;
  effects: Effect[];
}

interface InventoryPage extends Inventory {
  nextCursor: string | null;
}

export async function readInventory(): Promise<Inventory> {
  const items: Owned[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: InventoryPage = await ask(
      `/api/inventory?limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return { ...page, items };
  }
}

export const isPiece = (owned: Owned): owned is Piece => owned.gear !== null;
export const isWorn = ({ gear }: Owned): boolean => gear !== null && gear.slot !== null;

export const wornIn = (items: readonly Owned[]): Map<Slot, Piece> =>
  new Map(items.filter(isPiece).flatMap((piece) => (piece.gear.slot === null ? [] : [[piece.gear.slot, piece] as const])));

/** Where a player's strength comes from; `total` is what a battle counts, free stat points left out. */
export interface Strength {
  own: FighterStats;
  gear: FighterStats;
  pets: FighterStats;
  effects: Effect[];
  total: FighterStats;
}

export type Strong = Pick<Required<Profile>, 'level' | 'attack' | 'defence' | 'health' | 'stamina'>;

export function strengthOf(
  player: Strong,
  { worn, pets, effects }: { worn: readonly FighterStats[]; pets: FighterStats; effects: Effect[] },
): Strength {
  const own = {
    attack: player.attack,
    defence: player.defence,
    hp: player.health + (player.level - 1) * HP_A_LEVEL,
    stamina: player.stamina.max,
  };
  const gear = summed(worn);
  return { own, gear, pets, effects, total: withEffects(summed([own, gear, pets]), effects) };
}

/** All that goes with a player into a battle. */
export interface Kit {
  inventory: Inventory;
  pets: FighterStats;
}

export async function readKit(): Promise<Kit> {
  const [inventory, { pets }] = await Promise.all([readInventory(), readPets()]);
  const placed = pets.flatMap(({ set, bonus }) => (set === null ? [] : [bonus[set]]));
  return { inventory, pets: summed(placed) };
}

export const NOTHING: FighterStats = { attack: 0, defence: 0, hp: 0, stamina: 0 };

export const summed = (parts: readonly FighterStats[]): FighterStats =>
  parts.reduce(
    (sum, { attack, defence, hp, stamina }) => ({
      attack: sum.attack + attack,
      defence: sum.defence + defence,
      hp: sum.hp + hp,
      stamina: sum.stamina + stamina,
    }),
    NOTHING,
  );

export const running = (effects: readonly Effect[], now: number): Effect[] =>
  effects.filter(({ endsAt }) => new Date(endsAt).getTime() > now);

export const statsOfWorn = (worn: ReadonlyMap<Slot, Piece>): FighterStats[] => [...worn.values()].map(({ gear }) => gear.stats);

/** What would be worn with `piece` put on, or taken off where it is worn. */
export function wornWith(worn: ReadonlyMap<Slot, Piece>, { gear, ...rest }: Piece): Map<Slot, Piece> {
  const after = new Map(worn);
  if (gear.slot === null) after.set(gear.goesIn, { gear, ...rest });
  else after.delete(gear.slot);
  return after;
}

/** The rarest first; of one rarity the higher level, then by name. */
export const byWorth = (one: Owned, other: Owned): number =>
  ITEM_RARITIES.indexOf(other.rarity) - ITEM_RARITIES.indexOf(one.rarity) ||
  (other.gear?.level ?? 0) - (one.gear?.level ?? 0) ||
  one.name.localeCompare(other.name) ||
  one.itemId.localeCompare(other.itemId);

/** What a drink does, in words; null for what nobody drinks. */
export function drinkLine({ potion, elixir }: Drink): string | null {
  if (elixir) return `+${elixir.percent} % ${STAT_NAMES[elixir.stat]} for ${elixir.seconds / 60} minutes`;
  if (potion === null) return null;
  const restored = [
    ...(potion.hpPercent > 0 ? [`${potion.hpPercent} % health`] : []),
    ...(potion.staminaPercent > 0 ? [`${potion.staminaPercent} % stamina`] : []),
  ];
  return `Restores ${restored.join(' and ')}${potion.staminaPercent > 0 ? '' : ', in battle'}`;
}

/** Out of a battle. */
export const isDrinkable = ({ potion, elixir }: Drink): boolean => elixir !== null || (potion?.staminaPercent ?? 0) > 0;

export const SLOT_NAMES = Object.fromEntries(SLOTS.map((slot) => [slot, slot[0]!.toUpperCase() + slot.slice(1)])) as Record<
  Slot,
  string
>;
