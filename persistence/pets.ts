// Eggs and pets: an egg is laid once for what brought it and hatches once, by the player's own provable draw. A pet grows
// on food, and fights beside its player from its place in one of two sets.
import type { FighterStats } from '../rules/battle-types.ts';
import {
  EGG_RULES_VERSION,
  type EggKind,
  EGGS,
  feed,
  type Food,
  FOODS,
  type Growth,
  hatch,
  type Hatched,
  hatchSetup,
  missesAfter,
  petBonuses,
  PET_SETS,
  type PetInSet,
  type PetSet,
  PLACES_A_SET,
  type Species,
} from '../rules/pets.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { Content } from './content.ts';
import { countIn } from './deeds.ts';
import { derivedId, uuid7 } from './ids.ts';
import { refuseInBattleIn } from './in-battle.ts';
import { refusalOf } from './instant.ts';
import { type Ledger, systemAccount } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { forEachPlayer } from './players-in-turn.ts';
import type { Requests, Told } from './requests.ts';
import type { Rolled, Rolls } from './rolls.ts';

export interface Egg {
  eggId: string;
  kind: EggKind;
  laidAt: Date;
  readyAt: Date;
  ready: boolean;
}

export interface Pet extends Growth {
  petId: string;
  species: Species;
  /** Both null, or neither: which set it stands in, and its place there, from 1. */
  set: PetSet | null;
  place: number | null;
  hatchedAt: Date;
  /** The hatch, to be checked under `GET /api/fairness/rounds/:id`. */
  roundId: string;
}

/** The pets in each set by place. */
export type PetSets = Record<PetSet, (string | null)[]>;

/** JSON, as it is kept with its request. */
export type Hatching = Pick<Rolled<Hatched>, 'roundId' | 'fairness'> & { eggId: string; petId: string; misses: number } & Hatched;

/** JSON, as it is kept with its request. */
export interface Feeding {
  petId: string;
  level: number;
  /** Digits, all of them. */
  xp: string;
  eaten: number;
  price: string;
  available: string;
}

interface Page {
  limit: number;
  /** The id of the last one seen. */
  after: string | null;
}

export type Pets = ReturnType<typeof openPets>;

export interface PetParts {
  ledger: Ledger;
  requests: Requests;
  rolls: Rolls;
  content: Content;
}

export function openPets(db: Database, { ledger, requests, rolls, content }: PetParts) {
  return {
    /** Those not hatched yet, in the order in which they were laid. */
    eggs: (playerId: string, { limit, after }: Page): Promise<Egg[]> => db.rows<Egg>(EGGS_OF, [playerId, after, limit]),

    /** Newest first. */
    async list(playerId: string, { limit, after }: Page): Promise<Pet[]> {
      return (await db.rows<PetRow>(PETS_OF, [playerId, after, limit])).map(toPet);
    },

    async sets(playerId: string): Promise<PetSets> {
      return setsOf(await db.rows<Placed>(SETS, [playerId]));
    },

    /** Hatches since the last rare one. */
    async misses(playerId: string): Promise<number> {
      const [luck] = await db.rows<{ misses: number }>('select misses from hatch_luck where player = $1', [playerId]);
      return luck?.misses ?? 0;
    },

    /** Tells players of eggs that are ready and not hatched yet, once each. Returns how many. */
    tell: (): Promise<number> => forEachPlayer(db, UNTOLD, tellIn),

    /** Refuses `not_found` for an egg that is not the player's, `egg_not_ready`, `egg_hatched`. */
    async hatch({ playerId, eggId, key }: { playerId: string; eggId: string; key: string }): Promise<Told<Hatching>> {
      await rolls.ready(playerId);
      try {
        return await requests.once({ playerId, operation: 'hatch', key, body: { eggId } }, (em) =>
          hatchIn(em, rolls, { playerId, eggId }),
        );
      } finally {
        rolls.drawn(playerId);
      }
    },

    /**
     * It eats what it can: at the highest level the rest is neither eaten nor paid. Refuses `not_found` for a pet that is not
     * the player's, `pet_grown`, `funds_short`.
     */
    async feed({ key, ...meal }: Meal & { key: string }): Promise<Told<Feeding>> {
      const account = await ledger.accountOf(meal.playerId, 'COINS');
      const { petLevelMax: levelMax } = await content.live();
      const { playerId, ...body } = meal;
      return requests.once({ playerId, operation: 'feed', key, body: { ...body } }, (em) =>
        feedIn(em, ledger, { ...meal, account, levelMax, transferId: derivedId(playerId, 'feed', key) }),
      );
    },

    /** Who stood there steps out; a pet stands in one place only. Refuses `not_found`, `in_battle`. */
    equip: (standing: Standing & { set: PetSet; place: number }): Promise<PetSets> =>
      db.transaction((em) => placeIn(em, standing)),

    /** Refuses `not_found`, `in_battle`. */
    unequip: ({ playerId, petId }: { playerId: string; petId: string }): Promise<PetSets> =>
      db.transaction((em) => placeIn(em, { playerId, petId, set: null, place: null })),
  };
}

