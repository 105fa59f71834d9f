import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reward } from '../../persistence/rounds.ts';
import { GEMS_A_LEVEL, levelOf, pointsAtLevel } from '../../rules/levels.ts';
import { startPostgres } from '../support/postgres.ts';
import { give, refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, coins, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { battles, rounds, ledger } = store;

const after = suite('persistence/battles');
for (const end of [close, other.close, postgres.stop]) after.after(end);

const reward = (playerId: string, more: Partial<Reward> = {}): Reward => ({
  playerId,
  coins: 0n,
  xp: 0n,
  items: [],
  shareBp: 10_000,
  won: true,
  ...more,
});

/** A battle that is over, with what each earned. */
async function fought(rewards: Reward[], outcome = 'won'): Promise<string> {
  const { roundId } = await rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  await rounds.start({ roundId, clientSeeds: [], setup: { battleId: 'goblin_camp' }, currency: null, stakes: [] });
  const end = { outcome: { outcome }, payouts: [], rake: 0n, counts: false, rewards };
  await rounds.move({ roundId, moves: [{ tick: 1 }], end });
  return roundId;
}

const playerRow = async (id: string) =>
  (
    await db.rows<{ level: number; xp: bigint; points: number }>(
      'select level, xp, stat_points as points from player where id = $1',
      [id],
    )
  )[0]!;
const itemsOf = async (id: string) =>
  Object.fromEntries(
    (await db.rows<{ item: string; quantity: number }>('select item, quantity from item_stack where player = $1', [id])).map(
      (row) => [row.item, row.quantity],
    ),
  );
const gems = async (id: string) => (await ledger.balance(id, 'GEMS')).available;
const honest = async () => assert.equal((await ledger.verify()).differences, []);

after('what a battle gave is there to be claimed, by those who fought in it and after it has ended', async () => {
  const [ann, bob] = [await player(), await player()];
  const items = [{ item: 'iron_sword', quantity: 1, gear: null }];
  const roundId = await fought([reward(ann, { coins: 150n, xp: 30n, items, shareBp: 6_000 })]);
  const run = (await battles.run(ann, roundId))!;
  assert.equal(
    [run.battleId, run.state, run.outcome, run.coins, run.xp, run.items, run.shareBp, run.claimedAt],
    ['goblin_camp', 'settled', 'won', 150n, 30n, items, 6_000, null],
  );
  assert.is(await battles.run(bob, roundId), null);
  assert.is(await refusalOf(battles.claim(bob, roundId)), 'loot_none');
  assert.is(await refusalOf(battles.claim(ann, randomUUID())), 'loot_none');
  assert.equal(await battles.claim(ann, roundId), { roundId, coins: 150n, xp: 30n, items });
  assert.equal([(await coins(ann)).available, await itemsOf(ann)], [150n, { iron_sword: 1 }]);
  assert.ok((await battles.run(ann, roundId))!.claimedAt);
});

after('40 claims of one reward at once through two stores pay it once', async () => {
  const ann = await player();
  const roundId = await fought([reward(ann, { coins: 100n, xp: 500n, items: [{ item: 'potion', quantity: 2 }] })]);
  const codes = await Promise.all(
    Array.from({ length: 40 }, (_, index) => refusalOf((index % 2 ? other.store : store).battles.claim(ann, roundId))),
  );
  assert.equal([codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'loot_claimed').length], [1, 39]);
  assert.equal([(await coins(ann)).available, await itemsOf(ann), (await playerRow(ann)).xp], [100n, { potion: 2 }, 500n]);
  await honest();
});

after('XP raises levels, a level gives points to spend and gems, and the boards count it', async () => {
  const ann = await player();
  await db.rows('delete from score_event');
  const first = await fought([reward(ann, { xp: 99n })]);
  await battles.claim(ann, first);
  assert.equal(await playerRow(ann), { level: 1, xp: 99n, points: 0 });
  const second = await fought([reward(ann, { xp: 5_000n })]);
  await battles.claim(ann, second);
  const level = levelOf(5_099n);
  assert.ok(level > 5);
  assert.equal(await playerRow(ann), { level, xp: 5_099n, points: pointsAtLevel(level) });
  assert.is(await gems(ann), BigInt(level - 1) * GEMS_A_LEVEL);
  const events = await db.rows<{ board: string; amount: bigint }>(
    'select board, amount from score_event where player = $1 order by id',
    [ann],
  );
  assert.equal(
    events.map(({ board, amount }) => [board, amount]),
    [
      ['battles_fought', 1n],
      ['battles', 1n],
      ['xp', 99n],
      ['battles_fought', 1n],
      ['battles', 1n],
      ['xp', 5_000n],
    ],
  );
});

