import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layEggIn } from '../../persistence/pets.ts';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import { EGG_KINDS, type EggKind, FEED_MAX, hatch, type HatchSetup, PITY_AFTER } from '../../rules/pets.ts';
import { type Json, newKey, openRest, type SignedIn } from '../support/rest.ts';

const rest = await openRest();
const { ask, refused, register } = rest;

const pets = suite('http/pets');
pets.after(() => rest.close());

async function eggsFor({ id }: SignedIn, count: number, kind: EggKind = 'common'): Promise<string[]> {
  const eggs: string[] = [];
  for (let laid = 0; laid < count; laid++)
    eggs.push((await rest.db.transaction((em) => layEggIn(em, { playerId: id, kind, key: newKey() }))).eggId);
  return eggs;
}

const ripen = ({ id }: SignedIn) => rest.db.rows('update egg set ready_at = laid_at where player = $1', [id]);

const hatchWith = (token: string, eggId: string, key = newKey()) =>
  ask('POST', `/api/pets/hatch/${eggId}`, { token, body: {}, key });

async function petOf(ann: SignedIn): Promise<string> {
  const [eggId] = await eggsFor(ann, 1);
  await ripen(ann);
  return String((await hatchWith(ann.accessToken, eggId!)).json.petId);
}

pets('the odds are there for anyone: weights, decimals, the pity rule, and what food costs', async () => {
  const { status, json } = await ask('GET', '/api/pets/odds');
  assert.is(status, 200);
  assert.equal(json.pity, { after: PITY_AFTER, atLeast: 'rare' });
  const eggs = json.eggs as {
    kind: string;
    hatchSeconds: number;
    weightOfAll: number;
    species: Record<string, string | number>[];
  }[];
  assert.equal(
    eggs.map(({ kind, hatchSeconds }) => [kind, hatchSeconds]),
    [
      ['common', 600],
      ['rare', 7_200],
      ['epic', 28_800],
    ],
  );
  assert.equal(
    eggs.map(({ kind }) => kind),
    EGG_KINDS,
  );
  const [wolf] = eggs[0]!.species;
  assert.equal([wolf!.species, wolf!.weight, eggs[0]!.weightOfAll, wolf!.odds], ['wolf', 15, 100, '0.150000']);
  for (const { species, weightOfAll } of eggs) {
    assert.is(
      species.reduce((sum, { weight }) => sum + Number(weight), 0),
      weightOfAll,
    );
    for (const odds of ['odds', 'oddsWithPity'])
      assert.ok(Math.abs(species.reduce((sum, one) => sum + Number(one[odds]), 0) - 1) < 0.000_02);
  }
  assert.equal(
    (json.foods as Json[]).map(({ priceCoins, xp }) => [priceCoins, xp]),
    [
      ['50', '10'],
      ['200', '50'],
      ['700', '200'],
      ['3000', '1000'],
    ],
  );
});

pets(
  'an egg is seen, refused before its time, hatched after it, and the draw checks against the odds that were shown',
  async () => {
    const ann = await register();
    const { accessToken: token } = ann;
    const [eggId] = await eggsFor(ann, 1, 'rare');
    const { commitment } = (await ask('GET', '/api/fairness', { token })).json;
    const early = (await ask('GET', '/api/pets', { token })).json;
    const [egg] = (early.eggs as { items: Json[] }).items;
    assert.equal([egg!.eggId, egg!.kind, egg!.name, egg!.ready, early.items], [eggId, 'rare', 'Rare egg', false, []]);
    assert.equal(await refused('POST', `/api/pets/hatch/${eggId}`, { token, body: {}, key: newKey() }), [409, 'egg_not_ready']);
    await ripen(ann);
    const key = newKey();
    const hatched = await hatchWith(token, eggId!, key);
    const again = await hatchWith(token, eggId!, key);
    assert.equal([again.json, again.headers.get('idempotency-replayed')], [hatched.json, 'true']);
    assert.equal(await refused('POST', `/api/pets/hatch/${eggId}`, { token, body: {}, key: newKey() }), [409, 'egg_hatched']);
    assert.equal((hatched.json.fairness as Json).commitment, commitment);

    const { serverSeed } = (await ask('POST', '/api/fairness/rotate', { token, body: {}, key: newKey() })).json.shown as Json;
    const { json: proof } = await ask('GET', `/api/fairness/rounds/${String(hatched.json.roundId)}`);
    assert.equal([proof.game, proof.serverSeed], ['egg', serverSeed]);
    const setup = proof.setup as unknown as HatchSetup;
    const { eggs } = (await ask('GET', '/api/pets/odds')).json as { eggs: { kind: string; species: Json[] }[] };
    const shown = eggs.find(({ kind }) => kind === 'rare')!.species.map(({ species, weight }) => [species, weight]);
    assert.equal([setup.kind, setup.misses, setup.weights], ['rare', 0, shown]);
    const seeds = {
      serverSeed: serverSeedBytes(String(serverSeed)),
      clientSeeds: proof.clientSeeds as string[],
      nonce: Number(proof.nonce),
    };
    assert.is(hatch(setup, drawStream(seeds)).species, hatched.json.species);

    const late = (await ask('GET', '/api/pets', { token })).json;
    const [pet] = late.items as Json[];
    assert.equal([(late.eggs as Json).items, pet!.petId, pet!.species], [[], hatched.json.petId, hatched.json.species]);
    assert.equal(
      [pet!.level, pet!.xp, pet!.needed, pet!.set, pet!.place, pet!.roundId],
      [1, '0', '100', null, null, hatched.json.roundId],
    );
    assert.is((late.pity as Json).misses, hatched.json.misses);
  },
);

