import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layEggIn } from '../../persistence/pets.ts';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import {
  type EggKind,
  EGGS,
  hatch,
  type HatchSetup,
  isRare,
  missesAfter,
  PET_XP_STEPS,
  petBonuses,
  PITY_AFTER,
  type Species,
} from '../../rules/pets.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, coins, clock, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { pets, ledger, rounds } = store;

const kept = suite('persistence/pets');
for (const end of [close, other.close, postgres.stop]) kept.after(end);

/** Both processes in turn. */
const petsOf = (index: number) => (index % 2 ? other.store.pets : pets);
const lay = (playerId: string, kind: EggKind = 'common', key = randomUUID()) =>
  db.transaction((em) => layEggIn(em, { playerId, kind, key }));
const ripen = (playerId: string) => db.rows('update egg set ready_at = laid_at where player = $1', [playerId]);
const hatchOne = (playerId: string, eggId: string, index = 0, key = randomUUID()) =>
  petsOf(index).hatch({ playerId, eggId, key });

async function ripeEgg(playerId: string, kind: EggKind = 'common'): Promise<string> {
  const { eggId } = await lay(playerId, kind);
  await ripen(playerId);
  return eggId;
}

const newPet = async (playerId: string): Promise<string> => (await hatchOne(playerId, await ripeEgg(playerId))).answer.petId;
const petRow = async (petId: string) =>
  (await db.rows<{ level: number; xp: bigint }>('select level, xp from pet where id = $1', [petId]))[0]!;
const grow = (petId: string, level: number, xp: bigint) =>
  db.rows('update pet set level = $2, xp = $3 where id = $1', [petId, level, String(xp)]);
const counted = async (playerId: string, counter: string) =>
  (
    await db.rows<{ sum: bigint }>(
      'select coalesce(sum(amount), 0)::bigint as sum from score_event where player = $1 and board = $2',
      [playerId, counter],
    )
  )[0]!.sum;
const nonce = async (playerId: string) => (await store.seeds.card(playerId)).nonce;
const honest = async () => assert.equal((await ledger.verify()).differences, []);
const everything = async (playerId: string) => ({
  pets: await pets.list(playerId, { limit: 50, after: null }),
  eggs: await pets.eggs(playerId, { limit: 50, after: null }),
  sets: await pets.sets(playerId),
  misses: await pets.misses(playerId),
  coins: await coins(playerId),
  nonce: await nonce(playerId),
});

kept('an egg that is ready is told of once, by whichever process; one that has hatched or is not ready is not', async () => {
  const ann = await player();
  const told = async () =>
    (
      await db.rows<{ data: object }>("select data from notification where player = $1 and kind = 'egg_ready' order by no", [ann])
    ).map(({ data }) => data);
  await hatchOne(ann, await ripeEgg(ann));
  const ready = await ripeEgg(ann, 'rare');
  await lay(ann);
  await Promise.all([pets.tell(), other.store.pets.tell(), pets.tell()]);
  assert.equal(await told(), [{ eggId: ready, kind: 'rare' }]);
  assert.is(await pets.tell(), 0);
});

kept('an egg is laid once for what brought it, and is ready after the time of its kind', async () => {
  const ann = await player();
  const laid = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      (index % 2 ? other.db : db).transaction((em) => layEggIn(em, { playerId: ann, kind: 'rare', key: 'purchase:1' })),
    ),
  );
  assert.is(new Set(laid.map(({ eggId }) => eggId)).size, 1);
  const [egg] = await pets.eggs(ann, { limit: 5, after: null });
  assert.equal([egg!.eggId, egg!.kind, egg!.ready], [laid[0]!.eggId, 'rare', false]);
  assert.is(egg!.readyAt.getTime() - egg!.laidAt.getTime(), EGGS.rare.hatchMs);
  assert.is(laid[0]!.readyAt.getTime(), egg!.readyAt.getTime());
});

