import { randomUUID } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BatchPayout, signedBatch } from '../../providers/sandbox/pool.ts';
import { SANDBOX_DONATION_ADDRESS, SANDBOX_PAYER_ADDRESS } from '../../providers/sandbox/coin-daemon.ts';
import { ADVC, coinMessageHash } from '../../providers/wallet-proofs.ts';
import { addressOf, apOf, coins, link, openMine, POOL_SECRET } from '../support/mining.ts';
import { noProviders } from '../support/providers.ts';
import { openRest, type Json } from '../support/rest.ts';
import { memoryStore } from '../support/store.ts';

const opened = await memoryStore();
const mine = await openMine(opened);
const rest = await openRest({ store: opened });
const off = await openRest({ store: opened });
rest.house.providers = { ...noProviders(), mining: mine.desk };
const { store, clock, ask, refused } = rest;
const BATCH = '/api/mining/rewards';

const one = (payoutId: string, address: string, amount: bigint, more: Partial<BatchPayout> = {}): BatchPayout => ({
  payoutId,
  address,
  amount: String(amount),
  txid: null,
  vout: null,
  paidAt: null,
  ...more,
});
const sealed = (payouts: readonly BatchPayout[], more: { pool?: string; secret?: string; atMs?: number } = {}) =>
  signedBatch({ pool: 'acme', secret: POOL_SECRET, atMs: clock.now().getTime(), ...more, payouts });
const send = async ({ headers, body }: { headers: Record<string, string>; body: string }) =>
  ask('POST', BATCH, { headers, body });
const codeOf = async (batch: { headers: Record<string, string>; body: string }) => (await send(batch)).json.code;

let wallets = 0;
async function owner() {
  const player = await rest.register();
  const address = addressOf(`owner ${++wallets}`);
  assert.is(await link(opened, player.id, address), 'done');
  return { ...player, address };
}
const ap = (playerId: string) => apOf(opened, playerId);

const mining = suite('http/mining');
mining.after(async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  await off.close();
  await rest.close();
  await mine.close();
  await opened.close();
});

mining('a pool’s signed batch becomes AP, and the same payouts signed again are known', async () => {
  const { id, address } = await owner();
  const payouts = [one('1', address, coins(1)), one('2', address, coins(2))];
  assert.equal((await send(sealed(payouts))).json, { accepted: 2, known: 0, conflicts: [], invalid: [] });
  clock.pass(1_000);
  assert.equal((await send(sealed(payouts))).json, { accepted: 0, known: 2, conflicts: [], invalid: [] });
  await store.mining.credit();
  assert.is(await ap(id), 30n);
});

mining('forged, unsigned, stale and replayed batches are refused and leave nothing', async () => {
  const { id, address } = await owner();
  const payouts = [one('forged', address, coins(1_000))];
  const good = sealed(payouts);
  const bent = (headers: Record<string, string>, body = good.body) => ({ headers: { ...good.headers, ...headers }, body });
  const cases: [string, { headers: Record<string, string>; body: string }, string][] = [
    ['another secret', sealed(payouts, { secret: 'x'.repeat(32) }), 'unauthenticated'],
    ['another pool', bent({ 'x-pool': 'other' }), 'unauthenticated'],
    ['another time', bent({ 'x-timestamp': String(Number(good.headers['x-timestamp']) + 1) }), 'unauthenticated'],
    ['another amount', bent({}, good.body.replace('100000000000', '900000000000')), 'unauthenticated'],
    ['a space more', bent({}, `${good.body} `), 'unauthenticated'],
    ['no signature', { headers: { 'content-type': 'application/json' }, body: good.body }, 'unauthenticated'],
    ['junk for a signature', bent({ 'x-signature': 'zz'.repeat(32) }), 'unauthenticated'],
    ['junk for a body, not signed', bent({}, '{{{{'), 'unauthenticated'],
    ['too old', sealed(payouts, { atMs: clock.now().getTime() - 301_000 }), 'batch_stale'],
    ['too new', sealed(payouts, { atMs: clock.now().getTime() + 301_000 }), 'batch_stale'],
  ];
  for (const [what, batch, code] of cases) assert.is(await codeOf(batch), code, what);
  await store.mining.credit();
  assert.is(await ap(id), 0n);
  assert.is((await send(good)).status, 200);
  assert.is(await codeOf(good), 'batch_replayed');
  await store.mining.credit();
  assert.is(await ap(id), 10_000n);
});

