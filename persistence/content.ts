// What the game is made of (battles, items) and what an operator may tune, as rows. The rules' own data fills them at start;
// a row that is there already stays as the operator left it.
import { ACHIEVEMENTS } from '../rules/achievements.ts';
import { BATTLES } from '../rules/battle-content.ts';
import type { BattleDefinition } from '../rules/battle-types.ts';
import { PET_LEVEL_LIMIT, PET_LEVEL_MAX } from '../rules/pets.ts';
import { AP_A_COIN, AP_A_COIN_MAX } from '../rules/mining.ts';
import { CHECK_IN_PERCENT, CLAIM_PERCENT } from '../rules/daily.ts';
import { QUESTS } from '../rules/quests.ts';
import { EXPOSURE_MAX } from '../rules/roulette-bets.ts';
import { RAKE_BP } from '../rules/roulette.ts';
import { OFFERS } from '../rules/shop.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

/** Operators' settings that take effect within seconds, with their defaults. */
export interface LiveConfig {
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
}

const DEFAULTS: LiveConfig = {
  rouletteRakeBp: RAKE_BP,
  rouletteExposureMax: EXPOSURE_MAX,
  petLevelMax: PET_LEVEL_MAX,
  miningApPerCoin: AP_A_COIN,
  checkInXpPercent: CHECK_IN_PERCENT.min,
  dailyCoinsPercent: CLAIM_PERCENT.min,
};
const KEPT_MS = 5_000;

export type Content = ReturnType<typeof openContent>;

export function openContent(db: Database, now: () => Date) {
  let kept: { until: number; config: LiveConfig } | null = null;

  return {
    seed: () => db.transaction((em) => seedIn(em)),

    async battles(): Promise<BattleDefinition[]> {
      const rows = await db.rows<{ data: BattleDefinition }>("select data from content where kind = 'battle'");
      return rows
        .map(({ data }) => data)
        .sort((one, other) => one.levelRequired - other.levelRequired || (one.battleId < other.battleId ? -1 : 1));
    },

    /** Null: no such battle. */
    async battle(battleId: string): Promise<BattleDefinition | null> {
      const [row] = await db.rows<{ data: BattleDefinition }>("select data from content where kind = 'battle' and id = $1", [
        battleId,
      ]);
      return row?.data ?? null;
    },

    /** At most 5 s old. */
    async live(): Promise<LiveConfig> {
      if (kept && now().getTime() < kept.until) return kept.config;
      const rows = await db.rows<{ key: string; value: unknown }>('select key, value from live_config');
      const set = new Map(rows.map(({ key, value }) => [key, value]));
      const config: LiveConfig = {
        rouletteRakeBp: Number(set.get('rouletteRakeBp') ?? DEFAULTS.rouletteRakeBp),
        rouletteExposureMax: whole(set.get('rouletteExposureMax') ?? DEFAULTS.rouletteExposureMax),
        petLevelMax: bounded(set.get('petLevelMax') ?? DEFAULTS.petLevelMax, 1, PET_LEVEL_LIMIT),
        miningApPerCoin: BigInt(bounded(set.get('miningApPerCoin') ?? DEFAULTS.miningApPerCoin, 1, Number(AP_A_COIN_MAX))),
        checkInXpPercent: bounded(
          set.get('checkInXpPercent') ?? DEFAULTS.checkInXpPercent,
          CHECK_IN_PERCENT.min,
          CHECK_IN_PERCENT.max,
        ),
        dailyCoinsPercent: bounded(
          set.get('dailyCoinsPercent') ?? DEFAULTS.dailyCoinsPercent,
          CLAIM_PERCENT.min,
          CLAIM_PERCENT.max,
        ),
      };
      kept = { until: now().getTime() + KEPT_MS, config };
      return config;
    },
  };
}

/** An operator's whole number, brought within what the rules can bear. */
const bounded = (value: unknown, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.trunc(Number(value)) || least));

async function seedIn(em: EntityManager): Promise<void> {
  for (const battle of BATTLES) {
    const insert = "insert into content (kind, id, data) values ('battle', ?, ?::jsonb) on conflict (kind, id) do nothing";
    await rowsIn(em, insert, [battle.battleId, JSON.stringify(battle)]);
  }
  const goals = [
    ...ACHIEVEMENTS.map(({ achievementId: id, ...data }) => ({ kind: 'achievement', id, data })),
    ...QUESTS.map(({ questId: id, ...data }) => ({ kind: 'quest', id, data })),
  ];
  const digits = (_name: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  await rowsIn(em, GOALS, [JSON.stringify(goals, digits)]);
  for (const offer of OFFERS) {
    const insert = "insert into content (kind, id, data) values ('offer', ?, ?::jsonb) on conflict (kind, id) do nothing";
    await rowsIn(em, insert, [offer.offerId, JSON.stringify(offer)]);
  }
}

const GOALS = `
  insert into content (kind, id, data) select kind, id, data from json_to_recordset(?::json) l(kind text, id text, data jsonb)
  on conflict (kind, id) do nothing`;
