// Seasons: planned by operators, started and ended by them or by the clock, one at a time, and readable for ever.
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import {
  type Phase,
  phaseOf,
  planFaults,
  REVIEW_MS,
  type SeasonItem,
  type SeasonPlan,
  type SeasonRank,
  type SeasonState,
} from '../rules/season.ts';
import { auditIn } from './audit-log.ts';
import { uuid7 } from './ids.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { prizesFrom, type SeasonDeps } from './season-parts.ts';
import { openStandings } from './season-standings.ts';
import { openSubmissions } from './season-submissions.ts';

export interface SeasonSummary {
  id: string;
  name: string;
  state: SeasonState;
  phase: Phase;
  startsAt: Date;
  endsAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
}

export interface Season extends SeasonSummary {
  items: SeasonItem[];
  /** The lowest first. */
  ranks: SeasonRank[];
}

export type Seasons = ReturnType<typeof openSeasons>;

/** Starts and ends take turns, so that there is never more than one that is on. */
const TURN = 7_061_993;

export function openSeasons(db: Database, deps: SeasonDeps) {
  const { now } = deps;
  const change = <T>(work: (em: EntityManager) => Promise<T>): Promise<T> =>
    db.transaction(async (em) => {
      await rowsIn(em, 'select pg_advisory_xact_lock(?)', [TURN]);
      return work(em);
    });

  return {
    ...openSubmissions(db, deps),
    ...openStandings(db),

    /** Newest first; `before` is the id of the last one seen. */
    async list({ limit, before, drafts }: { limit: number; before: string | null; drafts: boolean }): Promise<SeasonSummary[]> {
      const rows = await db.rows<SeasonRow>(`${SEASONS} ${LISTED}`, [before, drafts, limit]);
      return rows.map((row) => toSummary(row, now()));
    },

    /** The one that is on; null: none is. */
    async current(): Promise<Season | null> {
      const [row] = await db.rows<SeasonRow>(`${SEASONS} where state = 'current'`);
      return row ? withParts(db, toSummary(row, now())) : null;
    },

    /** null: no such season. */
    async one(seasonId: string): Promise<Season | null> {
      const [row] = await db.rows<SeasonRow>(`${SEASONS} where id = $1`, [seasonId]);
      return row ? withParts(db, toSummary(row, now())) : null;
    },

    /** A draft: nobody sees it. Refuses `malformed` for a plan that nobody could keep; `planFaults` says why. */
    create: (plan: SeasonPlan, actorId: string | null): Promise<string> =>
      change(async (em) => {
        refuseUnless(planFaults(plan).length === 0, 'malformed');
        const { name, startsAt, endsAt } = plan;
        const id = uuid7();
        const at = now().toISOString();
        await rowsIn(em, CREATE, [id, name, startsAt.toISOString(), endsAt.toISOString(), at]);
        await planIn(em, id, plan);
        await auditIn(em, { actorId, action: 'season.create', target: `season:${id}`, before: null, after: json(plan) });
        return id;
      }),

    /**
     * Changes a plan: all of it before the season is on; then name, end and items alone, for what is handed in from then on.
     * Refuses `not_found`, `malformed`, `season_open` for what cannot change any more, `season_frozen`.
     */
    edit: (seasonId: string, plan: SeasonPlan, actorId: string | null): Promise<void> =>
      change(async (em) => {
        const before = await lockedIn(em, seasonId, now());
        refuseUnless(before.state !== 'ended', 'season_frozen');
        refuseUnless(planFaults(plan).length === 0, 'malformed');
        const old = await planOf(em, before);
        if (before.state === 'current') refuseUnless(sameStart(old, plan), 'season_open');
        const { name, startsAt, endsAt } = plan;
        await rowsIn(em, EDIT, [name, startsAt.toISOString(), endsAt.toISOString(), seasonId]);
        await rowsIn(em, 'delete from season_item where season = ?', [seasonId]);
        if (before.state !== 'current') await rowsIn(em, 'delete from season_rank where season = ?', [seasonId]);
        await planIn(em, seasonId, before.state === 'current' ? { ...plan, ranks: [] } : plan);
        await auditIn(em, { actorId, action: 'season.edit', target: `season:${seasonId}`, before: json(old), after: json(plan) });
      }),

    /** On now, or by the clock where its start is yet to come. Refuses `not_found`, `season_open` where another is on, `season_closed` past its end. */
    start: (seasonId: string, actorId: string | null): Promise<SeasonState> =>
      change(async (em) => {
        const season = await lockedIn(em, seasonId, now());
        refuseUnless(season.state === 'draft' || season.state === 'scheduled', 'season_open');
        refuseUnless(now() < season.endsAt, 'season_closed');
        if (season.state === 'draft' && now() < season.startsAt) {
          await setState(em, season, { state: 'scheduled', actorId, action: 'season.schedule' });
          return 'scheduled';
        }
        await startIn(em, season, { actorId, at: now() });
        return 'current';
      }),

    /** Frozen from now on; what waits for a review lapses. Refuses `not_found`, `season_frozen`, `season_closed` for one that is not on. */
    end: (seasonId: string, actorId: string | null): Promise<void> =>
      change(async (em) => {
        const season = await lockedIn(em, seasonId, now());
        refuseUnless(season.state !== 'ended', 'season_frozen');
        refuseUnless(season.state === 'current', 'season_closed');
        await endIn(em, season, { actorId, at: now() });
      }),

    /** Takes away one that was never on. Refuses `not_found`, `season_open`, `season_frozen`. */
    discard: (seasonId: string, actorId: string | null): Promise<void> =>
      change(async (em) => {
        const season = await lockedIn(em, seasonId, now());
        refuseUnless(season.state !== 'ended', 'season_frozen');
        refuseUnless(season.state !== 'current', 'season_open');
        const before = json(await planOf(em, season));
        await rowsIn(em, 'delete from season where id = ?', [seasonId]);
        await auditIn(em, { actorId, action: 'season.discard', target: `season:${seasonId}`, before, after: null });
      }),

    /** What the clock does: ends what has had its time for reviews, then starts what is due. Returns what it did. */
    tick: (): Promise<{ ended: string | null; started: string | null }> =>
      change(async (em) => {
        const at = now();
        const over = await dueIn(em, `state = 'current' and ends_at <= ?::timestamptz`, new Date(at.getTime() - REVIEW_MS));
        if (over !== null) await endIn(em, over, { actorId: null, at });
        const [on] = await rowsIn(em, `select 1 from season where state = 'current'`);
        const due = on ? null : await dueIn(em, `state = 'scheduled' and starts_at <= ?::timestamptz`, at);
        if (due !== null) await startIn(em, due, { actorId: null, at });
        return { ended: over?.id ?? null, started: due?.id ?? null };
      }),
  };
}

