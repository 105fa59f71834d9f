import { z } from 'zod';
import { EGG_KINDS, EGGS } from '../rules/pets.ts';
import { itemById } from '../rules/items.ts';
import { type Offer, QUANTITY_MAX, SHOP_CURRENCIES, utcDay } from '../rules/shop.ts';
import type { House } from '../server/house.ts';
import { amount, digits, instant, page, paged, pageOf, uuid } from './formats.ts';
import { elixir, newGear, potion, rarity } from './inventory.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const offerId = z.string().regex(/^[a-z\d_-]{1,64}$/);
const currency = z.enum(SHOP_CURRENCIES);
const price = z.strictObject({ currency, amount: digits });
const egg = z.enum(EGG_KINDS);

const offer = z.strictObject({
  offerId,
  name: z.string(),
  kind: z.enum(['item', 'gear', 'egg']),
  item: z.string().nullable().meta({ description: 'Of a stack: its kind' }),
  potion: potion.nullable(),
  elixir: elixir.nullable(),
  rarity: rarity.nullable().meta({ description: 'Of gear: what it is rolled as, at your level' }),
  egg: egg.nullable(),
  hatchSeconds: z.int().nullable(),
  price: price.meta({ description: 'Of one, now: what a purchase must say' }),
  usual: price.meta({ description: 'Of one, without a discount' }),
  percentOff: z.int(),
  levelRequired: z.int(),
  left: z.int().nullable().meta({ description: 'How many more you may buy; null: no end' }),
  today: z.boolean().meta({ description: 'Drawn for this day only' }),
});

const bought = z.strictObject({
  offerId: z.string(),
  quantity: z.int(),
  paid: price,
  available: digits,
  stack: z.strictObject({ item: z.string(), quantity: z.int() }).nullable(),
  gear: z.array(newGear),
  eggs: z.array(z.strictObject({ eggId: uuid, kind: egg, readyAt: instant })),
  roundId: uuid.nullable().meta({ description: 'The round that rolled the gear: `/api/fairness/rounds/:id` proves it' }),
});

export const shopRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/shop/items',
    who: 'player',
    hot: true,
    summary: 'What the shop sells today, UTC, at what price to you',
    query: paged(offerId),
    answers: page(offer).extend({ day: z.string().meta({ example: '2026-11-21' }) }),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const rows = await house.store.shop.onOffer(visitor.playerId, { limit: limit + 1, after: cursor });
      const { items, nextCursor } = pageOf(rows, limit, (row) => row.offer.offerId);
      return { items: items.map(shown), nextCursor, day: utcDay(house.now()) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/shop/purchase',
    who: 'player',
    limit: 'money',
    idempotent: true,
    hot: true,
    summary:
      'Buy at the price you were shown. Refuses offer_unknown, offer_closed, price_changed, level_short, stock_out, purchase_limit, inventory_full, funds_short',
    body: z.strictObject({
      offerId,
      quantity: z.int().min(1).max(QUANTITY_MAX).default(1),
      price: z.strictObject({ currency, amount }).meta({ description: 'Of one, as shown' }),
    }),
    answers: bought,
    async answer({ house, visitor: { playerId }, body, key }) {
      const { answer, replayed } = await house.store.shop.purchase({ playerId, ...body, key });
      const gear = answer.gear.map(({ id, item, rarity, level, ...stats }) => ({ id, item, rarity, level, stats }));
      return firstOrAgain({ ...answer, gear }, replayed);
    },
  }),
];

type OnOffer = Awaited<ReturnType<House['store']['shop']['onOffer']>>[number];

function shown({ offer: { offerId, name, sold, price: usual, levelRequired, rotating }, percentOff, price, left }: OnOffer) {
  return { offerId, name, ...what(sold), price, usual, percentOff, levelRequired, left, today: rotating };
}

function what(sold: Offer['sold']) {
  const none = { item: null, potion: null, elixir: null, rarity: null, egg: null, hatchSeconds: null };
  if (sold.kind === 'gear') return { ...none, kind: sold.kind, rarity: sold.rarity };
  if (sold.kind === 'egg') return { ...none, kind: sold.kind, egg: sold.egg, hatchSeconds: EGGS[sold.egg].hatchMs / 1_000 };
  const kind = itemById(sold.item);
  const { potion = null, elixir = null } = kind ?? {};
  const drunk = potion && { hpPercent: potion.hpPercent, staminaPercent: potion.staminaPercent };
  return { ...none, kind: sold.kind, item: sold.item, potion: drunk, elixir };
}
