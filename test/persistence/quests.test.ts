// Quests: done by what is counted, claimed once by however many devices, and never more of them than days have passed.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { OwnQuest } from '../../persistence/quests.ts';
import { whole } from '../../persistence/orm.ts';
import { addDays } from '../../rules/daily.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';
import { chanceOf } from '../support/torture.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, clock, player, crowd, coins, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { quests, deeds, ledger } = store;

const doing = suite('persistence/quests');
for (const end of [close, other.close, postgres.stop]) doing.after(end);

const HOUR_MS = 3_600_000;
/** Both processes have one time. */
const pass = (ms: number) => [clock, other.clock].forEach((one) => one.pass(ms));

/** At the test's clock, which the database's own does not follow. */
async function did(
  playerId: string,
  { counter, amount = 1n, at = clock.now() }: { counter: string; amount?: bigint; at?: Date },
) {
  const insert = 'insert into score_event (board, player, amount, at) values ($1, $2, $3, $4)';
  await db.rows(insert, [counter, playerId, String(amount), at]);
  while ((await deeds.fold()) > 0);
}

const finish = (playerId: string, { counter, threshold }: OwnQuest) => did(playerId, { counter, amount: threshold });
const daily = async (playerId: string) => (await quests.of(playerId)).filter(({ period }) => period === 'daily');
const claim = (playerId: string, id: string, from = store) => from.quests.claimOnce({ playerId, id, key: randomUUID() });
const move = (playerId: string, zone: string) => db.rows('update player set time_zone = $2 where id = $1', [playerId, zone]);
const toldOf = async (playerId: string) =>
  db.rows<{ data: Record<string, unknown> }>(
    "select data from notification where player = $1 and kind = 'quest_completed' order by no",
    [playerId],
  );
