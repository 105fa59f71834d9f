// How far the house has read: the chain up to a block, a pool up to a page. What it starts anew, it starts where it stopped.
import { type Database } from './orm.ts';

/** A place on the chain: up to and with this block, and the blocks before it, the newest first. */
export interface ChainCursor {
  height: number;
  /** Hashes from `height` down; some hundred at most. */
  hashes: string[];
}

/** How far a backfill of the chain has come. */
export interface BackfillCursor {
  next: number;
  to: number;
}

export interface PoolWallet {
  address: string;
  /** Pages of its past that a backfill has read. */
  page: number;
}

export function openCursors(db: Database, { now }: { now(): Date }) {
  return {
    read: async <Cursor>(name: string): Promise<Cursor | null> => {
      const [row] = await db.rows<{ data: Cursor }>('select data from mining_cursor where name = $1', [name]);
      return row?.data ?? null;
    },

    async keep(name: string, data: object): Promise<void> {
      await db.rows(KEEP, [name, JSON.stringify(data), now()]);
    },

    /** True for one process at a time: whoever gets it has it for so long, and gives it back by letting it run out. */
    async lease(name: string, ms: number): Promise<boolean> {
      const at = now();
      const until = new Date(at.getTime() + ms).toISOString();
      return (await db.rows(LEASE, [`lease:${name}`, JSON.stringify({ until }), at])).length > 0;
    },

    async forget(name: string): Promise<void> {
      await db.rows('delete from mining_cursor where name = $1', [name]);
    },

    /** Linked wallets that a pool was not asked about since `before`, the longest ago first; each is given to one process. */
    async toPoll(pool: string, { before, limit }: { before: Date; limit: number }): Promise<string[]> {
      const rows = await db.rows<{ address: string }>(TO_POLL, [pool, before, limit, now()]);
      return rows.map(({ address }) => address);
    },

    /** Linked wallets whose past at a pool has not been read to its end. */
    toBackfill: (pool: string, limit: number): Promise<PoolWallet[]> => db.rows<PoolWallet>(TO_BACKFILL, [pool, limit]),

    /** Wallets that are linked, some of them. */
    async linked(limit: number): Promise<string[]> {
      const rows = await db.rows<{ address: string }>(`select address from ${LINKED} order by linked_at desc limit $1`, [limit]);
      return rows.map(({ address }) => address);
    },

    /** How many wallets are linked, and how many of them a backfill of this pool has read. */
    async backfilled(pool: string): Promise<{ wallets: number; read: number }> {
      const [row] = await db.rows<{ wallets: unknown; read: unknown }>(BACKFILLED, [pool]);
      return { wallets: Number(row!.wallets), read: Number(row!.read) };
    },

    async pageRead(pool: string, { address, page, past }: { address: string; page: number; past: boolean }): Promise<void> {
      await db.rows(PAGE_READ, [pool, address, page, past]);
    },
  };
}

const KEEP = `
  insert into mining_cursor (name, data, at) values ($1, $2::jsonb, $3)
  on conflict (name) do update set data = excluded.data, at = excluded.at`;

const LEASE = `
  insert into mining_cursor as c (name, data, at) values ($1, $2::jsonb, $3)
  on conflict (name) do update set data = excluded.data, at = excluded.at
   where (c.data ->> 'until')::timestamptz <= $3
  returning name`;

const LINKED = `wallet w where w.chain = 'advc'`;

const TO_POLL = `
  with next as (
    select w.address from wallet w left join mining_poll l on l.pool = $1 and l.address = w.address
     where w.chain = 'advc' and (l.polled_at is null or l.polled_at <= $2)
     order by l.polled_at nulls first, w.address limit $3
  )
  insert into mining_poll as l (pool, address, polled_at) select $1, address, $4::timestamptz from next
  on conflict (pool, address) do update set polled_at = excluded.polled_at where l.polled_at is null or l.polled_at <= $2
  returning address`;

const TO_BACKFILL = `
  select w.address, coalesce(l.page, 0) as page from wallet w left join mining_poll l on l.pool = $1 and l.address = w.address
   where w.chain = 'advc' and not coalesce(l.past_read, false) order by w.address limit $2`;

const BACKFILLED = `
  select count(*) as wallets, count(*) filter (where exists (select 1 from mining_poll l where l.pool = $1 and l.address = w.address and l.past_read)) as read
    from ${LINKED}`;

const PAGE_READ = `
  insert into mining_poll (pool, address, page, past_read) values ($1, $2, $3, $4)
  on conflict (pool, address) do update set page = excluded.page, past_read = excluded.past_read`;
