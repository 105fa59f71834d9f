// Requests that a player may say again: the first answer is kept in the transaction of its effect, and told again under the
// same key. Spins and payments keep theirs in rows of their own; everything else that moves value asks here.
import { Refusal, REFUSALS, type RefusalCode, refuseUnless } from '../rules/refusal.ts';
import { derivedId } from './ids.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

export interface Asked {
  playerId: string;
  /** What is asked for, one word; with player and key it makes the request. */
  operation: string;
  /** The player's key; null: it came without one, and nothing is kept. */
  key: string | null;
  /** What was said, JSON: the same key with anything else is refused. */
  body: Record<string, unknown>;
}

export interface Told<Answer> {
  answer: Answer;
  /** It is the first answer again, and nothing has happened. */
  replayed: boolean;
}

export type Requests = ReturnType<typeof openRequests>;

/** After this only the key is kept, so that a later reuse is refused and never repeated. */
const KEPT_DAYS = 90;
const SWEEP_ROWS_MAX = 10_000;
const DAY_MS = 86_400_000;

export function openRequests(db: Database, now: () => Date) {
  const running = new Map<string, { fingerprint: string; told: Promise<Told<unknown>> }>();

  /** Claims the id first: another process with the same request waits for this one's end, then finds its answer. */
  async function decide<Answer>(request: Request, work: (em: EntityManager) => Promise<Answer>): Promise<Told<Answer>> {
    try {
      const told = await db.transaction(async (em) => {
        if (!(await claimIn(em, request, now()))) return null;
        const answer = await work(em);
        await rowsIn(em, 'update request set answer = ?::json where id = ?', [JSON.stringify(answer ?? null), request.id]);
        return { answer, replayed: false };
      });
      return told ?? (await again<Answer>(request));
    } catch (error) {
      if (!(error instanceof Refusal) || PASSING.has(error.code)) throw error;
      // Nothing has happened; that it was refused is kept, unless someone else's try under the same key came through first.
      const values = [request.id, request.playerId, request.fingerprint, error.code, now()];
      if ((await db.rows(REFUSED, values)).length > 0) throw error;
      return again(request);
    }
  }

  async function again<Answer>({ id, fingerprint }: Request): Promise<Told<Answer>> {
    const [row] = await db.rows<RequestRow>('select fingerprint, answer, refused from request where id = $1', [id]);
    if (!row) throw new Error(`request ${id} has gone`);
    refuseUnless(row.fingerprint === fingerprint, 'request_reused');
    if (row.refused !== null) throw new Refusal(codeOf(row.refused));
    return { answer: row.answer as Answer, replayed: true };
  }

  return {
    /**
     * Does `work` once for a key, in one transaction with its answer, which must be JSON. Said again: the first answer, or the
     * first refusal. Refuses `request_reused` where the key came with another body.
     */
    async once<Answer>(asked: Asked, work: (em: EntityManager) => Promise<Answer>): Promise<Told<Answer>> {
      if (asked.key === null) return { answer: await db.transaction(work), replayed: false };
      const request = requestOf(asked, asked.key);
      const first = running.get(request.id);
      if (first) {
        refuseUnless(first.fingerprint === request.fingerprint, 'request_reused');
        return { answer: (await first.told).answer as Answer, replayed: true };
      }
      const told = decide(request, work);
      running.set(request.id, { fingerprint: request.fingerprint, told });
      try {
        return await told;
      } finally {
        running.delete(request.id);
      }
    },

    /** What a request was answered, or null where there was none. Throws what it was refused. */
    async told<Answer>(asked: Asked & { key: string }): Promise<Answer | null> {
      const request = requestOf(asked, asked.key);
      const [known] = await db.rows('select 1 from request where id = $1', [request.id]);
      return known ? (await again<Answer>(request)).answer : null;
    },

    /** Forgets what was said and answered 90 days ago; the keys stay taken. Returns how many. */
    async sweep(): Promise<number> {
      const before = new Date(now().getTime() - KEPT_DAYS * DAY_MS);
      let swept = 0;
      for (let rows = SWEEP_ROWS_MAX; rows === SWEEP_ROWS_MAX; swept += rows)
        rows = (await db.rows(SWEEP, [before, SWEEP_ROWS_MAX])).length;
      return swept;
    },
  };
}

/** These say nothing about the request: another try under the same key may end otherwise. */
const PASSING: ReadonlySet<RefusalCode> = new Set([
  'internal',
  'rate_limited',
  'request_reused',
  'request_running',
  'unavailable',
]);

interface Request {
  id: string;
  playerId: string;
  fingerprint: string;
}

interface RequestRow {
  fingerprint: string | null;
  answer: unknown;
  refused: string | null;
}

function requestOf({ playerId, operation, body }: Asked, key: string): Request {
  return { id: derivedId(playerId, operation, key), playerId, fingerprint: derivedId(canonical(body)) };
}

/** JSON with its names in order, so that two bodies that say the same are the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner === 'bigint') return String(inner);
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

const LOCK_WAITED_TOO_LONG = new Set(['55P03', '57014']);

/** False: it is known. While another transaction has it and has not ended, this waits; at the end of patience: `request_running`. */
async function claimIn(em: EntityManager, { id, playerId, fingerprint }: Request, at: Date): Promise<boolean> {
  try {
    return (await rowsIn(em, CLAIM, [id, playerId, fingerprint, at.toISOString()])).length > 0;
  } catch (error) {
    const waited = error instanceof Error && 'code' in error && LOCK_WAITED_TOO_LONG.has(String(error.code));
    throw waited ? new Refusal('request_running') : error;
  }
}

const CLAIM = 'insert into request (id, player, fingerprint, at) values (?, ?, ?, ?) on conflict (id) do nothing returning id';

const REFUSED = `
  insert into request (id, player, fingerprint, refused, at) values ($1, $2, $3, $4, $5) on conflict (id) do nothing returning id`;

const SWEEP = `
  update request set fingerprint = null, answer = null, refused = null
   where id in (select id from request where fingerprint is not null and at < $1 order by at limit $2) returning id`;

function codeOf(text: string): RefusalCode {
  const code = REFUSALS.find((known) => known === text);
  if (!code) throw new Error(`a request was refused ${text}, which is no refusal`);
  return code;
}