mining('a batch that is signed and still wrong is malformed, all of it', async () => {
  const { address } = await owner();
  const wrong: unknown[] = [
    [],
    [one('', address, 1n)],
    [{ ...one('a', address, 1n), amount: 5 }],
    [{ ...one('a', address, 1n), amount: '-5' }],
    [{ ...one('a', address, 1n), amount: '0' }],
    [{ ...one('a', address, 1n), amount: '1.5' }],
    [{ ...one('a', address, 1n), amount: '30000000000000001' }],
    [{ ...one('a', address, 1n), payoutId: null }],
    [{ ...one('a', address, 1n), payoutId: null, txid: 'ab'.repeat(32) }],
    [{ ...one('a', address, 1n), vout: 1 }],
    [{ ...one('a', address, 1n), player: 'me' }],
    [one('fine', address, 1n), { ...one('a', address, 1n), txid: 'AB'.repeat(32), vout: 0 }],
    Array.from({ length: 1_001 }, (_one, n) => one(`many-${n}`, address, 1n)),
  ];
  for (const payouts of wrong) {
    clock.pass(1_000);
    assert.is(await codeOf(sealed(payouts as BatchPayout[])), 'malformed', JSON.stringify(payouts).slice(0, 80));
  }
  const many = Array.from({ length: 1_000 }, (_one, n) => one(`${'x'.repeat(90)}${n}`, address, 1n, { txid: null }));
  assert.is((await send(sealed(many))).json.accepted, 1_000, 'a thousand fit');
  assert.is((await send(sealed([one('z'.repeat(100), address, 1n)]))).status, 200);
  const huge = sealed([one('y', address, 1n)]);
  assert.is(await codeOf({ ...huge, body: huge.body.padEnd(400_000) }), 'too_large');
});

mining('what goes to no address of the coin is left out, by its place', async () => {
  const { id, address } = await owner();
  const bad = [
    'AST9CekEhDWuxHPynRmeyjg5biNFSijvb4',
    '1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH',
    'A',
    'advc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgv5ylq',
  ];
  const payouts = [one('v0', address, coins(1)), ...bad.map((text, n) => one(`v${n + 1}`, text, coins(1)))];
  assert.equal((await send(sealed(payouts))).json, { accepted: 1, known: 0, conflicts: [], invalid: [1, 2, 3, 4] });
  await store.mining.credit();
  assert.is(await ap(id), 10n);
});

mining('a payout whose amount changes is named, and credited once at most', async () => {
  const { id, address } = await owner();
  await send(sealed([one('w', address, coins(1))]));
  await store.mining.credit();
  const changed = await send(sealed([one('w2', address, coins(1)), one('w', address, coins(7))]));
  assert.equal(changed.json, { accepted: 1, known: 0, conflicts: [1], invalid: [] });
  await store.mining.credit();
  assert.is(await ap(id), 20n);
});

mining('batches out of order come to the same', async () => {
  const { id, address } = await owner();
  const batches = Array.from({ length: 6 }, (_one, n) =>
    sealed([one(`o${n}`, address, 15_000_000n), one(`o${(n + 1) % 6}`, address, 15_000_000n)], {
      atMs: clock.now().getTime() + n * 1_000,
    }),
  );
  for (const batch of [3, 0, 5, 1, 4, 2].map((n) => batches[n]!)) {
    assert.is((await send(batch)).status, 200);
    await store.mining.credit();
  }
  assert.is(await ap(id), 9n); // 6 × 1.5
});

mining('where mining is switched off, batches and donations are refused', async () => {
  const { accessToken: token } = await rest.register();
  const { headers, body } = sealed([one('off', addressOf('off'), 1n)]);
  assert.equal(await off.refused('POST', BATCH, { headers, body }), [503, 'unavailable']);
  const wanted = { address: addressOf('off'), by: 'donation' };
  assert.equal(await off.refused('POST', '/api/mining/wallets', { token, body: wanted }), [503, 'unavailable']);
  assert.equal((await off.ask('GET', '/api/mining/wallets', { token })).json.donations, false);
});