pets('eggs and pets are read a page at a time', async () => {
  const ann = await register();
  const { accessToken: token } = ann;
  const laid = await eggsFor(ann, 23);
  const { eggs } = (await ask('GET', '/api/pets', { token })).json as { eggs: { items: Json[]; nextCursor: string } };
  const rest23 = (await ask('GET', `/api/pets/eggs?cursor=${eggs.nextCursor}`, { token })).json;
  assert.equal(
    [...eggs.items, ...(rest23.items as Json[])].map(({ eggId }) => eggId),
    laid,
  );
  assert.is(rest23.nextCursor, null);
  await ripen(ann);
  const owned: unknown[] = [];
  for (const eggId of laid.slice(0, 5)) owned.unshift((await hatchWith(token, eggId)).json.petId);
  const seen: unknown[] = [];
  let cursor: string | null = null;
  do {
    const { json } = await ask('GET', `/api/pets?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`, { token });
    seen.push(...(json.items as Json[]).map(({ petId }) => petId));
    cursor = json.nextCursor as string | null;
  } while (cursor !== null);
  assert.equal(seen, owned);
  for (const query of ['limit=0', 'limit=101', 'cursor=7', 'page=2'])
    assert.equal(await refused('GET', `/api/pets?${query}`, { token }), [400, 'malformed'], query);
});

pets('food is paid in coins and grows the pet; without the coins, or at the cap, nothing happens', async () => {
  const ann = await register();
  const { accessToken: token } = ann;
  const petId = await petOf(ann);
  const feed = (food: string, quantity: unknown, key = newKey()) =>
    ask('POST', `/api/pets/feed/${petId}`, { token, key, body: { food, quantity } });
  const key = newKey();
  const fed = await feed('meal', 3, key);
  assert.equal(fed.json, { petId, level: 2, xp: '50', eaten: 3, price: '600', available: '400' });
  const again = await feed('meal', 3, key);
  assert.equal([again.json, again.headers.get('idempotency-replayed')], [fed.json, 'true']);
  assert.equal([(await feed('meal', 2, key)).json.code], ['request_reused']);
  const short = await feed('banquet', 1);
  assert.equal([short.status, short.json.code], [402, 'funds_short']);
  await rest.db.rows('update pet set level = 40, xp = 0 where id = $1', [petId]);
  const full = await feed('snack', 1);
  assert.equal([full.status, full.json.code], [409, 'pet_grown']);
  const [pet] = (await ask('GET', '/api/pets', { token })).json.items as Json[];
  assert.equal([pet!.level, pet!.xp, pet!.needed], [40, '0', null]);
  assert.is((await rest.coins(ann.id)).available, 400n);
});

