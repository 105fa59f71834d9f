// What the shop sells, as data, and what an offer costs whom and when. The rows that start from OFFERS are the operators'.
import { wholeFrom } from './counters.ts';
import type { Currency } from './currency.ts';
import { gearSale } from './equipment.ts';
import { drawStream, SERVER_SEED_BYTES } from './fairness.ts';
import { ITEM_RARITIES, itemById, ITEMS, type ItemRarity, stackSale } from './items.ts';
import { LEVEL_MAX } from './levels.ts';
import { EGG_KINDS, type EggKind } from './pets.ts';
import { refuseUnless } from './refusal.ts';

/** What one of an offer brings. A piece of gear is rolled, at the buyer's level. */
export type Sold = { kind: 'item'; item: string } | { kind: 'gear'; rarity: ItemRarity } | { kind: 'egg'; egg: EggKind };

export const SHOP_CURRENCIES = ['COINS', 'GEMS', 'AP'] as const satisfies readonly Currency[];
export type ShopCurrency = (typeof SHOP_CURRENCIES)[number];

/** Between two instants (ISO 8601, the last one left out) the price is less by this much, 1 … 99. */
export interface Discount {
  percentOff: number;
  from: string;
  until: string;
}

/** As kept in a row, JSON: amounts are digits. */
export interface Offer {
  offerId: string;
  name: string;
  sold: Sold;
  /** For one, minor units, before a discount. */
  price: { currency: ShopCurrency; amount: string };
  levelRequired: number;
  /** How many there are for all players together, ever; null: no end. */
  stock: number | null;
  /** How many one player may buy on a day, UTC, and ever. */
  limitDay: number | null;
  limitEver: number | null;
  discounts: readonly Discount[];
  /** On offer only on days that draw it. */
  rotating: boolean;
  /** An operator's switch. */
  open: boolean;
}

/** At once. Gear and eggs are each a thing of its own. */
export const QUANTITY_MAX = 99;
const QUANTITY_MAX_OF: Record<Sold['kind'], number> = { item: QUANTITY_MAX, gear: 10, egg: 10 };
const PERCENT_OFF_MAX = 99;
/** Of the rotating offers, on any day. */
export const ROTATION_SIZE = 3;

const potions = ITEMS.flatMap(({ itemId, name, potion }) =>
  potion ? [offer(itemId, name, item(itemId), { currency: 'COINS', amount: potion.priceCoins })] : [],
);

export const OFFERS: readonly Offer[] = [
  ...potions,
  offer('elixir_might', 'Elixir of might', item('elixir_might'), { currency: 'COINS', amount: 150n }),
  offer('elixir_stone', 'Elixir of stone', item('elixir_stone'), { currency: 'COINS', amount: 150n }),
  offer('elixir_vigour', 'Elixir of vigour', item('elixir_vigour'), { currency: 'COINS', amount: 150n }),
  offer('elixir_breath', 'Elixir of breath', item('elixir_breath'), { currency: 'COINS', amount: 150n }),
  offer('gear_common', 'Common gear', gear('common'), { currency: 'COINS', amount: 300n }),
  offer('gear_uncommon', 'Uncommon gear', gear('uncommon'), { currency: 'COINS', amount: 1_200n }),
  offer('gear_rare', 'Rare gear', gear('rare'), { currency: 'GEMS', amount: 25n }),
  offer('gear_epic', 'Epic gear', gear('epic'), { currency: 'GEMS', amount: 100n, levelRequired: 10 }),
  offer('gear_legendary', 'Legendary gear', gear('legendary'), {
    currency: 'GEMS',
    amount: 300n,
    levelRequired: 20,
    limitDay: 1,
  }),
  offer('egg_common', 'Common egg', egg('common'), { currency: 'COINS', amount: 800n }),
  offer('egg_rare', 'Rare egg', egg('rare'), { currency: 'GEMS', amount: 40n }),
  offer('egg_epic', 'Epic egg', egg('epic'), { currency: 'GEMS', amount: 120n }),
  offer('egg_founder', 'Founder’s egg', egg('epic'), { currency: 'AP', amount: 500n, stock: 1_000, limitEver: 1 }),
  offer('greater_might', 'Greater elixir of might', item('greater_might'), rotating({ currency: 'COINS', amount: 600n })),
  offer('greater_stone', 'Greater elixir of stone', item('greater_stone'), rotating({ currency: 'COINS', amount: 600n })),
  offer('greater_vigour', 'Greater elixir of vigour', item('greater_vigour'), rotating({ currency: 'COINS', amount: 600n })),
  offer('gear_rare_coins', 'Rare gear, for coins', gear('rare'), rotating({ currency: 'COINS', amount: 6_000n, limitDay: 1 })),
  offer('gear_rare_ap', 'Rare gear, for AP', gear('rare'), rotating({ currency: 'AP', amount: 300n, limitDay: 2 })),
  offer('gear_epic_ap', 'Epic gear, for AP', gear('epic'), rotating({ currency: 'AP', amount: 1_500n, limitDay: 1 })),
  offer('egg_rare_coins', 'Rare egg, for coins', egg('rare'), rotating({ currency: 'COINS', amount: 8_000n, limitDay: 1 })),
  offer('egg_rare_ap', 'Rare egg, for AP', egg('rare'), rotating({ currency: 'AP', amount: 500n, limitDay: 1 })),
];