/** `signmessage` of a key of ours. */
function signMessage(key: Uint8Array, text: string): string {
  const signature = secp256k1.sign(coinMessageHash(text, ADVC.magic), key, { prehash: false, format: 'recovered' });
  return Buffer.from([31 + signature[0]!, ...signature.subarray(1)]).toString('base64');
}

mining('a wallet is linked by a signed message, and what it was paid before comes with it', async () => {
  const { id, accessToken: token } = await rest.register();
  const address = 'AST9CekEhDWuxHPynRmeyjg5biNFSijvb3'; // of the private key 1
  const key = Uint8Array.from({ length: 32 }, (_one, n) => (n === 31 ? 1 : 0));
  await send(sealed([one('before', address, coins(4))]));
  const challenge = async () => (await ask('POST', '/api/mining/wallets', { token, body: { address } })).json;
  const verify = (challengeId: unknown, signature: string, to = address) =>
    refused('POST', `/api/mining/wallets/${to}/verify`, { token, body: { challengeId, signature } });
  const asked = await challenge();
  assert.match(String(asked.message), new RegExp(`${id}.*${address}`));
  assert.equal(await verify(asked.challengeId, signMessage(key, 'something else')), [422, 'proof_invalid']);
  assert.equal(
    await verify(asked.challengeId, signMessage(key, String(asked.message))),
    [409, 'challenge_invalid'],
    'asked once, answered once',
  );
  const again = await challenge();
  assert.equal(await verify(again.challengeId, signMessage(key, String(again.message)), addressOf('other')), [
    409,
    'challenge_invalid',
  ]);
  assert.equal(await verify(randomUUID(), signMessage(key, 'x')), [409, 'challenge_invalid']);
  const last = await challenge();
  const signature = signMessage(key, String(last.message));
  const verified = await ask('POST', `/api/mining/wallets/${address}/verify`, {
    token,
    body: { challengeId: last.challengeId, signature },
  });
  assert.equal(verified.json, { address, state: 'linked', confirmations: 0, needed: 0 });
  await store.mining.credit();
  const { json } = await ask('GET', '/api/mining/wallets', { token });
  const [wallet] = json.items as Json[];
  assert.equal([wallet!.address, wallet!.proof, wallet!.ap, wallet!.units], [address, 'signature', '40', '400000000']);
  assert.equal([json.apPerCoin, json.debt, json.donations, json.confirmations], ['10', '0', true, 6]);
  const { accessToken: other } = await rest.register();
  const { challengeId, message } = (await ask('POST', '/api/mining/wallets', { token: other, body: { address } })).json;
  const taken = { challengeId, signature: signMessage(key, String(message)) };
  assert.equal(await refused('POST', `/api/mining/wallets/${address}/verify`, { token: other, body: taken }), [
    409,
    'wallet_taken',
  ]);
});

mining('a wallet is linked by a donation, and the way there is told', async () => {
  const { accessToken: token } = await rest.register();
  const address = addressOf('donating');
  const path = `/api/mining/wallets/${address}/verify`;
  assert.equal(await refused('POST', path, { token, body: {} }), [409, 'challenge_invalid'], 'none was asked for');
  const { json } = await ask('POST', '/api/mining/wallets', { token, body: { address, by: 'donation' } });
  assert.equal([json.donationAddress, json.confirmations], [SANDBOX_DONATION_ADDRESS, 6]);
  const state = async () => (await ask('POST', path, { token, body: {} })).json;
  await mine.miner.round();
  assert.equal(await state(), { address, state: 'waiting', confirmations: 0, needed: 6 });
  mine.coin.chain.pay(address, [{ address: SANDBOX_DONATION_ADDRESS, amount: BigInt(String(json.amount)) }]);
  mine.coin.chain.mine(2);
  await mine.miner.round();
  assert.equal(await state(), { address, state: 'waiting', confirmations: 2, needed: 6 });
  mine.coin.chain.mine(4);
  await mine.miner.round();
  assert.equal((await state()).state, 'linked');
});

