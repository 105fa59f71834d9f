import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  addDays,
  checkInXp,
  claimCoins,
  dayEnd,
  firstDay,
  keptUntil,
  localDay,
  opensAt,
  type Span,
  standing,
  type Streak,
  streakThousandths,
  streakWith,
  take,
  type Taken,
} from '../../rules/daily.ts';
import { chanceOf } from '../support/torture.ts';

const daily = suite('rules/daily');

const at = (text: string) => new Date(text);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NAIROBI = 'Africa/Nairobi';
const HONOLULU = 'Pacific/Honolulu';

const checkIn = (last: Streak | null, zone: string, now: Date): Streak | null => {
  const next = take(last, { zone, now, span: 1 });
  return next && { ...next, streak: streakWith(last, next) };
};

daily('what a check-in and a claim bring, exactly, at every edge', () => {
  assert.equal(
    [1, 2, 3, 6, 7, 13, 14, 27, 28, 400].map((streak) => streakThousandths(streak)),
    [1_050, 1_100, 1_150, 1_300, 1_450, 1_750, 1_900, 2_650, 2_800, 3_000],
  );
  assert.equal(
    [1, 2, 3, 6, 7, 14, 400].map((streak) => checkInXp(streak, 100)),
    [26n, 27n, 57n, 65n, 108n, 142n, 225n],
  );
  assert.is(checkInXp(400, 200), 450n);
  const coins = (trades: bigint, streak: number, percent = 100) => claimCoins({ trades, streak, percent });
  assert.equal([coins(0n, 0), coins(1n, 0), coins(20n, 0), coins(21n, 0), coins(10_000n, 0)], [50n, 55n, 150n, 150n, 150n]);
  assert.equal(
    [coins(0n, 1), coins(0n, 20), coins(0n, 21), coins(20n, 365), coins(20n, 365, 500)],
    [55n, 150n, 150n, 250n, 1_250n],
  );
  assert.is(coins(3n, 1, 101), 70n, '70.7 is rounded down');
});

daily('a day ends at the first moment of a later date, over summer time, at midnight or not, and over a date left out', () => {
  const ends: [zone: string, day: string, end: string][] = [
    ['UTC', '2026-11-21', '2026-11-22T00:00:00.000Z'],
    [NAIROBI, '2026-11-21', '2026-11-21T21:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-21', '2026-11-21T10:00:00.000Z'],
    ['Etc/GMT+12', '2026-11-21', '2026-11-22T12:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-21', '2026-11-21T18:15:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-25T23:00:00.000Z'],
    // Clocks go from 24:00 to 01:00, and from 24:00 back to 23:00.
    ['Africa/Cairo', '2026-04-23', '2026-04-23T22:00:00.000Z'],
    ['Africa/Cairo', '2026-10-29', '2026-10-29T22:00:00.000Z'],
    ['Pacific/Apia', '2011-12-29', '2011-12-30T10:00:00.000Z'],
    ['Mars/Olympus', '2026-11-21', '2026-11-22T00:00:00.000Z'],
  ];
  for (const [zone, day, end] of ends) assert.is(dayEnd(zone, day).toISOString(), end, `${zone} ${day}`);
  assert.is(localDay('Pacific/Apia', dayEnd('Pacific/Apia', '2011-12-29')), '2011-12-31');
  assert.equal(
    ['2026-11-16', '2026-11-22', '2026-11-23'].map((day) => firstDay(day, 7)),
    ['2026-11-16', '2026-11-16', '2026-11-23'],
  );
  assert.is(addDays('2028-02-28', 1), '2028-02-29');
});

daily('who stays has each date once, from its first moment to its last', () => {
  const first = checkIn(null, NAIROBI, at('2026-11-20T20:59:59.999Z'))!;
  assert.equal([first.day, first.streak], ['2026-11-20', 1]);
  const second = checkIn(first, NAIROBI, at('2026-11-20T21:00:00.000Z'))!;
  assert.equal([second.day, second.streak], ['2026-11-21', 2]);
  assert.is(checkIn(second, NAIROBI, at('2026-11-20T21:00:00.000Z')), null);
  assert.is(checkIn(second, NAIROBI, at('2026-11-21T20:59:59.999Z')), null);
  assert.is(checkIn(second, NAIROBI, at('2026-11-19T12:00:00.000Z')), null, 'nor when the clock is put back');
  assert.is(keptUntil(second).toISOString(), '2026-11-22T21:00:00.000Z');
  const third = checkIn(second, NAIROBI, at('2026-11-22T20:59:59.999Z'))!;
  assert.equal([third.day, third.streak], ['2026-11-22', 3]);
  const late = checkIn(third, NAIROBI, at('2026-11-23T21:00:00.000Z'))!;
  assert.equal([late.day, late.streak, standing(third, late.at)], ['2026-11-24', 1, 0]);
});

daily('moving away mends no missed day, and brings none nearer', () => {
  const last = checkIn(null, NAIROBI, at('2026-11-20T09:00:00Z'))!;
  const missed = at('2026-11-21T21:30:00Z');
  assert.is(localDay(HONOLULU, missed), '2026-11-21', 'where the missed day still lasts');
  assert.is(checkIn(last, HONOLULU, missed)!.streak, 1);
  for (const zone of [HONOLULU, 'UTC', 'Pacific/Kiritimati', 'Etc/GMT+12', 'Asia/Tokyo'])
    assert.is(checkIn(last, zone, at('2026-11-20T20:59:59Z')), null, zone);
  // 23:59 in the far west, then 23:00, then midnight further east: three dates within the hour, of which one is given.
  const west = checkIn(null, 'Etc/GMT+12', at('2026-11-21T11:59:00Z'))!;
  assert.is(checkIn(west, 'Pacific/Guadalcanal', at('2026-11-21T12:00:00Z')), null);
  const next = checkIn(west, 'Etc/GMT+12', at('2026-11-21T12:00:00Z'))!;
  assert.is(next.day, '2026-11-21');
  for (const zone of ['Pacific/Guadalcanal', 'Pacific/Auckland', 'Pacific/Kiritimati'])
    assert.is(checkIn(next, zone, at('2026-11-21T13:00:00Z')), null, zone);
});

