// Achievements: unlocked once in the fold, paid once, whoever comes at the same time; rows of an operator's take effect at once.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countIn } from '../../persistence/deeds.ts';
import { whole } from '../../persistence/orm.ts';
import { ACHIEVEMENTS } from '../../rules/achievements.ts';
import type { Counter } from '../../rules/counters.ts';
import type { Currency } from '../../rules/currency.ts';
import { startPostgres } from '../support/postgres.ts';
import { serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, guest, crowd, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { achievements, deeds, ledger } = store;

const unlocking = suite('persistence/achievements');
for (const end of [close, other.close, postgres.stop]) unlocking.after(end);

const did = (playerId: string, counter: Counter, amount: bigint) =>
  db.transaction((em) => countIn(em, [{ playerId, counter, amount }]));

/** Until nothing is left: what is paid is counted too. */
async function settle(): Promise<number> {
  let paid = 0;
  while ((await deeds.fold()) > 0) paid += await achievements.award();
  return paid;
}

const unlockedOf = async (playerId: string) =>
  (await achievements.of(playerId)).filter(({ unlockedAt }) => unlockedAt !== null).map(({ achievementId }) => achievementId);

const has = async (playerId: string, currency: Currency) => (await ledger.balance(playerId, currency)).available;

const toldOf = async (playerId: string) =>
  db.rows<{ kind: string; data: Record<string, unknown> }>('select kind, data from notification where player = $1 order by no', [
    playerId,
  ]);

const write = (id: string, data: Record<string, unknown>) =>
  db.rows(
    "insert into content (kind, id, data) values ('achievement', $1, $2) on conflict (kind, id) do update set data = excluded.data",
    [id, JSON.stringify(data)],
  );

const owed = { ...ACHIEVEMENTS.find(({ achievementId }) => achievementId === 'bosses-1')! };

unlocking('what is reached is unlocked in the fold, and pays AP, gems and XP, and tells, once', async () => {
  const ann = await player();
  await did(ann, 'bosses', 1n);
  assert.is(await deeds.fold(), 1);
  assert.equal(await unlockedOf(ann), ['bosses-1']);
  assert.is(await has(ann, 'AP'), 0n);
  assert.is(await achievements.award(), 1);
  assert.is(await achievements.award(), 0);
  await did(ann, 'bosses', 1n);
  await settle();
  assert.equal([await has(ann, 'AP'), await has(ann, 'GEMS')], [owed.ap, owed.gems]);
  const [row] = await db.rows<{ xp: unknown }>('select xp from player where id = $1', [ann]);
  assert.is(whole(row!.xp), owed.xp);
  const told = (await toldOf(ann)).filter(({ kind }) => kind === 'achievement_unlocked');
  assert.equal(
    told.map(({ data }) => data),
    [{ achievementId: 'bosses-1', name: owed.name, tier: owed.tier, ap: '50', gems: '5', xp: '50' }],
  );
  const tallies = await store.counters.of(ann);
  assert.equal([tallies.get('ap')!.sum, tallies.get('xp')!.sum, tallies.get('bosses')!.sum], [owed.ap, owed.xp, 2n]);
  assert.equal((await ledger.verify()).differences, []);
});

unlocking('one deed may reach several at once, and progress stops at the threshold', async () => {
  const ann = await guest();
  await did(ann, 'battles', 260n);
  await settle();
  assert.equal(await unlockedOf(ann), ['battles-1', 'battles-25', 'battles-250']);
  assert.is(await has(ann, 'AP'), 10n + 50n + 250n);
  const battles = (await achievements.of(ann)).filter(({ counter }) => counter === 'battles');
  assert.equal(
    battles.map(({ progress }) => progress),
    [1n, 25n, 250n, 260n],
  );
});

unlocking('the best single one counts by itself, days in a row by the longest row', async () => {
  const ann = await player();
  for (const amount of [400n, -300n, 499n]) await did(ann, 'winnings', amount);
  for (const streak of [1n, 6n, 1n]) await did(ann, 'streak_days', streak);
  await settle();
  assert.equal(await unlockedOf(ann), []);
  await did(ann, 'winnings', -600n);
  await did(ann, 'winnings', 500n);
  await did(ann, 'streak_days', 7n);
  await settle();
  assert.equal(await unlockedOf(ann), ['winnings-best-500', 'streak-days-best-7']);
  await did(ann, 'winnings', 5_000n);
  await settle();
  assert.equal(
    (await unlockedOf(ann)).filter((id) => id.startsWith('winnings')),
    ['winnings-best-500', 'winnings-best-5000'],
  );
});

unlocking('a row that is added counts within a fold, and a sweep finds who had passed it before', async () => {
  await achievements.sweep();
  const [early, late, short] = (await crowd(3, 0n)) as [string, string, string];
  await did(early, 'items_sold', 12n);
  await did(short, 'items_sold', 9n);
  await settle();
  await write('seller', { name: 'Seller', tier: 'bronze', counter: 'items_sold', threshold: 10, ap: 25 });
  await did(late, 'items_sold', 10n);
  await settle();
  assert.equal([await unlockedOf(early), await unlockedOf(late), await unlockedOf(short)], [[], ['seller'], []]);
  const swept = await Promise.all([achievements.sweep(), other.store.achievements.sweep(), achievements.sweep()]);
  assert.is(swept.reduce((sum, count) => sum + count, 0) + (await achievements.sweep()), 1);
  assert.equal(await unlockedOf(early), ['seller']);
  await achievements.award();
  assert.equal([await has(early, 'AP'), await has(late, 'AP'), await has(short, 'AP')], [25n, 25n, 0n]);
  // Made easier, it is another goal; made harder, nobody loses it.
  await write('seller', { name: 'Seller', tier: 'bronze', counter: 'items_sold', threshold: 9, ap: 30 });
  assert.is(await achievements.sweep(), 1);
  await achievements.award();
  assert.equal([await has(early, 'AP'), await has(short, 'AP')], [25n, 30n]);
  await write('seller', { name: 'Seller', tier: 'bronze', counter: 'items_sold', threshold: 1_000, ap: 30 });
  assert.is(await achievements.sweep(), 0);
  assert.equal(await unlockedOf(early), ['seller']);
  const listed = (await achievements.list()).find(({ achievementId }) => achievementId === 'seller')!;
  assert.equal([listed.holders, listed.threshold], [3n, 1_000n]);
});

unlocking('rows that are none stop nothing', async () => {
  const ann = await player();
  await write('broken', { name: 'Broken', tier: 'wood', counter: 'pets', threshold: 1, ap: 10 });
  await write('empty', {});
  await did(ann, 'pets', 1n);
  await settle();
  await achievements.sweep();
  assert.equal(await unlockedOf(ann), ['pets-1']);
});

unlocking('30 players are paid once each by four payers at once, and one who cannot be paid keeps nobody else’s', async () => {
  const players = await crowd(30, 0n);
  const stuck = players.toSorted()[0]!;
  await db.rows("update ledger_account set owner = null, name = 'lost' where owner = $1 and currency = 'AP'", [stuck]);
  for (const playerId of players) await did(playerId, 'battles', 1n);
  while ((await deeds.fold()) > 0);
  const payers = [achievements, other.store.achievements, achievements, other.store.achievements];
  const told = await Promise.all(
    payers.map((payer) =>
      payer.award().then(
        () => 'done',
        () => 'failed',
      ),
    ),
  );
  assert.ok(told.includes('failed'));
  for (const playerId of players.filter((id) => id !== stuck)) assert.is(await has(playerId, 'AP'), 10n, playerId);
  const unpaid = await db.rows<{ player: string }>('select player from player_achievement where paid_at is null');
  assert.equal(unpaid, [{ player: stuck }]);
  await db.rows("update ledger_account set owner = $1, name = null where name = 'lost'", [stuck]);
  assert.is(await achievements.award(), 1);
  assert.is(await has(stuck, 'AP'), 10n);
});

unlocking('a payment that is cut off pays nothing and is made later, once', async () => {
  const ann = await player();
  await did(ann, 'battles', 1n);
  while ((await deeds.fold()) > 0);
  await db.rows('create function stumble() returns trigger language plpgsql as $$ begin raise exception $x$stumble$x$; end $$');
  await db.rows('create trigger stumble before insert on notification for each row execute function stumble()');
  assert.match(
    await achievements.award().then(
      () => 'done',
      (error: Error) => error.message,
    ),
    /stumble/,
  );
  assert.equal([await has(ann, 'AP'), await toldOf(ann)], [0n, []]);
  await db.rows('drop trigger stumble on notification');
  await db.rows('drop function stumble()');
  assert.is(await achievements.award(), 1);
  assert.is(await has(ann, 'AP'), 10n);
  assert.equal((await ledger.verify()).differences, []);
});

unlocking('who has gone is not paid', async () => {
  const ann = await player();
  await did(ann, 'battles', 1n);
  while ((await deeds.fold()) > 0);
  await store.players.erase(ann);
  assert.is(await achievements.award(), 0);
  assert.is(await has(ann, 'AP'), 0n);
});

unlocking.run();
