// Achievements: unlocked in the fold of what they count, so none is lost; paid soon after, each in a change of its own, so
// that one that cannot be paid keeps nobody else's.
import { type Achievement, achievementFrom, type Tier } from '../rules/achievements.ts';
import { COUNTERS, type Measure, reachedBy } from '../rules/counters.ts';
import type { Counters, Grown } from './counters.ts';
import { countIn, foldTurnIn } from './deeds.ts';
import { derivedId } from './ids.ts';
import type { Grant, Ledger } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { forEachPlayer } from './players-in-turn.ts';
import { earnXpIn } from './progress.ts';

export interface PublicAchievement extends Achievement {
  /** How many players have it. */
  holders: bigint;
}

export interface OwnAchievement extends Achievement {
  /** What has been counted, 0 … threshold. */
  progress: bigint;
  unlockedAt: Date | null;
}

export type Achievements = ReturnType<typeof openAchievements>;

export function openAchievements(db: Database, { ledger, counters }: { ledger: Ledger; counters: Counters }) {
  const all = async (): Promise<Achievement[]> => inOrder(await db.rows<ContentRow>(ROWS));

  return {
    /** Every achievement there is, by what it counts, easiest first. */
    async list(): Promise<PublicAchievement[]> {
      const rows = await db.rows<{ achievement: string; holders: unknown }>('select achievement, holders from achievement_state');
      const holders = new Map(rows.map((row) => [row.achievement, whole(row.holders)]));
      return (await all()).map((one) => ({ ...one, holders: holders.get(one.achievementId) ?? 0n }));
    },

    /** The same list as one player stands in it. */
    async of(playerId: string): Promise<OwnAchievement[]> {
      const tallies = await counters.of(playerId);
      const rows = await db.rows<{ achievement: string; at: Date }>(UNLOCKED, [playerId]);
      const unlocked = new Map(rows.map(({ achievement, at }) => [achievement, at]));
      return (await all()).map((one) => {
        const unlockedAt = unlocked.get(one.achievementId) ?? null;
        const counted = tallies.get(one.counter)?.[one.measure] ?? 0n;
        const progress = unlockedAt || counted > one.threshold ? one.threshold : counted < 0n ? 0n : counted;
        return { ...one, progress, unlockedAt };
      });
    },

    /**
     * Pays what has been unlocked: AP, gems and XP, and tells the player. Once each, however many processes do it; what fails
     * is tried again the next time. Returns how many.
     */
    award: (): Promise<number> => forEachPlayer(db, UNPAID, (em, playerId) => payIn(em, ledger, playerId)),

    /**
     * Unlocks for those who had passed a goal before it was one: a row that is new or was edited. Returns how many. Cheap where
     * nothing is new.
     */
    async sweep(): Promise<number> {
      let unlocked = 0;
      for (let more = true; more;) {
        const swept = await db.transaction(sweepIn);
        unlocked += swept.unlocked;
        ({ more } = swept);
      }
      return unlocked;
    },
  };
}

interface ContentRow {
  id: string;
  data: unknown;
}

const ROWS = "select id, data from content where kind = 'achievement'";
const UNLOCKED = 'select achievement, unlocked_at as at from player_achievement where player = $1';

const ORDER = Object.keys(COUNTERS);

function inOrder(rows: readonly ContentRow[]): Achievement[] {
  const known = rows.map(({ id, data }) => achievementFrom(id, data)).filter((one) => one !== null);
  return known.toSorted(
    (one, other) =>
      ORDER.indexOf(one.counter) - ORDER.indexOf(other.counter) ||
      one.measure.localeCompare(other.measure) ||
      Number(one.threshold - other.threshold) ||
      (one.achievementId < other.achievementId ? -1 : 1),
  );
}

/** Unlocks what these counters have reached, in their fold's transaction. */
export async function unlockIn(em: EntityManager, grown: readonly Grown[]): Promise<void> {
  const achievements = Map.groupBy(inOrder(await rowsIn<ContentRow>(em, ROWS)), ({ counter }) => counter);
  const reached = grown.flatMap(({ playerId, counter, ...growth }) =>
    (achievements.get(counter) ?? [])
      .filter((one) => reachedBy(growth, one))
      .map((one) => ({ player: playerId, achievement: one.achievementId, terms: termsOf(one) })),
  );
  if (reached.length > 0) await rowsIn(em, UNLOCK, [JSON.stringify(reached)]);
}

interface Terms {
  name: string;
  tier: Tier;
  ap: string;
  gems: string;
  xp: string;
}

