import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GEAR_RULES_VERSION } from '../../rules/equipment.ts';
import { OFFERS } from '../../rules/shop.ts';
import { type Json, openRest, type SignedIn, type Told } from '../support/rest.ts';
import { give } from '../support/store.ts';

const rest = await openRest();
const { store, db, ask, refused, register, coins } = rest;

const shop = suite('http/shop');
shop.after(() => rest.close());

interface Shown extends Json {
  offerId: string;
  price: { currency: string; amount: string };
  left: number | null;
}

async function shownTo({ accessToken: token }: SignedIn): Promise<Map<string, Shown>> {
  const { json } = await ask('GET', '/api/shop/items?limit=100', { token });
  return new Map((json.items as Shown[]).map((offer) => [offer.offerId, offer]));
}

const buy = ({ accessToken: token }: SignedIn, body: unknown, key: string = randomUUID()) =>
  ask('POST', '/api/shop/purchase', { token, body, key });
const code = async (player: SignedIn, body: unknown) => (await buy(player, body)).json.code;

/** An operator's edit, seen at once: what the process keeps has aged. */
async function edit(offerId: string, change: Json): Promise<void> {
  await db.rows("update content set data = data || $2::jsonb where kind = 'offer' and id = $1", [
    offerId,
    JSON.stringify(change),
  ]);
  rest.clock.pass(6_000);
}

/** Past the life of a token: the player comes with a new one. */
async function later(player: SignedIn, ms: number): Promise<SignedIn> {
  rest.clock.pass(ms);
  const { json } = await ask('POST', '/api/auth/refresh', { body: { refreshToken: player.refreshToken } });
  return { ...player, ...(json as Pick<SignedIn, 'accessToken' | 'refreshToken'>) };
}

async function untouched(player: SignedIn, work: () => Promise<unknown>): Promise<void> {
  const look = async () => [
    await store.ledger.wallet(player.id),
    await store.inventory.list(player.id, { limit: 100, after: null }),
    await db.rows('select * from egg where player = $1', [player.id]),
    await db.rows('select * from offer_bought where player = $1', [player.id]),
    await db.rows('select * from offer_sold'),
    await db.rows(
      "select counter from (select board as counter from score_event where player = $1) s where counter like 'items%'",
      [player.id],
    ),
    await db.rows("select id, nonce from fairness_seed where player = $1 and status = 'current' and nonce > 0", [player.id]),
  ];
  const before = await look();
  await work();
  assert.equal(await look(), before);
}

const counted = ({ id }: SignedIn) =>
  db.rows(
    "select board, amount::int from score_event where player = $1 and board in ('ap_spent', 'items_bought') order by board",
    [id],
  );

const potion = { offerId: 'potion_minor', quantity: 1, price: { currency: 'COINS', amount: '30' } };

shop('a stranger may neither look nor buy', async () => {
  assert.equal(await refused('GET', '/api/shop/items'), [401, 'unauthenticated']);
  assert.equal(await refused('POST', '/api/shop/purchase', { body: potion, key: randomUUID() }), [401, 'unauthenticated']);
});

shop('the catalogue comes a page at a time, and says what the day has drawn', async () => {
  const ann = await register();
  const whole = [...(await shownTo(ann)).keys()];
  const paged: string[] = [];
  for (let cursor: string | null = null, pages = 0; pages === 0 || cursor !== null; pages++) {
    const { json }: Told = await ask('GET', `/api/shop/items?limit=4${cursor === null ? '' : `&cursor=${cursor}`}`, {
      token: ann.accessToken,
    });
    assert.is(json.day, '2026-11-21');
    paged.push(...(json.items as Shown[]).map(({ offerId }) => offerId));
    cursor = json.nextCursor as string | null;
  }
  assert.equal(paged, whole);
  assert.is(whole.length, OFFERS.filter(({ rotating }) => !rotating).length + 3);
});

shop('what is bought is paid at the price shown and lies in the bag; the same key buys once', async () => {
  const ann = await register();
  const key = randomUUID();
  const first = await buy(ann, { ...potion, quantity: 3 }, key);
  const paid = { paid: { currency: 'COINS', amount: '90' }, available: '910' };
  const bought = { offerId: 'potion_minor', quantity: 3, ...paid, stack: { item: 'potion_minor', quantity: 3 } };
  assert.equal([first.status, first.json], [200, { ...bought, gear: [], eggs: [], roundId: null }]);
  const again = await buy(ann, { ...potion, quantity: 3 }, key);
  assert.equal([again.json, again.headers.get('idempotency-replayed')], [first.json, 'true']);
  assert.is((await buy(ann, { ...potion, quantity: 2 }, key)).json.code, 'request_reused');
  assert.is((await coins(ann.id)).available, 910n);
  const { json } = await ask('GET', '/api/inventory', { token: ann.accessToken });
  assert.equal([(json.items as Json[]).map(({ itemId, quantity }) => [itemId, quantity]), json.used], [[['potion_minor', 3]], 1]);
  const counts = await counted(ann);
  assert.equal(counts, [{ board: 'items_bought', amount: 1 }]);
});

