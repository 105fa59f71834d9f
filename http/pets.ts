import { z } from 'zod';
import {
  EGG_KINDS,
  EGG_RULES_VERSION,
  EGGS,
  FEED_MAX,
  FOOD_NAMES,
  FOODS,
  oddsWithPity,
  PET_RARITIES,
  PET_SETS,
  PET_XP_STEPS,
  petBonus,
  PITY_AFTER,
  PITY_RARITY,
  PLACES_A_SET,
  SPECIES,
  SPECIES_NAMES,
  totalOf,
  weightsOf,
} from '../rules/pets.ts';
import { decimals, ratio } from '../rules/ratio.ts';
import type { House } from '../server/house.ts';
import { digits, instant, page, paged, pageOf, uuid } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const kind = z.enum(EGG_KINDS);
const species = z.enum(SPECIES_NAMES);
const rarity = z.enum(PET_RARITIES);
const set = z.enum(PET_SETS);
const chance = z.string().meta({ description: 'Of 1, six decimals, the last one rounded', example: '0.150000' });

const egg = z.strictObject({ eggId: uuid, kind, name: z.string(), laidAt: instant, readyAt: instant, ready: z.boolean() });

const bonus = z.strictObject({ attack: z.int(), defence: z.int(), hp: z.int(), stamina: z.int() });

const pet = z.strictObject({
  petId: uuid,
  species,
  name: z.string(),
  rarity,
  level: z.int(),
  xp: digits.meta({ description: 'Within its level' }),
  needed: digits.nullable().meta({ description: 'What its level takes in all; null at the highest' }),
  set: set.nullable(),
  place: z.int().nullable(),
  bonus: z.strictObject({ attack: bonus, defence: bonus }).meta({ description: 'What it adds in battle, from either set' }),
  hatchedAt: instant,
  roundId: uuid.meta({ description: 'Its hatch, to be checked under /api/fairness/rounds/:id' }),
});

const places = z.array(uuid.nullable()).length(PLACES_A_SET);
const sets = z.strictObject({ attack: places, defence: places });

const pity = z.strictObject({
  after: z.int().meta({ description: 'So many hatches in a row below `atLeast`, of whatever eggs, and the next one is of it' }),
  atLeast: rarity,
});

type Pets = House['store']['pets'];

const eggView = (row: Awaited<ReturnType<Pets['eggs']>>[number]) => ({ ...row, name: EGGS[row.kind].name });

function petView({ xp, ...row }: Awaited<ReturnType<Pets['list']>>[number], levelMax: number) {
  const { name, rarity } = SPECIES[row.species];
  const bonusIn = (set: 'attack' | 'defence') => petBonus({ ...row, set });
  const needed = row.level < levelMax ? String(PET_XP_STEPS[row.level]) : null;
  return { ...row, name, rarity, xp: String(xp), needed, bonus: { attack: bonusIn('attack'), defence: bonusIn('defence') } };
}

