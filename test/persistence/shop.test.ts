// Purchases by many at once, on a real server and from two processes.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Asked } from '../../persistence/shop.ts';
import { drawStream } from '../../rules/fairness.ts';
import { rollGear } from '../../rules/equipment.ts';
import type { ItemRarity } from '../../rules/items.ts';
import { startPostgres } from '../support/postgres.ts';
import { shopAtOnce } from '../support/shopping.ts';
import { give, refusalOf, serverStore } from '../support/store.ts';
import { startWorker } from '../support/workers.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const opened = await serverStore(url, { fresh: true });
const { db, store, player, crowd, coins } = opened;
const [one, two] = await Promise.all([startWorker(url, 'one'), startWorker(url, 'two')]);
await offer('scarce', { stock: 10 });
await offer('rationed', { limitDay: 3, limitEver: 5 });

const shop = suite('persistence/shop');
for (const end of [one.close, two.close, opened.close]) shop.after(end);
shop.after(postgres.stop);

async function offer(offerId: string, terms: object): Promise<void> {
  const usual = { levelRequired: 1, stock: null, limitDay: null, limitEver: null, discounts: [], rotating: false, open: true };
  const sold = { kind: 'item', item: 'tonic' };
  const data = { offerId, name: offerId, sold, price: { currency: 'COINS', amount: '10' }, ...usual, ...terms };
  await db.rows("insert into content (kind, id, data) values ('offer', $1, $2::jsonb)", [offerId, JSON.stringify(data)]);
}

const asked = (playerId: string, change: Partial<Asked> = {}): Asked => ({
  ...{ playerId, offerId: 'scarce', quantity: 1, price: { currency: 'COINS', amount: 10n }, key: randomUUID() },
  ...change,
});

const owned = async (item: string, playerIds: string[]): Promise<number> => {
  const sum = 'select coalesce(sum(quantity), 0)::int as n from item_stack where item = $1 and player = any($2)';
  return (await db.rows<{ n: number }>(sum, [item, playerIds]))[0]!.n;
};

const tally = (said: { said: string }[]): Record<string, number> =>
  said.reduce<Record<string, number>>((sum, { said: text }) => {
    const word = text.startsWith('{') ? 'bought' : text;
    return { ...sum, [word]: (sum[word] ?? 0) + 1 };
  }, {});

async function honest(): Promise<void> {
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(await db.rows('select deadlocks::int as n from pg_stat_database where datname = current_database()'), [{ n: 0 }]);
}

shop('a row that is no offer is not sold, and closes nothing else', async () => {
  const ann = await player(1_000n);
  const rows = { broken: { price: { currency: 'COINS', amount: '1.5' } }, odd: { discounts: null, rotating: true } };
  for (const [offerId, terms] of Object.entries(rows)) await offer(offerId, terms);
  opened.clock.pass(6_000);
  const shown = await store.shop.onOffer(ann, { limit: 100, after: null });
  assert.ok(shown.some(({ offer: { offerId } }) => offerId === 'tonic'));
  assert.not(shown.some(({ offer: { offerId } }) => offerId in rows));
  for (const offerId of Object.keys(rows))
    assert.is(await refusalOf(store.shop.purchase(asked(ann, { offerId }))), 'offer_unknown');
  for (const {
    offer: { offerId, sold },
    price,
  } of shown.filter(({ offer: { rotating } }) => rotating))
    if (sold.kind === 'item')
      assert.is(await refusalOf(store.shop.purchase(asked(await player(5_000n), { offerId, price }))), 'done', 'shown is sold');
  await db.rows("delete from content where kind = 'offer' and id = any($1)", [Object.keys(rows)]);
});

for (const [offerId, amount] of [
  ['potion_minor', 30n],
  ['gear_common', 300n],
  ['egg_common', 800n],
] as const) {
  shop(`200 of the same ${offerId} at once from two processes: it is bought once, and all get the same answer`, async () => {
    const ann = await player(5_000n);
    const purchases = [asked(ann, { offerId, quantity: 2, price: { currency: 'COINS', amount } })];
    const heard = (
      await Promise.all([one.run('shop', { purchases, times: 100 }), two.run('shop', { purchases, times: 100 })])
    ).flat();
    assert.equal([heard.length, new Set(heard.map(({ said }) => said)).size], [200, 1], heard[0]!.said);
    assert.is(heard.filter(({ replayed }) => !replayed).length, 1);
    assert.is((await coins(ann)).available, 5_000n - amount * 2n);
    const [counts] = await db.rows(
      `select (select count(*) from gear where player = $1)::int as gear, (select count(*) from egg where player = $1)::int as eggs,
              (select coalesce(sum(quantity), 0) from item_stack where player = $1)::int as stacked,
              (select nonce from fairness_seed where player = $1 and status = 'current') as nonce`,
      [ann],
    );
    const none = { gear: 0, eggs: 0, stacked: 0, nonce: null };
    const own = { potion_minor: { stacked: 2 }, gear_common: { gear: 2, nonce: 1 }, egg_common: { eggs: 2 } }[offerId];
    assert.equal(counts, { ...none, ...own });
    await honest();
  });
}

