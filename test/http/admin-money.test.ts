import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { routes } from '../../http/routes.ts';
import { newKey, openRest, type Json } from '../support/rest.ts';
import { give } from '../support/store.ts';
import { actsOn, operator } from '../support/staff.ts';

const rest = await openRest();
const { ask, refused, store, clock, coins } = rest;
const one = await operator(rest, 'treasurer');
const two = await operator(rest, 'treasurer');
const HOUR_MS = 3_600_000;
const balance = async (playerId: string) => (await coins(playerId)).available;
const body = (playerId: string, amount: bigint | string, more: Json = {}): Json => ({
  playerId,
  currency: 'COINS',
  direction: 'to_player',
  amount: String(amount),
  reason: 'A spin was lost.',
  ...more,
});
const propose = (sent: Json, { by = one, key = newKey() } = {}) =>
  ask('POST', '/api/admin/corrections', { token: by.accessToken, key, body: sent });
const decide = (verb: 'consent' | 'decline', id: unknown, { by = two, key = newKey() } = {}) =>
  refused('POST', `/api/admin/corrections/${String(id)}/${verb}`, { token: by.accessToken, key, body: {} });
const stateOf = async (id: unknown) => (await store.corrections.one(String(id))).state;
const corrected = () => store.ledger.systemBalance('corrections', 'COINS');

const money = suite('http/admin-money');
money.after(() => rest.close());

money('within the limit a correction moves at once, either way, and the same key moves it once', async () => {
  const ann = await rest.register();
  const key = newKey();
  const before = await corrected();
  const first = await propose(body(ann.id, 300n), { key });
  assert.equal([first.status, first.json.state, first.json.alone, first.json.decider], [201, 'posted', true, null]);
  const again = await propose(body(ann.id, 300n), { key });
  assert.equal([again.json.id, again.headers.get('idempotency-replayed')], [first.json.id, 'true']);
  assert.is((await propose(body(ann.id, 301n), { key })).json.code, 'request_reused');
  await propose(body(ann.id, 100n, { direction: 'from_player' }));
  assert.equal([await balance(ann.id), (await corrected()) - before], [1_200n, -200n]);
  assert.equal(await actsOn(rest, `correction:${String(first.json.id)}`), [
    {
      actorId: one.id,
      action: 'correction.propose',
      before: null,
      after: { state: 'posted', playerId: ann.id, currency: 'COINS', direction: 'to_player', amount: '300', alone: true },
    },
  ]);
  const { items } = (await ask('GET', '/api/notifications', { token: ann.accessToken })).json as { items: Json[] };
  assert.equal(
    items.map(({ kind, data }) => [kind, (data as Json).amount]),
    [
      ['balance_corrected', '-100'],
      ['balance_corrected', '300'],
    ],
  );
});

money('every route of the desk that takes a key refuses to go without one', async () => {
  const keyed = routes.filter(({ idempotent, who }) => idempotent && who === 'admin').map(({ path }) => path);
  assert.equal(keyed, ['/api/admin/corrections', '/api/admin/corrections/:id/consent']);
  for (const path of keyed)
    for (const key of [undefined, 'one']) {
      const told = await refused('POST', path.replace(':id', newKey()), {
        token: one.accessToken,
        ...(key && { key }),
        body: {},
      });
      assert.equal(told, [400, 'idempotency_key_required'], path);
    }
});

money('what is no correction is refused and moves nothing', async () => {
  const ann = await rest.register();
  const before = [
    await corrected(),
    (await store.corrections.list({ limit: 100, before: null, state: null, playerId: null })).length,
  ];
  const cases: [Json, number, string][] = [
    [body(ann.id, '0'), 422, 'amount_invalid'],
    [body(ann.id, '-5'), 400, 'malformed'],
    [body(ann.id, '1.5'), 400, 'malformed'],
    [body(ann.id, '99999999999999999'), 400, 'malformed'],
    [body(ann.id, 5n, { reason: ' ' }), 400, 'malformed'],
    [body(ann.id, 5n, { reason: undefined }), 400, 'malformed'],
    [body(ann.id, 5n, { currency: 'EUR' }), 400, 'malformed'],
    [body(ann.id, 5n, { direction: 'both' }), 400, 'malformed'],
    [body(newKey(), 5n), 404, 'not_found'],
    [body(one.id, 5n), 403, 'own_proposal'],
    [body(ann.id, 1_001n, { direction: 'from_player' }), 402, 'funds_short'],
  ];
  for (const [sent, status, code] of cases) {
    const told = await propose(sent);
    assert.equal([told.status, told.json.code], [status, code], JSON.stringify(sent));
  }
  assert.is(
    (await ask('POST', '/api/admin/corrections', { token: one.accessToken, body: body(ann.id, 5n) })).json.code,
    'idempotency_key_required',
  );
  const after = [
    await corrected(),
    (await store.corrections.list({ limit: 100, before: null, state: null, playerId: null })).length,
  ];
  assert.equal([after, await balance(ann.id)], [before, 1_000n]);
});

