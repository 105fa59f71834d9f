// What the game is made of (battles, items) and what an operator may tune, as rows. The rules' own data fills them at start;
// a row that is there already stays as the operator left it.
import { ACHIEVEMENTS } from '../rules/achievements.ts';
import { BATTLES, battleFrom } from '../rules/battle-content.ts';
import type { BattleDefinition } from '../rules/battle-types.ts';
import { QUESTS } from '../rules/quests.ts';
import { OFFERS } from '../rules/shop.ts';
import { openLiveConfig } from './live-config.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

export type Content = ReturnType<typeof openContent>;

export function openContent(db: Database, now: () => Date) {
  const liveConfig = openLiveConfig(db, now);

  return {
    liveConfig,
    seed: () => db.transaction((em) => seedIn(em)),

    async battles(): Promise<BattleDefinition[]> {
      const rows = await db.rows<{ id: string; data: unknown }>("select id, data from content where kind = 'battle'");
      return rows
        .flatMap(({ id, data }) => battleFrom(id, data) ?? [])
        .sort((one, other) => one.levelRequired - other.levelRequired || (one.battleId < other.battleId ? -1 : 1));
    },

    /** Null: no such battle, or its row is none. */
    async battle(battleId: string): Promise<BattleDefinition | null> {
      const [row] = await db.rows<{ data: unknown }>("select data from content where kind = 'battle' and id = $1", [battleId]);
      return row ? battleFrom(battleId, row.data) : null;
    },

    /** What operators have tuned, at most 5 s old. */
    live: liveConfig.live,
  };
}

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