shop('a stock of 10, bought by 50 players at once from three processes, sells exactly 10', async () => {
  const players = await crowd(50, 100n);
  const part = (nth: number) => ({ purchases: players.filter((_, n) => n % 3 === nth).map((id) => asked(id)), times: 1 });
  const heard = (await Promise.all([one.run('shop', part(0)), two.run('shop', part(1)), shopAtOnce(opened, part(2))])).flat();
  assert.equal(tally(heard), { bought: 10, stock_out: 40 });
  assert.is(await owned('tonic', players), 10);
  assert.equal(await db.rows("select sold::int from offer_sold where offer = 'scarce'"), [{ sold: 10 }]);
  const left = await Promise.all(players.map(async (id) => (await coins(id)).available));
  assert.is(
    left.reduce((sum, coin) => sum + coin, 0n),
    4_900n,
  );
  await honest();
});

shop('a player’s limits for the day and for ever hold however many of their devices buy at once', async () => {
  const ann = await player(1_000n);
  const many = () => ({ purchases: Array.from({ length: 10 }, () => asked(ann, { offerId: 'rationed' })), times: 1 });
  const day = (await Promise.all([one.run('shop', many()), two.run('shop', many())])).flat();
  assert.equal(tally(day), { bought: 3, purchase_limit: 17 });
  await db.rows("update offer_bought set day = day - 1 where offer = 'rationed'");
  const next = (await Promise.all([one.run('shop', many()), two.run('shop', many())])).flat();
  assert.equal(tally(next), { bought: 2, purchase_limit: 18 });
  assert.equal([await owned('tonic', [ann]), (await coins(ann)).available], [5, 950n]);
  await honest();
});

shop('coins for one purchase, asked for ten times under other keys: one is bought, the others are short', async () => {
  const ann = await player(300n);
  const gear = () => asked(ann, { offerId: 'gear_common', price: { currency: 'COINS', amount: 300n } });
  const half = () => ({ purchases: Array.from({ length: 5 }, gear), times: 1 });
  const heard = (await Promise.all([one.run('shop', half()), two.run('shop', half())])).flat();
  assert.equal(tally(heard), { bought: 1, funds_short: 9 });
  assert.equal(await db.rows('select count(*)::int as n from gear where player = $1', [ann]), [{ n: 1 }]);
  await honest();
});

shop('the last place of a bag is taken once, by one of three purchases at once', async () => {
  const ann = await player(100_000n);
  const gear = (quantity = 1) => asked(ann, { offerId: 'gear_common', quantity, price: { currency: 'COINS', amount: 300n } });
  for (const quantity of [...Array<number>(9).fill(10), 9]) await store.shop.purchase(gear(quantity));
  const heard = (
    await Promise.all([
      one.run('shop', { purchases: [gear(), gear()], times: 1 }),
      two.run('shop', { purchases: [gear()], times: 1 }),
    ])
  ).flat();
  assert.equal(tally(heard), { bought: 1, inventory_full: 2 });
  assert.is((await store.inventory.summary(ann)).used, 100);
  assert.is((await coins(ann)).available, 70_000n);
  await honest();
});

shop('a refused roll is taken back whole: the next one has the draw that was not made', async () => {
  const ann = await player(100n);
  const gear = () => asked(ann, { offerId: 'gear_common', price: { currency: 'COINS', amount: 300n } });
  assert.is(await refusalOf(store.shop.purchase(gear())), 'funds_short');
  await give(store, { playerId: ann, currency: 'COINS', amount: 1_000n });
  const { answer } = await store.shop.purchase(gear());
  const proof = await store.history.proof(answer.roundId!);
  assert.is(proof!.nonce, 0);
  await store.seeds.rotate(ann, null);
  const { serverSeed, clientSeeds, nonce, setup, outcome } = (await store.history.proof(answer.roundId!))!;
  const random = drawStream({ serverSeed: Buffer.from(serverSeed!, 'hex'), clientSeeds, nonce });
  assert.equal([rollGear(random, setup as { rarity: ItemRarity; level: number })], outcome!.gear);
});

shop.run();