daily('who travels keeps the streak: the next date waits for the end of the last one, and is there to be taken', () => {
  const los = checkIn(null, 'America/Los_Angeles', at('2026-11-21T04:00:00Z'))!;
  assert.is(los.day, '2026-11-20');
  const tokyo = checkIn(los, 'Asia/Tokyo', opensAt(los, { zone: 'Asia/Tokyo', span: 1 }))!;
  assert.equal([tokyo.day, tokyo.streak], ['2026-11-22', 2]);
  const nairobi = checkIn(null, NAIROBI, at('2026-11-20T12:00:00Z'))!;
  const london = checkIn(nairobi, 'Europe/London', at('2026-11-21T00:00:00Z'))!;
  assert.equal([london.day, london.streak], ['2026-11-21', 2]);
});

const ZONES = [
  ...['Etc/GMT+12', 'Pacific/Pago_Pago', HONOLULU, 'America/Los_Angeles', 'America/St_Johns', 'America/Sao_Paulo', 'UTC'],
  ...['Europe/London', 'Europe/Berlin', 'Africa/Cairo', NAIROBI, 'Asia/Kathmandu', 'Asia/Tokyo', 'Australia/Lord_Howe'],
  ...['Pacific/Auckland', 'Pacific/Chatham', 'Pacific/Kiritimati', 'Antarctica/Troll', 'Asia/Beirut', 'America/Havana'],
];
const SLACK_MS = 3 * HOUR_MS;

/** However greedily days are taken: as many as who stayed where one was taken, at every moment after it. */
function neverGains(taken: readonly Taken[], span: Span): void {
  for (const [index, first] of taken.entries()) {
    const end = dayEnd(first.zone, addDays(first.day, span - 1)).getTime();
    for (const [later, next] of taken.entries()) {
      if (later <= index) continue;
      const stayed = 1 + Math.floor((next.at.getTime() + SLACK_MS - end) / (span * DAY_MS));
      assert.ok(later - index <= stayed, `${first.zone} ${first.at.toISOString()} → ${next.zone} ${next.at.toISOString()}`);
    }
  }
  for (const [index, { day, zone, at: now }] of taken.entries()) {
    const before = taken[index - 1];
    if (!before) continue;
    assert.ok(day > before.day, 'each date once');
    assert.ok(firstDay(localDay(before.zone, now), span) > before.day, 'not in the day that was taken, where it was taken');
    assert.ok(firstDay(localDay(zone, before.at), span) < day, 'nor in a day of this place in which one was taken');
  }
}

daily('no moving about of the time zone gains a day: at random, through both summer times', () => {
  for (let way = 0; way < 60; way++) {
    const chance = chanceOf(way);
    let now = Date.UTC(2026, 2, 20) + chance(280 * 24) * HOUR_MS;
    const taken: Streak[] = [];
    while (taken.length < 14) {
      const next = checkIn(taken.at(-1) ?? null, ZONES[chance(ZONES.length)]!, new Date(now));
      if (next) taken.push(next);
      now += chance(3 * HOUR_MS);
    }
    neverGains(taken, 1);
  }
});

daily('nor does always going where the next one may be taken soonest', () => {
  for (let way = 0; way < 60; way++) {
    const chance = chanceOf(way, 1);
    let now = new Date(Date.UTC(2026, 2, 20) + chance(280 * 24) * HOUR_MS);
    const taken: Streak[] = [checkIn(null, ZONES[chance(ZONES.length)]!, now)!];
    while (taken.length < 14) {
      const last = taken.at(-1)!;
      const soonest = Math.min(...ZONES.map((zone) => opensAt(last, { zone, span: 1 }).getTime()));
      now = new Date(Math.max(soonest, now.getTime()));
      const open = ZONES.filter((zone) => checkIn(last, zone, now));
      assert.ok(open.length > 0);
      taken.push(checkIn(last, open[chance(open.length)]!, now)!);
    }
    neverGains(taken, 1);
  }
});

daily('nor a week', () => {
  for (let way = 0; way < 20; way++) {
    const chance = chanceOf(way, 7);
    let now = Date.UTC(2026, 2, 1) + chance(250 * 24) * HOUR_MS;
    const taken: Taken[] = [];
    while (taken.length < 6) {
      const zone = ZONES[chance(ZONES.length)]!;
      const next = take(taken.at(-1) ?? null, { zone, now: new Date(now), span: 7 });
      if (next) taken.push(next);
      now += chance(8 * HOUR_MS);
    }
    neverGains(taken, 7);
  }
});

daily('who stays loses nothing either: each date of a year in every zone, whenever in it they come', () => {
  for (const [index, zone] of ZONES.entries()) {
    const chance = chanceOf(index, 3);
    let day = '2026-01-01';
    let last: Streak | null = null;
    for (let count = 1; count <= 365; count++) {
      const [from, to] = [dayEnd(zone, addDays(day, -1)).getTime(), dayEnd(zone, day).getTime()];
      const moment = chance(3) === 0 ? from : chance(2) === 0 ? to - 1 : from + chance(to - from);
      const next: Streak | null = checkIn(last, zone, new Date(moment));
      assert.ok(next, `${zone} ${day}`);
      assert.equal([next.day, next.streak], [day, count], zone);
      last = next;
      day = addDays(day, 1);
    }
  }
});

daily.run();
