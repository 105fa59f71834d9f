import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { earnXpIn } from '../../persistence/progress.ts';
import { POINT, standardPoints } from '../../rules/battle-figures.ts';
import { LEVEL_MAX, pointsAtLevel, XP_MAX, XP_TOTALS } from '../../rules/levels.ts';
import { startPostgres } from '../support/postgres.ts';
import { give, refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, clock, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { stats, ledger, rounds } = store;

const kept = suite('persistence/stats');
for (const end of [close, other.close, postgres.stop]) kept.after(end);

const statsOf = (index: number) => (index % 2 ? other.store.stats : stats);
const none = { attack: 0, defence: 0, hp: 0, stamina: 0 };
const gems = async (id: string) => (await ledger.balance(id, 'GEMS')).available;
const honest = async () => assert.equal((await ledger.verify()).differences, []);

/** A player of a level, with all points free, and so much stamina as of now. */
async function atLevel(level: number, { tenths = 1_000, gemsHeld = 0n } = {}): Promise<string> {
  const id = await player();
  await db.rows('update player set level = $2, xp = $3, stat_points = $4, stamina_tenths = $5, stamina_at = $6 where id = $1', [
    ...[id, level, String(XP_TOTALS[level]!), pointsAtLevel(level)],
    ...[tenths, clock.now()],
  ]);
  if (gemsHeld > 0n) await give(store, { playerId: id, currency: 'GEMS', amount: gemsHeld });
  return id;
}

const allocate = (playerId: string, points: Partial<typeof none>, index = 0, key = randomUUID()) =>
  statsOf(index).allocate({ playerId, points: { ...none, ...points }, key });
const respec = (playerId: string, index = 0, key = randomUUID()) => statsOf(index).respec({ playerId, key });

const rowOf = async (id: string) =>
  (
    await db.rows(
      'select level, xp, stat_points, attack, defence, health, stamina_max, stamina_tenths, stamina_at from player where id = $1',
      [id],
    )
  )[0]!;

kept('points spent by many devices at once are spent once each, and none that is not there', async () => {
  const ann = await atLevel(4);
  const codes = await Promise.all(Array.from({ length: 20 }, (_, index) => refusalOf(allocate(ann, { attack: 1 }, index))));
  assert.equal([codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'points_short').length], [9, 11]);
  const { stat_points: free, attack } = await rowOf(ann);
  assert.equal([free, attack], [0, 10 + 9 * POINT.attack]);
});

kept('points spent under one key are spent once, and told again', async () => {
  const ann = await atLevel(4);
  const key = randomUUID();
  const told = await Promise.all(Array.from({ length: 10 }, (_, index) => allocate(ann, { hp: 2, stamina: 1 }, index, key)));
  for (const { answer } of told)
    assert.equal(answer, {
      ...{ statPoints: 6, attack: 10, defence: 10, health: 100 + 2 * POINT.hp },
      stamina: { points: 100, max: 102, since: clock.now().toISOString() },
    });
  assert.is(told.filter(({ replayed }) => !replayed).length, 1);
  assert.is(await refusalOf(allocate(ann, { hp: 1 }, 0, key)), 'request_reused');
});

kept('more points than are free are refused, and nothing changes', async () => {
  const ann = await atLevel(4);
  const before = await rowOf(ann);
  for (const points of [{ attack: 10 }, { attack: 5, defence: 5 }, { stamina: 347 }])
    assert.is(await refusalOf(allocate(ann, points)), 'points_short');
  assert.equal(await rowOf(ann), before);
});

kept('points not yet spent count in battle as those spent the standard way', async () => {
  const ann = await atLevel(37);
  const unspent = await store.battles.strength(ann);
  await allocate(ann, standardPoints(pointsAtLevel(37)));
  assert.equal(await store.battles.strength(ann), unspent);
  const bob = await atLevel(37);
  await allocate(bob, { attack: pointsAtLevel(37) });
  const strong = await store.battles.strength(bob);
  assert.equal([strong.attack, strong.defence], [10 + pointsAtLevel(37) * POINT.attack, 10]);
});

kept('every point comes back for gems, once by many devices at once', async () => {
  const ann = await atLevel(10, { gemsHeld: 50n });
  await allocate(ann, { attack: 12, defence: 8, hp: 7, stamina: 5 });
  const codes = await Promise.all(Array.from({ length: 12 }, (_, index) => refusalOf(respec(ann, index))));
  assert.equal(
    [codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'points_unspent').length],
    [1, 11],
  );
  const row = await rowOf(ann);
  assert.equal([row.stat_points, row.attack, row.defence, row.health, row.stamina_max], [pointsAtLevel(10), 10, 10, 100, 100]);
  assert.is(await gems(ann), 30n);
  await honest();
});

