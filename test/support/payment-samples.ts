// Payments as the rules see them, for tests to change.
import { later, type Payment, type Ruling } from '../../rules/payments.ts';

export const START = new Date('2026-11-21T12:00:00Z');
export const after = (seconds: number) => later(START, seconds * 1_000);

export const deposit = (more: Partial<Payment> = {}): Payment => ({
  direction: 'deposit',
  state: 'submitted',
  reason: null,
  amount: 25_000n,
  phone: '254708374149',
  checkoutId: 'ws_CO_1',
  merchantId: '1-1',
  originatorId: null,
  conversationId: null,
  receipt: null,
  createdAt: START,
  sentAt: START,
  attempts: 1,
  answerLost: false,
  released: false,
  saidCode: null,
  saidTimes: 0,
  asks: 0,
  decidedBy: null,
  ...more,
});

export const withdrawal = (more: Partial<Payment> = {}): Payment =>
  deposit({
    direction: 'withdrawal',
    checkoutId: null,
    merchantId: null,
    originatorId: 'ORIGIN',
    conversationId: 'AG_1',
    ...more,
  });

/** Verdict, state afterwards, money. */
export const told = (payment: Payment, { verdict, change, money }: Ruling) => [verdict, change.state ?? payment.state, money];
