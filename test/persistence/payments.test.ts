// Races over payments on a real PostgreSQL: two houses, each with its own store, client and door, on one database and one provider.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pushCallback, payoutResult } from '../../providers/sandbox/mpesa-bodies.ts';
import { booksAreRight, BY, openTill, PHONE, type Till } from '../support/payments.ts';
import { startPostgres } from '../support/postgres.ts';
import { newKey, type SignedIn } from '../support/rest.ts';
import { serverStore } from '../support/store.ts';

const postgres = await startPostgres({ settings: { log_min_messages: 'fatal' } });
const url = await postgres.database();
const stores = [await serverStore(url, { fresh: true }), await serverStore(url, { fresh: false, salt: 'two' })] as const;
const one = await openTill({ store: stores[0] });
const two = await openTill({ store: stores[1], sandbox: one.sandbox });
const player = await one.register();

const races = suite('persistence/payments');
races.before.each(() => one.customers({}));
races.after.each(() => booksAreRight(one));
races.after(async () => {
  await two.close();
  await one.close();
  await Promise.all(stores.map((store) => store.close()));
  await postgres.stop();
});

const SAME = 100;
const both = <T>(work: (till: Till) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: SAME }, () => [work(one), work(two)]).flat());
const idle = () => Promise.all([one.cashier.idle(), two.cashier.idle()]);
/** Both clocks turn together. */
const later = async (ms: number) => {
  for (const { clock } of [one, two]) clock.pass(ms);
  return Promise.all([one.cashier.round(), two.cashier.round()]);
};

races('200 deposit requests at once, the same, on two processes: one prompt, one credit, one answer', async () => {
  one.customers({ callbackMs: 'early' });
  const key = newKey();
  const told = await both((till) => till.deposit(player, 150, { key }));
  assert.equal([...new Set(told.map(({ status }) => status))], [202]);
  assert.is(new Set(told.map(({ text }) => text)).size, 1);
  assert.is(told.filter(({ headers }) => headers.get('idempotency-replayed') === null).length, 1);
  await one.becomes(player, told[0]!.id, 'paid');
  await idle();
  assert.is(one.sandbox.pushes.length, 1);
  assert.equal(await two.shillings(player), [150, 0]);
});

races('200 withdrawal requests at once, the same: one hold, one payout', async () => {
  const key = newKey();
  const told = await both((till) => till.withdraw(player, 100, { key }));
  assert.equal([...new Set(told.map(({ text }) => text))], [told[0]!.text]);
  await one.becomes(player, told[0]!.id, 'paid');
  assert.is(one.sandbox.payouts.length, 1);
  assert.equal(await one.shillings(player), [50, 0]);
});

races('200 that all are too much get the same no, and leave nothing held', async () => {
  const key = newKey();
  const told = await both((till) => till.withdraw(player, 200, { key }));
  assert.equal([...new Set(told.map(({ json }) => json.code))], ['funds_short']);
  assert.equal(await one.shillings(player), [50, 0]);
});

races('different withdrawals at once never take more than there is', async () => {
  const rich = await one.register();
  await one.give(rich, 100);
  const told = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).withdraw(rich, 30)));
  assert.is(told.filter(({ status }) => status === 202).length, 3);
  await idle();
  for (const { id, status } of told) if (status === 202) await one.becomes(rich, id, 'paid');
  assert.equal(await one.shillings(rich), [10, 0]);
});

races('deposits at once stay within a limit together', async () => {
  const limited = await one.register();
  await one.store.limits.set(limited.id, [{ currency: 'KES', kind: 'deposit', period: 'day', amount: 10_000n }]);
  one.customers({ callbackMs: 'early' });
  const orders = Array.from({ length: 10 }, (_, index) =>
    (index % 2 ? one : two).store.payments
      .deposit({ playerId: limited.id, amount: 6_000n, phone: `25471100000${index}`, requestId: newKey() })
      .then(
        () => 'done',
        (error: { code: string }) => error.code,
      ),
  );
  const told = await Promise.all(orders);
  assert.is(told.filter((answer) => answer === 'done').length, 1);
});

