import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { booksAreRight, openTill, PHONE } from '../support/payments.ts';
import { newKey, openRest, type Rest } from '../support/rest.ts';

const house = await openTill();
const ann = await house.register();
const bob = await house.register();

const asking = suite('http/payments');
asking.after.each(() => booksAreRight(house));
asking.after(house.close);

asking('the same request again is one payment and the same answer, whatever has become of it', async () => {
  const key = newKey();
  const first = await house.deposit(ann, 20, { key });
  await house.becomes(ann, first.id, 'paid');
  const again = await house.deposit(ann, 20, { key });
  assert.equal([again.status, again.text], [202, first.text]);
  assert.is(again.headers.get('idempotency-replayed'), 'true');
  assert.is(house.sandbox.pushes.length, 1);
  assert.equal(await house.shillings(ann), [20, 0]);
});

asking('a key is used for one request: another amount, phone or none is refused', async () => {
  const key = newKey();
  house.clock.pass(61_000);
  await house.deposit(bob, 20, { key, phone: '0711000001' });
  await house.cashier.idle();
  assert.is((await house.deposit(bob, 21, { key, phone: '0711000001' })).json.code, 'request_reused');
  assert.is((await house.deposit(bob, 20, { key, phone: '0711000002' })).json.code, 'request_reused');
  const body = { amount: { currency: 'KES', amount: '2000' }, phone: PHONE };
  assert.equal(await house.refused('POST', '/api/payments/deposit', { token: bob.accessToken, body }), [
    400,
    'idempotency_key_required',
  ]);
});

asking('refusals leave no payment', async () => {
  const before = (await house.db.rows('select 1 from payment')).length;
  const refused = async (path: string, amount: { currency: string; amount: string }, phone: string) =>
    (await house.refused('POST', `/api/payments/${path}`, { token: ann.accessToken, key: newKey(), body: { amount, phone } }))[1];
  const kes = (minor: number) => ({ currency: 'KES', amount: String(minor) });
  house.clock.pass(61_000);
  assert.is(await refused('deposit', { currency: 'COINS', amount: '100' }, PHONE), 'currency_unknown');
  assert.is(await refused('deposit', { currency: 'XYZ', amount: '100' }, PHONE), 'currency_unknown');
  for (const minor of [0, 99, 150, 25_000_100])
    assert.is(await refused('deposit', kes(minor), PHONE), 'amount_invalid', String(minor));
  for (const minor of [900, 1_050, 25_000_100])
    assert.is(await refused('withdraw', kes(minor), PHONE), 'amount_invalid', String(minor));
  for (const phone of ['0812345678', '07123456789', '+1 712 345 678', 'call me', ''])
    assert.is(await refused('deposit', kes(100), phone), 'phone_invalid', phone);
  assert.is(await refused('withdraw', kes(100_000), PHONE), 'funds_short');
  assert.is((await house.db.rows('select 1 from payment')).length, before);
});

asking('a phone has its prompt to itself for a minute, and a player one phone at a time', async () => {
  house.customers({ callbacks: 0, query: 'pending' });
  const [one, two] = [await house.register(), await house.register()];
  const phone = '0711000003';
  assert.is((await house.deposit(one, 20, { phone })).status, 202);
  assert.is((await house.deposit(two, 20, { phone })).json.code, 'payment_open');
  assert.is((await house.deposit(one, 20, { phone: '0711000004' })).json.code, 'payment_open');
  house.clock.pass(60_001);
  assert.is((await house.deposit(two, 20, { phone })).status, 202);
  await house.cashier.idle();
});

asking('guests and strangers have no payments', async () => {
  const { json } = await house.ask('POST', '/api/auth/guest', { body: {} });
  const body = { amount: { currency: 'KES', amount: '2000' }, phone: PHONE };
  assert.equal(await house.refused('POST', '/api/payments/deposit', { token: String(json.accessToken), key: newKey(), body }), [
    403,
    'forbidden',
  ]);
  assert.equal(await house.refused('POST', '/api/payments/deposit', { key: newKey(), body }), [401, 'unauthenticated']);
  assert.equal(await house.refused('GET', '/api/payments'), [401, 'unauthenticated']);
});

