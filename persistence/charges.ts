// What a player pays for while a round is on (a potion, a revival). Each is noted with its round before it is paid, so that
// whoever voids the round, on whichever process, finds it and gives it back.
import { type Posting, systemAccount } from './ledger.ts';
import type { Currency } from '../rules/currency.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

export interface Noted {
  /** The id of the transfer that pays it, and of the one that would give it back. */
  id: string;
  refundId: string;
  roundId: string;
}

export const noteCharge = (db: Database, { id, refundId, roundId }: Noted): Promise<unknown> =>
  db.rows('insert into round_charge (id, refund_id, round) values ($1, $2, $3) on conflict do nothing', [id, refundId, roundId]);

/** Gives back a charge; said again, or by the room as well, it is given back once. */
export const refundOf = (refundId: string, paid: { credit: number; currency: Currency; amount: bigint }): Posting => ({
  id: refundId,
  op: 'move',
  debit: systemAccount('shop', paid.currency),
  credit: paid.credit,
  amount: paid.amount,
  reason: 'refund',
});

/** The refunds of all that was paid in a round. */
export async function refundsIn(em: EntityManager, roundId: string): Promise<Posting[]> {
  const rows = await rowsIn<{ refundId: string; debit: unknown; currency: Currency; amount: unknown }>(em, PAID, [roundId]);
  return rows.map(({ refundId, debit, currency, amount }) =>
    refundOf(refundId, { credit: Number(whole(debit)), currency, amount: whole(amount) }),
  );
}

/** A round that ended as it should has had its potions. */
export const forgetChargesIn = (em: EntityManager, roundId: string): Promise<unknown> =>
  rowsIn(em, 'delete from round_charge where round = ?', [roundId]);

const PAID = `
  select c.refund_id as "refundId", t.debit, a.currency, t.amount
    from round_charge c join ledger_transfer t on t.id = c.id and t.refused is null join ledger_account a on a.id = t.debit
   where c.round = ? order by c.refund_id`;
