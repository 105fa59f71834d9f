import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { coinWallet, evmWallet, openEntranceRest } from '../support/entrances.ts';
import type { Asking, Json } from '../support/rest.ts';
import { starknetAccount } from '../support/starknet.ts';

const rest = await openEntranceRest({ mail: 'off' });
const { ask, refused, register, store, clock } = rest;
const MINUTE_MS = 60_000;

interface Challenge {
  challengeId: string;
  address: string;
  purpose: string;
  message: string;
  typedData: Json | null;
}

async function challenge(chain: string, address: string, token?: string): Promise<Challenge> {
  const told = await ask('POST', '/api/auth/wallet/challenge', { body: { chain, address }, ...(token ? { token } : {}) });
  assert.is(told.status, 200, told.text);
  return told.json as unknown as Challenge;
}

const verify = (challengeId: string, signature: unknown, more: Asking & { publicKey?: string } = {}) => {
  const { publicKey, ...asking } = more;
  return ask('POST', '/api/auth/wallet/verify', {
    ...asking,
    body: { challengeId, signature, ...(publicKey ? { publicKey } : {}) },
  });
};

const walletsOf = async (token: string) => ((await ask('GET', '/api/wallets', { token })).json as { items: Json[] }).items;

const auth = suite('http/auth-wallet');
auth.after(() => rest.close());

auth('a wallet nobody has makes a player with 1,000 coins; the next time it finds them', async () => {
  const wallet = coinWallet();
  const first = await challenge('advc', wallet.address);
  assert.equal([first.purpose, first.typedData], ['sign_in', null]);
  assert.match(first.message, /^localhost:2567: Sign in\. Wallet A/);
  const made = await verify(first.challengeId, wallet.sign(first.message));
  assert.equal([made.status, made.json.created], [200, true]);
  const player = made.json.player as Json;
  assert.equal([player.email, player.roles], [null, ['player']]);
  const { balances } = (await ask('GET', '/api/wallet', { token: String(made.json.accessToken) })).json as { balances: Json[] };
  assert.is(balances[0]!.available, '1000');

  const second = await challenge('advc', wallet.address);
  const found = await verify(second.challengeId, wallet.sign(second.message));
  assert.equal([(found.json.player as Json).id, found.json.created], [player.id, false]);
});

auth('an Ethereum account and a Starknet account sign in too, whatever way their address is written', async () => {
  const evm = evmWallet();
  const asked = await challenge('evm', evm.address.toLowerCase());
  assert.is(asked.address, evm.address);
  assert.match(asked.message, `localhost:2567 wants you to sign in with your Ethereum account:\n${evm.address}\n`);
  assert.is((await verify(asked.challengeId, evm.sign(asked.message))).status, 200);

  const account = starknetAccount('77');
  const typed = await challenge('starknet', account.address.replace(/^0x0+/, '0x').toUpperCase().replace('0X', '0x'));
  assert.is(typed.address, account.address);
  assert.equal(typed.typedData, JSON.parse(typed.message));
  const signed = await verify(typed.challengeId, account.signature(typed.message), { publicKey: account.publicKey });
  assert.is(signed.status, 200, signed.text);
});

auth('a signed-in player links wallets, sees them, and others find the player by them', async () => {
  const one = await register();
  const token = one.accessToken;
  const wallet = coinWallet();
  const { challengeId, message, purpose } = await challenge('advc', wallet.address, token);
  assert.is(purpose, 'link');
  assert.match(message, `Link this wallet to player ${one.id}.`);
  const linked = await verify(challengeId, wallet.sign(message), { token });
  assert.equal(linked.json, { linked: { chain: 'advc', address: wallet.address } });
  assert.equal(
    (await walletsOf(token)).map(({ chain, address, proof }) => [chain, address, proof]),
    [['advc', wallet.address, 'signature']],
  );
  const stranger = await register();
  const found = await ask('GET', `/api/players/by-wallet/${wallet.address}`, { token: stranger.accessToken });
  assert.is(found.json.id, one.id);
  assert.equal(await refused('GET', `/api/players/by-wallet/${coinWallet().address}`, { token }), [404, 'not_found']);
  assert.equal(await refused('GET', '/api/players/by-wallet/nonsense', { token }), [422, 'wallet_invalid']);
  const { wallets } = (await ask('GET', '/api/player/me/export', { token })).json as { wallets: Json[] };
  assert.is(wallets.length, 1);
});

