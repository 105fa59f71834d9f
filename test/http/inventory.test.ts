import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addIn } from '../../persistence/inventory.ts';
import type { GearRoll } from '../../rules/equipment.ts';
import { type Json, openRest, type SignedIn, type Told } from '../support/rest.ts';

const rest = await openRest();
const { db, store, ask, refused, register, coins } = rest;

const inventory = suite('http/inventory');
inventory.after(() => rest.close());

const piece = (itemId: string, { level = 1, rarity = 'common' as GearRoll['rarity'] } = {}): GearRoll => ({
  ...{ itemId, rarity, level },
  stats: { attack: 3, defence: 1, hp: 0, stamina: 0 },
});
const stack = (item: string, quantity: number) => ({ item, quantity, gear: null });

async function given({ id }: SignedIn, gear: GearRoll[], stacks: ReturnType<typeof stack>[] = []): Promise<string[]> {
  const things = [...gear.map((rolled) => ({ item: rolled.itemId, quantity: 1, gear: rolled })), ...stacks];
  return (await db.transaction((em) => addIn(em, { playerId: id, things, source: null }))).map((made) => made.id);
}

const bag = async ({ accessToken: token }: SignedIn): Promise<Json & { items: Json[] }> =>
  (await ask('GET', '/api/inventory?limit=100', { token })).json as Json & { items: Json[] };

const post = ({ accessToken: token }: SignedIn, path: string, body: unknown = {}, key: string = randomUUID()) =>
  ask('POST', `/api/inventory/${path}`, { token, body, key });

async function untouched(player: SignedIn, work: () => Promise<unknown>): Promise<void> {
  const look = async () => [
    await bag(player),
    await store.ledger.wallet(player.id),
    await db.rows('select stamina_tenths, stamina_at from player where id = $1', [player.id]),
    await db.rows('select * from score_event where player = $1', [player.id]),
  ];
  const before = await look();
  await work();
  assert.equal(await look(), before);
}

inventory('a stranger is told nothing', async () => {
  const key = randomUUID();
  for (const [method, path] of [
    ['GET', ''],
    ['POST', `/equip/${randomUUID()}`],
    ['POST', '/unequip/ring'],
    ['POST', '/use/tonic'],
    ['POST', '/sell'],
  ] as const)
    assert.equal(await refused(method, `/api/inventory${path}`, method === 'POST' ? { body: {}, key } : {}), [
      401,
      'unauthenticated',
    ]);
});

inventory('an empty bag, then gear and stacks a page at a time, with what each is and fetches', async () => {
  const ann = await register();
  assert.equal(await bag(ann), { items: [], nextCursor: null, used: 0, places: 100, effects: [] });
  const [sword, ring] = await given(
    ann,
    [piece('sword', { level: 5, rarity: 'epic' }), piece('signet')],
    [stack('tonic', 2), stack('elixir_might', 1), stack('dragon_scale', 1)],
  );
  const { items, used } = await bag(ann);
  const stats = { attack: 3, defence: 1, hp: 0, stamina: 0 };
  const none = { gear: null, potion: null, elixir: null };
  assert.equal(items[0], {
    ...{ itemId: sword, kind: 'gear', item: 'sword', name: 'Sword', rarity: 'epic', quantity: 1, sale: '600', ...none },
    gear: { level: 5, goesIn: 'weapon', slot: null, stats, roundId: null },
  });
  assert.is(items[1]!.itemId, ring);
  assert.equal(items.slice(2), [
    {
      ...none,
      itemId: 'dragon_scale',
      kind: 'stack',
      item: 'dragon_scale',
      name: 'Dragon scale',
      rarity: 'legendary',
      quantity: 1,
      sale: '1000',
    },
    {
      ...{ ...none, itemId: 'elixir_might', kind: 'stack', item: 'elixir_might', name: 'Elixir of might', rarity: 'uncommon' },
      ...{ quantity: 1, sale: '15', elixir: { stat: 'attack', percent: 10, seconds: 1800 } },
    },
    {
      ...{ ...none, itemId: 'tonic', kind: 'stack', item: 'tonic', name: 'Stamina tonic', rarity: 'common', quantity: 2 },
      ...{ sale: '5', potion: { hpPercent: 0, staminaPercent: 40 } },
    },
  ]);
  assert.is(used, 5);
  const paged: Json[] = [];
  for (let cursor: string | null = null, pages = 0; pages === 0 || cursor !== null; pages++) {
    const path = `/api/inventory?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`;
    const { json }: Told = await ask('GET', path, { token: ann.accessToken });
    paged.push(...(json.items as Json[]));
    cursor = json.nextCursor as string | null;
  }
  assert.equal(paged, items);
});

