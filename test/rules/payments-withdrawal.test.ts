import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ASKS_MAX, type Payment } from '../../rules/payments.ts';
import { closedByOperator, confirmedByOperator } from '../../rules/payments-operator.ts';
import {
  payoutAnswered,
  payoutAsked,
  payoutResulted,
  payoutStatusTold,
  payoutTimedOut,
} from '../../rules/payments-withdrawal.ts';
import { after, told, withdrawal } from '../support/payment-samples.ts';

const withdrawals = suite('rules/payments withdrawals');

const result = (more: object = {}) => ({
  originatorId: 'ORIGIN',
  conversationId: 'AG_1',
  code: '0',
  amount: 25_000n,
  phone: '254708374149',
  receipt: 'SG632NMUAB',
  ...more,
});
const resulted = (payment: Payment, more: object = {}, receiptTaken = false) =>
  payoutResulted(payment, result(more), { at: after(30), receiptTaken });

withdrawals('a result that fits pays out, by either of its ids', () => {
  for (const more of [
    {},
    { originatorId: 'STRANGE' },
    { conversationId: 'STRANGE' },
    { phone: null },
    { phone: '2547 ***** 149' },
  ])
    assert.equal(told(withdrawal(), resulted(withdrawal(), more)), ['decided', 'paid', 'post']);
  assert.equal(told(withdrawal({ state: 'timed_out' }), resulted(withdrawal({ state: 'timed_out' }))), [
    'decided',
    'paid',
    'post',
  ]);
});

withdrawals('only a definite failure gives the money back, and only once', () => {
  for (const failure of ['1', '2', '3', '4', '8', '11', '21', '2001', '2006', '2028', '2040', '8006', 'SFC_IC0003']) {
    const { change, money } = resulted(withdrawal(), { code: failure, amount: null, phone: null, receipt: null });
    assert.equal([change.state, change.released, money], ['failed', true, 'release'], failure);
  }
  for (const unclear of ['15', '17', '18', '26', '1037', '9999', '500.003.1001', 'anything']) {
    const { change, money } = resulted(withdrawal(), { code: unclear, amount: null, phone: null, receipt: null });
    assert.equal([change.state, change.released, money], [undefined, undefined, null], unclear);
    assert.ok(change.followAt, 'asked about');
  }
  const failed = withdrawal({ state: 'failed', released: true });
  assert.equal(resulted(failed, { code: '1' }), { verdict: 'repeated', change: {}, money: null });
});

withdrawals('what was given back is never posted', () => {
  const failed = withdrawal({ state: 'failed', released: true });
  assert.equal(told(failed, resulted(failed)), ['mismatch', 'needs_review', null]);
  const review = withdrawal({ state: 'needs_review', released: true });
  assert.equal(told(review, resulted(review)), ['mismatch', 'needs_review', null]);
  assert.is(confirmedByOperator(review, 'SG632NMUAB', false).verdict, 'noted');
  assert.is(closedByOperator(review).money, null);
});

for (const [what, more, receiptTaken] of [
  ['another conversation', { originatorId: 'X', conversationId: 'Y' }, false],
  ['another amount', { amount: 100n }, false],
  ['no amount', { amount: null }, false],
  ['another phone', { phone: '254708374140' }, false],
  ['no receipt', { receipt: null }, false],
  ['a receipt that another has', {}, true],
] as const) {
  withdrawals(`a result with ${what} moves nothing, and what is paid stays paid`, () => {
    for (const state of ['submitted', 'timed_out', 'needs_review', 'paid'] as const) {
      const payment = withdrawal({ state, receipt: state === 'paid' ? 'SG632NMUAB' : null });
      const { change, money } = resulted(payment, more, receiptTaken);
      assert.is(money, null);
      assert.is(change.state ?? state, state === 'paid' ? 'paid' : 'needs_review', state);
    }
  });
}

