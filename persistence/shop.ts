// The shop: what is on offer, and purchases, each one transaction with its price, its stock and the buyer's own limits.
import { GEAR_RULES_VERSION, type GearRoll, rollGear } from '../rules/equipment.ts';
import type { Thing } from '../rules/inventory.ts';
import type { EggKind } from '../rules/pets.ts';
import { refuseUnless } from '../rules/refusal.ts';
import {
  isOpen,
  leftFor,
  type Offer,
  offerFrom,
  percentOff,
  priceAt,
  refuseOverLimit,
  refusePurchase,
  rotationOf,
  type ShopCurrency,
  utcDay,
} from '../rules/shop.ts';
import { countIn } from './deeds.ts';
import { derivedId } from './ids.ts';
import { refusalOf } from './instant.ts';
import { type GearPiece, lockPlayerIn, placeIn } from './inventory.ts';
import { type Ledger, systemAccount } from './ledger.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { layEggIn } from './pets.ts';
import type { Requests, Told } from './requests.ts';
import type { Rolls } from './rolls.ts';

/** An offer as one player sees it now. */
export interface OnOffer {
  offer: Offer;
  percentOff: number;
  price: { currency: ShopCurrency; amount: bigint };
  /** How many of it this player may still buy; null: no end. */
  left: number | null;
}

export interface Asked {
  playerId: string;
  offerId: string;
  /** 1 … QUANTITY_MAX. */
  quantity: number;
  /** Of one, as shown. */
  price: { currency: ShopCurrency; amount: bigint };
  key: string;
}

export interface Bought {
  offerId: string;
  quantity: number;
  paid: { currency: ShopCurrency; amount: bigint };
  /** Of that currency, afterwards. */
  available: bigint;
  stack: { item: string; quantity: number } | null;
  gear: GearPiece[];
  eggs: { eggId: string; kind: EggKind; readyAt: Date }[];
  /** The round that rolled the gear; null where there is none. */
  roundId: string | null;
}

export interface ShopDeps {
  ledger: Ledger;
  requests: Requests;
  rolls: Rolls;
  now(): Date;
}

export type Shop = ReturnType<typeof openShop>;

const KEPT_MS = 5_000;

export function openShop(db: Database, { ledger, requests, rolls, now }: ShopDeps) {
  let kept: { until: number; offers: Offer[] } | null = null;

  /** At most 5 s old; what a purchase costs is read again in its transaction. */
  async function catalogue(): Promise<Offer[]> {
    if (kept && now().getTime() < kept.until) return kept.offers;
    const offers = offersOf(await db.rows<OfferRow>("select id, data from content where kind = 'offer'"));
    kept = { until: now().getTime() + KEPT_MS, offers };
    return offers;
  }

  return {
    /** What is sold today, UTC, by name of the offers; `after` is the last one seen. */
    async onOffer(playerId: string, { limit, after }: { limit: number; after: string | null }): Promise<OnOffer[]> {
      const at = now();
      const offers = await catalogue();
      const drawn = rotationOf(utcDay(at), rotatingIds(offers));
      const page = offers.filter((offer) => isOpen(offer, drawn) && (after === null || offer.offerId > after)).slice(0, limit);
      const counts = new Map((await db.rows<CountRow>(COUNTS, [playerId, utcDay(at)])).map((row) => [row.offer, row]));
      return page.map((offer) => {
        const { sold, today, ever } = counts.get(offer.offerId) ?? NONE;
        const left = leftFor(offer, { sold: whole(sold), today: whole(today), ever: whole(ever) });
        return { offer, percentOff: percentOff(offer, at), price: priceAt(offer, at), left };
      });
    },

    /**
     * Once for its key. Refuses `offer_unknown`, `offer_closed`, `price_changed`, `level_short`, `stock_out`,
     * `purchase_limit`, `inventory_full`, `funds_short`; refused, nothing has happened.
     */
    async purchase({ playerId, offerId, quantity, price, key }: Asked): Promise<Told<Bought>> {
      const rolled = (await catalogue()).find((offer) => offer.offerId === offerId)?.sold.kind === 'gear';
      if (rolled) await rolls.ready(playerId);
      const debit = await ledger.accountOf(playerId, price.currency);
      const body = { offerId, quantity, price: { currency: price.currency, amount: String(price.amount) } };
      try {
        const buying = { playerId, offerId, quantity, price, key, debit, at: now() };
        const told = await requests.once({ playerId, operation: 'purchase', key, body }, async (em) =>
          json(await purchaseIn(em, { ledger, rolls }, buying)),
        );
        return { ...told, answer: revived(told.answer) };
      } finally {
        if (rolled) rolls.drawn(playerId);
      }
    },
  };
}

interface Buying extends Asked {
  debit: number;
  at: Date;
}

type Doors = Pick<ShopDeps, 'ledger' | 'rolls'>;

async function purchaseIn(em: EntityManager, { ledger, rolls }: Doors, buying: Buying): Promise<Bought> {
  const { playerId, offerId, quantity, key, debit } = buying;
  const offer = await offeredIn(em, buying);
  await takeStockIn(em, offer, quantity);
  const { level } = await lockPlayerIn(em, playerId);
  refuseUnless(level >= offer.levelRequired, 'level_short');
  await countBoughtIn(em, offer, buying);
  const given = await giveIn(em, rolls, { ...buying, offer, level });
  const { currency, amount: each } = buying.price;
  const amount = each * BigInt(quantity);
  await countIn(em, [
    { playerId, counter: 'items_bought', amount: 1n },
    ...(currency === 'AP' ? [{ playerId, counter: 'ap_spent' as const, amount }] : []),
  ]);
  const way = { debit, credit: systemAccount('shop', currency), amount, reason: `shop:${offerId}` };
  const [posted] = await ledger.postIn(em, [{ id: derivedId(playerId, 'purchase', key), op: 'move', ...way }]);
  if (posted!.refused) throw refusalOf(posted!.refused);
  return { offerId, quantity, paid: { currency, amount }, available: posted!.free!, ...given };
}

