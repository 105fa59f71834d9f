// Corrections: transfers between the corrections account and a player, by an operator's word. Above what one operator may move
// alone within a day another must consent. Locks: request, proposer, correction, notifications head, ledger.
import type { Currency } from '../rules/currency.ts';
import { correctionLimitKey } from '../rules/live-config.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { auditIn } from './audit-log.ts';
import { derivedId, uuid7 } from './ids.ts';
import { refusalOf } from './instant.ts';
import { type Ledger, systemAccount } from './ledger.ts';
import type { LiveConfig } from './live-config.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import type { Requests, Told } from './requests.ts';

export type CorrectionDirection = 'to_player' | 'from_player';
export type CorrectionState = 'proposed' | 'posted' | 'declined' | 'expired';

export interface Correction {
  id: string;
  playerId: string;
  displayName: string;
  currency: Currency;
  direction: CorrectionDirection;
  amount: bigint;
  reason: string;
  state: CorrectionState;
  proposerId: string;
  proposer: string;
  /** It was within what the proposer may move alone. */
  alone: boolean;
  proposedAt: Date;
  expiresAt: Date;
  deciderId: string | null;
  decider: string | null;
  decidedAt: Date | null;
}

export interface Proposal {
  playerId: string;
  currency: Currency;
  direction: CorrectionDirection;
  amount: bigint;
  reason: string;
}

export interface CorrectionDeps {
  ledger: Ledger;
  requests: Requests;
  live(): Promise<LiveConfig>;
  now(): Date;
}

interface Deciding {
  correctionId: string;
  actorId: string;
  key: string;
}

export type Corrections = ReturnType<typeof openCorrections>;

const CONSENT_HOURS = 72;
const HOUR_MS = 3_600_000;
const WINDOW_MS = 24 * HOUR_MS;

export function openCorrections(db: Database, { ledger, requests, live, now }: CorrectionDeps) {
  const one = async (correctionId: string): Promise<Correction> => {
    const [row] = await db.rows<CorrectionRow>(`${CORRECTIONS} where c.id = $2`, [now(), correctionId]);
    refuseUnless(row, 'not_found');
    return toCorrection(row);
  };
  const shown = async ({ answer, replayed }: Told<string>) => ({ answer: await one(answer), replayed });

  return {
    /** Refuses `not_found`. */
    one,

    /** Newest first; `before` is the id of the last one seen; null filters are none. */
    async list({
      limit,
      before,
      state,
      playerId,
    }: {
      limit: number;
      before: string | null;
      state: CorrectionState | null;
      playerId: string | null;
    }): Promise<Correction[]> {
      return (await db.rows<CorrectionRow>(LIST, [now(), before, state, playerId, limit])).map(toCorrection);
    },

    /**
     * Moves it at once where the operator may alone, else waits for another's consent. Refuses `not_found`, `own_proposal` for
     * one's own account, `funds_short` where the player has less.
     */
    async propose({ actorId, key, ...proposal }: Proposal & { actorId: string; key: string }): Promise<Told<Correction>> {
      const limit = (await live())[correctionLimitKey(proposal.currency)];
      const asked = { playerId: actorId, operation: 'correction', key, body: { ...proposal } };
      return shown(await requests.once(asked, (em) => proposeIn(em, ledger, { ...proposal, actorId, limit, at: now() })));
    },

    /** Another operator's consent: it is posted. Refuses `not_found`, `own_proposal`, `proposal_decided`, `funds_short`. */
    consent: async ({ correctionId, actorId, key }: Deciding): Promise<Told<Correction>> =>
      shown(
        await requests.once({ playerId: actorId, operation: 'correction_consent', key, body: { correctionId } }, async (em) => {
          const row = await openIn(em, correctionId, now());
          refuseUnless(row.proposerId !== actorId && row.playerId !== actorId, 'own_proposal');
          await decideIn(em, row, { state: 'posted', actorId, at: now() });
          await postIn(em, ledger, row);
          return correctionId;
        }),
      ),

    /** It will not be, by another's word or the proposer's own. Refuses `not_found`, `proposal_decided`. */
    async decline({ correctionId, actorId }: Omit<Deciding, 'key'>): Promise<Correction> {
      await db.transaction(async (em) => {
        const row = await openIn(em, correctionId, now());
        await decideIn(em, row, { state: 'declined', actorId, at: now() });
      });
      return one(correctionId);
    },

    /** Writes down what nobody consented to in time; for a schedule. Returns how many. */
    async expire(): Promise<number> {
      const due = await db.rows<{ id: string }>(DUE, [now()]);
      for (const { id } of due)
        await db.transaction(async (em) => {
          const [row] = await rowsIn<OpenRow>(em, `${OPEN} where id = ? and state = 'proposed' for update`, [id]);
          if (row) await decideIn(em, row, { state: 'expired', actorId: null, at: now() });
        });
      return due.length;
    },
  };
}

interface Proposing extends Proposal {
  actorId: string;
  limit: bigint;
  at: Date;
}

