// Quests: three a day and three a week, done by what is counted anyway. What has been done is kept with its terms; an
// operator's edit changes only what is still to be done.
import { type Growth, reachedBy, together } from '../rules/counters.ts';
import { addDays, dayEnd, opensAt, take, type Taken } from '../rules/daily.ts';
import { periodOf, type Quest, QUEST_PERIODS, questFrom, type QuestPeriod, questsOf, spanOf } from '../rules/quests.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { type GrownDay, talliesBetween, tallyOf } from './counters.ts';
import { keepTakenIn, lockedZoneIn, takenIn, zoneIn } from './daily.ts';
import { countIn } from './deeds.ts';
import { derivedId } from './ids.ts';
import type { Grant, Ledger } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { forEachPlayer } from './players-in-turn.ts';
import { earnXpIn } from './progress.ts';
import type { Requests, Told } from './requests.ts';

export interface OwnQuest extends Quest {
  /** Of this player, in this period. */
  id: string;
  /** 0 … threshold. */
  progress: bigint;
  done: boolean;
  claimedAt: Date | null;
  /** When others take its place. */
  endsAt: Date;
}

export interface QuestReward {
  id: string;
  questId: string;
  coins: bigint;
  gems: bigint;
  xp: bigint;
  level: number;
}

export type Quests = ReturnType<typeof openQuests>;

const KEPT_DAYS = 60;
const SWEEP_ROWS_MAX = 10_000;

export function openQuests(db: Database, { ledger, requests, now }: { ledger: Ledger; requests: Requests; now(): Date }) {
  return {
    /** The player's quests of this day and this week. Refuses `not_found`. */
    of: (playerId: string): Promise<OwnQuest[]> =>
      db.transaction(async (em) => {
        const zone = await zoneIn(em, playerId);
        return (await currentIn(em, { playerId, zone, now: now() })).flatMap(({ quests }) => quests);
      }),

    /** What a quest brings, once. Refuses `quest_unfinished`, `quest_claimed`; `not_found` for another's and another period's. */
    async claimOnce({ playerId, id, key }: { playerId: string; id: string; key: string }): Promise<Told<QuestReward>> {
      const { answer, replayed } = await requests.once({ playerId, operation: 'claim_quest', key, body: { id } }, async (em) => {
        const { coins, gems, xp, ...told } = await claimIn(em, ledger, { playerId, id, now: now() });
        return { ...told, coins: String(coins), gems: String(gems), xp: String(xp) };
      });
      const { coins, gems, xp } = answer;
      return { answer: { ...answer, coins: BigInt(coins), gems: BigInt(gems), xp: BigInt(xp) }, replayed };
    },

    /** Tells players of quests that are done, once each. Returns how many. */
    tell: (): Promise<number> => forEachPlayer(db, UNTOLD, tellIn),

    /** Forgets quests that were done long ago. Returns how many. */
    async sweep(): Promise<number> {
      const before = new Date(now().getTime() - KEPT_DAYS * 86_400_000);
      let swept = 0;
      for (let rows = SWEEP_ROWS_MAX; rows === SWEEP_ROWS_MAX; swept += rows)
        rows = (await db.rows(SWEEP, [before, SWEEP_ROWS_MAX])).length;
      return swept;
    },
  };
}

const SWEEP = 'delete from quest where id in (select id from quest where done_at < $1 order by done_at limit $2) returning 1';

async function allIn(em: EntityManager): Promise<Quest[]> {
  const rows = await rowsIn<{ id: string; data: unknown }>(em, "select id, data from content where kind = 'quest' order by id");
  return rows.map(({ id, data }) => questFrom(id, data)).filter((quest) => quest !== null);
}

interface QuestSet {
  period: QuestPeriod;
  first: string;
  /** What a first claim takes; null: this period is taken. */
  taking: Taken | null;
  quests: OwnQuest[];
}

/**
 * A player's quests now. A period in which something was claimed lasts until the next may be taken, however the time zone is
 * moved about: nobody has more of them than days have passed.
 */
async function currentIn(
  em: EntityManager,
  { playerId, zone, now }: { playerId: string; zone: string; now: Date },
): Promise<QuestSet[]> {
  const all = await allIn(em);
  const taken = await takenIn(em, playerId);
  const sets: QuestSet[] = [];
  for (const period of QUEST_PERIODS) {
    const last = taken.get(`${period}_quests`) ?? null;
    const span = spanOf(period);
    const taking = take(last, { zone, now, span });
    const first = taking?.day ?? last!.day;
    const endsAt = taking ? dayEnd(zone, addDays(first, span - 1)) : opensAt(last!, { zone, span });
    sets.push({ period, first, taking, quests: await questsIn(em, all, { playerId, period, first, endsAt }) });
  }
  return sets;
}