shop('gear is rolled at the buyer’s level from the buyer’s own seed, and its round proves it', async () => {
  const ann = await register();
  const { json } = await buy(ann, { offerId: 'gear_common', quantity: 3, price: { currency: 'COINS', amount: '300' } });
  const gear = json.gear as (Json & { id: string })[];
  assert.is(gear.length, 3);
  assert.ok(gear.every(({ rarity, level }) => rarity === 'common' && level === 1));
  const proof = await ask('GET', `/api/fairness/rounds/${String(json.roundId)}`, { token: ann.accessToken });
  assert.equal([proof.json.game, proof.json.rulesVersion], ['gear', GEAR_RULES_VERSION]);
  const rolled = gear.map(({ item, rarity, level, stats }) => ({ itemId: item, rarity, level, stats }));
  assert.equal(proof.json.outcome, { gear: rolled });
  const listed = (await ask('GET', '/api/inventory', { token: ann.accessToken })).json.items as (Json & { gear: Json })[];
  assert.equal(
    listed.map((piece) => [piece.itemId, piece.item, piece.gear.stats, piece.gear.roundId]),
    gear.map(({ id, item, stats }) => [id, item, stats, json.roundId]),
  );
});

shop('eggs are laid, paid in AP or gems, and what is spent in AP is counted', async () => {
  const ann = await register();
  await give(store, { playerId: ann.id, currency: 'AP', amount: 600n });
  const founder = { offerId: 'egg_founder', quantity: 1, price: { currency: 'AP', amount: '500' } };
  const { json } = await buy(ann, founder);
  assert.equal([json.available, (json.eggs as Json[]).map(({ kind }) => kind)], ['100', ['epic']]);
  const counts = await counted(ann);
  assert.equal(counts, [
    { board: 'ap_spent', amount: 500 },
    { board: 'items_bought', amount: 1 },
  ]);
  assert.equal([(await shownTo(ann)).get('egg_founder')!.left, await code(ann, founder)], [0, 'purchase_limit']);
});

shop('the price asked is the price shown, or the purchase is refused', async () => {
  const ann = await register();
  for (const price of [
    { currency: 'COINS', amount: '29' },
    { currency: 'COINS', amount: '31' },
    { currency: 'COINS', amount: '0' },
    { currency: 'AP', amount: '30' },
  ])
    await untouched(ann, async () => assert.is(await code(ann, { ...potion, price }), 'price_changed'));
  const [from, until] = [rest.clock.now().toISOString(), new Date(rest.clock.now().getTime() + 3_600_000).toISOString()];
  await edit('tonic', { discounts: [{ percentOff: 33, from, until }] });
  const { price, usual, percentOff } = (await shownTo(ann)).get('tonic')!;
  assert.equal([price, usual, percentOff], [{ currency: 'COINS', amount: '27' }, { currency: 'COINS', amount: '40' }, 33]);
  assert.is(await code(ann, { offerId: 'tonic', price: usual }), 'price_changed');
  assert.is((await buy(ann, { offerId: 'tonic', price })).status, 200);
  const after = await later(ann, 3_600_000);
  assert.is(await code(after, { offerId: 'tonic', price }), 'price_changed', 'the sale is over');
  assert.is((await buy(after, { offerId: 'tonic', price: usual })).status, 200);
});

