// A player's own progress: stat points spent and taken back, stamina written down as it has grown, and XP by source.
import type { SpentPoints } from '../rules/battle-figures.ts';
import { type Stamina, staminaGrown, staminaPoints } from '../rules/levels.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { allocate, respec, RESPEC_GEMS, type Stats, staminaUpTo } from '../rules/stats.ts';
import type { XpSource } from '../rules/xp.ts';
import { derivedId } from './ids.ts';
import { refuseInBattleIn } from './in-battle.ts';
import { refusalOf } from './instant.ts';
import { type Ledger, systemAccount } from './ledger.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import type { Requests, Told } from './requests.ts';

/** Whole points as they stand now; `since`, ISO: where the running period of growth began. */
export interface StaminaShown {
  points: number;
  max: number;
  since: string;
}

/** JSON, as it is kept with its request. */
export type StatsShown = Omit<Stats, 'staminaMax'> & { stamina: StaminaShown };

/** JSON, as it is kept with its request; amounts in gems. */
export type Respecced = StatsShown & { price: string; available: string };

export type PlayerStats = ReturnType<typeof openStats>;

export interface StatsParts {
  ledger: Ledger;
  requests: Requests;
  now: () => Date;
}

export function openStats(db: Database, { ledger, requests, now }: StatsParts) {
  return {
    /** Refuses `points_short`. */
    allocate: ({ playerId, points, key }: { playerId: string; points: SpentPoints; key: string }): Promise<Told<StatsShown>> =>
      requests.once({ playerId, operation: 'allocate', key, body: { ...points } }, async (em) => {
        const { stats, stamina } = await lockedIn(em, playerId, now());
        return keepIn(em, playerId, { stats: allocate(stats, points), stamina });
      }),

    /** Every point comes back, for RESPEC_GEMS. Refuses `in_battle`, `points_unspent`, `funds_short`. */
    async respec({ playerId, key }: { playerId: string; key: string }): Promise<Told<Respecced>> {
      const debit = await ledger.accountOf(playerId, 'GEMS');
      return requests.once({ playerId, operation: 'respec', key, body: {} }, async (em) => {
        const { stats, stamina } = await lockedIn(em, playerId, now());
        await refuseInBattleIn(em, playerId);
        const shown = await keepIn(em, playerId, { stats: respec(stats), stamina });
        const way = { debit, credit: systemAccount('shop', 'GEMS'), amount: RESPEC_GEMS, reason: 'respec' };
        const [posted] = await ledger.postIn(em, [{ id: derivedId(playerId, 'respec', key), op: 'move', ...way }]);
        if (posted!.refused) throw refusalOf(posted!.refused);
        return { ...shown, price: String(RESPEC_GEMS), available: String(posted!.free!) };
      });
    },

    /** Stamina as it has grown, written down; the time that is left over counts on, so asking often brings nothing more. */
    regenerate: (playerId: string): Promise<StaminaShown> =>
      db.transaction(async (em) => {
        const { stats, stamina } = await lockedIn(em, playerId, now());
        return (await keepIn(em, playerId, { stats, stamina })).stamina;
      }),

    /** What each source has brought the player on this day, UTC; none: it is not listed. */
    async xpToday(playerId: string): Promise<{ day: string; earned: Map<XpSource, bigint> }> {
      const rows = await db.rows<{ day: string; source: XpSource | null; xp: unknown }>(XP_TODAY, [playerId]);
      const earned = rows.flatMap(({ source, xp }) => (source === null ? [] : [[source, whole(xp)] as const]));
      return { day: rows[0]!.day, earned: new Map(earned) };
    },

    /** Forgets what each source brought on days long past; only today's counts for a cap. Returns how many. */
    sweep: async (): Promise<number> => (await db.rows(FORGET_DAYS, [XP_DAYS_KEPT])).length,
  };
}

interface Standing {
  stats: Stats;
  stamina: Stamina;
}

/** The player's figures under their lock, stamina grown up to now. */
async function lockedIn(em: EntityManager, playerId: string, at: Date): Promise<Standing> {
  const [row] = await rowsIn<StatsRow>(em, LOCKED, [playerId]);
  refuseUnless(row, 'not_found');
  const { tenths, since, ...stats } = row;
  const stamina = { tenths, max: stats.staminaMax, atMs: new Date(since).getTime() };
  return { stats, stamina: staminaGrown(stamina, at.getTime()) };
}

async function keepIn(em: EntityManager, playerId: string, { stats, stamina: before }: Standing): Promise<StatsShown> {
  const { staminaMax: max, ...rest } = stats;
  const stamina = staminaUpTo(before, max);
  const since = new Date(stamina.atMs).toISOString();
  const values = [rest.statPoints, rest.attack, rest.defence, rest.health, max, stamina.tenths, since, playerId];
  await rowsIn(em, KEEP, values);
  return { ...rest, stamina: { points: staminaPoints(stamina), max, since } };
}

interface StatsRow extends Stats {
  tenths: number;
  since: string | Date;
}

const LOCKED = `
  select stat_points as "statPoints", attack, defence, health, stamina_max as "staminaMax", stamina_tenths as tenths, stamina_at as since
    from player where id = ? and deleted_at is null for no key update`;

const KEEP = `
  update player set stat_points = ?, attack = ?, defence = ?, health = ?, stamina_max = ?, stamina_tenths = ?, stamina_at = ?,
         version = version + 1 where id = ?`;

const XP_DAYS_KEPT = 40;

const FORGET_DAYS = `delete from xp_day where day < (now() at time zone 'utc')::date - $1::int returning 1`;

const XP_TODAY = `
  with today as (select (now() at time zone 'utc')::date as day)
  select to_char(t.day, 'YYYY-MM-DD') as day, d.source, d.xp from today t left join xp_day d on d.day = t.day and d.player = $1`;