after('30 rewards of one player claimed at once, with the same things in other orders: all are paid, none twice', async () => {
  const ann = await player();
  const names = ['a', 'b', 'c', 'd'];
  const claims = await Promise.all(
    Array.from({ length: 30 }, (_, index) => {
      const turned = [...names.slice(index % 4), ...names.slice(0, index % 4)];
      return fought([reward(ann, { coins: 10n, xp: 200n, items: turned.map((item) => ({ item, quantity: 1 })) })]);
    }),
  );
  await Promise.all(claims.map((roundId, index) => (index % 2 ? other.store : store).battles.claim(ann, roundId)));
  const level = levelOf(6_000n);
  assert.equal(await playerRow(ann), { level, xp: 6_000n, points: pointsAtLevel(level) });
  assert.equal(
    [(await coins(ann)).available, await gems(ann), await itemsOf(ann)],
    [300n, BigInt(level - 1) * GEMS_A_LEVEL, { a: 30, b: 30, c: 30, d: 30 }],
  );
  assert.equal(await db.rows('select deadlocks::int as n from pg_stat_database where datname = current_database()'), [{ n: 0 }]);
  await honest();
});

const { roundId } = await rounds.open({ game: 'battle', roomId: 'none', rulesVersion: 1 });
await rounds.start({ roundId, clientSeeds: [], setup: {}, currency: null, stakes: [] });

after('a price is paid once under its key: said again, by 20 callers at once or from another room, it buys nothing', async () => {
  const ann = await player(100n);
  const charge = {
    playerId: ann,
    currency: 'COINS',
    amount: 30n,
    reason: 'potion:small',
    requestId: randomUUID(),
    roundId,
  } as const;
  const codes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => refusalOf((index % 2 ? other.store : store).battles.charge(charge))),
  );
  assert.equal(
    [codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'request_reused').length],
    [1, 19],
  );
  assert.is((await coins(ann)).available, 70n);
  assert.is(await refusalOf(battles.charge({ ...charge, amount: 10n })), 'request_reused');
  assert.equal(await battles.charge({ ...charge, requestId: randomUUID() }), { available: 40n, left: null });
});

after('a price that could not be paid stays refused under its key', async () => {
  const ann = await player(10n);
  const charge = {
    playerId: ann,
    currency: 'COINS',
    amount: 30n,
    reason: 'potion:small',
    requestId: randomUUID(),
    roundId,
  } as const;
  assert.is(await refusalOf(battles.charge(charge)), 'funds_short');
  await give(store, { playerId: ann, currency: 'COINS', amount: 100n });
  assert.is(await refusalOf(battles.charge(charge)), 'funds_short');
  assert.is((await coins(ann)).available, 110n);
});

after('a round that is void gives back what was paid in it, once, whoever voids it; one that ended keeps it', async () => {
  for (const ends of [false, true]) {
    const ann = await player(100n);
    const { roundId: fought } = await store.rounds.open({ game: 'battle', roomId: 'none', rulesVersion: 1 });
    await store.rounds.start({ roundId: fought, clientSeeds: [], setup: {}, currency: null, stakes: [] });
    const charge = { playerId: ann, currency: 'COINS', amount: 30n, reason: 'potion:small', requestId: randomUUID() } as const;
    await battles.charge({ ...charge, roundId: fought });
    await refusalOf(battles.charge({ ...charge, amount: 500n, requestId: randomUUID(), roundId: fought }));
    const end = { outcome: {}, payouts: [], rake: 0n, counts: false, spent: [battles.chargeIdOf(charge)] };
    if (ends) await store.rounds.move({ roundId: fought, moves: [], end });
    assert.is(await other.store.rounds.void(fought, 'interrupted'), !ends);
    assert.is((await coins(ann)).available, ends ? 70n : 100n);
    if (!ends) await battles.refund(charge);
    assert.is((await coins(ann)).available, ends ? 70n : 100n);
  }
  await honest();
});

after('a refund gives back once what was paid, and nothing where nothing was; the key is spent either way', async () => {
  const ann = await player(100n);
  const charge = { playerId: ann, currency: 'COINS', amount: 30n, reason: 'revive', requestId: randomUUID(), roundId } as const;
  await battles.refund(charge);
  assert.is((await coins(ann)).available, 100n);
  await battles.charge(charge);
  await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 ? other.store : store).battles.refund(charge)));
  assert.is((await coins(ann)).available, 100n);
  assert.is(await refusalOf(battles.charge(charge)), 'request_reused', 'a price given back is not paid');
  const dear = { ...charge, amount: 1_000n, requestId: randomUUID() };
  assert.is(await refusalOf(battles.charge(dear)), 'funds_short');
  await battles.refund(dear);
  assert.is((await coins(ann)).available, 100n);
  await honest();
});

