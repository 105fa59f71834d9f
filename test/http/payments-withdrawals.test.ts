import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payoutResult } from '../../providers/sandbox/mpesa-bodies.ts';
import { booksAreRight, BY, openTill } from '../support/payments.ts';
import { newKey } from '../support/rest.ts';

const till = await openTill();
const withdrawals = suite('http/payments withdrawals');
withdrawals.before.each(() => till.customers({}));
withdrawals.after.each(() => booksAreRight(till, { inReview: reviews }));
withdrawals.after(till.close);

/** Payments left for a person by the tests so far. */
let reviews = 0;

async function rich(shillings = 1_000) {
  const player = await till.register();
  await till.give(player, shillings);
  return player;
}

/** A withdrawal that the provider has taken and says nothing about. */
async function waiting(payout: Parameters<typeof till.customers>[1] = {}) {
  till.customers({}, { notice: 'none', ...payout });
  const player = await rich();
  const { id } = await till.withdraw(player, 300);
  await till.cashier.idle();
  const sent = till.sandbox.payouts.at(-1)!;
  assert.is((await till.payment(player, id)).originatorId, sent.originatorId);
  const says = (more: Parameters<typeof payoutResult>[1] = {}) => till.sandbox.deliver(sent.resultUrl, payoutResult(sent, more));
  return { player, id, sent, says };
}

withdrawals('money is held before it is sent, and goes out on the result', async () => {
  const { player, id, sent, says } = await waiting();
  assert.equal(await till.shillings(player), [700, 300]);
  assert.is(await says(), 200);
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [700, 0]);
  assert.is((await till.payment(player, id)).receipt, sent.receipt);
});

withdrawals('more than there is, is refused under its key for ever', async () => {
  const player = await rich(100);
  const key = newKey();
  assert.is((await till.withdraw(player, 101, { key })).json.code, 'funds_short');
  await till.give(player, 1_000);
  assert.is((await till.withdraw(player, 101, { key })).json.code, 'funds_short');
  assert.is((await till.withdraw(player, 102, { key })).json.code, 'request_reused');
  assert.is((await till.withdraw(player, 101)).status, 202);
  await till.cashier.idle();
});

withdrawals('a definite failure gives the money back', async () => {
  till.customers({}, { resultCode: 2040 });
  const player = await rich();
  const { id } = await till.withdraw(player, 300);
  await till.becomes(player, id, 'failed');
  assert.is((await till.payment(player, id)).reason, 'not_registered');
  assert.equal(await till.shillings(player), [1_000, 0]);
});

withdrawals('so does a request that the provider would not take', async () => {
  till.customers({}, { answer: 'refused' });
  const player = await rich();
  const { id } = await till.withdraw(player, 300);
  await till.becomes(player, id, 'failed');
  assert.equal(await till.shillings(player), [1_000, 0]);
});

withdrawals('the same result twice pays once', async () => {
  const { player, id, says } = await waiting();
  await says();
  await says();
  await till.becomes(player, id, 'paid');
  await says({ receipt: 'SBOTHER002' });
  await till.cashier.idle();
  assert.equal(await till.shillings(player), [700, 0]);
});

withdrawals('a result that overtakes the answer counts once the answer is there', async () => {
  till.customers({}, { noticeMs: 'early' });
  const player = await rich();
  const { id } = await till.withdraw(player, 300);
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [700, 0]);
});

withdrawals('a result that shows another originator id is known by its conversation', async () => {
  till.customers({}, { strange: true });
  const player = await rich();
  const { id } = await till.withdraw(player, 300);
  await till.becomes(player, id, 'paid');
});

for (const answer of ['dropped', 'failing'] as const) {
  withdrawals(`an answer that is lost (${answer}) leaves the money held, is asked about, and nothing is sent again`, async () => {
    const { player, id, sent } = await waiting({ answer });
    assert.equal([await till.state(player, id), await till.shillings(player)], ['submitted', [700, 300]]);
    await till.later(30_000);
    await till.becomes(player, id, 'paid');
    assert.equal(await till.shillings(player), [700, 0]);
    assert.is(
      till.sandbox.payouts.filter(({ phone, originatorId }) => phone === sent.phone && originatorId === sent.originatorId).length,
      1,
    );
    assert.is((await till.payment(player, id)).attempts, 1);
  });
}

withdrawals('what was lost and was never paid comes back by the status, not before', async () => {
  const { player, id, sent } = await waiting({ answer: 'dropped', status: 'Pending Authorized' });
  await till.later(30_000);
  await till.later(60_000);
  assert.equal([await till.state(player, id), await till.shillings(player)], ['submitted', [700, 300]]);
  sent.plan = { ...sent.plan, status: 'Declined' };
  await till.later(600_000);
  await till.becomes(player, id, 'failed');
  assert.equal(await till.shillings(player), [1_000, 0]);
});