withdrawals('a result whose ids nobody knows waits for the answer, and is asked about when that is lost', () => {
  const early = withdrawal({ conversationId: null });
  assert.is(resulted(early, { originatorId: 'STRANGE' }).verdict, 'wait');
  const lost = resulted({ ...early, answerLost: true }, { originatorId: 'STRANGE' });
  assert.equal([lost.verdict, lost.money, lost.change.state], ['noted', null, undefined]);
  assert.equal(told(early, resulted(early)), ['decided', 'paid', 'post'], 'our own id suffices');
});

withdrawals('what sending is answered with: only a refusal gives back, only busy is sent again', () => {
  const answered = (answer: Parameters<typeof payoutAnswered>[1], payment = withdrawal({ conversationId: null })) =>
    payoutAnswered(payment, answer, after(1));
  assert.equal(told(withdrawal(), answered({ kind: 'accepted', conversationId: 'AG_9' })), ['decided', 'submitted', null]);
  assert.equal(told(withdrawal(), answered({ kind: 'refused', code: '400.002.02' })), ['decided', 'failed', 'release']);
  assert.equal(told(withdrawal(), answered({ kind: 'busy', code: 'x' })), ['decided', 'created', null]);
  for (const kind of ['unknown', 'duplicate'] as const) {
    const { change, money } = answered({ kind, code: 'x' });
    assert.equal([change.state, change.answerLost, money], [undefined, true, null], kind);
  }
  assert.equal(told(withdrawal(), answered({ kind: 'busy', code: 'x' }, withdrawal({ attempts: 24 }))), [
    'decided',
    'needs_review',
    null,
  ]);
  assert.equal(answered({ kind: 'refused', code: 'x' }, withdrawal({ state: 'paid' })).money, null, 'a result was quicker');
});

withdrawals('a timeout notice gives nothing back', () => {
  const { change, money } = payoutTimedOut(withdrawal(), after(60));
  assert.equal([change.state, money, change.followAt], ['timed_out', null, after(60)]);
  for (const state of ['paid', 'failed', 'needs_review', 'created'] as const)
    assert.equal(payoutTimedOut(withdrawal({ state }), after(60)).change, {});
});

withdrawals('a status answer decides by the payout’s status, not by its own success', () => {
  const status = (more: object) =>
    payoutStatusTold(
      withdrawal({ state: 'timed_out' }),
      {
        code: '0',
        status: 'Completed',
        originatorId: 'ORIGIN',
        conversationId: 'AG_1',
        amount: 25_000n,
        receipt: 'SG632NMUAB',
        ...more,
      },
      { receiptTaken: false },
    );
  const seen = (more: object) => told(withdrawal({ state: 'timed_out' }), status(more));
  assert.equal(seen({}), ['decided', 'paid', 'post']);
  for (const ended of ['Cancelled', 'Declined', 'Expired'])
    assert.equal(seen({ status: ended }), ['decided', 'failed', 'release'], ended);
  for (const open of ['Initiated', 'Authorized', 'Pending Authorized', 'Something new', null])
    assert.equal(seen({ status: open }), ['noted', 'timed_out', null]);
  for (const failed of ['1', '2001', '17'])
    assert.equal(seen({ code: failed, status: 'Declined' }), ['noted', 'timed_out', null], 'the query failed, no more');
  assert.equal(seen({ originatorId: 'X', conversationId: 'Y' }), ['mismatch', 'needs_review', null]);
  assert.equal(seen({ originatorId: 'X', conversationId: 'Y', status: 'Declined' }), ['mismatch', 'needs_review', null]);
  assert.equal(seen({ amount: 100n }), ['mismatch', 'needs_review', null]);
});

withdrawals('questions end with a person, and the money still held', () => {
  assert.is(payoutAsked(withdrawal(), after(60)).change.asks, 1);
  const last = payoutAsked(withdrawal({ asks: ASKS_MAX }), after(60));
  assert.equal([last.change.state, last.money], ['needs_review', null]);
  assert.equal(payoutAsked(withdrawal({ state: 'paid' }), after(60)).change, { followAt: null });
  const review = withdrawal({ state: 'needs_review' });
  assert.equal(told(review, closedByOperator(review)), ['decided', 'failed', 'release']);
  assert.equal(told(review, confirmedByOperator(review, 'SG632NMUAB', false)), ['decided', 'paid', 'post']);
});

withdrawals.run();