interface Period {
  playerId: string;
  period: QuestPeriod;
  first: string;
}

interface DoneRow {
  quest: string;
  terms: unknown;
  claimedAt: string | Date | null;
}

async function questsIn(
  em: EntityManager,
  all: readonly Quest[],
  { playerId, period, first, endsAt }: Period & { endsAt: Date },
): Promise<OwnQuest[]> {
  const rows = await rowsIn<DoneRow>(em, DONE, [playerId, period, first]);
  const tallies = await talliesBetween(em, { playerId, from: first, to: addDays(first, spanOf(period) - 1) });
  const kept = rows.map(({ quest }) => quest);
  const todo = questsOf(all, { playerId, period, first, kept }).map((quest) => {
    const counted = tallies.get(quest.counter)?.[quest.measure] ?? 0n;
    const done = counted >= quest.threshold;
    const progress = done ? quest.threshold : counted < 0n ? 0n : counted;
    return { ...quest, progress, done, claimedAt: null };
  });
  const done = rows.map(({ quest: questId, terms, claimedAt }) => {
    const quest = questFrom(questId, terms);
    if (!quest) throw new Error(`quest ${questId} was kept with terms that are none`);
    return { ...quest, progress: quest.threshold, done: true, claimedAt: claimedAt === null ? null : new Date(claimedAt) };
  });
  return [...done, ...todo]
    .map((quest) => ({ ...quest, id: idOf({ playerId, period, first }, quest.questId), endsAt }))
    .toSorted((one, other) => (one.questId < other.questId ? -1 : 1));
}

const DONE = 'select quest, terms, claimed_at as "claimedAt" from quest where player = ? and period = ? and first = ?::date';

const idOf = ({ playerId, period, first }: Period, questId: string): string =>
  derivedId(playerId, 'quest', period, first, questId);

async function claimIn(
  em: EntityManager,
  ledger: Ledger,
  { playerId, id, now }: { playerId: string; id: string; now: Date },
): Promise<QuestReward> {
  const zone = await lockedZoneIn(em, playerId);
  const sets = await currentIn(em, { playerId, zone, now });
  const set = sets.find(({ quests }) => quests.some((one) => one.id === id));
  const quest = set?.quests.find((one) => one.id === id);
  refuseUnless(set && quest, 'not_found');
  refuseUnless(quest.claimedAt === null, 'quest_claimed');
  refuseUnless(quest.done, 'quest_unfinished');
  const { questId, period, coins, gems } = quest;
  await rowsIn(em, CLAIM, [id, playerId, period, set.first, questId, JSON.stringify(termsOf(quest))]);
  if (set.taking) await keepTakenIn(em, playerId, { kind: `${period}_quests`, ...set.taking, streak: 0, best: 0 });
  const earned = await earnXpIn(em, { playerId, source: 'quest', xp: quest.xp, key: id });
  await countIn(em, [{ playerId, counter: 'quests', amount: 1n }]);
  const grants: Grant[] = [
    { playerId, currency: 'COINS', amount: coins, reason: 'quest', key: `${id}:COINS` },
    { playerId, currency: 'GEMS', amount: gems, reason: 'quest', key: `${id}:GEMS` },
  ];
  await ledger.grantAllIn(em, [...grants.filter(({ amount }) => amount > 0n), ...earned.grants]);
  return { id, questId, coins, gems, xp: earned.xp, level: earned.level };
}

const CLAIM = `
  insert into quest (id, player, period, first, quest, terms, told_at, claimed_at) values (?, ?, ?, ?::date, ?, ?::jsonb, now(), now())
  on conflict (id) do update set claimed_at = now(), told_at = coalesce(quest.told_at, now())`;

const termsOf = ({ name, period, counter, measure, threshold, coins, gems, xp }: Quest) => ({
  name,
  period,
  counter,
  measure,
  threshold: String(threshold),
  coins: String(coins),
  gems: String(gems),
  xp: String(xp),
});

interface Reached extends Period {
  quest: Quest;
}

/** Keeps the quests that these days' counts have done, in their fold's transaction. */
export async function completeIn(em: EntityManager, grown: readonly GrownDay[]): Promise<void> {
  const all = await allIn(em);
  const counters = new Set(all.map(({ counter }) => counter));
  const days = grown.filter(({ counter }) => counters.has(counter));
  if (days.length === 0) return;
  const periods = [...dailyGrowth(days), ...(await weeklyGrowth(em, days))];
  const reached = periods.flatMap(({ playerId, period, first, counter, ...growth }) =>
    all
      .filter((quest) => quest.period === period && quest.counter === counter && reachedBy(growth, quest))
      .map((quest) => ({ playerId, period, first, quest })),
  );
  if (reached.length > 0) await keepDoneIn(em, all, reached);
}