inventory('gear is put on, changed for another and taken off', async () => {
  const ann = await register();
  const [sword, spear] = await given(ann, [piece('sword'), piece('spear')]);
  const slots = async () => (await bag(ann)).items.map(({ gear }) => (gear as Json).slot);
  assert.equal((await post(ann, `equip/${sword}`)).json, { slot: 'weapon', off: null });
  assert.equal(await slots(), ['weapon', null]);
  assert.equal((await post(ann, `equip/${spear}`)).json, { slot: 'weapon', off: sword });
  assert.equal(await slots(), [null, 'weapon']);
  assert.equal((await post(ann, 'unequip/weapon')).json, { off: spear });
  assert.equal(await slots(), [null, null]);
});

inventory('a tonic restores stamina, never past its maximum, and the answer is told again under its key', async () => {
  const ann = await register();
  await given(ann, [], [stack('tonic', 3)]);
  await untouched(ann, async () => assert.is((await post(ann, 'use/tonic')).json.code, 'stamina_full'));
  const empty = 'update player set stamina_tenths = 55, stamina_at = $2 where id = $1';
  await db.rows(empty, [ann.id, new Date(rest.clock.now().getTime() - 15_000)]);
  const key = randomUUID();
  const first = await post(ann, 'use/tonic', {}, key);
  const since = new Date(rest.clock.now().getTime() - 5_000).toISOString();
  assert.equal(first.json, { itemId: 'tonic', left: 2, stamina: { points: 55, max: 100, since }, effect: null });
  const again = await post(ann, 'use/tonic', {}, key);
  assert.equal([again.json, again.headers.get('idempotency-replayed')], [first.json, 'true']);
  const shown = (await ask('GET', '/api/player/me', { token: ann.accessToken })).json.stamina;
  assert.equal(shown, first.json.stamina);
  await post(ann, 'use/tonic');
  const { json } = await post(ann, 'use/tonic');
  assert.equal([json.left, (json.stamina as Json).points], [0, 100]);
});

inventory('an elixir drunk again lasts longer, up to four hours; a stronger one takes the place of a weaker', async () => {
  const ann = await register();
  await given(ann, [], [stack('elixir_might', 10), stack('greater_might', 1)]);
  const hours = (told: Json) => {
    const { endsAt } = told.effect as { endsAt: string };
    return Math.round((Date.parse(endsAt) - Date.now()) / 360_000) / 10;
  };
  const lasts: number[] = [];
  for (let drunk = 0; drunk < 8; drunk++) lasts.push(hours((await post(ann, 'use/elixir_might')).json));
  assert.equal(lasts, [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]);
  await untouched(ann, async () => assert.is((await post(ann, 'use/elixir_might')).json.code, 'item_unusable'));
  const { effect, left } = (await post(ann, 'use/greater_might')).json;
  assert.equal([(effect as Json).percent, left, hours({ effect })], [20, 0, 0.5]);
  await untouched(ann, async () => assert.is((await post(ann, 'use/elixir_might')).json.code, 'item_unusable'));
  const { effects } = await bag(ann);
  assert.equal(effects, [effect]);
});

