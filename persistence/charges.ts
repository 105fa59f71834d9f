// What a player pays for while a round is on (a potion, a revival), in money or out of their own stack. Each is noted with its
// round in the transaction that takes it, so that whoever voids the round, on whichever process, finds it and gives it back.
import { refuseUnless } from '../rules/refusal.ts';
import { stackIn } from './inventory.ts';
import { type Posting, systemAccount } from './ledger.ts';
import type { Currency } from '../rules/currency.ts';
import { type EntityManager, rowsIn, whole } from './orm.ts';

export interface Noted {
  /** The id of the transfer that pays it, and of the one that would give it back. */
  id: string;
  refundId: string;
  roundId: string;
  /** Of whose stack which kind was taken; null: it is paid in money. */
  taken: { playerId: string; item: string } | null;
}

/**
 * Refuses `round_over` for a round that is not on: what voids or ends it waits for this change, or comes before it. Before any
 * lock of a player, as an end has it.
 */
export async function heldRoundIn(em: EntityManager, roundId: string): Promise<void> {
  const [round] = await rowsIn<{ state: string }>(em, 'select state from round where id = ? for share', [roundId]);
  refuseUnless(round?.state === 'started', 'round_over');
}

/** Under the round's lock. */
export async function noteChargeIn(em: EntityManager, { id, refundId, roundId, taken }: Noted): Promise<void> {
  const values = [id, refundId, roundId, taken?.playerId ?? null, taken?.item ?? null];
  await rowsIn(em, 'insert into round_charge (id, refund_id, round, player, item) values (?, ?, ?, ?, ?)', values);
}

/** Gives back a charge; said again, or by the room as well, it is given back once. */
export const refundOf = (refundId: string, paid: { credit: number; currency: Currency; amount: bigint }): Posting => ({
  id: refundId,
  op: 'move',
  debit: systemAccount('shop', paid.currency),
  credit: paid.credit,
  amount: paid.amount,
  reason: 'refund',
});

/**
 * Of a round that is over: all that was paid in it and is not among the `spent` goes back, onto its stack or by the refunds that
 * are returned. Whoever was to give it back may have died, so it is the end that does it.
 */
export async function refundsIn(em: EntityManager, roundId: string, spent: readonly string[] = []): Promise<Posting[]> {
  await rowsIn(em, SPENT, [roundId, JSON.stringify(spent)]);
  const taken = await rowsIn<{ id: string }>(em, TAKEN, [roundId]);
  for (const { id } of taken) await giveBackIn(em, id);
  const rows = await rowsIn<{ refundId: string; debit: unknown; currency: Currency; amount: unknown }>(em, PAID, [roundId]);
  await rowsIn(em, 'delete from round_charge where round = ?', [roundId]);
  return rows.map(({ refundId, debit, currency, amount }) =>
    refundOf(refundId, { credit: Number(whole(debit)), currency, amount: whole(amount) }),
  );
}

/** What was taken of a stack goes back onto it, once; false where nothing was. It has been there, so it finds its place. */
export async function giveBackIn(em: EntityManager, id: string): Promise<boolean> {
  const gone = 'delete from round_charge where id = ? and item is not null returning player, item';
  const [taken] = await rowsIn<{ player: string; item: string }>(em, gone, [id]);
  if (taken) await stackIn(em, taken.player, [{ item: taken.item, quantity: 1 }]);
  return taken !== undefined;
}

const SPENT = 'delete from round_charge where round = ? and id in (select value::uuid from json_array_elements_text(?::json))';
/** In the order of the players, as an end locks them. */
const TAKEN = 'select id from round_charge where round = ? and item is not null order by player, item, id';

const PAID = `
  select c.refund_id as "refundId", t.debit, a.currency, t.amount
    from round_charge c join ledger_transfer t on t.id = c.id and t.refused is null join ledger_account a on a.id = t.debit
   where c.round = ? order by c.refund_id`;