interface By {
  actorId: string | null;
  at: Date;
}

async function startIn(em: EntityManager, season: SeasonSummary, { actorId, at }: By): Promise<void> {
  const [on] = await rowsIn(em, `select 1 from season where state = 'current'`);
  refuseUnless(!on, 'season_open');
  await rowsIn(em, 'update season set started_at = ? where id = ?', [at.toISOString(), season.id]);
  await setState(em, season, { state: 'current', actorId, action: 'season.start' });
}

async function endIn(em: EntityManager, season: SeasonSummary, { actorId, at }: By): Promise<void> {
  await rowsIn(em, LAPSE, [at.toISOString(), season.id]);
  await rowsIn(em, 'update season set ended_at = ?, state = ? where id = ?', [at.toISOString(), 'ended', season.id]);
  const [before, after] = [{ state: season.state }, { state: 'ended' }];
  await auditIn(em, { actorId, action: 'season.end', target: `season:${season.id}`, before, after });
}

async function setState(
  em: EntityManager,
  season: SeasonSummary,
  { state, actorId, action }: { state: SeasonState; actorId: string | null; action: string },
): Promise<void> {
  await rowsIn(em, 'update season set state = ? where id = ?', [state, season.id]);
  await auditIn(em, { actorId, action, target: `season:${season.id}`, before: { state: season.state }, after: { state } });
}

async function lockedIn(em: EntityManager, seasonId: string, now: Date): Promise<SeasonSummary> {
  const [row] = await rowsIn<SeasonRow>(em, `${SEASONS} where id = ? for update`, [seasonId]);
  if (!row) throw new Refusal('not_found');
  return toSummary(row, now);
}

async function dueIn(em: EntityManager, where: string, at: Date): Promise<SeasonSummary | null> {
  const due = `${SEASONS} where ${where} order by starts_at, id limit 1 for update`;
  const [row] = await rowsIn<SeasonRow>(em, due, [at.toISOString()]);
  return row ? toSummary(row, at) : null;
}

async function planIn(em: EntityManager, seasonId: string, { items, ranks }: Pick<SeasonPlan, 'items' | 'ranks'>): Promise<void> {
  await rowsIn(em, ITEMS_IN, [seasonId, JSON.stringify(items.map((item) => ({ ...item, points: String(item.points) })))]);
  await rowsIn(em, RANKS_IN, [seasonId, JSON.stringify(ranks, digits)]);
}