shop('each refusal leaves everything untouched', async () => {
  const ann = await register();
  await give(store, { playerId: ann.id, currency: 'GEMS', amount: 10_000n });
  await edit('elixir_stone', { open: false });
  await edit('elixir_might', { stock: 2 });
  await edit('gear_common', { limitDay: 2 });
  const gear = (rarity: string, amount: string) => ({ offerId: `gear_${rarity}`, price: { currency: 'GEMS', amount } });
  const elixir = (name: string) => ({ offerId: `elixir_${name}`, price: { currency: 'COINS', amount: '150' } });
  const refusals: [unknown, string][] = [
    [{ ...potion, offerId: 'sword' }, 'offer_unknown'],
    [elixir('stone'), 'offer_closed'],
    [{ ...elixir('might'), quantity: 3 }, 'stock_out'],
    [gear('epic', '100'), 'level_short'],
    [{ offerId: 'gear_common', quantity: 3, price: { currency: 'COINS', amount: '300' } }, 'purchase_limit'],
    [{ ...gear('rare', '25'), quantity: 11 }, 'purchase_limit'],
    [{ ...potion, quantity: 34 }, 'funds_short'],
    [{ offerId: 'gear_uncommon', price: { currency: 'COINS', amount: '1200' } }, 'funds_short'],
    [{ ...potion, quantity: 0 }, 'malformed'],
    [{ ...potion, quantity: -1 }, 'malformed'],
    [{ ...potion, quantity: 100 }, 'malformed'],
    [{ ...potion, quantity: 1.5 }, 'malformed'],
    [{ ...potion, quantity: '1' }, 'malformed'],
    [{ ...potion, quantity: 1e308 }, 'malformed'],
    [{ ...potion, price: { currency: 'KES', amount: '30' } }, 'malformed'],
    [{ ...potion, price: { currency: 'COINS', amount: '-30' } }, 'malformed'],
    [{ ...potion, extra: 1 }, 'malformed'],
    [{ offerId: 'potion_minor' }, 'malformed'],
  ];
  for (const [body, refusal] of refusals)
    await untouched(ann, async () => assert.is(await code(ann, body), refusal, JSON.stringify(body)));
  await untouched(ann, async () =>
    assert.equal(await refused('POST', '/api/shop/purchase', { token: ann.accessToken, body: potion }), [
      400,
      'idempotency_key_required',
    ]),
  );
});

shop('what an operator has changed stays when the house starts again', async () => {
  const ann = await register();
  await edit('potion_major', { price: { currency: 'COINS', amount: '110' } });
  await store.seed();
  rest.clock.pass(6_000);
  assert.equal((await shownTo(ann)).get('potion_major')!.price, { currency: 'COINS', amount: '110' });
  assert.is(await code(ann, { offerId: 'potion_major', price: { currency: 'COINS', amount: '120' } }), 'price_changed');
});

shop('a full bag is refused before anything is paid, and a stack that grows no further too', async () => {
  const ann = await register();
  await give(store, { playerId: ann.id, currency: 'COINS', amount: 1_000_000n });
  for (let bought = 0; bought < 100; bought += 10) {
    await edit('gear_common', { limitDay: null });
    assert.is(
      (await buy(ann, { offerId: 'gear_common', quantity: 10, price: { currency: 'COINS', amount: '300' } })).status,
      200,
    );
  }
  await untouched(ann, async () => assert.is(await code(ann, potion), 'inventory_full'));
  await untouched(ann, async () =>
    assert.is(await code(ann, { offerId: 'gear_common', price: { currency: 'COINS', amount: '300' } }), 'inventory_full'),
  );
  const bob = await register();
  await give(store, { playerId: bob.id, currency: 'COINS', amount: 1_000_000n });
  await db.rows("insert into item_stack (player, item, quantity) values ($1, 'potion_minor', 9990)", [bob.id]);
  assert.is((await buy(bob, { ...potion, quantity: 9 })).status, 200);
  await untouched(bob, async () => assert.is(await code(bob, potion), 'inventory_full'));
});

shop('a limit for the day is open again on the next; what the day draws is sold on it alone', async () => {
  const ann = await register();
  await give(store, { playerId: ann.id, currency: 'COINS', amount: 1_000_000n });
  await edit('gear_common', { limitDay: 2, limitEver: 3 });
  const box = { offerId: 'gear_common', price: { currency: 'COINS', amount: '300' } };
  assert.is((await buy(ann, { ...box, quantity: 2 })).status, 200);
  assert.equal([await code(ann, box), (await shownTo(ann)).get('gear_common')!.left], ['purchase_limit', 0]);
  const today = [...(await shownTo(ann)).values()].filter((offer) => offer.today);
  assert.is(today.length, 3);
  const next = await later(ann, 86_400_000);
  assert.is((await shownTo(next)).get('gear_common')!.left, 1);
  assert.is((await buy(next, box)).status, 200);
  assert.is(await code(next, box), 'purchase_limit', 'and never again');
  const tomorrow = await shownTo(next);
  const closed = today.filter(({ offerId }) => !tomorrow.has(offerId));
  assert.ok(closed.length > 0);
  for (const { offerId, price } of closed) assert.is(await code(next, { offerId, price }), 'offer_closed');
});

shop.run();