/**
 * An egg for a player inside a wider change. `key` names the occasion (a purchase, and which egg of it): said again, it is
 * the same egg. It is ready its kind's time after this change began, by the database's clock.
 */
export async function layEggIn(
  em: EntityManager,
  { playerId, kind, key }: { playerId: string; kind: EggKind; key: string },
): Promise<{ eggId: string; readyAt: Date }> {
  const { hatchMs } = EGGS[kind];
  await rowsIn(em, LAY, [uuid7(), playerId, kind, key, hatchMs]);
  const [egg] = await rowsIn<{ id: string; readyAt: string | Date }>(em, LAID, [playerId, key]);
  return { eggId: egg!.id, readyAt: new Date(egg!.readyAt) };
}

/** What the pets in a player's sets add in battle. */
export async function petBonusOf(db: Database, playerId: string): Promise<FighterStats> {
  const text = 'select species, level, set_name as set from pet where player = $1 and set_name is not null';
  return petBonuses(await db.rows<PetInSet>(text, [playerId]));
}

const LAY = `
  insert into egg (id, player, kind, key, ready_at) values (?, ?, ?, ?, now() + ?::int * interval '1 millisecond')
  on conflict (player, key) do nothing`;
const LAID = 'select id, ready_at as "readyAt" from egg where player = ? and key = ?';

const EGGS_OF = `
  select id as "eggId", kind, laid_at as "laidAt", ready_at as "readyAt", ready_at <= now() as ready
    from egg where player = $1 and hatched_at is null and ($2::uuid is null or id > $2) order by id limit $3`;

const UNTOLD = `
  select distinct e.player from egg e join player p on p.id = e.player and p.deleted_at is null
   where e.told_at is null and e.hatched_at is null and e.ready_at <= now() and ($1::uuid is null or e.player > $1)
   order by e.player limit $2`;

async function tellIn(em: EntityManager, playerId: string): Promise<number> {
  const eggs = await rowsIn<{ eggId: string; kind: EggKind }>(em, TELL, [playerId]);
  for (const { eggId, kind } of eggs.toSorted((one, other) => (one.eggId < other.eggId ? -1 : 1)))
    await notifyIn(em, { playerId, kind: 'egg_ready', data: { eggId, kind } });
  return eggs.length;
}

const TELL = `
  update egg set told_at = now() where player = ? and told_at is null and hatched_at is null and ready_at <= now()
  returning id as "eggId", kind`;

interface PetRow extends Omit<Pet, 'xp'> {
  xp: unknown;
}

const toPet = (row: PetRow): Pet => ({ ...row, xp: whole(row.xp) });

const PETS_OF = `
  select id as "petId", species, level, xp, set_name as set, place, hatched_at as "hatchedAt", round as "roundId"
    from pet where player = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`;

interface Placed {
  petId: string;
  set: PetSet;
  place: number;
}

const SETS = 'select id as "petId", set_name as set, place from pet where player = $1 and set_name is not null';

function setsOf(placed: readonly Placed[]): PetSets {
  const standing = (set: PetSet) =>
    Array.from(
      { length: PLACES_A_SET },
      (_, index) => placed.find((pet) => pet.set === set && pet.place === index + 1)?.petId ?? null,
    );
  return Object.fromEntries(PET_SETS.map((set) => [set, standing(set)])) as PetSets;
}

