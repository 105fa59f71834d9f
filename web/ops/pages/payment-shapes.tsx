import { State } from '../parts.tsx';
import { spoken } from '../words.ts';

export interface PaymentRow {
  id: string;
  direction: 'deposit' | 'withdrawal';
  state: 'created' | 'submitted' | 'paid' | 'failed' | 'timed_out' | 'needs_review';
  amount: { currency: string; amount: string };
  phone: string;
  receipt: string | null;
  reason: string | null;
  createdAt: string;
  updatedAt: string;
}

export const PAYMENT_TONES = {
  created: 'calm',
  submitted: 'calm',
  paid: 'good',
  failed: 'calm',
  timed_out: 'warn',
  needs_review: 'bad',
} as const;

export const PaymentMark = ({ payment: { state, reason } }: { payment: PaymentRow }) => (
  <>
    <State tone={PAYMENT_TONES[state]}>{state}</State>
    {reason !== null && <span class="soft"> {spoken(reason)}</span>}
  </>
);