kept('a respec said again under its key costs once', async () => {
  const ann = await atLevel(10, { gemsHeld: 50n });
  await allocate(ann, { attack: 3 });
  const key = randomUUID();
  const { answer } = await respec(ann, 0, key);
  assert.equal([answer.statPoints, answer.price, answer.available], [pointsAtLevel(10), '20', '30']);
  await allocate(ann, { attack: 3 });
  assert.equal(await respec(ann, 1, key), { answer, replayed: true });
  assert.equal([await gems(ann), (await rowOf(ann)).attack], [30n, 10 + 3 * POINT.attack]);
});

kept('without the gems, without a point spent, or in a battle that is on nothing comes back', async () => {
  const ann = await atLevel(10, { gemsHeld: 19n });
  assert.is(await refusalOf(respec(ann)), 'points_unspent');
  await allocate(ann, { attack: 3 });
  const before = await rowOf(ann);
  assert.is(await refusalOf(respec(ann)), 'funds_short');
  assert.equal([await rowOf(ann), await gems(ann)], [before, 19n]);
  await give(store, { playerId: ann, currency: 'GEMS', amount: 1n });
  const { roundId } = await rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  const party = [{ playerId: ann }];
  await rounds.start({ roundId, clientSeeds: [], setup: { party }, currency: null, stakes: [] });
  assert.is(await refusalOf(respec(ann)), 'in_battle');
  assert.equal([await rowOf(ann), await gems(ann)], [before, 20n]);
  await rounds.move({ roundId, moves: [], end: { outcome: {}, payouts: [], rake: 0n, counts: false } });
  assert.is(await refusalOf(respec(ann)), 'done');
  await honest();
});

kept('stamina is written down as it has grown; asking often brings nothing more, and no time is lost', async () => {
  const [often, once] = [await atLevel(1, { tenths: 0 }), await atLevel(1, { tenths: 0 })];
  for (let seconds = 0; seconds < 35; seconds += 7) {
    clock.pass(7_000);
    await Promise.all(Array.from({ length: 4 }, (_, index) => statsOf(index).regenerate(often)));
  }
  const since = new Date(clock.now().getTime() - 5_000).toISOString();
  assert.equal(await stats.regenerate(once), { points: 30, max: 100, since });
  assert.equal(await stats.regenerate(often), { points: 30, max: 100, since });
  assert.equal((await store.players.profile(often)).stamina, { points: 30, max: 100, since: new Date(since) });
});

kept('the maximum of stamina follows its points, up and down', async () => {
  const ann = await atLevel(10, { gemsHeld: 20n });
  assert.equal((await allocate(ann, { stamina: 10 })).answer.stamina.points, 100, 'a higher maximum fills by and by');
  clock.pass(10_000);
  const grown = await stats.regenerate(ann);
  assert.equal([grown.points, grown.max], [112, 120]);
  const { answer } = await respec(ann);
  assert.equal([answer.stamina.points, answer.stamina.max], [100, 100]);
});

kept('levels end at a hundred, and XP beyond them has an end too', async () => {
  const ann = await player();
  const earn = (xp: bigint, key: string) =>
    db.transaction(async (em) => {
      const earned = await earnXpIn(em, { playerId: ann, source: 'battle', xp, key });
      await ledger.grantAllIn(em, earned.grants);
      return earned;
    });
  assert.is((await earn(XP_TOTALS[LEVEL_MAX]!, 'all')).level, LEVEL_MAX);
  assert.equal([(await rowOf(ann)).stat_points, await gems(ann)], [pointsAtLevel(LEVEL_MAX), 5n * 99n]);
  assert.is((await earn(XP_MAX, 'more')).xp, XP_MAX - XP_TOTALS[LEVEL_MAX]!);
  for (let times = 0; times < 3; times++) assert.is((await earn(XP_MAX, `again ${times}`)).xp, 0n);
  const { level, xp, stat_points: points } = await rowOf(ann);
  assert.equal([level, xp, points, await gems(ann)], [LEVEL_MAX, XP_MAX, pointsAtLevel(LEVEL_MAX), 5n * 99n]);
  await give(store, { playerId: ann, currency: 'GEMS', amount: 20n });
  await allocate(ann, standardPoints(pointsAtLevel(LEVEL_MAX)));
  assert.is((await respec(ann)).answer.statPoints, pointsAtLevel(LEVEL_MAX), 'what was spent is what the levels gave');
});

kept('XP of the day is told by source, under its cap', async () => {
  const ann = await player();
  assert.is((await stats.xpToday(ann)).earned.size, 0);
  for (const xp of [400n, 400n])
    await db.transaction((em) => earnXpIn(em, { playerId: ann, source: 'trade', xp, key: randomUUID() }));
  const { day, earned } = await stats.xpToday(ann);
  assert.equal([...earned], [['trade', 500n]]);
  assert.match(day, /^\d{4}-\d\d-\d\d$/);
});

kept.run();