/** A battle that is on. */
async function started(): Promise<string> {
  const { roundId: on } = await rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 2 });
  await rounds.start({ roundId: on, clientSeeds: [], setup: { party: [] }, currency: null, stakes: [] });
  return on;
}
const stock = (id: string, item: string, quantity: number) =>
  db.rows('insert into item_stack (player, item, quantity) values ($1, $2, $3)', [id, item, quantity]);
const potionFor = (playerId: string, on: string) => ({
  ...({ playerId, roundId: on, requestId: randomUUID(), currency: 'COINS', amount: 30n, reason: 'potion:potion_minor' } as const),
  item: 'potion_minor',
});
const noEnd = { outcome: {}, payouts: [], rake: 0n, counts: false };

after('of a stack of three potions twenty who ask at once drink three, the others pay', async () => {
  const [ann, on] = [await player(1_000n), await started()];
  await stock(ann, 'potion_minor', 3);
  const drunk = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? other.store : store).battles.charge(potionFor(ann, on))),
  );
  assert.equal(
    drunk.flatMap(({ left }) => left ?? []).toSorted((one, two) => one - two),
    [0, 1, 2],
  );
  assert.equal([(await coins(ann)).available, await itemsOf(ann)], [1_000n - 17n * 30n, { potion_minor: 0 }]);
  await honest();
});

after('a potion of the stack is given back once: where it lapses, where the round is void, not where it was drunk', async () => {
  for (const [what, left] of [
    ['lapses', 3],
    ['lapses at the end', 3],
    ['is void', 3],
    ['is void after it lapsed', 3],
    ['ends', 2],
  ] as const) {
    const [ann, on] = [await player(100n), await started()];
    await stock(ann, 'potion_minor', 3);
    const charge = potionFor(ann, on);
    assert.equal(await battles.charge(charge), { available: null, left: 2 });
    if (what.includes('lapse') && what !== 'lapses at the end')
      await Promise.all(Array.from({ length: 6 }, (_, index) => (index % 2 ? other.store : store).battles.refund(charge)));
    if (what.startsWith('is void')) assert.ok(await rounds.void(on, 'failed'));
    const spent = [battles.chargeIdOf(charge)];
    if (what === 'ends') await rounds.move({ roundId: on, moves: [], end: { ...noEnd, spent } });
    if (what === 'lapses at the end') await rounds.move({ roundId: on, moves: [], end: noEnd });
    if (what !== 'ends') await battles.refund(charge);
    assert.equal([(await coins(ann)).available, await itemsOf(ann)], [100n, { potion_minor: left }], what);
  }
});

after('what was paid in a round and had no effect goes back with its end, though nobody is left to give it back', async () => {
  const [ann, on] = [await player(100n), await started()];
  const [drunk, late] = [potionFor(ann, on), potionFor(ann, on)];
  for (const charge of [drunk, late]) await battles.charge(charge);
  assert.is((await coins(ann)).available, 40n);
  await rounds.move({ roundId: on, moves: [], end: { ...noEnd, spent: [battles.chargeIdOf(drunk)] } });
  assert.is((await coins(ann)).available, 70n);
  await battles.refund(late);
  assert.is((await coins(ann)).available, 70n);
  await honest();
});