/** The offer as it stands, at the price that was asked. */
async function offeredIn(em: EntityManager, { offerId, quantity, price, at }: Buying): Promise<Offer> {
  const [offer] = offersOf(await rowsIn<OfferRow>(em, "select id, data from content where kind = 'offer' and id = ?", [offerId]));
  refuseUnless(offer, 'offer_unknown');
  const rotating = offer.rotating ? offersOf(await rowsIn<OfferRow>(em, ROTATING)) : [];
  refusePurchase(offer, { quantity, price }, { at, drawn: rotationOf(utcDay(at), rotatingIds(rotating)) });
  return offer;
}

interface OfferRow {
  id: string;
  data: unknown;
}

const offersOf = (rows: readonly OfferRow[]): Offer[] =>
  rows
    .map(({ id, data }) => offerFrom(id, data))
    .filter((offer) => offer !== null)
    .sort((one, other) => (one.offerId < other.offerId ? -1 : 1));

/** Buyers of what there is no end of never wait for each other. */
async function takeStockIn(em: EntityManager, { offerId, stock }: Offer, quantity: number): Promise<void> {
  if (stock === null) return;
  refuseUnless(quantity <= stock, 'stock_out');
  const taken = await rowsIn(em, TAKE_STOCK, [offerId, quantity, stock]);
  refuseUnless(taken.length > 0, 'stock_out');
}

async function countBoughtIn(em: EntityManager, offer: Offer, { playerId, quantity, at }: Buying): Promise<void> {
  if (offer.limitDay === null && offer.limitEver === null) return;
  const values = [playerId, offer.offerId, quantity, utcDay(at), quantity];
  const [bought] = await rowsIn<{ today: unknown; ever: unknown }>(em, BUY, values);
  refuseOverLimit(offer, { today: whole(bought!.today), ever: whole(bought!.ever) });
}

type Given = Pick<Bought, 'stack' | 'gear' | 'eggs' | 'roundId'>;

async function giveIn(
  em: EntityManager,
  rolls: Rolls,
  { playerId, offer: { sold }, quantity, level, key }: Buying & { offer: Offer; level: number },
): Promise<Given> {
  const given: Given = { stack: null, gear: [], eggs: [], roundId: null };
  if (sold.kind === 'egg') {
    for (let nth = 0; nth < quantity; nth++) {
      const egg = await layEggIn(em, { playerId, kind: sold.egg, key: `purchase:${key}:${nth}` });
      given.eggs.push({ ...egg, kind: sold.egg });
    }
    return given;
  }
  if (sold.kind === 'item') {
    const stack = { item: sold.item, quantity };
    await placeIn(em, { playerId, things: [{ ...stack, gear: null }], source: null });
    return { ...given, stack };
  }
  const setup = { rarity: sold.rarity, level, quantity };
  const { roundId, outcome } = await rolls.drawIn(em, {
    ...{ playerId, game: 'gear', rulesVersion: GEAR_RULES_VERSION, setup },
    decide: (random) => ({ gear: Array.from({ length: quantity }, () => rollGear(random, setup)) }),
  });
  const gear = await placeIn(em, { playerId, things: outcome.gear.map(thingOf), source: roundId });
  return { ...given, gear, roundId };
}

const thingOf = (gear: GearRoll): Thing => ({ item: gear.itemId, quantity: 1, gear });

const rotatingIds = (offers: readonly Offer[]): string[] =>
  offers.filter(({ rotating }) => rotating).map(({ offerId }) => offerId);

const json = ({ paid, available, eggs, ...rest }: Bought) => ({
  ...rest,
  paid: { currency: paid.currency, amount: String(paid.amount) },
  available: String(available),
  eggs: eggs.map(({ readyAt, ...egg }) => ({ ...egg, readyAt: readyAt.toISOString() })),
});

const revived = ({ paid, available, eggs, ...rest }: ReturnType<typeof json>): Bought => ({
  ...rest,
  paid: { currency: paid.currency, amount: BigInt(paid.amount) },
  available: BigInt(available),
  eggs: eggs.map(({ readyAt, ...egg }) => ({ ...egg, readyAt: new Date(readyAt) })),
});

interface CountRow {
  offer: string;
  sold: unknown;
  today: unknown;
  ever: unknown;
}

const NONE = { sold: 0, today: 0, ever: 0 };

const COUNTS = `
  select coalesce(s.offer, b.offer) as offer, coalesce(s.sold, 0) as sold, coalesce(b.ever, 0) as ever,
         case when b.day >= $2::date then b.today else 0 end as today
    from offer_sold s full join (select * from offer_bought where player = $1) b on b.offer = s.offer`;

const ROTATING = "select id, data from content where kind = 'offer' and data -> 'rotating' = 'true'";

const TAKE_STOCK = `
  insert into offer_sold (offer, sold) values (?, ?)
  on conflict (offer) do update set sold = offer_sold.sold + excluded.sold where offer_sold.sold + excluded.sold <= ? returning sold`;

/** A process whose clock is still in the day before counts as of the day that has begun. */
const BUY = `
  insert into offer_bought (player, offer, ever, day, today) values (?, ?, ?, ?::date, ?)
  on conflict (player, offer) do update
    set ever = offer_bought.ever + excluded.ever, day = greatest(offer_bought.day, excluded.day),
        today = excluded.today + case when offer_bought.day >= excluded.day then offer_bought.today else 0 end
  returning today, ever`;