money('above the limit another operator consents: never the proposer, never twice, never the player it is about', async () => {
  const [ann, player] = [await rest.register(), await operator(rest, 'treasurer')];
  const { json } = await propose(body(ann.id, 20_000n));
  assert.equal([json.state, json.alone, await balance(ann.id)], ['proposed', false, 1_000n]);
  assert.equal(await decide('consent', json.id, { by: one }), [403, 'own_proposal']);
  assert.equal(await decide('consent', newKey()), [404, 'not_found']);
  assert.equal([await balance(ann.id), await stateOf(json.id)], [1_000n, 'proposed']);
  const key = newKey();
  assert.equal(await decide('consent', json.id, { key }), [200, 'done']);
  assert.equal(await decide('consent', json.id, { key }), [200, 'done'], 'the same key gives the same answer');
  assert.equal(await decide('consent', json.id), [409, 'proposal_decided']);
  assert.equal(await decide('decline', json.id), [409, 'proposal_decided']);
  assert.equal([await balance(ann.id), await stateOf(json.id)], [21_000n, 'posted']);
  assert.equal(
    (await actsOn(rest, `correction:${String(json.id)}`)).map(({ action, actorId }) => [action, actorId]),
    [
      ['correction.propose', one.id],
      ['correction.consent', two.id],
    ],
  );
  const about = await propose(body(player.id, 20_000n));
  assert.equal(await decide('consent', about.json.id, { by: player }), [403, 'own_proposal']);
});

money('many small ones are one large one: what was moved alone in 24 hours counts together', async () => {
  const [ann, bob] = [await rest.register(), await rest.register()];
  const by = await operator(rest, 'treasurer');
  const states = async (sent: Json) => (await propose(sent, { by })).json.state;
  assert.is(await states(body(ann.id, 6_000n)), 'posted');
  assert.is(await states(body(bob.id, 500n, { direction: 'from_player' })), 'posted');
  assert.is(await states(body(bob.id, 4_000n)), 'proposed', '10,500 in a day');
  assert.is(await states(body(bob.id, 3_500n)), 'posted');
  assert.is(await states(body(bob.id, 1n)), 'proposed');
  await rest.db.rows("update correction set proposed_at = proposed_at - interval '24 hours' where proposer = $1", [by.id]);
  assert.is(await states(body(bob.id, 10_000n)), 'posted', 'a day later');
});

money('real money never moves by one operator alone', async () => {
  const ann = await rest.register();
  await give(store, { playerId: ann.id, currency: 'KES', amount: 5_000n });
  const { json } = await propose(body(ann.id, 1n, { currency: 'KES', direction: 'from_player' }));
  assert.is(json.state, 'proposed');
  assert.equal(await decide('consent', json.id), [200, 'done']);
  assert.is((await store.ledger.balance(ann.id, 'KES')).available, 4_999n);
});

money('a proposal is declined, taken back, or runs out; and it is consented to only while there is enough to take', async () => {
  const ann = await rest.register();
  await give(store, { playerId: ann.id, currency: 'COINS', amount: 50_000n });
  const take = body(ann.id, 40_000n, { direction: 'from_player' });
  const made = [await propose(take), await propose(take), await propose(take), await propose(take)].map(({ json }) => json.id);
  assert.equal(await decide('decline', made[0]), [200, 'done']);
  assert.equal(await decide('decline', made[1], { by: one }), [200, 'done']);
  assert.equal(await decide('consent', made[0]), [409, 'proposal_decided']);
  assert.equal(await decide('consent', made[2]), [200, 'done']);
  assert.equal(await decide('consent', made[3]), [402, 'funds_short']);
  assert.equal([await stateOf(made[3]), await balance(ann.id)], ['proposed', 11_000n], 'nothing has happened');
  await rest.db.rows('update correction set expires_at = $2 where id = $1', [made[3], new Date(clock.now().getTime() - HOUR_MS)]);
  assert.is(await stateOf(made[3]), 'expired');
  assert.equal(await decide('consent', made[3]), [409, 'proposal_decided']);
  assert.equal([await store.corrections.expire(), await store.corrections.expire()], [1, 0]);
  assert.equal(
    (await actsOn(rest, `correction:${String(made[3])}`)).map(({ action, actorId }) => [action, actorId]),
    [
      ['correction.propose', one.id],
      ['correction.expire', null],
    ],
  );
  const { items } = (await ask('GET', `/api/admin/corrections?state=declined&playerId=${ann.id}`, { token: two.accessToken }))
    .json;
  assert.is((items as Json[]).length, 2);
});

money('payments are looked at and decided by an operator’s word, once, with their name in the log', async () => {
  const ann = await rest.register();
  await give(store, { playerId: ann.id, currency: 'KES', amount: 100_000n });
  const order = { playerId: ann.id, amount: 20_000n, phone: '254711000111' };
  const { payment } = await store.payments.withdraw({ ...order, requestId: newKey() });
  await rest.db.rows("update payment set state = 'needs_review', reason = 'amount' where id = $1", [payment.id]);
  const token = one.accessToken;
  const { items } = (await ask('GET', '/api/admin/payments?state=needs_review', { token })).json as { items: Json[] };
  assert.equal(
    items.map(({ id, playerId, phone }) => [id, playerId, phone]),
    [[payment.id, ann.id, '2547*****111']],
  );
  const close = (id: string) => refused('POST', `/api/admin/payments/${id}/close`, { token, body: {} });
  assert.equal(await refused('POST', `/api/admin/payments/${payment.id}/confirm`, { token, body: { receipt: 'no!' } }), [
    400,
    'malformed',
  ]);
  assert.equal(await close(newKey()), [404, 'not_found']);
  assert.equal(await close(payment.id), [200, 'done']);
  assert.equal(await close(payment.id), [409, 'proposal_decided']);
  assert.is((await store.ledger.balance(ann.id, 'KES')).available, 100_000n);
  const acts = await actsOn(rest, `payment:${payment.id}`);
  assert.equal(
    acts.map(({ action, actorId }) => [action, actorId]),
    [['payment.close', one.id]],
  );
});

money('the ledger holds, and nothing in the log is an error', async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

money.run();
