// What players are told: numbered per player in the order of their commits, so whoever has read up to a number has missed
// nothing and reads nothing twice.
import { type EntityManager, rowsIn } from './orm.ts';

/** What a notification is about; the client chooses its words by it. */
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export const NOTIFICATION_KINDS = [
  'level_up',
  'achievement_unlocked',
  'quest_completed',
  'loot_ready',
  'egg_ready',
  'rank_changed',
  'board_reward',
  'payment_changed',
  'mining_reward',
  'verification_complete',
] as const;

export interface NewNotification {
  playerId: string;
  kind: NotificationKind;
  /** JSON; amounts as digit strings. */
  data: Record<string, unknown>;
}

/** Tells a player inside the change it is about. The player's head row stays locked until that ends, so call it late. */
export async function notifyIn(em: EntityManager, { playerId, kind, data }: NewNotification): Promise<void> {
  await rowsIn(em, NOTIFY, [playerId, kind, JSON.stringify(data)]);
}

const NOTIFY = `
  with head as (
    insert into notification_head (player, last_no) values (?, 1)
    on conflict (player) do update set last_no = notification_head.last_no + 1 returning player, last_no
  )
  insert into notification (player, no, kind, data) select player, last_no, ?, ?::jsonb from head`;