auth('a guest who links a wallet is registered by it, keeps everything and has the rest of the coins', async () => {
  const guest = (await ask('POST', '/api/auth/guest', { body: {} })).json;
  const token = String(guest.accessToken);
  const wallet = evmWallet();
  const { challengeId, message } = await challenge('evm', wallet.address, token);
  assert.is((await verify(challengeId, wallet.sign(message), { token })).status, 200);
  const me = (await ask('GET', '/api/player/me', { token })).json;
  assert.equal([me.id, me.guest, me.roles], [(guest.player as Json).id, false, ['player']]);
  const { balances } = (await ask('GET', '/api/wallet', { token })).json as { balances: Json[] };
  assert.is(balances[0]!.available, '1000');
});

auth('a challenge is answered once, rightly or not', async () => {
  const wallet = coinWallet();
  const wrong = await challenge('advc', wallet.address);
  assert.equal([(await verify(wrong.challengeId, coinWallet().sign(wrong.message))).json.code], ['proof_invalid']);
  assert.is((await verify(wrong.challengeId, wallet.sign(wrong.message))).json.code, 'challenge_invalid');

  const right = await challenge('advc', wallet.address);
  const signature = wallet.sign(right.message);
  assert.is((await verify(right.challengeId, signature)).status, 200);
  const again = await verify(right.challengeId, signature);
  assert.equal([again.status, again.json.code], [409, 'challenge_invalid']);
  const next = await challenge('advc', wallet.address);
  assert.is((await verify(next.challengeId, signature)).json.code, 'proof_invalid', 'a signature serves its own challenge');
});

auth('a challenge lasts ten minutes', async () => {
  const wallet = coinWallet();
  const asked = await challenge('advc', wallet.address);
  const signature = wallet.sign(asked.message);
  clock.pass(10 * MINUTE_MS);
  assert.is((await verify(asked.challengeId, signature)).json.code, 'challenge_invalid');
  assert.is(await store.wallets.walletOf(wallet.address), null);
});

auth('a challenge serves who asked for it, in the session that asked', async () => {
  const [ann, bob] = [await register(), await register()];
  const wallet = coinWallet();
  const asked = await challenge('advc', wallet.address, ann.accessToken);
  const signature = wallet.sign(asked.message);
  const elsewhere = (await ask('POST', '/api/auth/login', { body: { email: ann.email, password: 'correct horse' } })).json;
  for (const asking of [{ token: bob.accessToken }, {}, { token: String(elsewhere.accessToken) }])
    assert.is((await verify(asked.challengeId, signature, asking)).json.code, 'challenge_invalid');
  assert.is((await verify(asked.challengeId, signature, { token: ann.accessToken })).status, 200, 'and is not used up by others');

  const anyones = await challenge('advc', coinWallet().address);
  assert.is((await verify(anyones.challengeId, signature, { token: bob.accessToken })).json.code, 'challenge_invalid');
});

auth('a wallet is one player’s: another cannot link it, and linking it again changes nothing', async () => {
  const [ann, bob] = [await register(), await register()];
  const wallet = coinWallet();
  const link = async (token: string) => {
    const { challengeId, message } = await challenge('advc', wallet.address, token);
    return verify(challengeId, wallet.sign(message), { token });
  };
  assert.is((await link(ann.accessToken)).status, 200);
  const taken = await link(bob.accessToken);
  assert.equal([taken.status, taken.json.code], [409, 'wallet_taken']);
  assert.equal(await walletsOf(bob.accessToken), []);
  assert.is((await link(ann.accessToken)).status, 200);
  assert.is((await walletsOf(ann.accessToken)).length, 1);
});

auth('addresses of another network, with a wrong digit, or of another chain are refused', async () => {
  const cases: [string, string][] = [
    ['advc', '1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH'],
    ['advc', coinWallet().address.slice(0, -1)],
    ['advc', evmWallet().address],
    ['evm', coinWallet().address],
    ['evm', '0x70997970c51812dc3A010C7d01b50e0d17dc79C8'],
    ['starknet', '0x0'],
  ];
  for (const [chain, address] of cases)
    assert.equal(
      await refused('POST', '/api/auth/wallet/challenge', { body: { chain, address } }),
      [422, 'wallet_invalid'],
      `${chain} ${address}`,
    );
});