async function planOf(em: EntityManager, { id, name, startsAt, endsAt }: SeasonSummary): Promise<SeasonPlan> {
  const items = (await rowsIn<ItemRow>(em, ITEMS.replace('$1', '?'), [id])).map(toItem);
  const ranks = (await rowsIn<RankRow>(em, RANKS.replace('$1', '?'), [id])).map(toRank);
  return { name, startsAt, endsAt, items, ranks };
}

/** What players go by: they aim at ranks, so these stay. */
const sameStart = (old: SeasonPlan, plan: SeasonPlan): boolean =>
  old.startsAt.getTime() === plan.startsAt.getTime() && ranksText(old) === ranksText(plan);

const ranksText = ({ ranks }: SeasonPlan): string =>
  JSON.stringify(
    ranks
      .toSorted((one, other) => (one.threshold < other.threshold ? -1 : 1))
      .map(({ rankId, name, threshold, prizes }) => [
        rankId,
        name,
        threshold,
        prizes.map((prize) => Object.entries(prize).toSorted(([one], [other]) => (one < other ? -1 : 1))),
      ]),
    digits,
  );

const digits = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

const json = (plan: SeasonPlan): Record<string, unknown> => JSON.parse(JSON.stringify(plan, digits)) as Record<string, unknown>;

async function withParts(db: Database, season: SeasonSummary): Promise<Season> {
  const items = (await db.rows<ItemRow>(ITEMS, [season.id])).map(toItem);
  const ranks = (await db.rows<RankRow>(RANKS, [season.id])).map(toRank);
  return { ...season, items, ranks };
}

interface SeasonRow extends Omit<SeasonSummary, 'phase' | 'startsAt' | 'endsAt' | 'startedAt' | 'endedAt'> {
  startsAt: string | Date;
  endsAt: string | Date;
  startedAt: string | Date | null;
  endedAt: string | Date | null;
}

function toSummary(row: SeasonRow, now: Date): SeasonSummary {
  const [startsAt, endsAt] = [new Date(row.startsAt), new Date(row.endsAt)];
  const startedAt = row.startedAt === null ? null : new Date(row.startedAt);
  const endedAt = row.endedAt === null ? null : new Date(row.endedAt);
  return { ...row, startsAt, endsAt, startedAt, endedAt, phase: phaseOf({ state: row.state, endsAt }, now) };
}

interface ItemRow extends Omit<SeasonItem, 'points'> {
  points: unknown;
}

const toItem = (row: ItemRow): SeasonItem => ({ ...row, points: whole(row.points) });

interface RankRow extends Omit<SeasonRank, 'threshold' | 'prizes'> {
  threshold: unknown;
  prizes: unknown;
}

const toRank = (row: RankRow): SeasonRank => ({ ...row, threshold: whole(row.threshold), prizes: prizesFrom(row.prizes) });

const SEASONS = `
  select id, name, state, starts_at as "startsAt", ends_at as "endsAt", started_at as "startedAt", ended_at as "endedAt" from season`;

const LISTED = `
   where ($1::uuid is null or id < $1) and ($2::boolean or state in ('current', 'ended', 'scheduled')) order by id desc limit $3`;

const CREATE = `insert into season (id, name, state, starts_at, ends_at, made_at) values (?, ?, 'draft', ?, ?, ?)`;

const EDIT = 'update season set name = ?, starts_at = ?, ends_at = ? where id = ?';

const LAPSE = `update season_submission set state = 'lapsed', reviewed_at = ? where season = ? and state = 'pending'`;

const ITEMS = `
  select item as "itemId", name, points, quantity_max as "quantityMax", automatic from season_item where season = $1 order by place`;

const RANKS = 'select rank as "rankId", name, threshold, prizes from season_rank where season = $1 order by threshold';

const ITEMS_IN = `
  insert into season_item (season, item, name, points, quantity_max, automatic, place)
    select ?::uuid, i.v ->> 'itemId', i.v ->> 'name', (i.v ->> 'points')::bigint, (i.v ->> 'quantityMax')::int,
           (i.v ->> 'automatic')::boolean, i.n
      from json_array_elements(?::json) with ordinality i(v, n)`;

const RANKS_IN = `
  insert into season_rank (season, rank, name, threshold, prizes)
    select ?::uuid, r.v ->> 'rankId', r.v ->> 'name', (r.v ->> 'threshold')::bigint, (r.v -> 'prizes')::jsonb
      from json_array_elements(?::json) r(v)`;
