// A player hears what became of a payment, once for each end it comes to, in the transaction of that end.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payoutResult, pushCallback } from '../../providers/sandbox/mpesa-bodies.ts';
import { booksAreRight, openTill } from '../support/payments.ts';
import type { SignedIn } from '../support/rest.ts';

const till = await openTill();
const told = suite('http/payments told');
told.before.each(() => till.customers({}));
told.after(async () => {
  await booksAreRight(till);
  await till.close();
});

let phones = 0;
const aPhone = () => `2547${String(20_000_000 + ++phones)}`;

async function heard(player: SignedIn): Promise<Record<string, unknown>[]> {
  const { items } = (await till.ask('GET', '/api/notifications', { token: player.accessToken })).json as {
    items: { kind: string; data: Record<string, unknown> }[];
  };
  assert.ok(items.every(({ kind }) => kind === 'payment_changed'));
  return items.map(({ data }) => data).toReversed();
}

told('a deposit that is paid, though its callback comes twice', async () => {
  const player = await till.register();
  const { id } = await till.deposit(player, 500, { phone: aPhone() });
  assert.equal(await heard(player), []);
  await till.becomes(player, id, 'paid');
  const push = till.sandbox.pushes.at(-1)!;
  await till.sandbox.deliver(push.callbackUrl, pushCallback(push));
  await till.cashier.idle();
  const amount = { currency: 'KES', amount: '50000' };
  assert.equal(await heard(player), [{ paymentId: id, direction: 'deposit', state: 'paid', reason: null, amount }]);
});

told('a deposit that fails, and is paid after all', async () => {
  till.customers({ callbacks: 0, query: 'pending' });
  const player = await till.register();
  const { id } = await till.deposit(player, 100, { phone: aPhone() });
  await till.cashier.idle();
  const push = till.sandbox.pushes.at(-1)!;
  await till.sandbox.deliver(push.callbackUrl, pushCallback(push, { code: 1032 }));
  await till.becomes(player, id, 'failed');
  await till.sandbox.deliver(push.callbackUrl, pushCallback(push));
  await till.becomes(player, id, 'paid');
  assert.equal(
    (await heard(player)).map(({ paymentId, state, reason }) => [paymentId, state, reason]),
    [
      [id, 'failed', 'cancelled'],
      [id, 'paid', null],
    ],
  );
});

told('a withdrawal that goes out, and one that comes back', async () => {
  till.customers({}, { notice: 'none' });
  const player = await till.register();
  await till.give(player, 1_000);
  const results: [number, string][] = [
    [0, 'paid'],
    [2040, 'failed'],
  ];
  for (const [code, state] of results) {
    const { id } = await till.withdraw(player, 300);
    await till.cashier.idle();
    const sent = till.sandbox.payouts.at(-1)!;
    await till.sandbox.deliver(sent.resultUrl, payoutResult(sent, { code }));
    await till.becomes(player, id, state as 'paid');
  }
  assert.equal(
    (await heard(player)).map(({ direction, state, reason }) => [direction, state, reason]),
    [
      ['withdrawal', 'paid', null],
      ['withdrawal', 'failed', 'not_registered'],
    ],
  );
  assert.equal(await till.shillings(player), [700, 0]);
});

told.run();