type PeriodGrowth = Period & Growth & Pick<GrownDay, 'counter'>;

const dailyGrowth = (days: readonly GrownDay[]): PeriodGrowth[] =>
  days.map(({ day: first, ...growth }) => ({ ...growth, period: 'daily', first }));

async function weeklyGrowth(em: EntityManager, days: readonly GrownDay[]): Promise<PeriodGrowth[]> {
  const weeks = new Map<string, PeriodGrowth>();
  for (const { playerId, counter, day, added, now } of days) {
    const first = periodOf('weekly', day);
    const key = `${playerId} ${counter} ${first}`;
    const known = weeks.get(key);
    weeks.set(key, { playerId, counter, period: 'weekly', first, now, added: known ? together(known.added, added) : added });
  }
  const json = [...weeks.values()].map(({ playerId: player, counter, first }) => ({ player, counter, first }));
  const rows = await rowsIn<WeekRow>(em, WEEKS, [JSON.stringify(json)]);
  return rows.map((row) => ({ ...weeks.get(`${row.playerId} ${row.counter} ${row.first}`)!, now: tallyOf(row) }));
}

interface WeekRow {
  playerId: string;
  counter: string;
  first: string;
  total: unknown;
  deeds: unknown;
  best: unknown;
}

const WEEKS = `
  select l.player as "playerId", l.counter, to_char(l.first, 'YYYY-MM-DD') as first,
         sum(d.total)::bigint as total, sum(d.deeds)::bigint as deeds, max(d.best) as best
    from json_to_recordset(?::json) l(player uuid, counter text, first date)
    join counter_day d on d.player = l.player and d.counter = l.counter and d.day between l.first and l.first + 6
   group by l.player, l.counter, l.first`;

/** Of what was reached, only the quests that the player has. */
async function keepDoneIn(em: EntityManager, all: readonly Quest[], reached: readonly Reached[]): Promise<void> {
  const periods = new Map(
    reached.map(({ playerId, period, first }) => [`${playerId} ${period} ${first}`, { playerId, period, first }]),
  );
  const json = [...periods.values()].map(({ playerId: player, period, first }) => ({ player, period, first }));
  const rows = await rowsIn<{ player: string; period: string; first: string; quest: string }>(em, KEPT, [JSON.stringify(json)]);
  const kept = Map.groupBy(rows, ({ player, period, first }) => `${player} ${period} ${first}`);
  const theirs = new Map(
    [...periods].map(([key, period]) => {
      const done = (kept.get(key) ?? []).map(({ quest }) => quest);
      return [key, new Set(questsOf(all, { ...period, kept: done }).map(({ questId }) => questId))];
    }),
  );
  const done = reached
    .filter(({ playerId, period, first, quest }) => theirs.get(`${playerId} ${period} ${first}`)!.has(quest.questId))
    .map(({ playerId: player, period, first, quest }) => {
      const id = idOf({ playerId: player, period, first }, quest.questId);
      return { id, player, period, first, quest: quest.questId, terms: termsOf(quest) };
    });
  if (done.length > 0) await rowsIn(em, KEEP_DONE, [JSON.stringify(done)]);
}

const KEPT = `
  select q.player, q.period, to_char(q.first, 'YYYY-MM-DD') as first, q.quest
    from json_to_recordset(?::json) l(player uuid, period text, first date)
    join quest q on q.player = l.player and q.period = l.period and q.first = l.first`;

const KEEP_DONE = `
  insert into quest (id, player, period, first, quest, terms)
    select id, player, period, first, quest, terms
      from json_to_recordset(?::json) l(id uuid, player uuid, period text, first date, quest text, terms jsonb) order by id
  on conflict (id) do nothing`;

const UNTOLD = `
  select distinct q.player from quest q where q.told_at is null and ($1::uuid is null or q.player > $1) order by q.player limit $2`;

async function tellIn(em: EntityManager, playerId: string): Promise<number> {
  const rows = await rowsIn<{ id: string; quest: string; terms: ReturnType<typeof termsOf> }>(em, TOLD, [playerId]);
  for (const { id, quest: questId, terms } of rows.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
    const { name, period, coins, gems, xp } = terms;
    await notifyIn(em, { playerId, kind: 'quest_completed', data: { id, questId, name, period, coins, gems, xp } });
  }
  return rows.length;
}

const TOLD = 'update quest set told_at = now() where player = ? and told_at is null returning id, quest, terms';
