// What an operator could do for themselves, and what somebody could who has stolen an operator's token and nothing else.
import { base32nopad } from '@scure/base';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { totpCode, totpStep } from '../../persistence/totp.ts';
import { openDiscordRest } from '../support/discord.ts';
import { coinWallet, openEntranceRest } from '../support/entrances.ts';
import { addressOf, coins, payout, tell } from '../support/mining.ts';
import { newKey, PASSWORD, type Json, type Rest, type SignedIn } from '../support/rest.ts';
import { give } from '../support/store.ts';
import { actsOn, operator, vouched } from '../support/staff.ts';

const rest = await openEntranceRest();
const discord = await openDiscordRest();
const { ask, refused, store, db, clock, sandbox } = rest;

/** With a second factor, and a session in which no code of it was said. */
async function guarded(at: Rest, role: 'admin' | 'reviewer' = 'admin'): Promise<SignedIn & { code(): string }> {
  const one = await operator(at, role);
  const told = await at.ask('POST', '/api/admin/totp/enrol', { token: one.accessToken, body: { password: PASSWORD } });
  const secret = base32nopad.decode(String(told.json.secret));
  const code = () => totpCode(secret, totpStep(at.clock.now()));
  await at.ask('POST', '/api/admin/totp/confirm', { token: one.accessToken, body: { code: code() } });
  const session = await at.ask('POST', '/api/auth/login', { body: { email: one.email, password: PASSWORD } });
  at.clock.pass(60_000);
  return { ...one, accessToken: String(session.json.accessToken), code };
}

const guards = suite('http/desk-guards');
guards.after(async () => {
  await discord.close();
  await rest.close();
});

guards('nobody decides a payment of their own, either way', async () => {
  const by = await operator(rest, 'treasurer');
  await give(store, { playerId: by.id, currency: 'KES', amount: 50_000n });
  const order = { playerId: by.id, amount: 20_000n, phone: '254711000111' };
  const { payment } = await store.payments.withdraw({ ...order, requestId: newKey() });
  await db.rows("update payment set state = 'needs_review', reason = 'amount' where id = $1", [payment.id]);
  const decide = (verb: string, body: Json, { accessToken: token }: SignedIn) =>
    refused('POST', `/api/admin/payments/${payment.id}/${verb}`, { token, body });
  assert.equal(await decide('confirm', { receipt: 'ABCDEF1234' }, by), [403, 'own_proposal']);
  assert.equal(await decide('close', {}, by), [403, 'own_proposal']);
  assert.equal(await actsOn(rest, `payment:${payment.id}`), []);
  assert.is((await store.ledger.balance(by.id, 'KES')).available, 30_000n);
  assert.equal(await decide('close', {}, await operator(rest, 'treasurer')), [200, 'done']);
});

guards('how much one may correct alone is for root to say, not for those whom it binds', async () => {
  const [admin, root] = [await operator(rest, 'admin'), await operator(rest, 'root')];
  const path = '/api/admin/config/correctionLimitCOINS';
  const put = ({ accessToken: token }: SignedIn) => refused('PUT', path, { token, body: { value: '10000000' } });
  const reset = ({ accessToken: token }: SignedIn) => refused('DELETE', path, { token });
  assert.equal(await put(admin), [403, 'forbidden']);
  assert.is((await store.content.live()).correctionLimitCOINS, 10_000n);
  assert.equal(await put(root), [200, 'done']);
  assert.equal(await reset(admin), [403, 'forbidden']);
  assert.is((await store.content.live()).correctionLimitCOINS, 10_000_000n);
  assert.equal(await reset(root), [200, 'done']);
});

guards('an operator’s token alone opens no new way in to them: that takes the second factor', async () => {
  const one = await guarded(rest);
  const token = one.accessToken;
  const link = async () => {
    const idToken = await sandbox.idToken('google', { sub: newKey(), name: 'Thief' });
    return refused('POST', '/api/auth/social', { token, body: { provider: 'google', idToken } });
  };
  const wallet = coinWallet();
  const sign = async (path: string, body: Json) => {
    const { challengeId, message } = (await ask('POST', path, { token, body })).json;
    return { challengeId, signature: wallet.sign(String(message)) };
  };
  const verify = async () => {
    const body = await sign('/api/auth/wallet/challenge', { chain: 'advc', address: wallet.address });
    return refused('POST', '/api/auth/wallet/verify', { token, body });
  };
  const mine = async () => {
    const body = await sign('/api/mining/wallets', { address: wallet.address });
    return refused('POST', `/api/mining/wallets/${wallet.address}/verify`, { token, body });
  };
  for (const way of [link, verify, mine]) assert.equal(await way(), [403, 'step_up_required']);
  const donate = { address: wallet.address, by: 'donation' };
  assert.equal(await refused('POST', '/api/mining/wallets', { token, body: donate }), [403, 'step_up_required']);
  const ways = await db.rows(
    'select player from identity where player = $1 union all select player from wallet where player = $1',
    [one.id],
  );
  assert.equal(ways, []);
  await ask('POST', '/api/admin/step-up', { token, body: { code: one.code() } });
  for (const way of [link, verify]) assert.equal(await way(), [200, 'done']);
});