export const petRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/pets',
    who: 'player',
    summary: 'Your pets, newest first, and where they stand; the eggs laid first; how many hatches since a rare one',
    query: paged(uuid),
    answers: page(pet).extend({
      levelMax: z.int(),
      sets,
      eggs: page(egg).meta({ description: 'The first 20; GET /api/pets/eggs?cursor=… has the rest' }),
      pity: pity.extend({ misses: z.int() }),
    }),
    async answer({ house: { store }, visitor: { playerId }, query: { limit, cursor } }) {
      const { petLevelMax: levelMax } = await store.content.live();
      const rows = await store.pets.list(playerId, { limit: limit + 1, after: cursor });
      const eggs = await store.pets.eggs(playerId, { limit: EGGS_SHOWN + 1, after: null });
      return {
        ...pageOf(
          rows.map((row) => petView(row, levelMax)),
          limit,
          ({ petId }) => petId,
        ),
        levelMax,
        sets: await store.pets.sets(playerId),
        eggs: pageOf(eggs.map(eggView), EGGS_SHOWN, ({ eggId }) => eggId),
        pity: { after: PITY_AFTER, atLeast: PITY_RARITY, misses: await store.pets.misses(playerId) },
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/pets/eggs',
    who: 'player',
    summary: 'Your eggs that have not hatched, in the order in which you got them',
    query: paged(uuid),
    answers: page(egg),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const rows = await house.store.pets.eggs(visitor.playerId, { limit: limit + 1, after: cursor });
      return pageOf(rows.map(eggView), limit, ({ eggId }) => eggId);
    },
  }),
  route({
    method: 'GET',
    path: '/api/pets/odds',
    who: 'anyone',
    summary: 'What hatches from which egg, exactly; the pity rule; what food costs and brings',
    answers: z.strictObject({
      rulesVersion: z.int(),
      pity,
      eggs: z.array(
        z.strictObject({
          kind,
          name: z.string(),
          hatchSeconds: z.int(),
          weightOfAll: z.int(),
          species: z.array(
            z.strictObject({
              species,
              name: z.string(),
              rarity,
              weight: z.int(),
              odds: chance.meta({ description: 'weight / weightOfAll, while pity is not due' }),
              oddsWithPity: chance.meta({ description: 'Its part of many hatches of this egg alone, pity counted' }),
            }),
          ),
        }),
      ),
      foods: z.array(z.strictObject({ food: z.enum(FOOD_NAMES), name: z.string(), priceCoins: digits, xp: digits })),
    }),
    answer: async () => ODDS,
  }),
  route({
    method: 'POST',
    path: '/api/pets/hatch/:eggId',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'Open an egg whose time has come. Refuses not_found, egg_not_ready, egg_hatched',
    params: z.strictObject({ eggId: uuid }),
    body: z.strictObject({}),
    answers: z.strictObject({
      eggId: uuid,
      petId: uuid,
      roundId: uuid,
      species,
      name: z.string(),
      rarity,
      pity: z.boolean().meta({ description: 'It had to be rare or better' }),
      misses: z.int().meta({ description: 'Hatches since the last rare one, after this one' }),
      fairness: z.strictObject({ commitment: z.string(), clientSeed: z.string(), nonce: z.int() }),
    }),
    async answer({ house, visitor: { playerId }, params: { eggId }, key }) {
      const { answer, replayed } = await house.store.pets.hatch({ playerId, eggId, key });
      return firstOrAgain({ ...answer, name: SPECIES[answer.species].name }, replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/pets/feed/:petId',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary:
      'Feed a pet. It eats up to the highest level, and only what it eats is paid. Refuses not_found, pet_grown, funds_short',
    params: z.strictObject({ petId: uuid }),
    body: z.strictObject({ food: z.enum(FOOD_NAMES), quantity: z.int().min(1).max(FEED_MAX) }),
    answers: z.strictObject({
      petId: uuid,
      level: z.int(),
      xp: digits,
      eaten: z.int(),
      price: digits.meta({ description: 'COINS paid' }),
      available: digits.meta({ description: 'COINS left' }),
    }),
    async answer({ house, visitor: { playerId }, params: { petId }, body, key }) {
      const { answer, replayed } = await house.store.pets.feed({ playerId, petId, ...body, key });
      return firstOrAgain(answer, replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/pets/equip/:petId',
    who: 'player',
    limit: 'money',
    summary:
      'Put a pet in a place of a set; it leaves the one it had, and whoever stood there steps out. Refuses not_found, in_battle',
    params: z.strictObject({ petId: uuid }),
    body: z.strictObject({ set, place: z.int().min(1).max(PLACES_A_SET) }),
    answers: z.strictObject({ sets }),
    answer: async ({ house, visitor: { playerId }, params: { petId }, body }) => ({
      sets: await house.store.pets.equip({ playerId, petId, ...body }),
    }),
  }),
  route({
    method: 'DELETE',
    path: '/api/pets/equip/:petId',
    who: 'player',
    limit: 'money',
    summary: 'Take a pet out of its set. Refuses not_found, in_battle',
    params: z.strictObject({ petId: uuid }),
    answers: z.strictObject({ sets }),
    answer: async ({ house, visitor: { playerId }, params: { petId } }) => ({
      sets: await house.store.pets.unequip({ playerId, petId }),
    }),
  }),
];

const EGGS_SHOWN = 20;
const SECOND_MS = 1_000;

const ODDS = {
  rulesVersion: EGG_RULES_VERSION,
  pity: { after: PITY_AFTER, atLeast: PITY_RARITY },
  eggs: EGG_KINDS.map((kind) => {
    const weights = weightsOf(kind);
    const weightOfAll = totalOf(weights);
    const withPity = new Map(oddsWithPity(kind));
    return {
      kind,
      name: EGGS[kind].name,
      hatchSeconds: EGGS[kind].hatchMs / SECOND_MS,
      weightOfAll,
      species: weights.map(([species, weight]) => ({
        species,
        name: SPECIES[species].name,
        rarity: SPECIES[species].rarity,
        weight,
        odds: decimals(ratio(BigInt(weight), BigInt(weightOfAll))),
        oddsWithPity: decimals(withPity.get(species)!),
      })),
    };
  }),
  foods: FOOD_NAMES.map((food) => ({ food, ...FOODS[food] })),
};