async function waitingDeposit(who: SignedIn, shillings: number) {
  one.customers({ callbacks: 0, query: 'pending' });
  const { id } = await one.deposit(who, shillings, { phone: `2547${String(20_000_000 + ++phones)}` });
  await idle();
  const push = one.sandbox.pushes.at(-1)!;
  /** The callback at the door of either house. */
  const says = (till: Till, more: Parameters<typeof pushCallback>[1] = {}) =>
    one.sandbox.deliver(push.callbackUrl.replace(one.url, till.url), pushCallback(push, more));
  return { id, push, says };
}
let phones = 0;

races('one callback at both doors at once, the query at the same time: one credit', async () => {
  for (let tries = 0; tries < 5; tries++) {
    const who = await one.register();
    const { id, push, says } = await waitingDeposit(who, 40);
    push.plan = { ...push.plan, query: 'truth' };
    for (const { clock } of [one, two]) clock.pass(25_000);
    await Promise.all([says(one), says(two), says(one), one.cashier.round(), two.cashier.round(), says(two)]);
    await idle();
    await later(10_000);
    assert.is(await one.state(who, id), 'paid');
    assert.equal(await one.shillings(who), [40, 0]);
  }
});

races('two payments that claim one receipt at the same time: one is paid, the other is for a person', async () => {
  const [ann, bob] = [await one.register(), await one.register()];
  const [first, second] = [await waitingDeposit(ann, 40), await waitingDeposit(bob, 40)];
  await Promise.all([first.says(one, { receipt: 'SBSHARED01' }), second.says(two, { receipt: 'SBSHARED01' })]);
  await idle();
  const states = [await one.state(ann, first.id), await one.state(bob, second.id)];
  assert.equal(states.toSorted(), ['needs_review', 'paid']);
  const credits = [await one.shillings(ann), await one.shillings(bob)].map(([free]) => free);
  assert.equal(
    credits.toSorted((a, b) => a - b),
    [0, 40],
  );
  const loser = states[0] === 'paid' ? second : first;
  await loser.says(one);
  await idle();
  assert.equal([await one.state(ann, first.id), await one.state(bob, second.id)], ['paid', 'paid']);
});

races('a payout’s result, its status and an operator at once: the hold is resolved once', async () => {
  for (let tries = 0; tries < 5; tries++) {
    const who = await one.register();
    await one.give(who, 100);
    one.customers({}, { notice: 'none' });
    const { id } = await one.withdraw(who, 60);
    await idle();
    const sent = one.sandbox.payouts.at(-1)!;
    for (const { clock } of [one, two]) clock.pass(61_000);
    const body = payoutResult(sent);
    await Promise.all([
      one.sandbox.deliver(sent.resultUrl, body),
      one.sandbox.deliver(sent.resultUrl.replace(one.url, two.url), body),
      one.cashier.round(),
      two.cashier.round(),
      two.store.payments.confirm(id, sent.receipt, BY),
    ]);
    await idle();
    await one.becomes(who, id, 'paid');
    assert.equal(await one.shillings(who), [40, 0]);
  }
});

races('what two processes find due is looked after by one of them', async () => {
  const whos = await Promise.all(Array.from({ length: 8 }, () => one.register()));
  const ids: string[] = [];
  for (const who of whos) ids.push((await waitingDeposit(who, 30)).id);
  const before = one.sandbox.asked.get('/mpesa/stkpushquery/v1/query') ?? 0;
  for (const { clock } of [one, two]) clock.pass(21_000);
  const rounds = await Promise.all([one.cashier.round(), two.cashier.round()]);
  const looked = rounds.reduce((sum, { payments }) => sum + payments, 0);
  assert.is(looked, (one.sandbox.asked.get('/mpesa/stkpushquery/v1/query') ?? 0) - before);
  const asks = await one.db.rows<{ asks: number }>('select distinct asks from payment where id = any($1::uuid[])', [ids]);
  assert.equal(asks, [{ asks: 1 }]);
});

