// Who does not hear whom, and the words the house masks.
import { BLOCKS_MAX, CHAT_WORDS, wordSet } from '../rules/chat.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { type Database, rowsIn } from './orm.ts';

export interface Block {
  playerId: string;
  displayName: string;
  at: Date;
}

export type Chat = ReturnType<typeof openChat>;

const KEPT_MS = 5_000;

export function openChat(db: Database, now: () => Date) {
  let kept: { until: number; words: ReadonlySet<string> } | null = null;

  return {
    /** The house's word list: `chatWords` of the live config, or the house's own. At most 5 s old. */
    async words(): Promise<ReadonlySet<string>> {
      const at = now().getTime();
      if (kept && at < kept.until) return kept.words;
      const [row] = await db.rows<{ value: unknown }>("select value from live_config where key = 'chatWords'");
      const list = Array.isArray(row?.value) ? row.value.filter((word) => typeof word === 'string') : CHAT_WORDS;
      kept = { until: at + KEPT_MS, words: wordSet(list) };
      return kept.words;
    },

    /** From now on this player hears nothing that player says; again is the same. Refuses `not_found`, `limit_reached`. */
    block: (playerId: string, blocked: string): Promise<Block> =>
      db.transaction(async (em) => {
        // Under the player's row, so that two devices at once stay under the limit together.
        await rowsIn(em, 'select 1 from player where id = ? for no key update', [playerId]);
        const [known] = await rowsIn(em, 'select 1 from player where id = ? and id <> ? and deleted_at is null', [
          blocked,
          playerId,
        ]);
        refuseUnless(known, 'not_found');
        const [others] = await rowsIn<{ count: number }>(em, OTHERS, [playerId, blocked]);
        refuseUnless(others!.count < BLOCKS_MAX, 'limit_reached');
        await rowsIn(em, 'insert into player_block (player, blocked) values (?, ?) on conflict do nothing', [playerId, blocked]);
        const [block] = await rowsIn<Block>(em, `${BLOCKS} where b.player = ? and b.blocked = ?`, [playerId, blocked]);
        return { ...block!, at: new Date(block!.at) };
      }),

    /** False: there was none. */
    async unblock(playerId: string, blocked: string): Promise<boolean> {
      const gone = 'delete from player_block where player = $1 and blocked = $2 returning player';
      return (await db.rows(gone, [playerId, blocked])).length > 0;
    },

    /** By id; `after` is the last one seen. */
    blocks: (playerId: string, { limit, after }: { limit: number; after: string | null }): Promise<Block[]> =>
      db.rows<Block>(`${BLOCKS} where b.player = $1 and ($2::uuid is null or b.blocked > $2) order by b.blocked limit $3`, [
        playerId,
        after,
        limit,
      ]),

    /** Who of `hearers` has blocked the speaker. */
    async deafTo(speaker: string, hearers: readonly string[]): Promise<ReadonlySet<string>> {
      if (hearers.length === 0) return new Set();
      const rows = await db.rows<{ player: string }>(DEAF, [speaker, hearers]);
      return new Set(rows.map(({ player }) => player));
    },
  };
}

const OTHERS = 'select count(*)::int as count from player_block where player = ? and blocked <> ?';

const BLOCKS = `
  select b.blocked as "playerId", p.display_name as "displayName", b.at from player_block b join player p on p.id = b.blocked`;

const DEAF = 'select player from player_block where blocked = $1 and player = any($2::uuid[])';
