// Gear, potions and sales by two devices at once, on a real server.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addIn } from '../../persistence/inventory.ts';
import { gearById, type GearRoll } from '../../rules/equipment.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const opened = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { db, store, player, coins } = opened;
const devices = [store, other.store];

const inventory = suite('persistence/inventory');
for (const end of [other.close, opened.close]) inventory.after(end);
inventory.after(postgres.stop);

const roll = (itemId = 'sword', level = 1): GearRoll => ({
  ...{ itemId, rarity: 'rare', level },
  stats: { attack: 5, defence: 0, hp: 10, stamina: 0 },
});
const gearOf = (gear: GearRoll) => ({ item: gear.itemId, quantity: 1, gear });
const stackOf = (item: string, quantity: number) => ({ item, quantity, gear: null });

async function given(playerId: string, ...things: ReturnType<typeof gearOf | typeof stackOf>[]): Promise<string[]> {
  const pieces = await db.transaction((em) => addIn(em, { playerId, things, source: null }));
  return pieces.map(({ id }) => id);
}

const worn = async (playerId: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await store.inventory.list(playerId, { limit: 100, after: null })).flatMap(({ itemId, gear }) =>
      gear?.slot ? [[gear.slot, itemId]] : [],
    ),
  );

/** 20 tries at once from two processes. */
const atOnce = async (ask: (one: typeof store, nth: number) => Promise<unknown>): Promise<Record<string, number>> => {
  const codes = await Promise.all(Array.from({ length: 20 }, (_, nth) => refusalOf(ask(devices[nth % 2]!, nth))));
  return codes.reduce<Record<string, number>>((sum, code) => ({ ...sum, [code]: (sum[code] ?? 0) + 1 }), {});
};

async function honest(): Promise<void> {
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(await db.rows('select deadlocks::int as n from pg_stat_database where datname = current_database()'), [{ n: 0 }]);
}

async function battleOf(playerId: string): Promise<string> {
  const { roundId } = await store.rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  const setup = { battleId: 'x', party: [{ playerId, name: 'Ann', level: 1, bot: false, stats: {} }] };
  await store.rounds.start({ roundId, clientSeeds: [], setup, currency: null, stakes: [] });
  return roundId;
}

inventory('one piece put on by two devices at once is put on once', async () => {
  const ann = await player();
  const [sword] = await given(ann, gearOf(roll()));
  assert.equal(await atOnce((one) => one.inventory.equip(ann, sword!)), { done: 1, item_equipped: 19 });
  assert.equal(await worn(ann), { weapon: sword });
  assert.equal(await atOnce((one) => one.inventory.unequip(ann, 'weapon')), { done: 1, slot_empty: 19 });
  assert.equal(await worn(ann), {});
});

inventory('twenty swords put on at once: all are put on in turn, one stays, and a slot never holds two', async () => {
  const ann = await player();
  const swords = await given(ann, ...Array.from({ length: 20 }, () => gearOf(roll())));
  assert.equal(await atOnce((one, nth) => one.inventory.equip(ann, swords[nth]!)), { done: 20 });
  assert.is(Object.keys(await worn(ann)).length, 1);
  await honest();
});

inventory('one piece sold by two devices at once is paid once', async () => {
  const ann = await player();
  const [sword] = await given(ann, gearOf(roll()));
  const sold = await atOnce((one) => one.inventory.sell({ playerId: ann, itemId: sword!, quantity: 1, key: randomUUID() }));
  assert.equal(sold, { done: 1, item_unknown: 19 });
  assert.is((await coins(ann)).available, 110n);
  await honest();
});

inventory('a stack of 7 sold by threes at once is sold twice, and one is left', async () => {
  const ann = await player();
  await given(ann, stackOf('wolf_pelt', 7));
  const sold = await atOnce((one) => one.inventory.sell({ playerId: ann, itemId: 'wolf_pelt', quantity: 3, key: randomUUID() }));
  assert.equal(sold, { done: 2, quantity_short: 18 });
  assert.is((await coins(ann)).available, 30n);
  const [left] = await store.inventory.list(ann, { limit: 10, after: null });
  assert.is(left!.quantity, 1);
  await honest();
});

inventory('a sale said again under its key, by both devices, is one sale', async () => {
  const ann = await player();
  await given(ann, stackOf('wolf_pelt', 9));
  const key = randomUUID();
  const sales = await Promise.all(
    Array.from({ length: 20 }, (_, nth) =>
      devices[nth % 2]!.inventory.sell({ playerId: ann, itemId: 'wolf_pelt', quantity: 2, key }),
    ),
  );
  assert.is(sales.filter(({ replayed }) => !replayed).length, 1);
  assert.equal([...new Set(sales.map(({ answer }) => `${answer.paid} ${answer.available}`))], ['10 10']);
  assert.is((await coins(ann)).available, 10n);
});

inventory('a piece put on and sold at once is worn or sold, never both', async () => {
  for (let nth = 0; nth < 10; nth++) {
    const ann = await player();
    const [sword] = await given(ann, gearOf(roll()));
    const codes = await Promise.all([
      refusalOf(store.inventory.equip(ann, sword!)),
      refusalOf(other.store.inventory.sell({ playerId: ann, itemId: sword!, quantity: 1, key: randomUUID() })),
    ]);
    const worns = Object.keys(await worn(ann)).length;
    const expected = worns === 1 ? ['done', 'item_equipped'] : ['item_unknown', 'done'];
    assert.equal([codes, (await coins(ann)).available], [expected, worns === 1 ? 0n : 110n]);
  }
  await honest();
});

