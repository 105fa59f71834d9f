// What operators tune while the house runs. Every process reads it at most 5 s late; each change is in the audit log.
import {
  checkedLive,
  type CorrectionLimitKey,
  LIVE_KEYS,
  LIVE_SETTINGS,
  type LiveKey,
  type LiveValue,
  liveWhole,
} from '../rules/live-config.ts';
import { auditIn } from './audit-log.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

export type LiveConfig = {
  /** The house's part of a roulette pot, basis points. */
  rouletteRakeBp: number;
  /** Most the house may lose on one pull's side bets, minor units. */
  rouletteExposureMax: bigint;
  /** The level at which a pet eats no more, 1 … PET_LEVEL_LIMIT. */
  petLevelMax: number;
  /** What a mined coin brings, whole AP. */
  miningApPerCoin: bigint;
  /** What an event makes of a check-in's XP and of the daily claim's COINS, percent; bounds in `rules/daily.ts`. */
  checkInXpPercent: number;
  dailyCoinsPercent: number;
} & Record<CorrectionLimitKey, bigint>;

export interface LiveEntry {
  key: LiveKey;
  value: LiveValue;
  /** Null: nobody has changed it, or it was set back. */
  changed: { at: Date; by: { playerId: string; displayName: string } | null } | null;
}

const KEPT_MS = 5_000;

export type LiveConfigs = ReturnType<typeof openLiveConfig>;

export function openLiveConfig(db: Database, now: () => Date) {
  let kept: { until: number; config: LiveConfig } | null = null;

  const change = async (key: LiveKey, value: LiveValue | null, actorId: string | null): Promise<void> => {
    await db.transaction(async (em) => {
      // Under the key's own lock: what an act says was there before is what the act before it made of it.
      await rowsIn(em, 'select pg_advisory_xact_lock(hashtextextended(?, 0))', [`live_config:${key}`]);
      const [row] = await rowsIn<{ value: unknown }>(em, 'select value from live_config where key = ?', [key]);
      const before = { value: told(valueOf(key, row?.value)) };
      await (value === null ? rowsIn(em, 'delete from live_config where key = ?', [key]) : setIn(em, key, value, now()));
      const after = { value: told(value ?? LIVE_SETTINGS[key].fallback) };
      await auditIn(em, {
        actorId,
        action: value === null ? 'config.reset' : 'config.set',
        target: `config:${key}`,
        before,
        after,
      });
    });
    kept = null;
  };

  return {
    /** At most 5 s old. */
    async live(): Promise<LiveConfig> {
      if (kept && now().getTime() < kept.until) return kept.config;
      const config = configFrom(await keptValues(db));
      kept = { until: now().getTime() + KEPT_MS, config };
      return config;
    },

    /** All there is, as it stands in the database. */
    async entries(): Promise<LiveEntry[]> {
      const set = await keptValues(db);
      const changes = new Map((await db.rows<ChangeRow>(CHANGES)).map((row) => [row.target, row]));
      return LIVE_KEYS.map((key) => {
        const last = changes.get(`config:${key}`);
        const by = last?.actor ? { playerId: last.actor, displayName: last.displayName ?? '' } : null;
        return { key, value: valueOf(key, set.get(key)), changed: last ? { at: last.at, by } : null };
      });
    },

    /** Refuses `malformed`, `out_of_bounds`. */
    set: (key: LiveKey, sent: string | readonly string[], actorId: string | null): Promise<void> =>
      change(key, checkedLive(key, sent), actorId),

    /** Back to the house's own value. */
    reset: (key: LiveKey, actorId: string | null): Promise<void> => change(key, null, actorId),
  };
}

interface ChangeRow {
  target: string;
  at: Date;
  actor: string | null;
  displayName: string | null;
}

async function keptValues(db: Database): Promise<Map<string, unknown>> {
  const rows = await db.rows<{ key: string; value: unknown }>('select key, value from live_config');
  return new Map(rows.map(({ key, value }) => [key, value]));
}

function configFrom(set: ReadonlyMap<string, unknown>): LiveConfig {
  const amount = (key: LiveKey): bigint => liveWhole(key, set.get(key));
  const count = (key: LiveKey): number => Number(amount(key));
  return {
    rouletteRakeBp: count('rouletteRakeBp'),
    rouletteExposureMax: amount('rouletteExposureMax'),
    petLevelMax: count('petLevelMax'),
    miningApPerCoin: amount('miningApPerCoin'),
    checkInXpPercent: count('checkInXpPercent'),
    dailyCoinsPercent: count('dailyCoinsPercent'),
    correctionLimitCOINS: amount('correctionLimitCOINS'),
    correctionLimitGEMS: amount('correctionLimitGEMS'),
    correctionLimitAP: amount('correctionLimitAP'),
    correctionLimitKES: amount('correctionLimitKES'),
    correctionLimitUSD: amount('correctionLimitUSD'),
  };
}

function valueOf(key: LiveKey, stored: unknown): LiveValue {
  const setting = LIVE_SETTINGS[key];
  if (setting.kind === 'whole') return liveWhole(key, stored);
  return Array.isArray(stored) ? stored.filter((word) => typeof word === 'string') : setting.fallback;
}

const told = (value: LiveValue): string | readonly string[] => (typeof value === 'bigint' ? String(value) : value);

const setIn = (em: EntityManager, key: LiveKey, value: LiveValue, at: Date) =>
  rowsIn(em, SET, [key, JSON.stringify(told(value)), at.toISOString()]);

const SET = `
  insert into live_config (key, value, changed_at) values (?, ?::jsonb, ?)
  on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at`;

const CHANGES = `
  select distinct on (a.target) a.target, a.at, a.actor, p.display_name as "displayName"
    from audit_log a left join player p on p.id = a.actor where a.action in ('config.set', 'config.reset')
   order by a.target, a.no desc`;
