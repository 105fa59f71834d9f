import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  askAgainMs,
  ASKS_MAX,
  checkPayment,
  maskedPhone,
  type Payment,
  PAYMENT_STATES,
  type PaymentState,
  phoneAgrees,
  phoneNumber,
  type PushCallback,
  reasonOf,
} from '../../rules/payments.ts';
import { mayPush, pushAnswered, pushCalledBack, pushQueried, pushSilent } from '../../rules/payments-deposit.ts';
import { closedByOperator, confirmedByOperator } from '../../rules/payments-operator.ts';
import { Refusal } from '../../rules/refusal.ts';
import { after, deposit, START, told } from '../support/payment-samples.ts';

const callback = (more: Partial<PushCallback> = {}): PushCallback => ({
  checkoutId: 'ws_CO_1',
  merchantId: '1-1',
  code: '0',
  amount: 25_000n,
  phone: '254708374149',
  receipt: 'NLJ7RT61SV',
  ...more,
});

const called = (payment: Payment, more: Partial<PushCallback> = {}, receiptTaken = false) =>
  pushCalledBack(payment, callback(more), { at: after(30), receiptTaken });

const code = (work: () => unknown): string => {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};

const asking = suite('rules/payments asking');

asking('phones are taken in every form people write them, and only Safaricom’s', () => {
  for (const text of ['0712345678', '712345678', '254712345678', '+254712345678', '+254 712 345-678', '(0712) 345678'])
    assert.is(phoneNumber(text), '254712345678', text);
  assert.is(phoneNumber('0112345678'), '254112345678');
  for (const text of [
    '',
    '0812345678',
    '071234567',
    '07123456789',
    '2540712345678',
    '0712345678x',
    '٠٧١٢٣٤٥٦٧٨',
    '00254712345678',
  ])
    assert.is(
      code(() => phoneNumber(text)),
      'phone_invalid',
      text,
    );
});

asking('amounts are whole shillings of KES, 1 to 250,000 in and 10 to 250,000 out', () => {
  const ask = (direction: 'deposit' | 'withdrawal', amount: bigint, currency = 'KES') =>
    code(() => checkPayment(direction, { currency, amount }));
  for (const amount of [100n, 25_000_000n]) assert.is(ask('deposit', amount), 'done');
  for (const amount of [0n, -100n, 1n, 99n, 101n, 25_000_100n])
    assert.is(ask('deposit', amount), 'amount_invalid', String(amount));
  for (const amount of [1_000n, 25_000_000n]) assert.is(ask('withdrawal', amount), 'done');
  for (const amount of [900n, 1_001n, 25_000_100n]) assert.is(ask('withdrawal', amount), 'amount_invalid', String(amount));
  for (const currency of ['COINS', 'USD', 'nonsense', '__proto__']) assert.is(ask('deposit', 100n, currency), 'currency_unknown');
});

asking('a phone is shown to who knows it', () => {
  assert.is(maskedPhone('254708374149'), '2547*****149');
  for (const shown of ['254708374149', '2547 ***** 149', '2547*****149', '+254708374149'])
    assert.ok(phoneAgrees(shown, '254708374149'), shown);
  for (const shown of ['254708374148', '2547 ***** 148', '2541 ***** 149', '*****', ''])
    assert.not.ok(phoneAgrees(shown, '254708374149'), shown);
});

asking('questions come ever later, to an hour', () => {
  assert.equal([0, 1, 2, 3, 8, 40].map(askAgainMs), [20_000, 40_000, 80_000, 160_000, 3_600_000, 3_600_000]);
  assert.equal(['1032', '0', 'SFC_IC0003', '7777'].map(reasonOf), ['cancelled', 'provider_0', 'not_registered', 'provider_7777']);
});

asking.run();

const deposits = suite('rules/payments deposits');

deposits('a callback that fits credits from every state but paid', () => {
  for (const state of ['submitted', 'failed', 'timed_out', 'needs_review'] as const)
    assert.equal(told(deposit({ state }), called(deposit({ state }))), ['decided', 'paid', 'credit'], state);
  assert.equal(called(deposit({ state: 'paid', receipt: 'NLJ7RT61SV' })), { verdict: 'repeated', change: {}, money: null });
  assert.equal(called(deposit({ state: 'paid' })), { verdict: 'receipt_filled', change: { receipt: 'NLJ7RT61SV' }, money: null });
  assert.equal(called(deposit({ state: 'paid', receipt: 'OTHER00000' })).verdict, 'contradicts');
});

for (const [what, more, receiptTaken] of [
  ['another push', { checkoutId: 'ws_CO_2' }, false],
  ['another amount', { amount: 25_100n }, false],
  ['no whole amount', { amount: null }, false],
  ['another phone', { phone: '254708374148' }, false],
  ['no phone', { phone: null }, false],
  ['no receipt', { receipt: null }, false],
  ['a receipt that another has', {}, true],
] as const) {
  deposits(`a callback with ${what} moves nothing: a person looks, and what is paid stays paid`, () => {
    for (const state of PAYMENT_STATES) {
      const payment = deposit({ state, receipt: state === 'paid' ? 'NLJ7RT61SV' : null });
      const { change, money } = called(payment, more, receiptTaken);
      assert.is(money, null);
      assert.is(change.state ?? state, state === 'paid' ? 'paid' : 'needs_review', state);
    }
  });
}

deposits('a callback of what was never sent is nobody’s', () => {
  const payment = deposit({ state: 'created', sentAt: null, checkoutId: null });
  assert.equal(told(payment, called(payment)), ['mismatch', 'needs_review', null]);
});