guards('nor does it bring a code with which Discord would take anybody for them', async () => {
  const one = await guarded(discord);
  const codes = () => discord.refused('POST', '/api/discord/link-codes', { token: one.accessToken, body: {} });
  assert.equal(await codes(), [403, 'step_up_required']);
  await discord.ask('POST', '/api/admin/step-up', { token: one.accessToken, body: { code: one.code() } });
  assert.equal(await codes(), [201, 'done']);
});

guards('a code for Discord goes with the sessions: a thief who is shut out has none left', async () => {
  const ann = await rest.register();
  const { code } = await store.discord.newCode(ann.id);
  const body = { currentPassword: PASSWORD, newPassword: `${PASSWORD} and more` };
  assert.equal(await refused('POST', '/api/auth/password', { token: ann.accessToken, body }), [204, 'done']);
  const taken = await store.discord.takeCode(code).catch((error: unknown) => error);
  assert.is((taken as { code?: string }).code, 'link_invalid');
});

guards('nobody reviews a payout to a wallet of their own', async () => {
  const [by, other] = [await operator(rest, 'reviewer'), await operator(rest, 'reviewer')];
  const address = addressOf('reviewer');
  await db.transaction((em) => store.wallets.linkIn(em, { playerId: by.id, chain: 'advc', address, proof: 'signature' }));
  const told = payout('g1', address, coins(5));
  await tell(rest, [told]);
  await tell(rest, [{ ...told, amount: coins(4) }]);
  const [waiting] = await store.mining.inReview({ limit: 10, after: null });
  const decide = ({ accessToken: token }: SignedIn) =>
    refused('POST', `/api/admin/mining/review/${String(waiting!.id)}`, { token, body: { verdict: 'accept', reason: 'mine' } });
  assert.equal(await decide(by), [403, 'forbidden']);
  assert.is((await store.mining.inReview({ limit: 10, after: null })).length, 1);
  assert.equal(await decide(other), [204, 'done']);
});

guards('an address that a stranger registered before it was root’s lets no stranger in', async () => {
  const early = await rest.register();
  await vouched(rest, early.id);
  const linked = { playerId: early.id, provider: 'google' as const, subject: 'stranger', name: 'Stranger' };
  await db.transaction((em) => store.identities.linkIn(em, linked));
  await db.transaction((em) =>
    store.wallets.linkIn(em, { playerId: early.id, chain: 'advc', address: addressOf('stranger'), proof: 'signature' }),
  );
  const { code } = await store.discord.newCode(early.id);
  await store.players.ensureRootAdmin({ email: early.email, password: 'a long and new one' });
  assert.ok((await store.players.found(early.id)).roles.includes('root'));
  assert.equal([await store.identities.list(early.id), await store.wallets.list(early.id)], [[], []]);
  const taken = await store.discord.takeCode(code).catch((error: unknown) => error);
  assert.is((taken as { code?: string }).code, 'link_invalid');
  clock.pass(1);
  await db.transaction((em) => store.identities.linkIn(em, { ...linked, subject: 'root’s own' }));
  await store.players.ensureRootAdmin({ email: early.email, password: 'another long one' });
  assert.is((await store.identities.list(early.id)).length, 1, 'what root linked since stays');
});

guards('a token that Google made for another sign-in is none without that one’s state', async () => {
  const { json } = await ask('POST', '/api/auth/social/start', { body: { provider: 'google' } });
  const nonce = new URL(String(json.url)).searchParams.get('nonce');
  const idToken = await sandbox.idToken('google', { sub: 'overheard', name: 'Ann', nonce });
  assert.equal(await refused('POST', '/api/auth/social', { body: { provider: 'google', idToken } }), [422, 'proof_invalid']);
  const body = { provider: 'google', idToken, state: json.state };
  assert.equal(await refused('POST', '/api/auth/social', { body }), [200, 'done']);
});

guards.run();