kept('hatching early is refused and leaves everything as it was', async () => {
  const ann = await player(10n);
  const { eggId } = await lay(ann);
  const before = await everything(ann);
  for (let tries = 0; tries < 3; tries++) assert.is(await refusalOf(hatchOne(ann, eggId, tries)), 'egg_not_ready');
  assert.equal(await everything(ann), before);
});

kept('one egg that many devices hatch at once is one pet and one draw', async () => {
  const ann = await player();
  const eggId = await ripeEgg(ann);
  const codes = await Promise.all(Array.from({ length: 20 }, (_, index) => refusalOf(hatchOne(ann, eggId, index))));
  assert.equal([codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'egg_hatched').length], [1, 19]);
  const { pets: owned, eggs } = await everything(ann);
  assert.equal([owned.length, eggs.length, await nonce(ann), await counted(ann, 'pets')], [1, 0, 1, 1n]);
});

kept('a hatch said again under its key is told the same pet', async () => {
  const ann = await player();
  const eggId = await ripeEgg(ann);
  const key = randomUUID();
  const told = await Promise.all(Array.from({ length: 10 }, (_, index) => hatchOne(ann, eggId, index, key)));
  assert.is(told.filter(({ replayed }) => !replayed).length, 1);
  for (const { answer } of told) assert.equal(answer, told[0]!.answer);
  assert.is((await everything(ann)).pets.length, 1);
  assert.is(await refusalOf(hatchOne(ann, randomUUID(), 0, key)), 'request_reused');
});

kept('eggs hatched all at once carry the count of misses from one to the next, and each can be drawn again', async () => {
  const ann = await player();
  const eggs: string[] = [];
  for (let count = 0; count < 24; count++) eggs.push((await lay(ann, count % 3 ? 'common' : 'epic')).eggId);
  await ripen(ann);
  const hatched = await Promise.all(eggs.map((eggId, index) => hatchOne(ann, eggId, index)));
  const { serverSeed } = (await store.seeds.rotate(ann, null)).shown;
  const rolls = await Promise.all(hatched.map(({ answer }) => store.history.proof(answer.roundId)));
  let misses = 0;
  for (const [nth, proof] of rolls.toSorted((one, next) => one!.nonce - next!.nonce).entries()) {
    const setup = proof!.setup as unknown as HatchSetup;
    assert.equal(
      [proof!.nonce, proof!.game, proof!.state, setup.misses, proof!.serverSeed],
      [nth, 'egg', 'settled', misses, serverSeed],
    );
    const seeds = { serverSeed: serverSeedBytes(serverSeed), clientSeeds: proof!.clientSeeds, nonce: proof!.nonce };
    assert.equal(proof!.outcome, hatch(setup, drawStream(seeds)));
    misses = missesAfter(misses, proof!.outcome!.species as Species);
  }
  assert.is(await pets.misses(ann), misses);
});

kept('after nine misses the next pet is rare or better, and the count begins anew', async () => {
  for (let players = 0; players < 5; players++) {
    const ann = await player();
    await db.rows('insert into hatch_luck (player, misses) values ($1, $2)', [ann, PITY_AFTER]);
    const { answer } = await hatchOne(ann, await ripeEgg(ann));
    assert.equal([answer.pity, isRare(answer.species), answer.misses, await pets.misses(ann)], [true, true, 0, 0]);
  }
});

kept("another's eggs and pets, and unknown ones, are as good as not there", async () => {
  const [ann, bob] = [await player(10_000n), await player(10_000n)];
  const [eggId, petId] = [await ripeEgg(ann), await newPet(ann)];
  const before = await everything(ann);
  for (const id of [eggId, randomUUID()]) assert.is(await refusalOf(hatchOne(bob, id)), 'not_found');
  for (const id of [petId, randomUUID()]) {
    const meal = { playerId: bob, petId: id, food: 'meal', quantity: 1, key: randomUUID() } as const;
    assert.is(await refusalOf(pets.feed(meal)), 'not_found');
    assert.is(await refusalOf(pets.equip({ playerId: bob, petId: id, set: 'attack', place: 1 })), 'not_found');
    assert.is(await refusalOf(pets.unequip({ playerId: bob, petId: id })), 'not_found');
  }
  assert.equal(await everything(ann), before);
  assert.is((await coins(bob)).available, 10_000n);
});