asking('a player sees their own payments, a page at a time, and nobody else’s', async () => {
  house.customers({});
  const player = await house.register();
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) {
    const { id } = await house.deposit(player, 10 + count, { phone: `072000000${count}` });
    await house.becomes(player, id, 'paid');
    ids.unshift(id);
  }
  const page = async (query: string) => (await house.ask('GET', `/api/payments${query}`, { token: player.accessToken })).json;
  const first = await page('?limit=2');
  const second = await page(`?limit=2&cursor=${String(first.nextCursor)}`);
  const items = [...(first.items as { id: string }[]), ...(second.items as { id: string }[])];
  assert.equal(
    items.map(({ id }) => id),
    ids,
  );
  assert.is(second.nextCursor, null);
  assert.equal(await house.refused('GET', `/api/payments/${ids[0]}`, { token: ann.accessToken }), [404, 'not_found']);
  assert.equal(await house.refused('GET', `/api/payments/${newKey()}`, { token: ann.accessToken }), [404, 'not_found']);
});

asking('an export holds them, with the phone that was named', async () => {
  const player = await house.register();
  const { id } = await house.deposit(player, 20, { phone: '0711000020' });
  await house.becomes(player, id, 'paid');
  const { json } = await house.ask('GET', '/api/player/me/export', { token: player.accessToken });
  const [exported, ...others] = json.payments as { id: string; phone: string; state: string }[];
  assert.equal([exported!.id, exported!.phone, exported!.state, others.length], [id, '254711000020', 'paid', 0]);
});

asking('what people said and who they are is forgotten in time', async () => {
  const player = await house.register();
  const { id } = await house.deposit(player, 20, { phone: '0711000021' });
  await house.becomes(player, id, 'paid');
  assert.is((await house.ask('DELETE', '/api/player/me', { token: player.accessToken })).status, 204);
  const before = (ms: number) => house.store.payments.forgetPeople(new Date(house.clock.now().getTime() + ms));
  assert.equal(await before(-36_000_000), { bodies: 0, phones: 0 });
  const { bodies, phones } = await before(1_000);
  assert.ok(bodies > 0);
  assert.is(phones, 1);
  const [kept] = await house.db.rows('select phone, amount, state from payment where id = $1', [id]);
  assert.equal(kept, { phone: '', amount: 2_000n, state: 'paid' });
});

asking('a deposit limit counts what is paid and what is under way, and its refusal stays under its key', async () => {
  const player = await house.register();
  await house.store.limits.set(player.id, [{ currency: 'KES', kind: 'deposit', period: 'day', amount: 10_000n }]);
  const { id } = await house.deposit(player, 60, { phone: '0711000010' });
  await house.becomes(player, id, 'paid');
  const key = newKey();
  assert.is((await house.deposit(player, 41, { key, phone: '0711000010' })).json.code, 'limit_reached');
  house.customers({ callbacks: 0, query: 'pending' });
  assert.is((await house.deposit(player, 40, { phone: '0711000010' })).status, 202);
  await house.cashier.idle();
  house.clock.pass(61_000);
  assert.is((await house.deposit(player, 1, { phone: '0711000010' })).json.code, 'limit_reached', 'what is under way counts');
  const [limit] = (await house.store.limits.card(player.id)).limits;
  assert.equal([limit!.amount, limit!.used], [10_000n, 10_000n]);
  await house.store.limits.set(player.id, [{ currency: 'KES', kind: 'deposit', period: 'day', amount: 10n }]);
  assert.is(
    (await house.deposit(player, 41, { key, phone: '0711000010' })).json.code,
    'limit_reached',
    'the same answer for ever',
  );
  assert.is((await house.deposit(player, 42, { key, phone: '0711000010' })).json.code, 'request_reused');
});

asking('a pause stops deposits and leaves withdrawals open', async () => {
  house.customers({});
  const player = await house.register();
  await house.give(player, 100);
  await house.store.limits.exclude(player.id, null);
  assert.is((await house.deposit(player, 20, { phone: '0711000011' })).json.code, 'self_excluded');
  const { status } = await house.withdraw(player, 20, { phone: '0711000011' });
  assert.is(status, 202);
  await house.cashier.idle();
});

asking('with real money off, or without a provider, there are no payments, and the house says so', async () => {
  const off = await openRest();
  const on = await openRest({ settings: { realMoney: true } });
  const body = { amount: { currency: 'KES', amount: '2000' }, phone: PHONE };
  for (const [rest, code] of [
    [off, 'real_money_off'],
    [on, 'unavailable'],
  ] as const) {
    const player = await rest.register();
    for (const path of ['deposit', 'withdraw'])
      assert.is(
        (await rest.refused('POST', `/api/payments/${path}`, { token: player.accessToken, key: newKey(), body }))[1],
        code,
      );
    assert.ok((await switchedOffAt(rest)).includes('mpesa'));
    await rest.close();
  }
  assert.not.ok((await switchedOffAt(house)).includes('mpesa'));
});

const switchedOffAt = async ({ ask }: Pick<Rest, 'ask'>): Promise<string[]> =>
  (await ask('GET', '/health/ready')).json.switchedOff as string[];

asking.run();