const termsOf = ({ name, tier, ap, gems, xp }: Achievement): Terms => ({
  name,
  tier,
  ap: String(ap),
  gems: String(gems),
  xp: String(xp),
});

const HOLDERS = `
  insert into achievement_state (achievement, holders) select achievement, count(*) from added group by achievement
  on conflict (achievement) do update set holders = achievement_state.holders + excluded.holders`;

const UNLOCK = `
  with added as (
    insert into player_achievement (player, achievement, terms)
      select player, achievement, terms from json_to_recordset(?::json) l(player uuid, achievement text, terms jsonb) order by player, achievement
    on conflict do nothing returning achievement
  )
  ${HOLDERS}`;

const UNPAID = `
  select distinct a.player from player_achievement a join player p on p.id = a.player and p.deleted_at is null
   where a.paid_at is null and ($1::uuid is null or a.player > $1) order by a.player limit $2`;

/** Under the player's lock, so that two processes pay one after the other, and the second finds nothing. */
async function payIn(em: EntityManager, ledger: Ledger, playerId: string): Promise<number> {
  const [player] = await rowsIn(em, 'select 1 from player where id = ? and deleted_at is null for no key update', [playerId]);
  if (!player) return 0;
  const take = `update player_achievement set paid_at = now() where player = ? and paid_at is null returning achievement, terms`;
  const rows = await rowsIn<{ achievement: string; terms: Terms }>(em, take, [playerId]);
  const grants: Grant[] = [];
  for (const { achievement, terms } of rows.toSorted((one, other) => (one.achievement < other.achievement ? -1 : 1))) {
    const { xp, ap, gems } = terms;
    if (xp !== '0')
      grants.push(
        ...(await earnXpIn(em, { playerId, source: 'achievement', xp: BigInt(xp), key: `achievement:${achievement}` })).grants,
      );
    await notifyIn(em, { playerId, kind: 'achievement_unlocked', data: { achievementId: achievement, ...terms } });
    await countIn(em, [{ playerId, counter: 'ap', amount: BigInt(ap) }]);
    for (const [currency, amount] of [
      ['AP', BigInt(ap)],
      ['GEMS', BigInt(gems)],
    ] as const)
      if (amount > 0n) grants.push({ playerId, currency, amount, reason: 'achievement', key: `${achievement}:${currency}` });
  }
  await ledger.grantAllIn(em, grants);
  return rows.length;
}

const SWEEP_ROWS_MAX = 20_000;

/** Between folds, so that whoever passes a goal while it is being swept is seen by the one or by the other. */
async function sweepIn(em: EntityManager): Promise<{ unlocked: number; more: boolean }> {
  if (!(await foldTurnIn(em))) return { unlocked: 0, more: false };
  const states = await rowsIn<{ achievement: string; swept: string | null }>(
    em,
    'select achievement, swept from achievement_state',
  );
  const swept = new Map(states.map((row) => [row.achievement, row.swept]));
  let unlocked = 0;
  for (const one of inOrder(await rowsIn<ContentRow>(em, ROWS))) {
    const goal = derivedId(one.counter, one.measure, String(one.threshold));
    if (swept.get(one.achievementId) === goal) continue;
    const left = SWEEP_ROWS_MAX - unlocked;
    const found = await unlockPassedIn(em, one, left);
    unlocked += found;
    if (found === left) return { unlocked, more: true };
    await rowsIn(em, SWEPT, [one.achievementId, goal]);
  }
  return { unlocked, more: false };
}

async function unlockPassedIn(em: EntityManager, one: Achievement, most: number): Promise<number> {
  const column = COLUMN[one.measure];
  const text = `
    with added as (
      insert into player_achievement (player, achievement, terms)
        select c.player, ?, ?::jsonb from player_counter c join player p on p.id = c.player and p.deleted_at is null
         where c.counter = ? and c.${column} >= ?
           and not exists (select 1 from player_achievement a where a.player = c.player and a.achievement = ?)
         order by c.player limit ?
      on conflict do nothing returning achievement
    ), counted as (${HOLDERS})
    select count(*)::int as n from added`;
  const id = one.achievementId;
  const values = [id, JSON.stringify(termsOf(one)), one.counter, String(one.threshold), id, most];
  const [row] = await rowsIn<{ n: number }>(em, text, values);
  return row!.n;
}

const COLUMN: Record<Measure, string> = { sum: 'total', count: 'deeds', best: 'best' };

const SWEPT = `
  insert into achievement_state (achievement, swept) values (?, ?) on conflict (achievement) do update set swept = excluded.swept`;
