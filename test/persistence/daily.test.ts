// Days: one check-in and one claim each, by however many devices, wherever the player says to be.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { whole } from '../../persistence/orm.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, clock, player, coins, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { daily, ledger } = store;

const days = suite('persistence/daily');
for (const end of [close, other.close, postgres.stop]) days.after(end);

const HOUR_MS = 3_600_000;
/** Both processes have one time. */
const pass = (ms: number) => [clock, other.clock].forEach((one) => one.pass(ms));
const DAY_MS = 24 * HOUR_MS;
const checkIn = (playerId: string, from = store) => from.daily.checkInOnce({ playerId, key: randomUUID() });
const claim = (playerId: string, from = store) => from.daily.claimOnce({ playerId, key: randomUUID() });
const move = (playerId: string, zone: string) => db.rows('update player set time_zone = $2 where id = $1', [playerId, zone]);
const xpOf = async (playerId: string) =>
  whole((await db.rows<{ xp: unknown }>('select xp from player where id = $1', [playerId]))[0]!.xp);
const stateOf = async (playerId: string) =>
  JSON.stringify(
    [
      await coins(playerId),
      await xpOf(playerId),
      await db.rows('select * from day_taken where player = $1 order by kind', [playerId]),
      await db.rows('select * from score_event order by id'),
    ],
    (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );

days('a check-in brings XP by the streak, a claim COINS; the card says what is next', async () => {
  const ann = await player();
  const fresh = await daily.card(ann);
  assert.equal(fresh, {
    timeZone: 'UTC',
    day: '2026-11-21',
    streak: 0,
    best: 0,
    keptUntil: null,
    checkIn: { xp: 26n, streak: 1, opensAt: null },
    claim: { coins: 50n, trades: 0n, opensAt: null },
  });
  const midnight = new Date('2026-11-22T00:00:00Z');
  const { answer } = await checkIn(ann);
  assert.equal(answer, { day: '2026-11-21', streak: 1, best: 1, xp: 26n, level: 1, opensAt: midnight });
  assert.equal((await claim(ann)).answer, { day: '2026-11-21', coins: 55n, trades: 0n, streak: 1, opensAt: midnight });
  assert.equal([await xpOf(ann), (await coins(ann)).available], [26n, 55n]);
  const card = await daily.card(ann);
  assert.equal(card.checkIn, { xp: 27n, streak: 2, opensAt: midnight });
  assert.equal([card.streak, card.best, card.keptUntil, card.claim.opensAt], [1, 1, new Date('2026-11-23T00:00:00Z'), midnight]);
  await db.rows(`insert into counter_day values ($1, 'trades', '2026-11-22', 0, 4, 0)`, [ann]);
  pass(DAY_MS);
  assert.is((await daily.card(ann)).claim.coins, 75n);
  assert.equal((await claim(ann)).answer.coins, 75n);
  assert.is((await checkIn(ann)).answer.streak, 2);
  pass(2 * DAY_MS);
  const broken = await daily.card(ann);
  assert.equal([broken.streak, broken.best, broken.checkIn.streak, broken.keptUntil, broken.claim.coins], [0, 2, 1, null, 50n]);
  assert.equal((await ledger.verify()).differences, []);
});

days('the counters that achievements and quests ask for follow', async () => {
  const ann = await player();
  for (let day = 0; day < 3; day++) {
    await checkIn(ann);
    pass(DAY_MS);
  }
  pass(DAY_MS);
  await checkIn(ann);
  while ((await store.deeds.fold()) > 0);
  const tallies = await store.counters.of(ann);
  assert.equal([tallies.get('check_ins')!.sum, tallies.get('streak_days')!.best], [4n, 3n]);
});

days('twice a day is refused and changes nothing, under another key; the same key is told the first answer again', async () => {
  const ann = await player();
  const keys = { in: randomUUID(), claim: randomUUID() };
  const first = await daily.checkInOnce({ playerId: ann, key: keys.in });
  const paid = await daily.claimOnce({ playerId: ann, key: keys.claim });
  const before = await stateOf(ann);
  assert.equal([await refusalOf(checkIn(ann)), await refusalOf(claim(ann))], ['already_checked_in', 'already_claimed']);
  assert.equal(await daily.checkInOnce({ playerId: ann, key: keys.in }), { ...first, replayed: true });
  assert.equal(await daily.claimOnce({ playerId: ann, key: keys.claim }), { ...paid, replayed: true });
  assert.is(await stateOf(ann), before);
});

days('40 devices at once through two processes: one check-in and one claim come through', async () => {
  const ann = await player();
  const asked = Array.from({ length: 40 }, (_, index) => {
    const from = index % 2 ? other.store : store;
    return refusalOf(index % 4 < 2 ? checkIn(ann, from) : claim(ann, from));
  });
  const codes = await Promise.all(asked);
  assert.is(codes.filter((code) => code === 'done').length, 2);
  assert.equal(codes.filter((code) => code !== 'done').toSorted(), [
    ...Array<string>(19).fill('already_checked_in'),
    ...Array<string>(19).fill('already_claimed'),
  ]);
  assert.equal([await xpOf(ann), (await coins(ann)).available > 0n], [26n, true]);
});

days('a time zone that is moved about brings neither a second day nor a missed one', async () => {
  const ann = await player();
  await move(ann, 'Africa/Nairobi');
  await checkIn(ann);
  await claim(ann);
  const before = await stateOf(ann);
  for (const zone of ['Pacific/Kiritimati', 'Etc/GMT+12', 'Asia/Tokyo', 'UTC', 'Africa/Nairobi']) {
    await move(ann, zone);
    assert.equal([await refusalOf(checkIn(ann)), await refusalOf(claim(ann))], ['already_checked_in', 'already_claimed'], zone);
    const { checkIn: next } = await daily.card(ann);
    assert.ok(next.opensAt! > clock.now());
  }
  assert.is(await stateOf(ann), before);
  pass(2 * DAY_MS);
  await move(ann, 'Etc/GMT+12');
  assert.is((await checkIn(ann)).answer.streak, 1, 'where the missed day still lasts, it is missed all the same');
});

days('an operator’s event counts within seconds, within its bounds', async () => {
  const ann = await player();
  const set = async (key: string, value: unknown) => {
    await db.rows('insert into live_config (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value', [
      key,
      JSON.stringify(value),
    ]);
    pass(6_000);
  };
  await set('checkInXpPercent', 200);
  await set('dailyCoinsPercent', 300);
  const card = await daily.card(ann);
  assert.equal([card.checkIn.xp, card.claim.coins], [52n, 150n]);
  assert.equal([(await checkIn(ann)).answer.xp, (await claim(ann)).answer.coins], [52n, 165n]);
  const bob = await player();
  for (const [value, xp] of [
    [1_000_000, 52n],
    [-5, 26n],
    [0, 26n],
    ['soon', 26n],
    [150.9, 39n],
  ] as const) {
    await set('checkInXpPercent', value);
    assert.is((await daily.card(bob)).checkIn.xp, xp, String(value));
  }
  await db.rows("delete from live_config where key in ('checkInXpPercent', 'dailyCoinsPercent')");
  pass(6_000);
});

days('both check-ins of one UTC day, at the highest streak and the greatest event, bring all their XP', async () => {
  const ann = await player();
  await db.rows("insert into live_config (key, value) values ('checkInXpPercent', '200')");
  await move(ann, 'Africa/Nairobi');
  await checkIn(ann);
  await db.rows("update day_taken set streak = 400, best = 400 where player = $1 and kind = 'check_in'", [ann]);
  // The database's own UTC day caps XP; both fall into it here.
  await db.rows('delete from xp_day where player = $1', [ann]);
  for (let day = 1; day <= 2; day++) {
    pass(DAY_MS);
    assert.is((await checkIn(ann)).answer.xp, 450n);
  }
  await db.rows("delete from live_config where key = 'checkInXpPercent'");
});

days('who has gone has no days, and where they were is forgotten', async () => {
  const ann = await player();
  await move(ann, 'Africa/Nairobi');
  await checkIn(ann);
  await store.players.erase(ann);
  assert.equal(await db.rows('select zone from day_taken where player = $1', [ann]), []);
  assert.equal(
    [await refusalOf(daily.card(ann)), await refusalOf(checkIn(ann)), await refusalOf(claim(ann))],
    Array(3).fill('not_found'),
  );
});

days.run();
