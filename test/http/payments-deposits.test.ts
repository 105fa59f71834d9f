import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pushCallback } from '../../providers/sandbox/mpesa-bodies.ts';
import { booksAreRight, openTill, PHONE } from '../support/payments.ts';
import { until } from '../support/server.ts';

const till = await openTill();
const deposits = suite('http/payments deposits');
deposits.before.each(() => till.customers({}));
deposits.after.each(() => booksAreRight(till, { inReview: reviews }));

/** Payments left for a person by the tests so far. */
let reviews = 0;
let phones = 0;
/** Each its own, because a phone has its prompt to itself for a minute. */
const aPhone = () => `2547${String(10_000_000 + ++phones)}`;

async function waitingDeposit(shillings = 250) {
  till.customers({ callbacks: 0, query: 'pending' });
  const player = await till.register();
  const phone = aPhone();
  const { id } = await till.deposit(player, shillings, { phone });
  await till.cashier.idle();
  const push = till.sandbox.pushes.at(-1)!;
  assert.is((await till.payment(player, id)).checkoutId, push.checkoutId);
  const says = (more: Parameters<typeof pushCallback>[1] = {}) =>
    till.sandbox.deliver(push.callbackUrl, pushCallback(push, more));
  return { player, id, push, phone, says };
}

deposits('a deposit is answered at once, asked of the phone, and credited when its callback comes', async () => {
  const player = await till.register();
  const { status, json, id } = await till.deposit(player, 500, { phone: '0712 345 678' });
  assert.is(status, 202);
  const { createdAt, ...rest } = json;
  assert.equal(rest, {
    id,
    direction: 'deposit',
    state: 'created',
    amount: { currency: 'KES', amount: '50000' },
    phone: '2547*****678',
    receipt: null,
    reason: null,
    updatedAt: createdAt,
  });
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [500, 0]);
  const push = till.sandbox.pushes.at(-1)!;
  assert.equal([push.phone, push.shillings], ['254712345678', 500]);
  const { json: shown } = await till.ask('GET', `/api/payments/${id}`, { token: player.accessToken });
  assert.equal([shown.state, shown.receipt], ['paid', push.receipt]);
});

deposits('the same callback twice credits once', async () => {
  const { player, id, says } = await waitingDeposit();
  assert.equal([await says(), await says()], [200, 200]);
  await till.becomes(player, id, 'paid');
  assert.is(await says(), 200);
  await till.cashier.idle();
  assert.equal(await till.shillings(player), [250, 0]);
});

deposits('two callbacks that differ in nothing but their receipt credit once', async () => {
  const { player, id, says } = await waitingDeposit();
  await says();
  await till.becomes(player, id, 'paid');
  const { receipt } = await till.payment(player, id);
  await says({ receipt: 'SBOTHER001' });
  await till.cashier.idle();
  assert.is((await till.payment(player, id)).receipt, receipt);
  assert.equal(await till.shillings(player), [250, 0]);
});

deposits('a callback that never comes is made up for by the query', async () => {
  const { player, id, push } = await waitingDeposit();
  push.plan = { ...push.plan, query: 'truth' };
  await till.later(25_000);
  const paid = await till.payment(player, id);
  assert.equal([paid.state, paid.decidedBy, paid.receipt], ['paid', 'query', null]);
  assert.equal(await till.shillings(player), [250, 0]);
});

deposits('and when it comes after all, it brings the receipt and no more money', async () => {
  const { player, id, push, says } = await waitingDeposit();
  push.plan = { ...push.plan, query: 'truth' };
  await till.later(25_000);
  await says();
  await until('the receipt', async () => (await till.payment(player, id)).receipt === push.receipt, 30_000);
  assert.equal(await till.shillings(player), [250, 0]);
});

deposits(
  'a query is not believed that it failed before two minutes and two answers, and a late callback still credits',
  async () => {
    const { player, id, push, says } = await waitingDeposit();
    push.plan = { ...push.plan, query: '1032' };
    await till.later(25_000);
    await till.later(45_000);
    assert.is(await till.state(player, id), 'submitted', 'two answers within the window');
    await till.later(90_000);
    const failed = await till.payment(player, id);
    assert.equal([failed.state, failed.reason, failed.decidedBy], ['failed', 'cancelled', 'query']);
    assert.equal(await till.shillings(player), [0, 0]);
    assert.is(await says(), 200);
    await till.becomes(player, id, 'paid');
    assert.equal(await till.shillings(player), [250, 0]);
  },
);

deposits('one answer that it failed is not enough, however late', async () => {
  const { player, id, push } = await waitingDeposit();
  push.plan = { ...push.plan, query: '1032' };
  await till.later(300_000);
  assert.is(await till.state(player, id), 'submitted');
  push.plan = { ...push.plan, query: '1037' };
  await till.later(60_000);
  assert.is(await till.state(player, id), 'submitted', 'two answers that disagree');
});