inventory('the last elixir drunk by two devices at once has its effect once', async () => {
  const ann = await player();
  await given(ann, stackOf('elixir_might', 1));
  const drunk = await atOnce((one) => one.inventory.use({ playerId: ann, itemId: 'elixir_might', key: randomUUID() }));
  assert.equal(drunk, { done: 1, quantity_short: 19 });
  const { effects, used } = await store.inventory.summary(ann);
  assert.equal([effects.map(({ stat, percent }) => [stat, percent]), used], [[['attack', 10]], 0]);
});

inventory('gear, put on, makes a fighter stronger; an elixir strengthens all of it until it ends', async () => {
  const ann = await player();
  const bare = await store.battles.strength(ann);
  const [sword, plate] = await given(ann, gearOf(roll()), gearOf(roll('plate')), stackOf('elixir_might', 2));
  assert.equal(await store.battles.strength(ann), bare, 'in the bag it does nothing');
  for (const id of [sword!, plate!]) await store.inventory.equip(ann, id);
  assert.equal(await store.battles.strength(ann), { ...bare, attack: bare.attack + 10, hp: bare.hp + 20 });
  await store.inventory.use({ playerId: ann, itemId: 'elixir_might', key: randomUUID() });
  const attack = Math.floor(((bare.attack + 10) * 110) / 100);
  assert.equal(await store.battles.strength(ann), { ...bare, attack, hp: bare.hp + 20 });
  await db.rows("update effect set ends_at = now() - interval '1 second' where player = $1", [ann]);
  assert.is((await store.battles.strength(ann)).attack, bare.attack + 10);
  assert.equal((await store.inventory.summary(ann)).effects, []);
});

inventory('in a battle that is on nothing is put on, taken off or drunk; before and after it is', async () => {
  const [ann, bob] = [await player(), await player()];
  const [sword, spear] = await given(ann, gearOf(roll()), gearOf(roll('spear')), stackOf('elixir_might', 1), stackOf('tonic', 1));
  const [bobs] = await given(bob, gearOf(roll()));
  await store.inventory.equip(ann, sword!);
  const roundId = await battleOf(ann);
  const before = await store.inventory.list(ann, { limit: 10, after: null });
  assert.equal(
    await Promise.all([
      refusalOf(store.inventory.equip(ann, spear!)),
      refusalOf(other.store.inventory.unequip(ann, 'weapon')),
      refusalOf(store.inventory.use({ playerId: ann, itemId: 'elixir_might', key: randomUUID() })),
      refusalOf(store.inventory.equip(bob, bobs!)),
    ]),
    ['in_battle', 'in_battle', 'in_battle', 'done'],
  );
  assert.equal(await store.inventory.list(ann, { limit: 10, after: null }), before);
  await store.rounds.void(roundId, 'test');
  assert.is(await refusalOf(store.inventory.equip(ann, spear!)), 'done');
  assert.equal(await worn(ann), { weapon: spear });
});

inventory('who is in a battle is found by an index, however many rounds there have been', async () => {
  await db.rows(
    `insert into round (id, game, rules_version, sealed, commitment, state)
       select gen_random_uuid(), 'battle', 1, '', '', 'settled' from generate_series(1, 20000)`,
  );
  const fighters = await Promise.all(Array.from({ length: 50 }, () => player()));
  await Promise.all(fighters.map(battleOf));
  await db.rows('analyze round');
  const ask = `
    explain select 1 from round
     where holder is not null and state = 'started' and game = 'battle' and setup -> 'party' @> '[{"playerId": "${fighters[0]}"}]'`;
  const plan = (await db.rows<{ 'QUERY PLAN': string }>(ask)).map((line) => line['QUERY PLAN']).join('\n');
  assert.match(plan, /round_party|round_unfinished/);
});

inventory('loot that does not all fit is refused whole, and waits until there is room', async () => {
  const ann = await player();
  const ids = await given(ann, ...Array.from({ length: 99 }, () => gearOf(roll())));
  const { roundId } = await store.rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  await store.rounds.start({ roundId, clientSeeds: [], setup: {}, currency: null, stakes: [] });
  const items = [stackOf('wolf_pelt', 2), gearOf(roll('spear'))];
  const reward = { playerId: ann, coins: 100n, xp: 500n, items, shareBp: 10_000, won: true };
  const end = { outcome: { outcome: 'won' }, payouts: [], rake: 0n, counts: false, rewards: [reward] };
  await store.rounds.move({ roundId, moves: [], end });
  const claim = () => store.battles.claimOnce({ playerId: ann, roundId, key: randomUUID() });
  assert.is(await refusalOf(claim()), 'inventory_full');
  const { xp } = (await db.rows<{ xp: bigint }>('select xp from player where id = $1', [ann]))[0]!;
  assert.equal([(await coins(ann)).available, xp, (await store.inventory.summary(ann)).used], [0n, 0n, 99]);
  await store.inventory.sell({ playerId: ann, itemId: ids[0]!, quantity: 1, key: randomUUID() });
  assert.is(await refusalOf(claim()), 'done');
  const spear = (await store.inventory.list(ann, { limit: 100, after: null })).find(({ item }) => item === 'spear');
  assert.equal([spear!.gear!.roundId, gearById(spear!.item)!.slot], [roundId, 'weapon']);
  await honest();
});

inventory.run();
