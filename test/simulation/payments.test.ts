// Words about payments in any order, true and false ones, thousands of times: whatever is said, money moves once.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Payment, PushStatus, Ruling } from '../../rules/payments.ts';
import { pushAnswered, pushCalledBack, pushQueried, pushSilent } from '../../rules/payments-deposit.ts';
import { closedByOperator, confirmedByOperator } from '../../rules/payments-operator.ts';
import {
  payoutAnswered,
  payoutAsked,
  payoutResulted,
  payoutStatusTold,
  payoutTimedOut,
} from '../../rules/payments-withdrawal.ts';
import { after, deposit, withdrawal } from '../support/payment-samples.ts';

const WAYS = 20_000;
const WORDS = 25;

/** Mulberry32: the same ways in every run. */
function chance(seed: number): <T>(of: readonly T[]) => T {
  let state = seed;
  return (of) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return of[((mixed ^ (mixed >>> 14)) >>> 0) % of.length]!;
  };
}

type Pick = ReturnType<typeof chance>;

const RECEIPTS = ['NLJ7RT61SV', 'NLJ7RT61SV', 'NLJ7RT61SV', 'OTHER00000', null];
const AMOUNTS = [25_000n, 25_000n, 25_000n, 100n, null];
const PHONES = ['254708374149', '254708374149', '254799999999', null];

/** Whatever may be said of a deposit next. */
function onDeposit(payment: Payment, at: Date, pick: Pick): Ruling {
  const statuses: PushStatus[] = [
    { kind: 'paid', merchantId: null },
    { kind: 'failed', code: '1032' },
    { kind: 'failed', code: '1037' },
    { kind: 'pending' },
    { kind: 'unknown', code: 'x' },
  ];
  const words: (() => Ruling)[] = [
    () =>
      pushAnswered(
        payment,
        pick([
          { kind: 'accepted', checkoutId: 'ws_CO_1', merchantId: '1-1' },
          { kind: 'refused', code: 'x' },
          { kind: 'busy', code: 'x' },
          { kind: 'unknown', code: 'x' },
        ]),
        at,
      ),
    () =>
      pushCalledBack(
        payment,
        {
          checkoutId: pick(['ws_CO_1', 'ws_CO_1', 'ws_CO_2']),
          merchantId: '1-1',
          code: pick(['0', '0', '1032']),
          amount: pick(AMOUNTS),
          phone: pick(PHONES),
          receipt: pick(RECEIPTS),
        },
        { at, receiptTaken: pick([false, false, false, true]) },
      ),
    () => pushQueried(payment, pick(statuses), at),
    () => pushSilent(payment, at),
    () => (pick([true, false, false]) ? closedByOperator(payment) : confirmedByOperator(payment, 'NLJ7RT61SV', false)),
  ];
  return pick([words[0]!, words[1]!, words[1]!, words[2]!, words[2]!, words[3]!, words[4]!])();
}

/** Whatever may be said of a withdrawal next. */
function onWithdrawal(payment: Payment, at: Date, pick: Pick): Ruling {
  const told = {
    amount: pick(AMOUNTS),
    receipt: pick(RECEIPTS),
    originatorId: pick(['ORIGIN', 'STRANGE']),
    conversationId: pick(['AG_1', 'AG_2']),
  };
  const receiptTaken = pick([false, false, false, true]);
  const words: (() => Ruling)[] = [
    () =>
      payoutAnswered(
        payment,
        pick([
          { kind: 'accepted', conversationId: 'AG_1' },
          { kind: 'refused', code: 'x' },
          { kind: 'busy', code: 'x' },
          { kind: 'duplicate' },
          { kind: 'unknown', code: 'x' },
        ]),
        at,
      ),
    () =>
      payoutResulted(payment, { ...told, code: pick(['0', '0', '1', '17', '2040']), phone: pick(PHONES) }, { at, receiptTaken }),
    () =>
      payoutStatusTold(
        payment,
        { ...told, code: pick(['0', '0', '2001']), status: pick(['Completed', 'Declined', 'Pending Authorized', null]) },
        { receiptTaken },
      ),
    () => payoutTimedOut(payment, at),
    () => payoutAsked(payment, at),
    () => (pick([true, false]) ? closedByOperator(payment) : confirmedByOperator(payment, 'NLJ7RT61SV', false)),
  ];
  return pick(words)();
}

/** What the door does between words: a payment that may be sent again is sent again. */
const sentAgain = (payment: Payment, at: Date): Payment =>
  payment.state === 'created' ? { ...payment, state: 'submitted', sentAt: at, attempts: payment.attempts + 1 } : payment;

function walk(first: Payment, seed: number, say: typeof onDeposit): { moved: string[]; last: Payment } {
  const pick = chance(seed);
  const moved: string[] = [];
  let payment = first;
  let seconds = 1;
  for (let words = 0; words < WORDS; words++) {
    seconds += pick([0, 1, 20, 60, 200, 4_000]);
    const at = after(seconds);
    if (pick([true, false])) payment = sentAgain(payment, at);
    const { change, money } = say(payment, at, pick);
    const next = { ...payment, ...change };
    if (payment.state === 'paid') assert.is(next.state, 'paid', `way ${seed}: what is paid stays paid`);
    if (money !== null) moved.push(money);
    payment = next;
  }
  return { moved, last: payment };
}

const simulation = suite('simulation/payments');

simulation('whatever is said of a deposit, it is credited once or not at all, and exactly when it is paid', () => {
  let paid = 0;
  for (let seed = 1; seed <= WAYS; seed++) {
    const { moved, last } = walk(deposit({ checkoutId: null, merchantId: null }), seed, onDeposit);
    assert.equal(moved, last.state === 'paid' ? ['credit'] : [], `way ${seed}`);
    paid += moved.length;
  }
  assert.ok(paid > WAYS / 10 && paid < WAYS, `${paid} of ${WAYS} were paid`);
});

simulation('whatever is said of a withdrawal, its hold is posted or goes back, once, and never both', () => {
  const ends = { post: 0, release: 0, held: 0 };
  for (let seed = 1; seed <= WAYS; seed++) {
    const { moved, last } = walk(withdrawal({ conversationId: null }), seed, onWithdrawal);
    assert.ok(moved.length <= 1, `way ${seed}: ${moved.join(', ')}`);
    assert.is(last.state === 'paid', moved[0] === 'post', `way ${seed}`);
    assert.is(last.released, moved[0] === 'release', `way ${seed}`);
    if (last.state === 'failed') assert.ok(last.released, `way ${seed}: failed means that it went back`);
    ends[(moved[0] as 'post' | 'release' | undefined) ?? 'held']++;
  }
  for (const [end, count] of Object.entries(ends)) assert.ok(count > 20, `${end}: ${count}`);
});

simulation.run();