deposits('a query that says failed for what is paid changes nothing', async () => {
  const { player, id, push, says } = await waitingDeposit();
  push.plan = { ...push.plan, query: '1032' };
  await says();
  await till.becomes(player, id, 'paid');
  for (const ms of [130_000, 60_000, 600_000]) await till.later(ms);
  assert.is(await till.state(player, id), 'paid');
  assert.equal(await till.shillings(player), [250, 0]);
});

deposits('what nobody says anything about is late after ten minutes, and still credits', async () => {
  const { player, id, says } = await waitingDeposit();
  for (let minutes = 0; minutes < 12; minutes++) await till.later(60_000);
  assert.is(await till.state(player, id), 'timed_out');
  await says();
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [250, 0]);
});

deposits('a callback that overtakes the answer to the push credits once the answer is there', async () => {
  till.customers({ callbackMs: 'early' });
  const player = await till.register();
  const { id } = await till.deposit(player, 70, { phone: aPhone() });
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [70, 0]);
});

deposits('a push whose answer is lost is credited when the provider vouches for the callback', async () => {
  till.customers({ answer: 'dropped', callbackMs: 'early' });
  const player = await till.register();
  const { id } = await till.deposit(player, 80, { phone: aPhone() });
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [80, 0]);
  assert.is((await till.payment(player, id)).checkoutId, till.sandbox.pushes.at(-1)!.checkoutId);
});

deposits('and is not, while the provider does not', async () => {
  till.customers({ answer: 'dropped', callbackMs: 'early', query: 'pending' });
  const player = await till.register();
  const { id } = await till.deposit(player, 80, { phone: aPhone() });
  await till.cashier.idle();
  const push = till.sandbox.pushes.at(-1)!;
  assert.is(await till.state(player, id), 'submitted');
  assert.equal(await till.shillings(player), [0, 0]);
  push.plan = { ...push.plan, query: 'truth' };
  await till.later(60_000);
  assert.is(await till.state(player, id), 'paid', 'the callback was kept and weighed again');
  assert.equal(await till.shillings(player), [80, 0]);
});

deposits('a push whose answer is lost and of which nothing is heard is never sent again', async () => {
  till.customers({ answer: 'dropped', callbacks: 0 });
  const player = await till.register();
  const phone = aPhone();
  const { id } = await till.deposit(player, 80, { phone });
  for (let minutes = 0; minutes < 15; minutes++) await till.later(60_000);
  assert.is(await till.state(player, id), 'timed_out');
  assert.is(till.sandbox.pushes.filter((push) => push.phone === phone).length, 1);
});

deposits('a customer who cancels fails the deposit, and the reason is told', async () => {
  till.customers({ resultCode: 1032 });
  const player = await till.register();
  const { id } = await till.deposit(player, 90, { phone: aPhone() });
  await till.becomes(player, id, 'failed');
  assert.is((await till.payment(player, id)).reason, 'cancelled');
  assert.equal(await till.shillings(player), [0, 0]);
});

deposits('a provider that is too busy is asked again', async () => {
  till.customers({ answer: 'throttled' });
  const player = await till.register();
  const { id } = await till.deposit(player, 90, { phone: aPhone() });
  await till.cashier.idle();
  assert.is(await till.state(player, id), 'created');
  await till.later(10_000);
  await till.becomes(player, id, 'paid');
  assert.equal(await till.shillings(player), [90, 0]);
});

deposits('a prompt that could not be shown for a minute is not shown any more', async () => {
  till.customers({ answer: 'throttled' });
  const player = await till.register();
  const phone = aPhone();
  const { id } = await till.deposit(player, 90, { phone });
  await till.cashier.idle();
  await till.later(61_000);
  assert.equal([await till.state(player, id), (await till.payment(player, id)).reason], ['failed', 'not_sent']);
  assert.is(till.sandbox.pushes.filter((push) => push.phone === phone).length, 0);
});

for (const [forged, more] of [
  ['another amount', { amount: 25_000 }],
  ['an amount with cents', { amount: 250.5 }],
  ['another phone', { phone: '254799999999' }],
  ['the id of no push', { checkoutId: 'ws_CO_unknown' }],
] as const) {
  deposits(`a callback with ${forged} credits nothing and is for a person to look at`, async () => {
    const { player, id, says } = await waitingDeposit();
    assert.is(await says(more), 200);
    await till.becomes(player, id, 'needs_review');
    reviews++;
    assert.equal(await till.shillings(player), [0, 0]);
    for (const ms of [30_000, 130_000, 600_000]) await till.later(ms);
    assert.is(await till.state(player, id), 'needs_review', 'no query takes it out');
  });
}