const stateOf = async (playerId: string) =>
  JSON.stringify(
    [
      await coins(playerId),
      await db.rows('select * from quest where player = $1 order by id', [playerId]),
      await db.rows('select xp from player where id = $1', [playerId]),
    ],
    (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );

doing('a player has three of the day and three of the week, the same until they end', async () => {
  const ann = await player();
  const six = await quests.of(ann);
  assert.equal(
    six.map(({ period }) => period),
    ['daily', 'daily', 'daily', 'weekly', 'weekly', 'weekly'],
  );
  assert.equal(
    [...new Set(six.map(({ endsAt }) => endsAt.toISOString()))],
    ['2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
  );
  assert.ok(six.every(({ progress, done, claimedAt }) => progress === 0n && !done && claimedAt === null));
  assert.equal(await other.store.quests.of(ann), six);
  const [bob] = await crowd(1, 0n);
  assert.ok((await quests.of(bob!)).every(({ id }) => six.every((one) => one.id !== id)));
});

doing('what is done counts, tells once, pays once, and is forgotten with its day', async () => {
  const ann = await player();
  const [quest] = await daily(ann);
  if (quest!.threshold > 1n) await did(ann, { counter: quest!.counter, amount: quest!.threshold - 1n });
  assert.equal((await daily(ann))[0]!.progress, quest!.threshold - 1n);
  const before = await stateOf(ann);
  assert.is(await refusalOf(claim(ann, quest!.id)), 'quest_unfinished');
  assert.is(await stateOf(ann), before);
  await did(ann, { counter: quest!.counter });
  const done = (await daily(ann)).find(({ id }) => id === quest!.id)!;
  assert.equal([done.progress, done.done, done.claimedAt], [quest!.threshold, true, null]);
  const told = await Promise.all([quests.tell(), other.store.quests.tell(), quests.tell()]);
  assert.is(
    told.reduce((sum, count) => sum + count, 0),
    1,
  );
  assert.equal(
    (await toldOf(ann)).map(({ data }) => data.id),
    [quest!.id],
  );
  const { answer } = await claim(ann, quest!.id);
  assert.equal([answer.questId, answer.coins, answer.gems, answer.xp], [quest!.questId, quest!.coins, quest!.gems, quest!.xp]);
  assert.is((await coins(ann)).available, quest!.coins);
  assert.is((await ledger.balance(ann, 'GEMS')).available, quest!.gems);
  const after = await stateOf(ann);
  assert.is(await refusalOf(claim(ann, quest!.id)), 'quest_claimed');
  assert.is(await stateOf(ann), after);
  assert.equal([await quests.tell(), (await toldOf(ann)).length], [0, 1]);
  pass(24 * HOUR_MS);
  assert.is(await refusalOf(claim(ann, quest!.id)), 'not_found');
  assert.ok((await daily(ann)).every(({ progress, id }) => progress === 0n && id !== quest!.id));
});

doing('whoever cannot be told keeps nobody else from being told', async () => {
  const [ann, bob] = (await crowd(2, 0n)).toSorted() as [string, string];
  for (const player of [ann, bob]) await finish(player, (await daily(player))[0]!);
  const terms = "with was as (select id, terms from quest where player = $1) update quest q set terms = 'null' from was";
  const [kept] = await db.rows<{ id: string; terms: object }>(`${terms} where q.id = was.id returning q.id, was.terms`, [ann]);
  assert.ok(await quests.tell().catch((error: unknown) => error instanceof TypeError));
  assert.equal([(await toldOf(ann)).length, (await toldOf(bob)).length], [0, 1]);
  await db.rows('update quest set terms = $2::jsonb where id = $1', [kept!.id, JSON.stringify(kept!.terms)]);
  assert.equal([await quests.tell(), (await toldOf(ann)).length], [1, 1]);
});

doing('one that is another’s, of the day before, or none is not found', async () => {
  const [ann, bob] = (await crowd(2, 0n)) as [string, string];
  const [theirs] = await daily(bob);
  await finish(bob, theirs!);
  const [old] = await daily(ann);
  await finish(ann, old!);
  for (const id of [theirs!.id, randomUUID()]) assert.is(await refusalOf(claim(ann, id)), 'not_found');
  pass(24 * HOUR_MS);
  assert.is(await refusalOf(claim(ann, old!.id)), 'not_found', 'done, but not claimed in its day');
  assert.is((await coins(ann)).available, 0n);
});

doing('40 devices claim one quest at once through two processes: one is paid', async () => {
  const ann = await player();
  const [quest] = await daily(ann);
  await finish(ann, quest!);
  const codes = await Promise.all(
    Array.from({ length: 40 }, (_, index) => refusalOf(claim(ann, quest!.id, index % 2 ? other.store : store))),
  );
  assert.equal(
    [codes.filter((code) => code === 'done').length, codes.filter((code) => code === 'quest_claimed').length],
    [1, 39],
  );
  assert.is((await coins(ann)).available, quest!.coins);
  assert.equal((await ledger.verify()).differences, []);
});

doing('the same key is told the first answer again, and the first refusal', async () => {
  const ann = await player();
  const [quest, next] = await daily(ann);
  const key = randomUUID();
  assert.is(await refusalOf(quests.claimOnce({ playerId: ann, id: quest!.id, key })), 'quest_unfinished');
  await finish(ann, quest!);
  assert.is(await refusalOf(quests.claimOnce({ playerId: ann, id: quest!.id, key })), 'quest_unfinished');
  const second = { playerId: ann, id: quest!.id, key: randomUUID() };
  const first = await quests.claimOnce(second);
  assert.equal(await quests.claimOnce(second), { ...first, replayed: true });
  assert.is(await refusalOf(quests.claimOnce({ ...second, id: next!.id })), 'request_reused');
});

doing('a claim while the fold that does the quest runs is answered by one of them, and paid once', async () => {
  for (const playerId of await crowd(12, 0n)) {
    const [quest] = await daily(playerId);
    const insert = 'insert into score_event (board, player, amount, at) values ($1, $2, $3, $4)';
    await db.rows(insert, [quest!.counter, playerId, String(quest!.threshold), clock.now()]);
    const [first] = await Promise.all([refusalOf(claim(playerId, quest!.id)), deeds.fold(), other.store.deeds.fold()]);
    while ((await deeds.fold()) > 0);
    assert.ok(['done', 'quest_unfinished'].includes(first));
    assert.is(await refusalOf(claim(playerId, quest!.id, other.store)), first === 'done' ? 'quest_claimed' : 'done');
    assert.is((await coins(playerId)).available, quest!.coins);
  }
});

doing('a week’s quest adds up its days, by the player’s own clock', async () => {
  const ann = await player();
  await move(ann, 'Africa/Nairobi');
  const of = async () => (await quests.of(ann)).find(({ period }) => period === 'weekly')!;
  const quest = await of();
  const monday = addDays(quest.endsAt.toISOString().slice(0, 10), -6);
  const [from, to] = [new Date(`${addDays(monday, -1)}T21:00:00Z`), new Date(`${addDays(monday, 6)}T20:59:59Z`)];
  await did(ann, { counter: quest.counter, at: new Date(from.getTime() - 1) });
  assert.is((await of()).progress, 0n);
  await did(ann, { counter: quest.counter, at: from });
  assert.is((await of()).progress, 1n);
  if (quest.threshold > 1n) await did(ann, { counter: quest.counter, amount: quest.threshold - 1n, at: to });
  assert.is((await quests.of(ann)).filter(({ id, done }) => id === quest.id && done).length, 1);
});

doing('an operator’s row counts at once; what is done keeps its terms and its place', async () => {
  const ann = await player();
  const [quest] = await daily(ann);
  await finish(ann, quest!);
  for (let number = 0; number < 20; number++)
    await db.rows("insert into content (kind, id, data) values ('quest', $1, $2)", [
      `daily-new-${number}`,
      { name: 'New', period: 'daily', counter: 'items_sold', threshold: 1, coins: 7 },
    ]);
  await db.rows("update content set data = data || '{\"coins\": 99999}' where kind = 'quest' and id = $1", [quest!.questId]);
  await db.rows("insert into content (kind, id, data) values ('quest', 'daily-broken', '{\"period\": \"daily\"}')");
  const three = await daily(ann);
  assert.is(three.length, 3);
  assert.is(three.find(({ id }) => id === quest!.id)!.coins, quest!.coins);
  assert.is((await claim(ann, quest!.id)).answer.coins, quest!.coins);
  const people = await Promise.all((await crowd(10, 0n)).map(async (id) => daily(id)));
  assert.ok(people.flat().some(({ questId }) => questId.startsWith('daily-new-')));
  await db.rows("delete from content where kind = 'quest' and id like 'daily-%' and (id like '%-new-%' or id = 'daily-broken')");
});

doing('moving the time zone about gains no day of quests: of 12 days at random, none has a fourth', async () => {
  const ann = await player();
  const zones = ['Etc/GMT+12', 'Pacific/Honolulu', 'UTC', 'Africa/Nairobi', 'Asia/Tokyo', 'Pacific/Kiritimati'];
  const chance = chanceOf(2);
  const from = clock.now().getTime();
  const claimed: number[] = [];
  for (let step = 0; step < 24; step++) {
    for (const zone of [zones[chance(6)]!, zones[chance(6)]!]) {
      await move(ann, zone);
      for (const quest of (await daily(ann)).filter(({ claimedAt }) => claimedAt === null)) {
        await finish(ann, quest);
        if ((await refusalOf(claim(ann, quest.id))) === 'done') claimed.push(clock.now().getTime() - from);
      }
    }
    pass(12 * HOUR_MS);
  }
  const days = new Set(
    (
      await db.rows<{ first: string }>(
        "select first::text from quest where player = $1 and period = 'daily' and claimed_at is not null",
        [ann],
      )
    ).map(({ first }) => first),
  );
  assert.ok(claimed.length >= 3 * 8, `${claimed.length} were claimed`);
  assert.is(claimed.length, 3 * days.size);
  for (const [index, ms] of claimed.entries())
    assert.ok(index < 3 * (2 + Math.floor((ms + 3 * HOUR_MS) / (24 * HOUR_MS))), `${index} after ${ms / HOUR_MS} h`);
});

doing('quests long done are forgotten', async () => {
  const [row] = await db.rows<{ n: unknown }>('select count(*) as n from quest');
  await db.rows("update quest set done_at = now() - interval '1 year'");
  assert.is(BigInt(await quests.sweep()), whole(row!.n));
});

doing.run();