deposits('before the answer it waits; when the answer is lost a success must be vouched for', () => {
  const early = deposit({ checkoutId: null, merchantId: null });
  assert.is(called(early).verdict, 'wait');
  assert.is(called(early, { code: '1032' }).verdict, 'wait');
  assert.is(called({ ...early, answerLost: true }).verdict, 'confirm');
  assert.equal(told(early, called({ ...early, answerLost: true }, { code: '1032' })), ['decided', 'failed', null]);
  assert.is(
    pushCalledBack(early, callback(), { at: after(61), receiptTaken: false }).verdict,
    'confirm',
    'nobody waits for an answer that long',
  );
});

deposits('a failure by callback never takes anything from a paid one, nor from a person', () => {
  assert.equal(told(deposit(), called(deposit(), { code: '1032' })), ['decided', 'failed', null]);
  for (const [state, verdict] of [
    ['paid', 'contradicts'],
    ['needs_review', 'noted'],
  ] as const)
    assert.equal(called(deposit({ state }), { code: '1' }), { verdict, change: {}, money: null });
});

deposits('the query is believed at once that it is paid, and never about what is paid or under review', () => {
  for (const state of ['submitted', 'failed', 'timed_out'] as const)
    assert.equal(told(deposit({ state }), pushQueried(deposit({ state }), { kind: 'paid', merchantId: null }, after(5))), [
      'decided',
      'paid',
      'credit',
    ]);
  for (const state of ['paid', 'needs_review'] as const)
    for (const status of [
      { kind: 'paid', merchantId: null },
      { kind: 'failed', code: '1032' },
    ] as const) {
      const { change, money } = pushQueried(deposit({ state, saidCode: '1032', saidTimes: 9 }), status, after(900));
      assert.equal([change.state, money], [undefined, null]);
    }
});

deposits('it says failed only after 120 s and twice the same', () => {
  const said = (saidCode: string | null, saidTimes: number, seconds: number, state: PaymentState = 'submitted') =>
    pushQueried(deposit({ saidCode, saidTimes, state }), { kind: 'failed', code: '1032' }, after(seconds)).change.state ?? state;
  assert.is(said(null, 0, 500), 'submitted', 'once');
  assert.is(said('1032', 1, 119), 'submitted', 'too soon');
  assert.is(said('1037', 1, 500), 'submitted', 'two that disagree');
  assert.is(said('1032', 1, 120), 'failed');
  assert.is(said('1032', 1, 700, 'timed_out'), 'failed');
  const pending = pushQueried(deposit({ saidCode: '1032', saidTimes: 1 }), { kind: 'pending' }, after(130));
  assert.equal([pending.change.saidCode, pending.change.saidTimes], [null, 0], 'pending takes it back');
});

deposits('without a word it is late after ten minutes, told on time, and asked about for hours', () => {
  let payment = deposit();
  let at = after(20);
  const asked: number[] = [];
  while (payment.asks < ASKS_MAX) {
    const { change } = pushQueried(payment, { kind: 'pending' }, at);
    if (payment.state === 'submitted' && change.state === 'timed_out') assert.is(at.getTime(), after(600).getTime());
    payment = { ...payment, ...change };
    asked.push((at.getTime() - START.getTime()) / 1_000);
    if (change.followAt) at = change.followAt;
  }
  assert.is(payment.state, 'timed_out');
  assert.ok(asked.at(-1)! > 3 * 3_600, `asked until ${asked.at(-1)} s`);
  assert.is(pushSilent(deposit({ checkoutId: null }), after(599)).change.state, undefined);
  assert.is(pushSilent(deposit({ checkoutId: null }), after(600)).change.state, 'timed_out');
});

deposits('what the push is answered with', () => {
  const answered = (answer: Parameters<typeof pushAnswered>[1], payment = deposit({ checkoutId: null })) =>
    pushAnswered(payment, answer, after(1)).change;
  const { checkoutId, state } = answered({ kind: 'accepted', checkoutId: 'ws_CO_9', merchantId: '9' });
  assert.equal([checkoutId, state], ['ws_CO_9', undefined]);
  assert.is(answered({ kind: 'refused', code: '400.002.02' }).state, 'failed');
  assert.equal([answered({ kind: 'busy', code: 'x' }).state, answered({ kind: 'busy', code: 'x' }).sentAt], ['created', null]);
  assert.equal(
    [answered({ kind: 'unknown', code: 'x' }).answerLost, answered({ kind: 'unknown', code: 'x' }).state],
    [true, undefined],
  );
  assert.equal(answered({ kind: 'refused', code: 'x' }, deposit({ state: 'paid' })), {}, 'a callback was quicker');
  assert.ok(mayPush(deposit({ state: 'created' }), after(59)));
  assert.not.ok(mayPush(deposit({ state: 'created' }), after(60)));
});

deposits('a person’s word: paid once, closed once, and a success after that is looked at again', () => {
  const lost = deposit({ state: 'timed_out' });
  assert.equal(told(lost, confirmedByOperator(lost, 'NLJ7RT61SV', false)), ['decided', 'paid', 'credit']);
  assert.is(confirmedByOperator(lost, 'NLJ7RT61SV', true).verdict, 'noted', 'the receipt is another’s');
  assert.is(confirmedByOperator(deposit({ state: 'paid' }), 'NLJ7RT61SV', false).verdict, 'noted');
  const closed = deposit({ ...lost, ...closedByOperator(lost).change });
  assert.equal([closed.state, closed.decidedBy], ['failed', 'operator']);
  assert.is(closedByOperator(closed).verdict, 'noted');
  assert.equal(told(closed, called(closed)), ['mismatch', 'needs_review', null]);
  assert.equal(told(closed, pushQueried(closed, { kind: 'paid', merchantId: null }, after(900))), [
    'mismatch',
    'needs_review',
    null,
  ]);
});

deposits.run();
