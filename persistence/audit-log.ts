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
}

/** Writes an act down inside the change that it is. */
export async function auditIn(em: EntityManager, { actorId, action, target, before, after }: Act): Promise<void> {
  const insert = 'insert into audit_log (actor, action, target, before, after) values (?, ?, ?, ?::jsonb, ?::jsonb)';
  await rowsIn(em, insert, [actorId, action, target, textOf(before), textOf(after)]);
}

export type AuditLog = ReturnType<typeof openAuditLog>;

export function openAuditLog(db: Database) {
  return {
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
  select no, at, actor as "actorId", action, target, before, after from audit_log
   where ($1::bigint is null or no < $1) and ($2::uuid is null or actor = $2) and ($3::text is null or target = $3)
     and ($4::text is null or action = $4)
   order by no desc limit $5`;
