// What an operator looks at first: figures of the moment, what waits for a person, the newest rounds.
import { auditIn } from './audit-log.ts';
import { type Database, whole } from './orm.ts';

export interface Figures {
  /** Up to which transfer was counted. */
  seq: bigint;
  /** Stakes of players taken since `afterSeq`, in any game. */
  bets: number;
  /** Payments under way, those in review too. */
  paymentsOpen: number;
}

/** How much waits, by what it is. */
export interface Waiting {
  payments: number;
  corrections: number;
  submissions: number;
  mining: number;
  tokens: number;
  discord: number;
}

/** What a provider said about a payment, in short: no name, no number of a phone. */
export interface ProviderWord {
  id: string;
  kind: string;
  /** Of the provider's own; null: none was in it, or it is no longer kept. */
  code: string | null;
  words: string | null;
  receipt: string | null;
  /** What came of it; null: still to be weighed. */
  verdict: string | null;
  /** How often the very same came. */
  times: number;
  receivedAt: Date;
}

export interface RoundSummary {
  id: string;
  game: string;
  state: 'open' | 'started' | 'settled' | 'void';
  voidReason: string | null;
  rulesVersion: number;
  /** Stakes on it, those of bots too. */
  stakes: number;
  openedAt: Date;
  endedAt: Date | null;
}

export interface RoundsQuery {
  limit: number;
  /** The id of the last one seen; null: from the newest on. */
  before: string | null;
  game: string | null;
}

export type Desk = ReturnType<typeof openDesk>;

export function openDesk(db: Database, now: () => Date) {
  return {
    /** `afterSeq` null: bets are counted from now on. Cheap: it reads what is new and what is open. */
    async figures(afterSeq: bigint | null): Promise<Figures> {
      const [row] = await db.rows<{ seq: unknown; bets: number; open: number }>(FIGURES, [afterSeq]);
      return { seq: whole(row!.seq), bets: row!.bets, paymentsOpen: row!.open };
    },

    /** How much waits for a person's decision, by what it is. */
    async waiting(): Promise<Waiting> {
      const [row] = await db.rows<Waiting>(WAITS, [now()]);
      return row!;
    },

    /** Oldest first; some dozens at most are kept of a payment. */
    async providerWords(paymentId: string): Promise<ProviderWord[]> {
      const rows = await db.rows<Omit<ProviderWord, 'code' | 'words' | 'receipt'> & { body: string }>(PROVIDER_WORDS, [
        paymentId,
      ]);
      return rows.map(({ body, ...row }) => ({ ...row, ...summaryOf(body) }));
    },

    /** Written before it is done: what a room was told through the monitor. `args` is JSON as it was sent. */
    noteRoomCall: ({ actorId, roomId, method, args }: { actorId: string; roomId: string; method: string; args: string }) =>
      db.transaction((em) =>
        auditIn(em, { actorId, action: `room.${method}`, target: `room:${roomId}`, before: null, after: { args } }),
      ),

    /** Newest first. */
    rounds: ({ limit, before, game }: RoundsQuery): Promise<RoundSummary[]> =>
      db.rows<RoundSummary>(ROUNDS, [before, game, limit]),
  };
}

const FIGURES = `
  with newest as (select coalesce(max(seq), 0) as seq from ledger_transfer)
  select (select seq from newest) as seq,
         (select count(*)::int from ledger_transfer
           where seq > $1::bigint and seq <= (select seq from newest) and play = 'stake' and op in ('hold', 'move') and refused is null) as bets,
         (select count(*)::int from payment where state not in ('paid', 'failed')) as open`;

const WAITS = `
  select (select count(*)::int from payment where state = 'needs_review') as payments,
         (select count(*)::int from correction where state = 'proposed' and expires_at > $1) as corrections,
         (select count(*)::int from season_submission where state = 'pending') as submissions,
         (select count(*)::int from mining_payout where review is not null) as mining,
         (select count(*)::int from api_token where state = 'asked') as tokens,
         (select count(*)::int from discord_role_job where state = 'blocked') as discord`;

const PROVIDER_WORDS = `
  select id, kind, body, verdict, times, received_at as "receivedAt" from payment_callback where payment = $1 order by received_at, id`;

/** M-Pesa's two shapes of an answer: that to a prompt and that to a payout or a question. */
function summaryOf(body: string): Pick<ProviderWord, 'code' | 'words' | 'receipt'> {
  const said = parsed(body);
  const answer = inside(inside(said, 'Body'), 'stkCallback') ?? inside(said, 'Result');
  const items = inside(inside(answer, 'CallbackMetadata'), 'Item');
  const receipt = Array.isArray(items) ? items.find((item) => inside(item, 'Name') === 'MpesaReceiptNumber') : null;
  return {
    code: text(inside(answer, 'ResultCode')),
    words: text(inside(answer, 'ResultDesc')),
    receipt: text(inside(receipt, 'Value')) ?? text(inside(answer, 'TransactionID')),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const inside = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;

const WORDS_MAX = 200;

const text = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, WORDS_MAX) : null;

/** Ids rise with time. */
const ROUNDS = `
  select r.id, r.game, r.state, r.void_reason as "voidReason", r.rules_version as "rulesVersion",
         (select count(*)::int from round_stake s where s.round = r.id) as stakes, r.opened_at as "openedAt", r.ended_at as "endedAt"
    from round r where ($1::uuid is null or r.id < $1) and ($2::text is null or r.game = $2)
   order by r.id desc limit $3`;