kept('meals given at once feed as far as the coins go, and no further', async () => {
  const ann = await player(1_000n);
  const petId = await newPet(ann);
  const meal = { playerId: ann, petId, food: 'meal', quantity: 2 } as const;
  const codes = await Promise.all(
    Array.from({ length: 10 }, (_, index) => refusalOf(petsOf(index).feed({ ...meal, key: randomUUID() }))),
  );
  assert.equal([codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'funds_short').length], [2, 8]);
  assert.equal([await petRow(petId), (await coins(ann)).available], [{ level: 2, xp: 100n }, 200n]);
  assert.is(await counted(ann, 'pets_fed'), 4n);
  await honest();
});

kept('a meal said again under its key is one meal', async () => {
  const ann = await player(1_000n);
  const meal = { playerId: ann, petId: await newPet(ann), food: 'snack', quantity: 1, key: randomUUID() } as const;
  const told = await Promise.all(Array.from({ length: 10 }, (_, index) => petsOf(index).feed(meal)));
  for (const { answer } of told)
    assert.equal(answer, { petId: meal.petId, level: 1, xp: '10', eaten: 1, price: '50', available: '950' });
  assert.is(await refusalOf(pets.feed({ ...meal, quantity: 2 })), 'request_reused');
  assert.is((await coins(ann)).available, 950n);
});

kept('at the cap a pet eats no more and nothing is paid; before it, only what it eats is', async () => {
  const ann = await player(10_000n);
  const petId = await newPet(ann);
  await grow(petId, 39, PET_XP_STEPS[39]! - 25n);
  const meal = { playerId: ann, petId, food: 'snack', quantity: 100 } as const;
  const codes = await Promise.all(
    Array.from({ length: 6 }, (_, index) => refusalOf(petsOf(index).feed({ ...meal, key: randomUUID() }))),
  );
  assert.equal([codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'pet_grown').length], [1, 5]);
  assert.equal([await petRow(petId), (await coins(ann)).available], [{ level: 40, xp: 0n }, 9_850n]);
  assert.is(await counted(ann, 'pets_fed'), 3n);
  await honest();
});

kept('an operator raises the cap, though not past what an int8 bears; food over and over stays within it', async () => {
  const ann = await player(50_000_000n);
  const petId = await newPet(ann);
  await db.rows(`insert into live_config (key, value) values ('petLevelMax', '500')`);
  clock.pass(6_000);
  await grow(petId, 96, PET_XP_STEPS[96]! - 2_000_000n);
  const meal = { playerId: ann, petId, food: 'banquet', quantity: 1_000 } as const;
  await pets.feed({ ...meal, key: randomUUID() });
  assert.equal(await petRow(petId), { level: 96, xp: PET_XP_STEPS[96]! - 1_000_000n });
  await pets.feed({ ...meal, key: randomUUID() });
  assert.equal(await petRow(petId), { level: 97, xp: 0n });
  assert.is(await refusalOf(pets.feed({ ...meal, key: randomUUID() })), 'pet_grown');
  await db.rows(`delete from live_config where key = 'petLevelMax'`);
  clock.pass(6_000);
  assert.equal([(await store.content.live()).petLevelMax, (await coins(ann)).available], [40, 44_000_000n]);
});