pets('pets are put into sets and taken out, and change what their player brings into battle', async () => {
  const ann = await register();
  const { accessToken: token } = ann;
  const [one, two] = [await petOf(ann), await petOf(ann)];
  const equip = (petId: string, body: unknown) => ask('POST', `/api/pets/equip/${petId}`, { token, body });
  const bare = await rest.store.battles.strength(ann.id);
  assert.equal((await equip(one, { set: 'attack', place: 1 })).json.sets, {
    attack: [one, null, null],
    defence: [null, null, null],
  });
  await equip(two, { set: 'attack', place: 1 });
  const { json } = await ask('GET', '/api/pets', { token });
  assert.equal(json.sets, { attack: [two, null, null], defence: [null, null, null] });
  const [pet] = json.items as { petId: string; set: string; place: number; bonus: Record<string, { attack: number }> }[];
  assert.equal([pet!.petId, pet!.set, pet!.place], [two, 'attack', 1]);
  assert.is((await rest.store.battles.strength(ann.id)).attack, bare.attack + pet!.bonus.attack!.attack);
  assert.equal((await ask('DELETE', `/api/pets/equip/${two}`, { token })).json.sets, {
    attack: [null, null, null],
    defence: [null, null, null],
  });
  await equip(one, { set: 'defence', place: 2 });
  const { roundId } = await rest.store.rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  const setup = { party: [{ playerId: ann.id }] };
  await rest.store.rounds.start({ roundId, clientSeeds: [], setup, currency: null, stakes: [] });
  assert.equal(await refused('POST', `/api/pets/equip/${one}`, { token, body: { set: 'attack', place: 1 } }), [409, 'in_battle']);
  assert.equal(await refused('DELETE', `/api/pets/equip/${one}`, { token }), [409, 'in_battle']);
});

pets('what is malformed is refused before anything is asked', async () => {
  const ann = await register();
  const { accessToken: token } = ann;
  const petId = await petOf(ann);
  const bad: [string, string, unknown][] = [
    ['POST', `/api/pets/feed/${petId}`, { food: 'meal', quantity: 0 }],
    ['POST', `/api/pets/feed/${petId}`, { food: 'meal', quantity: -3 }],
    ['POST', `/api/pets/feed/${petId}`, { food: 'meal', quantity: 1.5 }],
    ['POST', `/api/pets/feed/${petId}`, { food: 'meal', quantity: FEED_MAX + 1 }],
    ['POST', `/api/pets/feed/${petId}`, { food: 'meal', quantity: '1' }],
    ['POST', `/api/pets/feed/${petId}`, { food: 'gold', quantity: 1 }],
    ['POST', `/api/pets/feed/${petId}`, { food: 'toString', quantity: 1 }],
    ['POST', `/api/pets/feed/${petId}`, { food: 'meal', quantity: 1, price: '0' }],
    ['POST', '/api/pets/feed/7', { food: 'meal', quantity: 1 }],
    ['POST', '/api/pets/hatch/7', {}],
    ['POST', `/api/pets/equip/${petId}`, { set: 'attack', place: 0 }],
    ['POST', `/api/pets/equip/${petId}`, { set: 'attack', place: 4 }],
    ['POST', `/api/pets/equip/${petId}`, { set: 'luck', place: 1 }],
    ['POST', `/api/pets/equip/${petId}`, { set: 'attack' }],
    ['DELETE', '/api/pets/equip/7', undefined],
  ];
  for (const [method, path, body] of bad)
    assert.equal(
      await refused(method, path, { token, key: newKey(), ...(body === undefined ? {} : { body }) }),
      [400, 'malformed'],
      `${method} ${path} ${JSON.stringify(body)}`,
    );
  assert.equal(await refused('POST', `/api/pets/hatch/${petId}`, { token, body: {} }), [400, 'idempotency_key_required']);
  assert.equal(await refused('POST', `/api/pets/feed/${petId}`, { token, body: { food: 'meal', quantity: 1 } }), [
    400,
    'idempotency_key_required',
  ]);
  assert.is((await rest.coins(ann.id)).available, 1_000n);
});

pets('strangers are asked who they are, and what is not yours is not there', async () => {
  const [ann, bob] = [await register(), await register()];
  const petId = await petOf(ann);
  const [eggId] = await eggsFor(ann, 1);
  await ripen(ann);
  const doors: [string, string, unknown][] = [
    ['POST', `/api/pets/hatch/${eggId}`, {}],
    ['POST', `/api/pets/feed/${petId}`, { food: 'meal', quantity: 1 }],
    ['POST', `/api/pets/equip/${petId}`, { set: 'attack', place: 1 }],
    ['DELETE', `/api/pets/equip/${petId}`, undefined],
  ];
  for (const [method, path, body] of doors) {
    const asking = { key: newKey(), ...(body === undefined ? {} : { body }) };
    assert.equal(await refused(method, path, asking), [401, 'unauthenticated'], path);
    assert.equal(await refused(method, path, { ...asking, token: bob.accessToken }), [404, 'not_found'], path);
  }
  for (const path of ['/api/pets', '/api/pets/eggs']) assert.equal(await refused('GET', path), [401, 'unauthenticated']);
  const { json } = await ask('GET', '/api/pets', { token: ann.accessToken });
  assert.equal([(json.items as Json[]).length, (json.eggs as { items: Json[] }).items.length], [1, 1]);
});

pets.run();