auth('what is no signature is no proof or malformed, and makes nobody', async () => {
  const before = await rest.db.rows('select count(*) from player');
  const wallet = coinWallet();
  for (const bend of [
    (signature: string) => `${signature} `,
    (signature: string) => signature.replaceAll('=', ''),
    () => 'junk!',
    () => Buffer.alloc(65).toString('base64'),
    () => ['0x1', '0x2'],
  ]) {
    const { challengeId, message } = await challenge('advc', wallet.address);
    const told = await verify(challengeId, bend(wallet.sign(message)));
    assert.equal([told.status, told.json.code], [422, 'proof_invalid'], JSON.stringify(told.json));
  }
  for (const body of [
    {},
    { challengeId: 'x', signature: 'x' },
    { challengeId: crypto.randomUUID(), signature: '' },
    { challengeId: crypto.randomUUID(), signature: 'x'.repeat(201) },
    { challengeId: crypto.randomUUID(), signature: [] },
    { challengeId: crypto.randomUUID(), signature: Array.from({ length: 33 }, () => '0x1') },
    { challengeId: crypto.randomUUID(), signature: ['g'] },
    { challengeId: crypto.randomUUID(), signature: 'x', publicKey: 'x' },
  ])
    assert.equal(await refused('POST', '/api/auth/wallet/verify', { body }), [400, 'malformed'], JSON.stringify(body));
  assert.equal(await rest.db.rows('select count(*) from player'), before);
});

auth('a wallet may be unlinked, unless nothing else is left to sign in with', async () => {
  const wallet = coinWallet();
  const { challengeId, message } = await challenge('advc', wallet.address);
  const token = String((await verify(challengeId, wallet.sign(message))).json.accessToken);
  const path = `/api/wallets/advc/${wallet.address}`;
  assert.equal(await refused('DELETE', path, { token }), [409, 'last_way_in']);
  assert.is((await walletsOf(token)).length, 1);

  const other = await register();
  assert.equal(await refused('DELETE', path, { token: other.accessToken }), [404, 'not_found']);
  assert.equal(await refused('DELETE', '/api/wallets/advc/nonsense', { token }), [422, 'wallet_invalid']);

  const address = rest.newcomer();
  const body = { email: address.email, password: address.password };
  assert.is((await ask('POST', '/api/auth/upgrade', { token, body })).status, 200, 'who has no address may take one');
  assert.is((await ask('DELETE', path, { token })).status, 204);
  assert.equal(await walletsOf(token), []);
  const again = await challenge('advc', wallet.address);
  assert.is((await verify(again.challengeId, wallet.sign(again.message))).json.created, true, 'it is nobody’s now');
});

auth('twenty wallets are enough', async () => {
  const { id, accessToken: token } = await register();
  for (let count = 0; count < 20; count++)
    await rest.db.rows("insert into wallet values ('advc', $1, $2, 'signature', now())", [`A${count}-${id}`, id]);
  const wallet = coinWallet();
  const { challengeId, message } = await challenge('advc', wallet.address, token);
  assert.is((await verify(challengeId, wallet.sign(message), { token })).json.code, 'limit_reached');
  assert.is(await store.wallets.walletOf(wallet.address), null);
});

auth('a banned player’s wallet opens nothing; a player who goes leaves no wallet', async () => {
  const wallet = coinWallet();
  const enter = async () => {
    const { challengeId, message } = await challenge('advc', wallet.address);
    return verify(challengeId, wallet.sign(message));
  };
  const { player, accessToken } = (await enter()).json as { player: { id: string }; accessToken: string };
  await store.players.ban(player.id);
  assert.equal([(await enter()).json.code], ['account_banned']);
  await store.players.unban(player.id);
  const token = String((await enter()).json.accessToken);
  assert.not.equal(token, accessToken);
  assert.is((await ask('DELETE', '/api/player/me', { token })).status, 204);
  assert.is(await store.wallets.walletOf(wallet.address), null);
});

auth('a token that is none is refused where one may be left out, and lists need one', async () => {
  for (const [method, path] of [
    ['GET', '/api/wallets'],
    ['DELETE', `/api/wallets/advc/${coinWallet().address}`],
    ['GET', `/api/players/by-wallet/${coinWallet().address}`],
  ] as const)
    assert.equal(await refused(method, path), [401, 'unauthenticated'], path);
  for (const path of ['challenge', 'verify'])
    assert.equal(await refused('POST', `/api/auth/wallet/${path}`, { token: 'nonsense', body: {} }), [401, 'token_invalid']);
});

auth('without a node that answers, Starknet’s wallets are switched off', async () => {
  const { openWalletChains } = await import('../../providers/wallets.ts');
  const { ADVC } = await import('../../providers/wallet-proofs.ts');
  const { wallets } = rest.house.providers;
  rest.house.providers.wallets = openWalletChains({ advc: ADVC, starknet: null });
  const body = { chain: 'starknet', address: starknetAccount('77').address };
  assert.equal(await refused('POST', '/api/auth/wallet/challenge', { body }), [422, 'wallet_invalid']);
  assert.equal((await ask('GET', '/api/auth/ways')).json.wallets, ['advc', 'evm']);
  rest.house.providers.wallets = wallets;
});

auth('no signature or token is in the log', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
  assert.not.match(JSON.stringify(rest.logged), /eyJ|correct horse/);
});

auth.run();