/** 2026-11-21. */
export const utcDay = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * Which of the rotating offers a day has, the same for everyone and known to all beforehand: the stream of 32 zero bytes
 * with the client seed `shop-2026-11-21` and nonce 0 draws ROTATION_SIZE of their ids, put in order, one by one, each
 * `below(how many are left)`.
 */
export function rotationOf(day: string, offerIds: readonly string[]): ReadonlySet<string> {
  const random = drawStream({ serverSeed: new Uint8Array(SERVER_SEED_BYTES), clientSeeds: [`shop-${day}`], nonce: 0 });
  const left = [...offerIds].sort();
  const drawn = new Set<string>();
  while (drawn.size < ROTATION_SIZE && left.length > 0) drawn.add(left.splice(random.below(left.length), 1)[0]!);
  return drawn;
}

/** Whether it is sold at all on a day that draws these. */
export const isOpen = ({ open, rotating, offerId }: Offer, drawn: ReadonlySet<string>): boolean =>
  open && (!rotating || drawn.has(offerId));

/** The best discount that runs, percent; 0: none. Nothing is ever free. */
export function percentOff({ discounts }: Offer, at: Date): number {
  const running = discounts.filter(({ from, until }) => at >= new Date(from) && at < new Date(until));
  return Math.min(PERCENT_OFF_MAX, Math.max(0, ...running.map((discount) => discount.percentOff)));
}

/** Of one, now; what a discount leaves of a unit is paid. Whatever an operator has set, COINS are more than it sells for again. */
export function priceAt(offer: Offer, at: Date): { currency: ShopCurrency; amount: bigint } {
  const { currency } = offer.price;
  const parts = BigInt(offer.price.amount) * BigInt(100 - percentOff(offer, at));
  const amount = (parts + 99n) / 100n;
  const least = currency === 'COINS' ? resale(offer.sold) + 1n : 1n;
  return { currency, amount: amount < least ? least : amount };
}

/** The most that one of it fetches, at any level. */
function resale(sold: Sold): bigint {
  if (sold.kind === 'egg') return 0n;
  return sold.kind === 'item' ? stackSale(sold.item) : gearSale({ rarity: sold.rarity, level: LEVEL_MAX });
}

export interface Purchase {
  quantity: number;
  /** The price of one, as the buyer was shown it. */
  price: { currency: string; amount: bigint };
}

/** Refuses `offer_closed`, `price_changed`, and `purchase_limit` for more than may be bought at once. */
export function refusePurchase(
  offer: Offer,
  { quantity, price }: Purchase,
  { at, drawn }: { at: Date; drawn: ReadonlySet<string> },
): void {
  refuseUnless(isOpen(offer, drawn), 'offer_closed');
  const { currency, amount } = priceAt(offer, at);
  refuseUnless(price.currency === currency && price.amount === amount, 'price_changed');
  refuseUnless(quantity <= QUANTITY_MAX_OF[offer.sold.kind], 'purchase_limit');
}

/** What a player has bought of an offer, with the purchase that is asked for. Refuses `purchase_limit`. */
export function refuseOverLimit({ limitDay, limitEver }: Offer, { today, ever }: { today: bigint; ever: bigint }): void {
  refuseUnless(limitDay === null || today <= BigInt(limitDay), 'purchase_limit');
  refuseUnless(limitEver === null || ever <= BigInt(limitEver), 'purchase_limit');
}