inventory('things are sold for coins, by rarity and level', async () => {
  const ann = await register();
  const [sword] = await given(ann, [piece('sword', { level: 40, rarity: 'rare' })], [stack('troll_heart', 3)]);
  const key = randomUUID();
  const first = await post(ann, 'sell', { itemId: sword, quantity: 1 }, key);
  assert.equal(first.json, { itemId: sword, quantity: 1, paid: '500', available: '1500' });
  const again = await post(ann, 'sell', { itemId: sword, quantity: 1 }, key);
  assert.equal([again.json, again.headers.get('idempotency-replayed')], [first.json, 'true']);
  assert.is((await post(ann, 'sell', { itemId: 'troll_heart', quantity: 2 }, key)).json.code, 'request_reused');
  assert.is((await post(ann, 'sell', { itemId: 'troll_heart', quantity: 2 })).json.available, '1620');
  assert.is((await coins(ann.id)).available, 1_620n);
  const counted = await db.rows("select sum(amount)::int as n from score_event where player = $1 and board = 'items_sold'", [
    ann.id,
  ]);
  assert.equal(counted, [{ n: 3 }]);
  assert.equal((await store.ledger.verify()).differences, []);
});

inventory('each refusal leaves everything untouched', async () => {
  const [ann, bob] = [await register(), await register()];
  const [sword, high] = await given(
    ann,
    [piece('sword'), piece('plate', { level: 2 })],
    [stack('wolf_pelt', 2), stack('potion_minor', 1)],
  );
  const [bobs] = await given(bob, [piece('sword')]);
  await post(ann, `equip/${sword}`);
  const refusals: [path: string, body: unknown, code: string][] = [
    [`equip/${sword}`, {}, 'item_equipped'],
    [`equip/${bobs}`, {}, 'item_unknown'],
    [`equip/${randomUUID()}`, {}, 'item_unknown'],
    [`equip/${high}`, {}, 'level_short'],
    ['equip/sword', {}, 'malformed'],
    ['unequip/ring', {}, 'slot_empty'],
    ['unequip/pocket', {}, 'malformed'],
    ['use/nothing', {}, 'item_unknown'],
    ['use/tonic', {}, 'quantity_short'],
    ['use/elixir_might', {}, 'quantity_short'],
    ['use/potion_minor', {}, 'item_unusable'],
    ['use/wolf_pelt', {}, 'item_unusable'],
    [`use/${sword}`, {}, 'malformed'],
    ['sell', { itemId: sword, quantity: 1 }, 'item_equipped'],
    ['sell', { itemId: bobs, quantity: 1 }, 'item_unknown'],
    ['sell', { itemId: randomUUID(), quantity: 1 }, 'item_unknown'],
    ['sell', { itemId: high, quantity: 2 }, 'quantity_short'],
    ['sell', { itemId: 'wolf_pelt', quantity: 3 }, 'quantity_short'],
    ['sell', { itemId: 'dragon_scale', quantity: 1 }, 'quantity_short'],
    ['sell', { itemId: 'wolf_pelt', quantity: 9_999 }, 'quantity_short'],
    ['sell', { itemId: 'wolf_pelt', quantity: 0 }, 'malformed'],
    ['sell', { itemId: 'wolf_pelt', quantity: -1 }, 'malformed'],
    ['sell', { itemId: 'wolf_pelt', quantity: 0.5 }, 'malformed'],
    ['sell', { itemId: 'wolf_pelt', quantity: 2 ** 53 }, 'malformed'],
    ['sell', { itemId: 'wolf_pelt', quantity: '1' }, 'malformed'],
    ['sell', { itemId: "x' or 1=1", quantity: 1 }, 'malformed'],
    ['sell', { itemId: 'wolf_pelt' }, 'malformed'],
  ];
  for (const [path, body, code] of refusals)
    await untouched(ann, async () => assert.is((await post(ann, path, body)).json.code, code, `${path} ${JSON.stringify(body)}`));
  for (const path of ['use/tonic', 'sell'])
    await untouched(ann, async () => {
      const asking = { token: ann.accessToken, body: path === 'sell' ? { itemId: 'wolf_pelt', quantity: 1 } : {} };
      assert.equal(await refused('POST', `/api/inventory/${path}`, asking), [400, 'idempotency_key_required']);
    });
  assert.is((await bag(bob)).used, 1);
});

inventory.run();