races('a process that dies between the claim and the sending leaves it to be asked about, never to be sent', async () => {
  const who = await one.register();
  await one.give(who, 100);
  const order = { playerId: who.id, amount: 5_000n, phone: PHONE, requestId: newKey() };
  const { payment } = await two.store.payments.withdraw(order);
  assert.ok(await two.store.payments.claim(payment.id));
  assert.is(await one.store.payments.claim(payment.id), null);
  const before = one.sandbox.payouts.length;
  for (let minutes = 0; minutes < 10; minutes++) await later(60_000);
  assert.equal([await one.state(who, payment.id), one.sandbox.payouts.length], ['submitted', before]);
  assert.equal(await one.shillings(who), [50, 50]);
  assert.is((await one.store.payments.close(payment.id, BY))?.payment.state, 'failed');
  assert.equal(await one.shillings(who), [100, 0]);
});

races('a process that dies before the claim leaves it to the other, which sends it', async () => {
  const who = await one.register();
  await one.give(who, 100);
  const { payment } = await two.store.payments.withdraw({ playerId: who.id, amount: 5_000n, phone: PHONE, requestId: newKey() });
  await later(6_000);
  await idle();
  await one.becomes(who, payment.id, 'paid');
  assert.equal(await one.shillings(who), [50, 0]);
});

races('both make do with one token: whoever ends it, one new one is made', async () => {
  const shelves = [one, two].map(({ store }) => store.providerTokens.shelf('race'));
  let made = 0;
  const make = async () => {
    const token = `token ${++made}`;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return { token, seconds: 3_599 };
  };
  const renewAll = (stale: string | null) =>
    Promise.all(Array.from({ length: 10 }, (_, index) => shelves[index % 2]!.renew(stale, make)));
  assert.equal([...new Set(await renewAll(null))], ['token 1']);
  assert.equal([...new Set(await renewAll('token 1'))], ['token 2']);
  assert.equal(await shelves[1]!.renew('token 1', make), 'token 2', 'who comes late takes what is there');
  assert.is(made, 2);
  const [kept] = await one.db.rows<{ sealed: Uint8Array }>("select sealed from provider_token where name = 'race'");
  assert.not.ok(Buffer.from(kept!.sealed).toString('latin1').includes('token'), 'sealed at rest');
  await one.db.rows("update provider_token set expires_at = now() - interval '1 second' where name = 'race'");
  assert.is(await shelves[0]!.current(), null, 'an old one is none');
  assert.equal([...new Set(await renewAll(null))], ['token 3']);
  const failing = () => Promise.reject(new Error('no provider'));
  let told = '';
  await shelves[0]!.renew('token 3', failing).catch((error: Error) => (told = error.message));
  assert.is(told, 'no provider');
  assert.is(await shelves[1]!.renew('token 3', make), 'token 4', 'a failure leaves no lease behind');
});

races('connections cut while callbacks come: each is credited once', async () => {
  const whos = await Promise.all(Array.from({ length: 12 }, () => one.register()));
  const waiting = [];
  for (const who of whos) waiting.push({ who, ...(await waitingDeposit(who, 25)) });
  const saying = waiting.flatMap(({ says }) => [says(one), says(two)]);
  await postgres.cutConnections();
  await Promise.all(saying);
  await postgres.cutConnections();
  await idle();
  for (const { says } of waiting) await says(one);
  await idle();
  for (let rounds = 0; rounds < 3; rounds++) await later(20_000);
  for (const { who, id } of waiting) assert.equal([await one.state(who, id), await one.shillings(who)], ['paid', [25, 0]]);
});

races('twenty players, two requests each and two processes, at once to one phone: one prompt', async () => {
  const players = await Promise.all(Array.from({ length: 20 }, () => one.register()));
  for (let time = 0; time < 3; time++) {
    const pushes = one.sandbox.pushes.length;
    const phone = `25471100000${time}`;
    one.customers({ callbacks: 0, query: 'pending' });
    const told = await Promise.all(
      players.flatMap((each) => [one.deposit(each, 10, { phone }), two.deposit(each, 20, { phone })]),
    );
    const taken = told.filter(({ status }) => status === 202);
    assert.is(taken.length, 1);
    assert.equal([...new Set(told.filter(({ status }) => status !== 202).map(({ json }) => json.code))], ['payment_open']);
    await idle();
    assert.is(one.sandbox.pushes.length, pushes + 1);
  }
});

races.run();