kept('a pet stands in one place only, and whoever stood there steps out', async () => {
  const ann = await player();
  const [one, two] = [await newPet(ann), await newPet(ann)];
  const empty = [null, null, null];
  const equip = (petId: string, set: 'attack' | 'defence', place: number) => pets.equip({ playerId: ann, petId, set, place });
  assert.equal(await equip(one, 'attack', 1), { attack: [one, null, null], defence: empty });
  assert.equal(await equip(one, 'attack', 1), { attack: [one, null, null], defence: empty });
  assert.equal(await equip(one, 'defence', 3), { attack: empty, defence: [null, null, one] });
  assert.equal(await equip(two, 'defence', 3), { attack: empty, defence: [null, null, two] });
  assert.equal(await pets.unequip({ playerId: ann, petId: one }), { attack: empty, defence: [null, null, two] });
  assert.equal(await pets.unequip({ playerId: ann, petId: two }), { attack: empty, defence: empty });
});

kept('many devices that put pets about at once leave each in one place and one in each', async () => {
  const ann = await player();
  const owned = await Promise.all(Array.from({ length: 5 }, () => newPet(ann)));
  const codes = await Promise.all(
    Array.from({ length: 60 }, (_, index) => {
      const set = index % 3 ? ('attack' as const) : ('defence' as const);
      const standing = { playerId: ann, petId: owned[index % 5]!, set, place: (index % 2) + 1 };
      return refusalOf(index % 7 ? petsOf(index).equip(standing) : petsOf(index).unequip(standing));
    }),
  );
  assert.equal([...new Set(codes)], ['done']);
  const { attack, defence } = await pets.sets(ann);
  const standing = [...attack, ...defence].filter((petId) => petId !== null);
  assert.is(new Set(standing).size, standing.length);
  assert.ok(standing.length > 0);
});

kept('the pets in the sets, and no others, make their player stronger', async () => {
  const ann = await player();
  const bare = await store.battles.strength(ann);
  const owned = [await newPet(ann), await newPet(ann), await newPet(ann)];
  for (const petId of owned) await grow(petId, 30, 0n);
  assert.equal(await store.battles.strength(ann), bare);
  await pets.equip({ playerId: ann, petId: owned[0]!, set: 'attack', place: 3 });
  await pets.equip({ playerId: ann, petId: owned[1]!, set: 'defence', place: 1 });
  const rows = await pets.list(ann, { limit: 10, after: null });
  const bonus = petBonuses(rows.flatMap(({ set, ...pet }) => (set === null ? [] : [{ ...pet, set }])));
  assert.ok(bonus.attack > 0 && bonus.defence > 0 && bonus.hp > 0);
  assert.equal(await store.battles.strength(ann), {
    level: bare.level,
    attack: bare.attack + bonus.attack,
    defence: bare.defence + bonus.defence,
    hp: bare.hp + bonus.hp,
    stamina: bare.stamina,
  });
});

kept('in a battle that is on no pet changes its place; before its start and after its end it may', async () => {
  const [ann, bob] = [await player(), await player()];
  const petId = await newPet(ann);
  const equip = (place: number) => refusalOf(pets.equip({ playerId: ann, petId, set: 'attack', place }));
  const { roundId } = await rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  assert.is(await equip(1), 'done');
  const setup = { battleId: 'goblin-camp', party: [{ playerId: bob }, { playerId: ann }] };
  await rounds.start({ roundId, clientSeeds: [], setup, currency: null, stakes: [] });
  const before = await pets.sets(ann);
  assert.equal([await equip(2), await refusalOf(pets.unequip({ playerId: ann, petId }))], ['in_battle', 'in_battle']);
  assert.equal(await pets.sets(ann), before);
  const carl = await player();
  const theirs = await newPet(carl);
  assert.is(
    await refusalOf(pets.equip({ playerId: carl, petId: theirs, set: 'attack', place: 1 })),
    'done',
    'it is not their battle',
  );
  await rounds.move({ roundId, moves: [], end: { outcome: {}, payouts: [], rake: 0n, counts: false } });
  assert.is(await equip(2), 'done');
});

kept.run();