mining('wallets that are none, or nobody’s to link, are refused', async () => {
  const { accessToken: token } = await rest.register();
  const { address } = await owner();
  const guest = (await ask('POST', '/api/auth/guest', { body: {} })).json.accessToken as string;
  const wanted = async (text: string, by = 'donation', who = token) =>
    (await refused('POST', '/api/mining/wallets', { token: who, body: { address: text, by } }))[1];
  assert.is(await wanted('1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH'), 'wallet_invalid');
  assert.is(await wanted('AST9CekEhDWuxHPynRmeyjg5biNFSijvb4'), 'wallet_invalid');
  assert.is(await wanted(SANDBOX_PAYER_ADDRESS), 'wallet_taken');
  assert.is(await wanted(SANDBOX_PAYER_ADDRESS, 'message'), 'wallet_taken');
  assert.is(await wanted(SANDBOX_DONATION_ADDRESS), 'wallet_taken');
  assert.is(await wanted(address), 'wallet_taken');
  assert.is(await wanted(addressOf('x'), 'donation', guest), 'forbidden');
  assert.is(await wanted(addressOf('x'), 'promise'), 'malformed');
  for (let n = 0; n < 5; n++) assert.is(await wanted(addressOf(`open ${n}`)), 'done');
  assert.is(await wanted(addressOf('open 5')), 'limit_reached');
});

mining('a player reads what was paid to them a page at a time, and nobody else’s', async () => {
  const { accessToken: token, address } = await owner();
  const txid = 'cd'.repeat(32);
  await send(
    sealed([one('e1', address, coins(1)), one('e2', address, coins(2)), one('e3', address, coins(3), { txid, vout: 7 })]),
  );
  const first = (await ask('GET', '/api/mining/events?limit=2', { token })).json;
  const second = (await ask('GET', `/api/mining/events?limit=2&cursor=${String(first.nextCursor)}`, { token })).json;
  const seen = [...(first.items as Json[]), ...(second.items as Json[])];
  assert.equal(
    seen.map(({ amount, state, txid: of }) => [amount, state, of]),
    [
      ['300000000', 'waiting', txid],
      ['200000000', 'counted', null],
      ['100000000', 'counted', null],
    ],
  );
  assert.is(second.nextCursor, null);
  assert.equal(await refused('GET', '/api/mining/events?cursor=9999999999999999999', { token }), [400, 'malformed']);
  const { accessToken: other } = await rest.register();
  assert.equal((await ask('GET', '/api/mining/events', { token: other })).json, { items: [], nextCursor: null });
});

const ADMIN: [string, string, Json | undefined][] = [
  ['GET', '/api/admin/mining', undefined],
  ['GET', '/api/admin/mining/review', undefined],
  ['POST', '/api/admin/mining/review/1', { verdict: 'accept', reason: 'x' }],
];

mining('what is for operators is refused to strangers and players', async () => {
  const { accessToken: token } = await rest.register();
  for (const [method, path, body] of ADMIN) {
    assert.equal(await refused(method, path, { body }), [401, 'unauthenticated'], path);
    assert.equal(await refused(method, path, { body, token }), [403, 'forbidden'], path);
  }
});

mining('an operator sees the figures and decides what is in review, once', async () => {
  const { accessToken: token, email, id: admin } = await rest.register();
  await store.players.grantAdmin(email);
  const { id, address } = await owner();
  await send(sealed([one('adm', address, coins(1))]));
  clock.pass(1_000);
  await send(sealed([one('adm', address, coins(2))]));
  const { items } = (await ask('GET', '/api/admin/mining/review?limit=100', { token })).json as { items: Json[] };
  const found = items.find(({ key }) => key === 'id:adm')!;
  assert.equal([found.state, found.review, (found.said as Json).amount], ['due', 'told_otherwise', '200000000']);
  const decide = (body: Json) => refused('POST', `/api/admin/mining/review/${String(found.id)}`, { token, body });
  assert.equal(await decide({ verdict: 'accept' }), [400, 'malformed'], 'a reason is asked for');
  assert.equal(await decide({ verdict: 'accept', reason: 'their ticket 7' }), [204, 'done']);
  assert.equal(await decide({ verdict: 'refuse', reason: 'no' }), [404, 'not_found']);
  await store.mining.credit();
  assert.is(await ap(id), 10n);
  const [act] = await store.auditLog.page({ limit: 1, before: null });
  assert.equal([act!.actorId, act!.action, act!.after!.reason], [admin, 'mining.accept', 'their ticket 7']);
  const { json } = await ask('GET', '/api/admin/mining', { token });
  assert.equal([json.on, json.confirms, typeof json.chainHeight], [true, true, 'number']);
});

mining.run();
