import { z } from 'zod';
import { gearById, gearSale, SLOTS } from '../rules/equipment.ts';
import { PLACES } from '../rules/inventory.ts';
import { ITEM_RARITIES, itemById, stackSale } from '../rules/items.ts';
import type { House } from '../server/house.ts';
import { digits, instant, page, paged, pageOf, uuid } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const stat = z.enum(['attack', 'defence', 'hp', 'stamina']);
const stats = z.strictObject({ attack: z.int(), defence: z.int(), hp: z.int(), stamina: z.int() });
const slot = z.enum(SLOTS);
const kindId = z.string().regex(/^[a-z\d_]{1,64}$/);

export const rarity = z.enum(ITEM_RARITIES);

export const newGear = z.strictObject({ id: uuid, item: z.string(), rarity, level: z.int(), stats });

export const potion = z
  .strictObject({ hpPercent: z.int(), staminaPercent: z.int() })
  .meta({ description: 'Restored in battle, percent; out of battle stamina alone' });
export const elixir = z.strictObject({ stat, percent: z.int(), seconds: z.int() });

const effect = z.strictObject({ stat, percent: z.int(), endsAt: instant });

const owned = z.strictObject({
  itemId: z.string().meta({ description: 'What the other routes call it: a piece’s id, a stack’s kind' }),
  kind: z.enum(['gear', 'stack']),
  item: z.string(),
  name: z.string(),
  rarity,
  quantity: z.int(),
  sale: digits.meta({ description: 'COINS for one' }),
  gear: z
    .strictObject({
      level: z.int().meta({ description: 'Of a player who may wear it' }),
      goesIn: slot,
      slot: slot.nullable().meta({ description: 'Where it is worn' }),
      stats,
      roundId: uuid.nullable().meta({ description: 'The round that rolled it: `/api/fairness/rounds/:id` proves it' }),
    })
    .nullable(),
  potion: potion.nullable(),
  elixir: elixir.nullable(),
});

export const inventoryRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/inventory',
    who: 'player',
    summary: 'What you own: gear from the oldest on, then stacks; what is worn; what runs',
    query: paged(z.string().regex(/^[01][\w-]{1,64}$/)),
    answers: page(owned).extend({ used: z.int(), places: z.int(), effects: z.array(effect) }),
    answer: ({ house, visitor, query }) => inventoryPage(house, visitor.playerId, query),
  }),
  route({
    method: 'POST',
    path: '/api/inventory/equip/:itemId',
    who: 'player',
    limit: 'money',
    summary: 'Wear a piece; what was worn there goes into the bag. Refuses item_unknown, item_equipped, level_short, in_battle',
    params: z.strictObject({ itemId: uuid }),
    body: z.strictObject({}),
    answers: z.strictObject({ slot, off: uuid.nullable() }),
    answer: ({ house, visitor, params }) => house.store.inventory.equip(visitor.playerId, params.itemId),
  }),
  route({
    method: 'POST',
    path: '/api/inventory/unequip/:slot',
    who: 'player',
    limit: 'money',
    summary: 'Take a piece off. Refuses slot_empty, in_battle',
    params: z.strictObject({ slot }),
    body: z.strictObject({}),
    answers: z.strictObject({ off: uuid }),
    answer: ({ house, visitor, params }) => house.store.inventory.unequip(visitor.playerId, params.slot),
  }),
  route({
    method: 'POST',
    path: '/api/inventory/use/:itemId',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary:
      'Drink a potion or an elixir, out of battle. Refuses item_unknown, item_unusable (a stronger one runs, or it would last past four hours), quantity_short, stamina_full, in_battle',
    params: z.strictObject({ itemId: kindId }),
    body: z.strictObject({}),
    answers: z.strictObject({
      itemId: z.string(),
      left: z.int(),
      stamina: z.strictObject({ points: z.int(), max: z.int(), since: instant }).nullable(),
      effect: effect.nullable(),
    }),
    async answer({ house, visitor: { playerId }, params: { itemId }, key }) {
      const { answer, replayed } = await house.store.inventory.use({ playerId, itemId, key });
      return firstOrAgain(answer, replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/inventory/sell',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'Sell to the shop for COINS. Refuses item_unknown, item_equipped, quantity_short',
    body: z.strictObject({ itemId: z.union([uuid, kindId]), quantity: z.int().min(1).max(9_999) }),
    answers: z.strictObject({ itemId: z.string(), quantity: z.int(), paid: digits, available: digits }),
    async answer({ house, visitor: { playerId }, body, key }) {
      const { answer, replayed } = await house.store.inventory.sell({ playerId, ...body, key });
      return firstOrAgain(answer, replayed);
    },
  }),
];

async function inventoryPage(
  { store: { inventory } }: House,
  playerId: string,
  { limit, cursor }: { limit: number; cursor: string | null },
) {
  const [rows, { used, effects }] = await Promise.all([
    inventory.list(playerId, { limit: limit + 1, after: cursor }),
    inventory.summary(playerId),
  ]);
  const { items, nextCursor } = pageOf(rows, limit, ({ place }) => place);
  return { items: items.map(shown), nextCursor, used, places: PLACES, effects };
}

function shown({ itemId, item, quantity, gear }: Awaited<ReturnType<House['store']['inventory']['list']>>[number]) {
  if (!gear) {
    const kind = itemById(itemId);
    const { potion = null, elixir = null } = kind ?? {};
    return {
      ...{ itemId, kind: 'stack' as const, item, name: kind?.name ?? item, rarity: kind?.rarity ?? 'common', quantity },
      ...{ sale: stackSale(item), gear: null, elixir },
      potion: potion && { hpPercent: potion.hpPercent, staminaPercent: potion.staminaPercent },
    };
  }
  const { rarity, level, slot, roundId, attack, defence, hp, stamina } = gear;
  const kind = gearById(item);
  if (!kind) throw new Error(`no gear is called ${item}`);
  return {
    ...{
      itemId,
      kind: 'gear' as const,
      item,
      name: kind.name,
      rarity,
      quantity,
      sale: gearSale(gear),
      potion: null,
      elixir: null,
    },
    gear: { level, goesIn: kind.slot, slot, stats: { attack, defence, hp, stamina }, roundId },
  };
}