after('an end and a potion asked for at the same moment wait for each other one way only', async () => {
  const [ann, on] = [await player(100n), await started()];
  await stock(ann, 'potion_minor', 1);
  const forks = [store, other.store].map(() => 0);
  for (const [index, { orm }] of [db, other.db].entries()) {
    const { fork } = orm.em;
    orm.em.fork = (...words) => (forks[index]!++, fork.apply(orm.em, words));
  }
  const waiting = async (count: number) => {
    const text = "select 1 from pg_stat_activity where wait_event_type = 'Lock'";
    while ((await postgres.sql(text)).length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('select 1 from player where id = $1 for update', [ann]);
  const charged = battles.charge(potionFor(ann, on));
  await waiting(1);
  const rewards = [reward(ann, { stamina: { leftBp: 5_000, at: new Date() } })];
  const ended = other.store.rounds.move({ roundId: on, moves: [], end: { ...noEnd, rewards } });
  await waiting(2);
  await client.query('commit');
  await client.end();
  await Promise.all([charged, ended]);
  for (const { orm } of [db, other.db]) Reflect.deleteProperty(orm.em, 'fork');
  assert.equal(forks, [1, 1], 'nobody was asked to try again');
  assert.equal([(await coins(ann)).available, await itemsOf(ann)], [100n, { potion_minor: 1 }]);
});

after('one key is one potion of whatever kind, and nothing is taken for a battle that is over', async () => {
  const [ann, on] = [await player(100n), await started()];
  await stock(ann, 'potion_minor', 3);
  const charge = potionFor(ann, on);
  await battles.charge(charge);
  const others = [
    { ...charge, reason: 'potion:tonic', item: 'tonic' },
    { ...charge, roundId: await started() },
  ];
  for (const again of others) assert.is(await refusalOf(other.store.battles.charge(again)), 'request_reused');
  await rounds.move({ roundId: on, moves: [], end: { ...noEnd, spent: [battles.chargeIdOf(charge)] } });
  for (const over of [on, randomUUID()]) assert.is(await refusalOf(battles.charge(potionFor(ann, over))), 'round_over');
  assert.equal([(await coins(ann)).available, await itemsOf(ann)], [100n, { potion_minor: 2 }]);
});

after('a round ends while potions are asked for: each is drunk, or refused and not taken', async () => {
  const [ann, on] = [await player(), await started()];
  await stock(ann, 'potion_minor', 50);
  const asked = Array.from({ length: 20 }, (_, index) => (index % 2 ? other.store : store).battles.charge(potionFor(ann, on)));
  const ended = rounds.void(on, 'failed');
  const codes = await Promise.all(asked.map(refusalOf));
  await ended;
  assert.ok(codes.every((code) => code === 'done' || code === 'round_over'));
  assert.equal(await itemsOf(ann), { potion_minor: 50 });
});

after('an end writes how tired each is, counts what they have ended and tells of the loot', async () => {
  const [ann, bob] = [await player(), await player()];
  await db.rows('delete from score_event');
  const { now } = { now: () => new Date('2026-11-21T12:00:00Z') };
  await fought([
    reward(ann, { coins: 5n, enemies: 7n, bosses: 1n, stamina: { leftBp: 2_550, at: now() } }),
    reward(bob, { won: false, stamina: { leftBp: 10_000, at: now() } }),
    reward(await player(), { won: false, fought: false }),
  ]);
  const tired = await battles.fighter(ann);
  assert.equal([tired.staminaNow, tired.stats.stamina], [25, 100]);
  assert.is((await battles.fighter(bob)).staminaNow, null);
  const counted = await db.rows<{ board: string; amount: bigint }>(
    'select board, amount from score_event where player = any($1) order by player = $2 desc, id',
    [[ann, bob], ann],
  );
  const fights = await db.rows("select 1 from score_event where board = 'battles_fought'");
  assert.is(fights.length, 2, 'who did nothing has fought none');
  assert.equal(
    counted.map(({ board, amount }) => [board, Number(amount)]),
    [
      ['battles_fought', 1],
      ['battles', 1],
      ['bosses', 1],
      ['enemies', 7],
      ['battles_fought', 1],
    ],
  );
  const told = await db.rows<{ kind: string }>('select kind from notification where player = any($1)', [[ann, bob]]);
  assert.equal(
    told.map(({ kind }) => kind),
    ['loot_ready'],
  );
});

after('who comes into a battle that is on is noted with those who began, and not once it is over', async () => {
  const on = await started();
  const late = {
    playerId: await player(),
    name: 'Late',
    level: 1,
    bot: false,
    stats: { attack: 1, defence: 1, hp: 1, stamina: 1 },
  };
  await Promise.all([battles.joinLate(on, late), other.store.battles.joinLate(on, late)]);
  assert.equal((await store.history.proof(on))!.setup.party, [{ ...late, late: true }]);
  assert.ok((await refusalOf(store.inventory.unequip(late.playerId, 'weapon'))) === 'in_battle');
  await rounds.move({ roundId: on, moves: [], end: noEnd });
  assert.is(await refusalOf(battles.joinLate(on, late)), 'round_over');
});

after("a player's runs come newest first and page by page", async () => {
  const [ann, bob] = [await player(), await player()];
  const runs: string[] = [];
  for (let index = 0; index < 5; index++)
    runs.push(await fought([reward(ann, { coins: BigInt(index) }), reward(bob)], index % 2 ? 'won' : 'lost'));
  const first = await battles.history(ann, { limit: 3, before: null });
  const rest = await battles.history(ann, { limit: 3, before: first.at(-1)!.roundId });
  assert.equal(
    [...first, ...rest].map(({ roundId }) => roundId),
    runs.toReversed(),
  );
  assert.equal(
    [...first, ...rest].map(({ outcome, coins: earned }) => [outcome, earned]),
    [
      ['lost', 4n],
      ['won', 3n],
      ['lost', 2n],
      ['won', 1n],
      ['lost', 0n],
    ],
  );
});

after.run();
