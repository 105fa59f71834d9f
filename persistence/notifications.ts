// What players are told: numbered per player in the order of their commits, so whoever has read up to a number has missed
// nothing and reads nothing twice.
import { type Database, type EntityManager, rowsIn, sayIn } from './orm.ts';

/** What a notification is about; the client chooses its words by it. */
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export const NOTIFICATION_KINDS = [
  'level_up',
  'achievement_unlocked',
  'quest_completed',
  'loot_ready',
  'egg_ready',
  'board_reward',
  'payment_changed',
  'mining_reward',
  'mining_taken_back',
  'submission_reviewed',
  'season_rank',
  'verification_complete',
  'balance_corrected',
  'api_token_decided',
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
  sayIn(em, TOLD + playerId);
}

const TOLD = 'told:';

const NOTIFY = `
  with head as (
    insert into notification_head (player, last_no) values (?, 1)
    on conflict (player) do update set last_no = notification_head.last_no + 1 returning player, last_no
  )
  insert into notification (player, no, kind, data) select player, last_no, ?, ?::jsonb from head`;

export interface Notification {
  /** 1, 2, 3, … per player, without a gap. */
  no: number;
  kind: NotificationKind;
  data: Record<string, unknown>;
  at: Date;
}

export interface Inbox {
  /** Newest first. */
  items: (Notification & { readAt: Date | null })[];
  unread: number;
  /** The newest number there is; 0: none yet. */
  last: number;
}

export interface NewsAsked {
  playerId: string;
  /** The newest number known; null: none, and only `last` is asked for. */
  after: number | null;
}

/** What there is beside what was known; `last` may be lower than `after`, which then was never given out. */
export interface News extends NewsAsked {
  last: number;
  /** In order, oldest first; as many as were asked for at most. */
  items: Notification[];
}

export type Notifications = ReturnType<typeof openNotifications>;

/** How many a player keeps, and for how long. */
export const KEPT_MAX = 500;
const KEPT_DAYS = 90;
const SWEEP_PLAYERS = 500;

export function openNotifications(db: Database) {
  return {
    /** `before`: a number; null: from the newest. */
    async inbox(playerId: string, { limit, before }: { limit: number; before: number | null }): Promise<Inbox> {
      const rows = await db.rows<InboxRow>(INBOX, [playerId, before, limit]);
      const items = rows.flatMap((row) => (row.no === null ? [] : [{ ...toNotification(row as NoticeRow), readAt: row.readAt }]));
      return { items, unread: Number(rows[0]!.unread), last: Number(rows[0]!.last) };
    },

    /** Marks all up to this number as read; returns how many are not. */
    async read(playerId: string, upTo: number): Promise<number> {
      await db.rows('update notification set read_at = now() where player = $1 and no <= $2 and read_at is null', [
        playerId,
        upTo,
      ]);
      const [left] = await db.rows<{ count: bigint }>(UNREAD, [playerId]);
      return Number(left!.count);
    },

    /** For many players at once, those who have any news. */
    async news(asked: readonly NewsAsked[], limit: number): Promise<News[]> {
      const rows = await db.rows<NewsRow>(NEWS, [JSON.stringify(asked), limit]);
      const found = new Map<string, News>();
      for (const { playerId, after, last, ...row } of rows) {
        const key = `${playerId} ${after}`;
        const news = found.get(key) ?? { playerId, after: after === null ? null : Number(after), last: Number(last), items: [] };
        found.set(key, news);
        if (row.no !== null) news.items.push(toNotification(row as NoticeRow));
      }
      return [...found.values()];
    },

    /** Tells whom this process has told something, just committed; the others' news are found by looking. Returns the way to stop. */
    told: (tell: (playerId: string) => void): (() => void) =>
      db.hear((said) => {
        if (said.startsWith(TOLD)) tell(said.slice(TOLD.length));
      }),

    /** Drops what is older than 90 days or behind a player's newest 500; for a schedule. Numbers go on from where they were. */
    async sweep(): Promise<number> {
      let dropped = 0;
      let from: string | null = '00000000-0000-0000-0000-000000000000';
      while (from !== null) {
        const [swept]: { dropped: bigint; players: bigint; last: string | null }[] = await db.rows(SWEEP, [
          from,
          SWEEP_PLAYERS,
          KEPT_MAX,
          KEPT_DAYS,
        ]);
        dropped += Number(swept!.dropped);
        from = Number(swept!.players) === SWEEP_PLAYERS ? swept!.last : null;
      }
      return dropped;
    },
  };
}

interface NoticeRow extends Omit<Notification, 'no'> {
  no: bigint;
}
type MaybeNotice = NoticeRow | { no: null };
type InboxRow = MaybeNotice & { readAt: Date | null; unread: bigint; last: bigint };
type NewsRow = MaybeNotice & { playerId: string; after: bigint | null; last: bigint };

const toNotification = ({ no, kind, data, at }: NoticeRow): Notification => ({ no: Number(no), kind, data, at });

const UNREAD = 'select count(*) as count from notification where player = $1 and read_at is null';

/** One row at least, for the figures that stand beside the list. */
const INBOX = `
  select n.no, n.kind, n.data, n.at, n.read_at as "readAt",
         (select count(*) from notification where player = $1 and read_at is null) as unread,
         coalesce((select last_no from notification_head where player = $1), 0)::bigint as last
    from (values (1)) one(row)
    left join lateral (select * from notification
                        where player = $1 and no < coalesce($2::bigint, 9223372036854775807) order by no desc limit $3) n on true
   order by n.no desc`;

/** Who has no news costs one look into the primary key of the heads. */
const NEWS = `
  select a."playerId", a.after, coalesce(h.last_no, 0)::bigint as last, n.no, n.kind, n.data, n.at
    from json_to_recordset($1::json) a("playerId" uuid, after bigint)
    left join notification_head h on h.player = a."playerId"
    left join lateral (select no, kind, data, at from notification
                        where player = a."playerId" and no > a.after order by no limit $2) n on true
   where coalesce(h.last_no, 0) is distinct from a.after
   order by a."playerId", n.no`;

/** From the oldest on and without a gap, whatever the clocks that stamped them said. */
const SWEEP = `
  with heads as (
    select player, last_no from notification_head where player > $1::uuid order by player limit $2
  ), cut as (
    select h.player, greatest(h.last_no - $3::bigint, coalesce((
             select max(no) from notification where player = h.player and at < now() - $4::int * interval '1 day'), 0)) as upto
      from heads h
  ), dropped as (
    delete from notification n using cut c where n.player = c.player and n.no <= c.upto returning 1
  )
  select (select count(*) from dropped) as dropped, (select count(*) from heads) as players,
         (select player from heads order by player desc limit 1) as last`;