/** How many more a player may buy, of what is left for all; null: no end. */
export function leftFor(
  { stock, limitDay, limitEver }: Offer,
  { sold, today, ever }: { sold: bigint; today: bigint; ever: bigint },
): number | null {
  const ends = [
    ...(stock === null ? [] : [stock - Number(sold)]),
    ...(limitDay === null ? [] : [limitDay - Number(today)]),
    ...(limitEver === null ? [] : [limitEver - Number(ever)]),
  ];
  return ends.length === 0 ? null : Math.max(0, Math.min(...ends));
}

const PRICE_MAX = 1_000_000_000_000_000n;
const NUMBER_MAX = 1_000_000_000;
const DISCOUNTS_MAX = 100;

/** A row as an offer: an operator may have written it. Null: it is none; nothing else is closed for it. */
export function offerFrom(offerId: string, data: unknown): Offer | null {
  if (!isRecord(data) || typeof data.name !== 'string' || data.name === '') return null;
  const { name, price, discounts = [], rotating = false, open = true } = data;
  const sold = soldFrom(data.sold);
  const currency = isRecord(price) ? SHOP_CURRENCIES.find((known) => known === price.currency) : undefined;
  const amount = isRecord(price) ? wholeFrom(price.amount, { from: 1n, to: PRICE_MAX }) : null;
  const levelRequired = numberFrom(data.levelRequired ?? 1, { from: 1, to: LEVEL_MAX });
  const ends = [data.stock, data.limitDay, data.limitEver].map((end) =>
    end === undefined || end === null ? null : (numberFrom(end, { from: 0, to: NUMBER_MAX }) ?? undefined),
  );
  if (!sold || !currency || amount === null || levelRequired === null || ends.includes(undefined)) return null;
  if (!Array.isArray(discounts) || discounts.length > DISCOUNTS_MAX || !discounts.every(isDiscount)) return null;
  if (typeof rotating !== 'boolean' || typeof open !== 'boolean') return null;
  const [stock, limitDay, limitEver] = ends as (number | null)[];
  const terms = { levelRequired, stock: stock!, limitDay: limitDay!, limitEver: limitEver!, discounts, rotating, open };
  return { offerId, name, sold, price: { currency, amount: String(amount) }, ...terms };
}

const isRecord = (data: unknown): data is Record<string, unknown> => typeof data === 'object' && data !== null;

function soldFrom(data: unknown): Sold | null {
  if (!isRecord(data)) return null;
  const rarity = ITEM_RARITIES.find((known) => known === data.rarity);
  const kind = EGG_KINDS.find((known) => known === data.egg);
  if (data.kind === 'item' && typeof data.item === 'string' && itemById(data.item)) return item(data.item);
  if (data.kind === 'gear' && rarity) return gear(rarity);
  return data.kind === 'egg' && kind ? egg(kind) : null;
}

function isDiscount(data: unknown): data is Discount {
  if (!isRecord(data) || typeof data.from !== 'string' || typeof data.until !== 'string') return false;
  if (Number.isNaN(Date.parse(data.from)) || Number.isNaN(Date.parse(data.until))) return false;
  return typeof data.percentOff === 'number' && numberFrom(data.percentOff, { from: 1, to: PERCENT_OFF_MAX }) !== null;
}

function numberFrom(value: unknown, { from, to }: { from: number; to: number }): number | null {
  const whole = wholeFrom(value, { from: BigInt(from), to: BigInt(to) });
  return whole === null ? null : Number(whole);
}

type Terms = { currency: ShopCurrency; amount: bigint } & Partial<
  Pick<Offer, 'levelRequired' | 'stock' | 'limitDay' | 'limitEver' | 'rotating'>
>;

function offer(offerId: string, name: string, sold: Sold, { currency, amount, ...terms }: Terms): Offer {
  const usual = { levelRequired: 1, stock: null, limitDay: null, limitEver: null, discounts: [], rotating: false, open: true };
  return { offerId, name, sold, price: { currency, amount: String(amount) }, ...usual, ...terms };
}

function rotating(terms: Terms): Terms {
  return { ...terms, rotating: true };
}

function item(itemId: string): Sold {
  return { kind: 'item', item: itemId };
}

function gear(rarity: ItemRarity): Sold {
  return { kind: 'gear', rarity };
}

function egg(kind: EggKind): Sold {
  return { kind: 'egg', egg: kind };
}
