// What a person may decide about a payment that the provider's words left open.
import { type Payment, type Ruling, ruling } from './payments.ts';

/** It was paid, as the provider's statement says. Not where the money has gone back to the player already. */
export function confirmedByOperator(payment: Payment, receipt: string, receiptTaken: boolean): Ruling {
  if (payment.state === 'paid' || payment.state === 'created' || payment.released || receiptTaken) return ruling('noted');
  const change = { state: 'paid', reason: null, receipt, decidedBy: 'operator', followAt: null } as const;
  return ruling('decided', change, payment.direction === 'deposit' ? 'credit' : 'post');
}

/** It was not and will not be paid: a withdrawal's money goes back. Should the provider say otherwise later, a person looks again. */
export function closedByOperator(payment: Payment): Ruling {
  if (payment.state === 'paid' || (payment.state === 'failed' && payment.decidedBy === 'operator')) return ruling('noted');
  const closed = { state: 'failed', reason: 'closed', decidedBy: 'operator', followAt: null } as const;
  if (payment.direction === 'deposit') return ruling('decided', closed);
  return payment.released ? ruling('decided', closed) : ruling('decided', { ...closed, released: true }, 'release');
}