withdrawals('a status query that does not know the payout settles nothing: in the end a person does', async () => {
  const { player, id, sent } = await waiting({ answer: 'dropped' });
  till.sandbox.payouts.splice(till.sandbox.payouts.indexOf(sent), 1);
  for (let hours = 0; hours < 14; hours++) await till.later(3_600_000);
  await till.becomes(player, id, 'needs_review');
  assert.equal(await till.shillings(player), [700, 300], 'still held');
  const closed = await till.store.payments.close(id, BY);
  assert.equal([closed?.payment.state, closed?.payment.decidedBy], ['failed', 'operator']);
  assert.equal(await till.shillings(player), [1_000, 0]);
  assert.is(await till.store.payments.close(id, BY), null, 'once');
  const [act, ...more] = await till.store.auditLog.page({ limit: 9, before: null, target: `payment:${id}` });
  assert.equal(
    [act!.action, act!.actorId, act!.before!.state, act!.after, more],
    [
      'payment.close',
      null,
      'needs_review',
      { state: 'failed', reason: 'closed', receipt: null, released: true, terminal: 'ann' },
      [],
    ],
  );
});

withdrawals('a timeout notice is not a failure: the status is asked for', async () => {
  const { player, id } = await waiting({ notice: 'timeout' });
  await till.becomes(player, id, 'timed_out');
  assert.equal(await till.shillings(player), [700, 300]);
  await till.later(1_000);
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [700, 0]);
});

withdrawals('a failure that may still have been paid gives nothing back: the status is asked for', async () => {
  for (const code of [15, 17, 26, '500.003.1001', 9_999]) {
    const { player, id, says } = await waiting();
    await says({ code });
    await till.cashier.idle();
    assert.equal([await till.state(player, id), await till.shillings(player)], ['submitted', [700, 300]], String(code));
    await till.later(30_000);
    await till.becomes(player, id, 'paid');
  }
});

withdrawals('a status answer that worked is not a payout that worked', async () => {
  const { player, id } = await waiting({ status: 'Expired' });
  await till.later(60_000);
  await till.becomes(player, id, 'failed');
  assert.equal(await till.shillings(player), [1_000, 0]);
});

withdrawals('a duplicate originator id means that the first one exists', async () => {
  const { player, id, sent } = await waiting();
  await till.db.rows(
    "update payment set state = 'created', sent_at = null, conversation_id = null, follow_at = $2 where id = $1",
    [id, till.clock.now()],
  );
  await till.later(1_000);
  assert.equal([await till.state(player, id), (await till.payment(player, id)).attempts], ['submitted', 2]);
  assert.is(till.sandbox.payouts.filter(({ originatorId }) => originatorId === sent.originatorId).length, 1);
  await till.later(30_000);
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [700, 0]);
});

withdrawals('a provider that takes nothing is asked again with the same id', async () => {
  till.customers({}, { answer: 'throttled' });
  const player = await rich();
  const { id } = await till.withdraw(player, 300, { phone: '0722000001' });
  await till.cashier.idle();
  const { originatorId } = await till.payment(player, id);
  assert.equal([await till.state(player, id), await till.shillings(player)], ['created', [700, 300]]);
  await till.later(15_000);
  await till.becomes(player, id, 'paid');
  assert.is(till.sandbox.payouts.at(-1)!.originatorId, originatorId);
});

for (const [forged, more] of [
  ['another amount', { amount: 30_000 }],
  ['another phone', { phone: '254799999999' }],
] as const) {
  withdrawals(`a result with ${forged} moves nothing and is for a person to look at`, async () => {
    const { player, id, says } = await waiting();
    await says(more);
    await till.becomes(player, id, 'needs_review');
    assert.equal(await till.shillings(player), [700, 300]);
    await says();
    await till.becomes(player, id, 'paid');
    assert.equal(await till.shillings(player), [700, 0], 'the true one is true');
  });
}

withdrawals('a result about another conversation moves nothing', async () => {
  const { player, id, says, sent } = await waiting({ strange: true });
  await says({ conversationId: 'AG_other', code: 1 });
  await till.becomes(player, id, 'needs_review');
  assert.equal(await till.shillings(player), [700, 300]);
  const confirmed = await till.store.payments.confirm(id, sent.receipt, BY);
  assert.is(confirmed?.payment.state, 'paid');
  assert.equal(await till.shillings(player), [700, 0]);
});

withdrawals('a success after the money went back is for a person, and takes nothing', async () => {
  const { player, id, says } = await waiting();
  await says({ code: 1 });
  await till.becomes(player, id, 'failed');
  assert.equal(await till.shillings(player), [1_000, 0]);
  await says();
  await till.becomes(player, id, 'needs_review');
  reviews++;
  assert.is((await till.payment(player, id)).reason, 'paid_after_return');
  assert.equal(await till.shillings(player), [1_000, 0]);
  assert.is(await till.store.payments.confirm(id, 'SBLATE0001', BY), null, 'there is no hold to post');
});

withdrawals('a failure after it was paid changes nothing', async () => {
  const { player, id, says } = await waiting();
  await says();
  await till.becomes(player, id, 'paid');
  await says({ code: 1 });
  await till.cashier.idle();
  assert.equal([await till.state(player, id), await till.shillings(player)], ['paid', [700, 0]]);
});

withdrawals('a payout is never decided at the door of another payment', async () => {
  const one = await waiting();
  const other = await waiting();
  await till.sandbox.deliver(one.sent.resultUrl, payoutResult(other.sent));
  await till.becomes(one.player, one.id, 'needs_review');
  reviews++;
  assert.is(await till.state(other.player, other.id), 'submitted');
  assert.equal(await till.shillings(other.player), [700, 300]);
  await till.sandbox.deliver(other.sent.resultUrl, payoutResult(other.sent));
  await till.becomes(other.player, other.id, 'paid');
});

withdrawals.run();