deposits('a callback with a token that is nobody’s is not found and not kept', async () => {
  const { player, id, push } = await waitingDeposit();
  const url = push.callbackUrl.replace(/.{64}$/, 'f'.repeat(64));
  assert.is(await till.sandbox.deliver(url, pushCallback(push)), 404);
  assert.is(
    await till.sandbox.deliver(push.callbackUrl.replace('/stk/', '/b2c-result/'), pushCallback(push)),
    404,
    'another door',
  );
  assert.is(await till.sandbox.deliver(`${till.url}/api/payments/callbacks/stk/${id}`, pushCallback(push)), 400);
  await till.cashier.idle();
  assert.equal([await till.state(player, id), await till.shillings(player)], ['submitted', [0, 0]]);
  const kept = await till.db.rows('select 1 from payment_callback where payment = $1', [id]);
  assert.is(kept.length, 0);
});

deposits('a callback from elsewhere is refused, kept for a look, and never weighed', async () => {
  const elsewhere = await openTill({ store: till, sandbox: till.sandbox, sources: ['196.201.214.200', '10.0.0.0/8'] });
  const { player, id, push } = await waitingDeposit();
  const url = push.callbackUrl.replace(till.url, elsewhere.url);
  assert.is(await till.sandbox.deliver(url, pushCallback(push)), 403);
  await elsewhere.later(60_000);
  assert.equal([await till.state(player, id), await till.shillings(player)], ['submitted', [0, 0]]);
  const [kept] = await till.db.rows('select verdict from payment_callback where payment = $1', [id]);
  assert.equal(kept, { verdict: 'source_refused' });
  assert.is(await till.sandbox.deliver(push.callbackUrl, pushCallback(push)), 200, 'the very same from the right place');
  await till.becomes(player, id, 'paid');
  await elsewhere.close();
});

deposits('a receipt that another payment has credits nothing', async () => {
  const one = await waitingDeposit();
  await one.says();
  await till.becomes(one.player, one.id, 'paid');
  const other = await waitingDeposit();
  await other.says({ receipt: one.push.receipt });
  await till.becomes(other.player, other.id, 'needs_review');
  assert.is((await till.payment(other.player, other.id)).reason, 'receipt_taken');
  assert.equal(await till.shillings(other.player), [0, 0]);
  await other.says();
  await till.becomes(other.player, other.id, 'paid');
  assert.equal(await till.shillings(other.player), [250, 0]);
});

deposits('what cannot be read changes nothing, and what is not JSON is not kept', async () => {
  const { player, id, push, says } = await waitingDeposit();
  assert.is(await till.sandbox.deliver(push.callbackUrl, { Body: { stkCallback: { ResultCode: 0 } } }), 200);
  assert.is(
    await till.sandbox.deliver(push.callbackUrl, {
      Body: { stkCallback: { ResultCode: 0, MerchantRequestID: 'a\u0000b', CheckoutRequestID: push.checkoutId } },
    }),
    200,
  );
  assert.equal(await till.refused('POST', new URL(push.callbackUrl).pathname, { body: '{nonsense' }), [400, 'malformed']);
  assert.equal(await till.refused('POST', new URL(push.callbackUrl).pathname, { body: { x: 'y'.repeat(20_000) } }), [
    413,
    'too_large',
  ]);
  await till.cashier.idle();
  assert.is(await till.state(player, id), 'submitted');
  await says();
  await till.becomes(player, id, 'paid');
});

deposits('a token that another process has ended is replaced, once', async () => {
  const player = await till.register();
  await till.deposit(player, 10, { phone: aPhone() });
  await till.cashier.idle();
  const made = till.sandbox.asked.get('/oauth/v1/generate')!;
  till.sandbox.endToken();
  till.clock.pass(61_000);
  const again = await till.store.players.login({ email: player.email, password: 'correct horse', device: 'test' });
  const { id } = await till.deposit({ ...player, accessToken: again.accessToken }, 10, { phone: aPhone() });
  await till.becomes(player, id, 'paid');
  assert.is(till.sandbox.asked.get('/oauth/v1/generate'), made + 1);
});

deposits('a callback is kept before it is weighed: what a process leaves behind, the next round finds', async () => {
  const { player, id, push } = await waitingDeposit();
  const token = push.callbackUrl.slice(-64);
  const body = JSON.stringify(pushCallback(push));
  const kept = await till.store.payments.receive({ door: 'stk', token, body, address: '127.0.0.1', allowed: true });
  assert.ok(kept?.fresh);
  assert.is(await till.state(player, id), 'submitted');
  await till.later(6_000);
  assert.is(await till.state(player, id), 'paid');
});

deposits('neither a phone nor a name is ever in the log', async () => {
  const { player, id, says, phone } = await waitingDeposit();
  await says({ phone: '254788888888' });
  await till.becomes(player, id, 'needs_review');
  reviews++;
  const lines = JSON.stringify(till.logged);
  for (const secret of [phone, '254788888888', PHONE, 'EXAMPLE']) assert.not.ok(lines.includes(secret), secret);
});

deposits.after(till.close);
deposits.run();