/** What an operator moved alone is summed under their row, so that two requests at once don't pass the limit together. */
async function proposeIn(em: EntityManager, ledger: Ledger, { actorId, limit, at, ...proposal }: Proposing): Promise<string> {
  const { playerId, currency, direction, amount, reason } = proposal;
  refuseUnless(actorId !== playerId, 'own_proposal');
  for (const id of [actorId, playerId].toSorted()) refuseUnless((await rowsIn(em, PLAYER, [id])).length === 1, 'not_found');
  const since = new Date(at.getTime() - WINDOW_MS).toISOString();
  const [moved] = await rowsIn<{ sum: unknown }>(em, MOVED_ALONE, [actorId, currency, since]);
  const alone = whole(moved!.sum) + amount <= limit;
  const id = uuid7();
  const state = alone ? 'posted' : 'proposed';
  const expiresAt = new Date(at.getTime() + CONSENT_HOURS * HOUR_MS).toISOString();
  const decided = alone ? at.toISOString() : null;
  const values = [id, playerId, currency, direction, String(amount), reason, state, actorId, alone, at.toISOString(), expiresAt];
  await rowsIn(em, INSERT, [...values, decided]);
  const after = { state, playerId, currency, direction, amount, alone };
  await auditIn(em, { actorId, action: 'correction.propose', target: `correction:${id}`, before: null, after });
  if (alone) await postIn(em, ledger, { id, playerId, currency, direction, amount });
  return id;
}

/** The transfer is made from the correction's own id: it moves once, whoever says it again. */
async function postIn(
  em: EntityManager,
  ledger: Ledger,
  { id, playerId, currency, direction, amount }: Omit<Proposal, 'reason'> & { id: string },
): Promise<void> {
  const [account] = await rowsIn<{ id: unknown }>(em, 'select id from ledger_account where owner = ? and currency = ?', [
    playerId,
    currency,
  ]);
  if (!account) throw new Error(`player ${playerId} has no ${currency} account`);
  const data = { correctionId: id, currency, amount: String(direction === 'to_player' ? amount : -amount) };
  await notifyIn(em, { playerId, kind: 'balance_corrected', data });
  const [ours, theirs] = [systemAccount('corrections', currency), Number(account.id)];
  const [debit, credit] = direction === 'to_player' ? [ours, theirs] : [theirs, ours];
  const [posted] = await ledger.postIn(em, [
    { id: derivedId('correction', id), op: 'move', debit, credit, amount, reason: 'correction', memo: id },
  ]);
  if (posted!.refused) throw refusalOf(posted!.refused);
}

interface OpenRow extends Omit<Proposal, 'reason'> {
  id: string;
  proposerId: string;
  state: CorrectionState;
  expiresAt: Date | string;
}

async function openIn(em: EntityManager, correctionId: string, at: Date): Promise<OpenRow> {
  const [row] = await rowsIn<OpenRow>(em, `${OPEN} where id = ? for update`, [correctionId]);
  refuseUnless(row, 'not_found');
  refuseUnless(row.state === 'proposed' && new Date(row.expiresAt) > at, 'proposal_decided');
  return { ...row, amount: whole(row.amount) };
}

async function decideIn(
  em: EntityManager,
  { id }: OpenRow,
  { state, actorId, at }: { state: CorrectionState; actorId: string | null; at: Date },
): Promise<void> {
  await rowsIn(em, 'update correction set state = ?, decider = ?, decided_at = ? where id = ?', [
    state,
    actorId,
    at.toISOString(),
    id,
  ]);
  const action = `correction.${ACTS[state]}`;
  await auditIn(em, { actorId, action, target: `correction:${id}`, before: { state: 'proposed' }, after: { state } });
}

const ACTS: Record<CorrectionState, string> = { proposed: 'propose', posted: 'consent', declined: 'decline', expired: 'expire' };

interface CorrectionRow extends Omit<Correction, 'amount'> {
  amount: unknown;
}

const toCorrection = (row: CorrectionRow): Correction => ({ ...row, amount: whole(row.amount) });

const PLAYER = 'select id from player where id = ? and deleted_at is null for no key update';

const MOVED_ALONE = `
  select coalesce(sum(amount), 0)::bigint as sum from correction
   where proposer = ? and currency = ? and alone and proposed_at > ?::timestamptz`;

const INSERT = `
  insert into correction (id, player, currency, direction, amount, reason, state, proposer, alone, proposed_at, expires_at, decided_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const OPEN = `
  select id, player as "playerId", currency, direction, amount, proposer as "proposerId", state, expires_at as "expiresAt"
    from correction`;

/** What is past its time reads as expired before the clock has written it down. */
const STATE = `case when c.state = 'proposed' and c.expires_at <= $1::timestamptz then 'expired' else c.state end`;

const CORRECTIONS = `
  select c.id, c.player as "playerId", p.display_name as "displayName", c.currency, c.direction, c.amount, c.reason, ${STATE} as state,
         c.proposer as "proposerId", o.display_name as proposer, c.alone, c.proposed_at as "proposedAt", c.expires_at as "expiresAt",
         c.decider as "deciderId", d.display_name as decider, c.decided_at as "decidedAt"
    from correction c join player p on p.id = c.player join player o on o.id = c.proposer left join player d on d.id = c.decider`;

const LIST = `
  ${CORRECTIONS}
   where ($2::uuid is null or c.id < $2) and ($3::text is null or ${STATE} = $3) and ($4::uuid is null or c.player = $4)
   order by c.id desc limit $5`;

const DUE = `select id from correction where state = 'proposed' and expires_at <= $1 order by expires_at limit 100`;
