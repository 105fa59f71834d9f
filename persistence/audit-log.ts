// What operators did: written in the transaction of the act itself, with what was there before and after, and never changed.
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

export interface Act {
  /** The admin's player id; null: an operator at the terminal, or the clock. */
  actorId: string | null;
  /** `season.end`, `player.ban`: subject and verb. */
  action: string;
  /** What it was done to: `season:<id>`, `player:<id>`. */
  target: string;
  /** JSON of what mattered; null: there was nothing. Never a secret, a token or a password. */
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface WrittenAct extends Act {
  no: bigint;
  at: Date;
  /** Null: the terminal, or the clock. */
  actorName: string | null;
  /** The link of the chain that stands for it and all before it, hex. */
  hash: string;
}

export interface ChainVerdict {
  acts: bigint;
  /** Acts whose link is missing or is not what it should be, 100 at most. */
  faults: bigint[];
  last: { no: bigint; hash: string } | null;
}

/** Writes an act down inside the change that it is. */
export async function auditIn(em: EntityManager, { actorId, action, target, before, after }: Act): Promise<void> {
  const insert = 'insert into audit_log (actor, action, target, before, after) values (?, ?, ?, ?::jsonb, ?::jsonb)';
  await rowsIn(em, insert, [actorId, action, target, textOf(before), textOf(after)]);
}

export type AuditLog = ReturnType<typeof openAuditLog>;

export function openAuditLog(db: Database) {
  return {
    /** An act that changes nothing in the database. */
    write: (act: Act): Promise<void> => db.transaction((em) => auditIn(em, act)),

    /** Computes every link of the chain again. Reads all of it. */
    async verify(): Promise<ChainVerdict> {
      const faults = await db.rows<{ no: unknown }>(FAULTS);
      const [row] = await db.rows<{ acts: unknown; no: unknown; hash: string | null }>(CHAIN);
      const last = row!.hash === null ? null : { no: whole(row!.no), hash: row!.hash };
      return { acts: whole(row!.acts), faults: faults.map(({ no }) => whole(no)), last };
    },

    /** Newest first; `before` is the `no` of the last one seen. */
    async page({ limit, before, actorId = null, target = null, action = null }: AuditQuery): Promise<WrittenAct[]> {
      const rows = await db.rows<WrittenAct>(PAGE, [before, actorId, target, action, limit]);
      return rows.map((row) => ({ ...row, no: whole(row.no) }));
    },
  };
}

export interface AuditQuery {
  limit: number;
  before: bigint | null;
  actorId?: string | null;
  target?: string | null;
  action?: string | null;
}

const textOf = (value: Record<string, unknown> | null): string | null =>
  value === null ? null : JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));

const PAGE = `
  select a.no, a.at, a.actor as "actorId", p.display_name as "actorName", a.action, a.target, a.before, a.after,
         encode(l.hash, 'hex') as hash
    from audit_log a join audit_link l on l.no = a.no left join player p on p.id = a.actor
   where ($1::bigint is null or a.no < $1) and ($2::uuid is null or a.actor = $2) and ($3::text is null or a.target = $3)
     and ($4::text is null or a.action = $4)
   order by a.no desc limit $5`;

/** Links in their places without a gap, each made of the one before and its act; and no act without one. */
const FAULTS = `
  select coalesce(l.no, a.no) as no
    from (select place, no, hash, lag(hash, 1, ''::bytea) over (order by place) as previous,
                 row_number() over (order by place) as nth from audit_link) l
    full join audit_log a on a.no = l.no
   where l.no is null or a.no is null or l.place <> l.nth
      or l.hash <> sha256(l.previous || convert_to(audit_text(a), 'UTF8'))
   order by 1 limit 100`;

const CHAIN = `
  select (select count(*) from audit_log) as acts, l.no, encode(l.hash, 'hex') as hash
    from (values (1)) one(row) left join (select no, hash from audit_link order by place desc limit 1) l on true`;