async function hatchIn(
  em: EntityManager,
  rolls: Rolls,
  { playerId, eggId }: { playerId: string; eggId: string },
): Promise<Hatching> {
  await lockPlayerIn(em, playerId);
  const [egg] = await rowsIn<{ kind: EggKind; ready: boolean; hatched: boolean }>(em, LOCKED_EGG, [eggId, playerId]);
  refuseUnless(egg, 'not_found');
  refuseUnless(!egg.hatched, 'egg_hatched');
  refuseUnless(egg.ready, 'egg_not_ready');
  const [luck] = await rowsIn<{ misses: number }>(em, 'select misses from hatch_luck where player = ?', [playerId]);
  const setup = hatchSetup(egg.kind, luck?.misses ?? 0);
  const { roundId, outcome, fairness } = await rolls.drawIn(em, {
    playerId,
    game: 'egg',
    rulesVersion: EGG_RULES_VERSION,
    setup: { ...setup },
    decide: (random) => hatch(setup, random),
  });
  const petId = uuid7();
  const misses = missesAfter(setup.misses, outcome.species);
  await rowsIn(em, 'update egg set hatched_at = now() where id = ?', [eggId]);
  const insert = 'insert into pet (id, player, egg, round, species) values (?, ?, ?, ?, ?)';
  await rowsIn(em, insert, [petId, playerId, eggId, roundId, outcome.species]);
  await rowsIn(em, SET_LUCK, [playerId, misses]);
  await countIn(em, [{ playerId, counter: 'pets', amount: 1n }]);
  return { eggId, petId, roundId, ...outcome, misses, fairness };
}

/** One change of a player's pets at a time: the counter of misses and the places of a set are read and written under it. */
async function lockPlayerIn(em: EntityManager, playerId: string): Promise<void> {
  const rows = await rowsIn(em, 'select 1 from player where id = ? and deleted_at is null for no key update', [playerId]);
  refuseUnless(rows.length === 1, 'not_found');
}

const LOCKED_EGG = `
  select kind, ready_at <= now() as ready, hatched_at is not null as hatched from egg where id = ? and player = ? for no key update`;
const SET_LUCK = `
  insert into hatch_luck (player, misses) values (?, ?) on conflict (player) do update set misses = excluded.misses`;

interface Meal {
  playerId: string;
  petId: string;
  food: Food;
  quantity: number;
}

async function feedIn(
  em: EntityManager,
  ledger: Ledger,
  {
    playerId,
    petId,
    food,
    quantity,
    account,
    levelMax,
    transferId,
  }: Meal & { account: number; levelMax: number; transferId: string },
): Promise<Feeding> {
  const select = 'select level, xp from pet where id = ? and player = ? for no key update';
  const [pet] = await rowsIn<{ level: number; xp: unknown }>(em, select, [petId, playerId]);
  refuseUnless(pet, 'not_found');
  const { level, xp, eaten } = feed({ level: pet.level, xp: whole(pet.xp) }, { food, quantity, levelMax });
  refuseUnless(eaten > 0, 'pet_grown');
  await rowsIn(em, 'update pet set level = ?, xp = ? where id = ?', [level, String(xp), petId]);
  await countIn(em, [{ playerId, counter: 'pets_fed', amount: BigInt(eaten) }]);
  const price = FOODS[food].priceCoins * BigInt(eaten);
  const way = { debit: account, credit: systemAccount('shop', 'COINS'), amount: price, reason: 'pet_food' };
  const [posted] = await ledger.postIn(em, [{ id: transferId, op: 'move', ...way }]);
  if (posted!.refused) throw refusalOf(posted!.refused);
  return { petId, level, xp: String(xp), eaten, price: String(price), available: String(posted!.free!) };
}

interface Standing {
  playerId: string;
  petId: string;
  set: PetSet | null;
  place: number | null;
}

async function placeIn(em: EntityManager, { playerId, petId, set, place }: Standing): Promise<PetSets> {
  await lockPlayerIn(em, playerId);
  const pets = await rowsIn<{ id: string }>(em, CONCERNED, [playerId, petId, set, place]);
  refuseUnless(
    pets.some(({ id }) => id === petId),
    'not_found',
  );
  await refuseInBattleIn(em, playerId);
  for (const { id } of pets) await rowsIn(em, 'update pet set set_name = null, place = null where id = ?', [id]);
  await rowsIn(em, 'update pet set set_name = ?, place = ? where id = ?', [set, place, petId]);
  return setsOf(await rowsIn<Placed>(em, SETS.replace('$1', '?'), [playerId]));
}

/** The pet, and the one that stands where it goes. */
const CONCERNED = `
  select id from pet where player = ? and (id = ? or (set_name = ?::text and place = ?::int)) order by id for no key update`;
