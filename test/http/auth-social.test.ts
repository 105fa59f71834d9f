import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openEntranceRest } from '../support/entrances.ts';
import type { Asking, Json } from '../support/rest.ts';

const rest = await openEntranceRest();
const { ask, refused, register, sandbox, store, clock, db } = rest;
const MINUTE_MS = 60_000;

let people = 0;
const google = (claims: Json = {}) => sandbox.idToken('google', { sub: `g${++people}`, name: `Person ${people}`, ...claims });
const social = (body: Json, asking: Asking = {}) => ask('POST', '/api/auth/social', { ...asking, body });
const start = async (provider: string, asking: Asking = {}) =>
  (await ask('POST', '/api/auth/social/start', { ...asking, body: { provider } })).json as {
    url: string;
    state: string;
    sent: string;
  };

/** What a browser brings back from the sandbox's page. */
async function comeBack(url: string, name: string): Promise<URLSearchParams> {
  const page = new URL(url);
  page.pathname = page.pathname.replace('authorize', 'enter');
  page.searchParams.set('name', name);
  const location = new URL((await fetch(page, { redirect: 'manual' })).headers.get('location')!);
  return new URLSearchParams(location.hash === '' ? location.search : location.hash.slice(1));
}

const auth = suite('http/auth-social');
auth.after(() => rest.close());

auth('the ways in that are open are told to anyone', async () => {
  assert.equal((await ask('GET', '/api/auth/ways')).json, {
    mail: 'sent',
    social: [
      { provider: 'google', start: true },
      { provider: 'web3auth', start: false },
      { provider: 'discord', start: true },
    ],
    wallets: ['advc', 'evm', 'starknet'],
  });
});

auth('somebody new becomes a player under their name there; the next time they are found', async () => {
  const sub = 'ann-at-google';
  const made = await social({ provider: 'google', idToken: await google({ sub, name: 'Ann' }) });
  const player = made.json.player as Json;
  assert.equal([made.status, made.json.created, player.displayName, player.email], [200, true, 'Ann', null]);
  clock.pass(1_000);
  const found = await social({ provider: 'google', idToken: await google({ sub, name: 'Ann, older' }) });
  assert.equal([(found.json.player as Json).id, found.json.created], [player.id, false]);
});

auth('a name that may not be had here is not taken over', async () => {
  for (const name of ['', ' ', 'evil\u202Etxet', 'x\u200By', undefined]) {
    const told = await social({ provider: 'google', idToken: await google({ name }) });
    assert.match(String((told.json.player as Json).displayName), /^Player \d{4}$/);
  }
});

auth('a token is taken once, for signing in or for linking', async () => {
  const idToken = await google();
  assert.is((await social({ provider: 'google', idToken })).status, 200);
  const again = await social({ provider: 'google', idToken });
  assert.equal([again.status, again.json.code], [422, 'proof_invalid']);
  const { accessToken: token } = await register();
  assert.is((await social({ provider: 'google', idToken }, { token })).json.code, 'proof_invalid');
});

auth(
  'an address in a token is nobody’s proof: whoever has that address here is not signed in, linked or made an admin',
  async () => {
    const ann = await register();
    const told = await social({ provider: 'google', idToken: await google({ email: ann.email, email_verified: true }) });
    assert.equal([told.json.created, (told.json.player as Json).email], [true, null]);
    assert.not.equal((told.json.player as Json).id, ann.id);
    assert.equal((await ask('GET', '/api/auth/identities', { token: ann.accessToken })).json, { items: [] });
  },
);

auth('a signed-in player links an account there, which then is theirs alone', async () => {
  const [ann, bob] = [await register(), await register()];
  const sub = 'shared';
  const link = async (token: string, more: Json = {}) =>
    social({ provider: 'google', idToken: await google({ sub, name: 'Annie', ...more }) }, { token });
  assert.equal((await link(ann.accessToken)).json, { linked: { provider: 'google', name: 'Annie' } });
  clock.pass(1_000);
  const taken = await link(bob.accessToken);
  assert.equal([taken.status, taken.json.code], [409, 'identity_taken']);
  assert.is((await link(ann.accessToken, { sub: 'a second one' })).json.code, 'identity_taken', 'one a provider');
  clock.pass(1_000);
  assert.is((await link(ann.accessToken)).status, 200, 'again changes nothing');
  const { items } = (await ask('GET', '/api/auth/identities', { token: ann.accessToken })).json as { items: Json[] };
  assert.equal(
    items.map(({ provider, name }) => [provider, name]),
    [['google', 'Annie']],
  );
  clock.pass(1_000);
  const signedIn = await social({ provider: 'google', idToken: await google({ sub }) });
  assert.equal([(signedIn.json.player as Json).id, signedIn.json.created], [ann.id, false]);
});

auth('a guest who links is registered by it; most coins wait for an address where mail is sent', async () => {
  const guest = (await ask('POST', '/api/auth/guest', { body: {} })).json;
  const token = String(guest.accessToken);
  assert.is((await social({ provider: 'web3auth', idToken: await web3('key-of-a-guest') }, { token })).status, 200);
  const me = (await ask('GET', '/api/player/me', { token })).json;
  assert.equal([me.guest, me.roles], [false, ['player']]);
  const { balances } = (await ask('GET', '/api/wallet', { token })).json as { balances: Json[] };
  assert.is(balances[0]!.available, '100');
});

const web3 = (key: string, claims: Json = {}) =>
  sandbox.idToken('web3auth', { wallets: [{ type: 'web3auth_app_key', curve: 'secp256k1', public_key: key }], ...claims });

auth('Web3Auth’s token serves Web3Auth alone', async () => {
  assert.is((await social({ provider: 'web3auth', idToken: await web3('k1') })).json.created, true);
  assert.is((await social({ provider: 'google', idToken: await web3('k1') })).json.code, 'proof_invalid');
  assert.is((await social({ provider: 'web3auth', idToken: await google() })).json.code, 'proof_invalid');
});

auth('tokens bent in any way are no proof, and make nobody', async () => {
  const nowS = Math.floor(clock.now().getTime() / 1_000);
  const before = await db.rows('select count(*) from player');
  for (const claims of [
    { aud: 'elsewhere' },
    { iss: 'https://accounts.google.com' },
    { exp: nowS - 60 },
    { iat: nowS - 700 },
    { sub: '' },
  ]) {
    const told = await social({ provider: 'google', idToken: await google(claims) });
    assert.equal([told.status, told.json.code], [422, 'proof_invalid'], JSON.stringify(claims));
  }
  assert.is((await social({ provider: 'google', idToken: 'abc' })).json.code, 'proof_invalid');
  assert.equal(await db.rows('select count(*) from player'), before);
});

auth('each provider takes what is its own and nothing else', async () => {
  const idToken = 'abc';
  const state = 'a'.repeat(43);
  for (const body of [
    {},
    { provider: 'twitter', idToken },
    { provider: 'google' },
    { provider: 'google', code: 'x', state },
    { provider: 'google', idToken, code: 'x' },
    { provider: 'discord', idToken },
    { provider: 'discord', code: 'x' },
    { provider: 'discord', code: 'x', state: 'short' },
    { provider: 'discord', code: 'x', state, idToken },
    { provider: 'google', idToken: 'x'.repeat(8_193) },
    { provider: 'google', idToken, email: 'ann@example.com' },
  ])
    assert.equal(await refused('POST', '/api/auth/social', { body }), [400, 'malformed'], JSON.stringify(body).slice(0, 80));
});

auth('Discord’s code is exchanged by the house, for who set out, once', async () => {
  const { url, state, sent } = await start('discord');
  assert.not.match(url, state);
  const back = await comeBack(url, 'Ann of Discord');
  assert.is(back.get('state'), sent);
  const code = back.get('code')!;
  assert.is(
    (await social({ provider: 'discord', code, state: sent })).json.code,
    'proof_invalid',
    'what the address shows is no secret',
  );
  const made = await social({ provider: 'discord', code, state });
  assert.equal([made.status, made.json.created, (made.json.player as Json).displayName], [200, true, 'Ann of Discord']);
  assert.is((await social({ provider: 'discord', code, state })).json.code, 'proof_invalid', 'a state works once');

  const other = await start('discord');
  assert.is((await social({ provider: 'discord', code, state: other.state })).json.code, 'proof_invalid', 'and so does a code');
  const again = await start('discord');
  const found = await social({
    provider: 'discord',
    code: (await comeBack(again.url, 'Ann of Discord')).get('code'),
    state: again.state,
  });
  assert.equal([(found.json.player as Json).id, found.json.created], [(made.json.player as Json).id, false]);
});

auth('a code that came by another’s way is refused', async () => {
  const [mine, theirs] = [await start('discord'), await start('discord')];
  const code = (await comeBack(theirs.url, 'Mallory')).get('code');
  assert.is((await social({ provider: 'discord', code, state: mine.state })).json.code, 'proof_invalid');
});

auth('a state serves who set out: their session, their provider, ten minutes', async () => {
  const [ann, bob] = [await register(), await register()];
  const { url, state } = await start('discord', { token: ann.accessToken });
  const code = (await comeBack(url, 'Ann again')).get('code');
  for (const asking of [{}, { token: bob.accessToken }])
    assert.is((await social({ provider: 'discord', code, state }, asking)).json.code, 'proof_invalid');
  assert.is((await social({ provider: 'discord', code, state }, { token: ann.accessToken })).status, 200);

  const late = await start('discord');
  const lateCode = (await comeBack(late.url, 'Late')).get('code');
  clock.pass(10 * MINUTE_MS);
  assert.is((await social({ provider: 'discord', code: lateCode, state: late.state })).json.code, 'proof_invalid');

  const forGoogle = await start('google');
  const { url: discordUrl } = await start('discord');
  const other = (await comeBack(discordUrl, 'Mixed')).get('code');
  assert.is((await social({ provider: 'discord', code: other, state: forGoogle.state })).json.code, 'proof_invalid');
});

auth('a browser that went to Google brings a token made for this very way', async () => {
  const { url, state, sent } = await start('google');
  const back = await comeBack(url, 'Gus');
  assert.is(back.get('state'), sent);
  const idToken = back.get('id_token')!;
  const other = await start('google');
  assert.is((await social({ provider: 'google', idToken, state: other.state })).json.code, 'proof_invalid');
  const made = await social({ provider: 'google', idToken, state });
  assert.equal([made.status, (made.json.player as Json).displayName], [200, 'Gus']);
});

auth('an account elsewhere may be unlinked, unless nothing else is left to sign in with', async () => {
  const idToken = await google();
  const token = String((await social({ provider: 'google', idToken })).json.accessToken);
  assert.equal(await refused('DELETE', '/api/auth/identities/google', { token }), [409, 'last_way_in']);
  assert.is((await social({ provider: 'web3auth', idToken: await web3('a-second-way') }, { token })).status, 200);
  assert.is((await ask('DELETE', '/api/auth/identities/google', { token })).status, 204);
  assert.equal(await refused('DELETE', '/api/auth/identities/google', { token }), [404, 'not_found']);
  assert.equal(await refused('DELETE', '/api/auth/identities/web3auth', { token }), [409, 'last_way_in']);
  assert.equal(await refused('DELETE', '/api/auth/identities/twitter', { token }), [400, 'malformed']);
});

auth('a banned player is not let in, and who goes leaves nothing', async () => {
  const sub = 'the-banned';
  const { player } = (await social({ provider: 'google', idToken: await google({ sub }) })).json as { player: { id: string } };
  await store.players.ban(player.id);
  clock.pass(1_000);
  const told = await social({ provider: 'google', idToken: await google({ sub }) });
  assert.equal([told.status, told.json.code], [403, 'account_banned']);
  await store.players.unban(player.id);
  await store.players.erase(player.id);
  assert.is(await store.identities.playerOf('google', sub), null);
});

auth('a provider that does not answer, or is switched off, is said to be so', async () => {
  const { providers } = rest.house;
  const { google: open } = providers;
  providers.google = null;
  for (const path of ['/api/auth/social', '/api/auth/social/start'])
    assert.equal(
      await refused('POST', path, { body: { provider: 'google', ...(path.endsWith('start') ? {} : { idToken: 'x' }) } }),
      [503, 'unavailable'],
    );
  assert.match(JSON.stringify((await ask('GET', '/health/ready')).json.switchedOff), '"google"');
  providers.google = open;
});

auth('a token of ours that is none is refused where it may be left out; lists need one', async () => {
  for (const path of ['/api/auth/social', '/api/auth/social/start'])
    assert.equal(await refused('POST', path, { token: 'nonsense', body: {} }), [401, 'token_invalid'], path);
  assert.equal(await refused('GET', '/api/auth/identities'), [401, 'unauthenticated']);
  assert.equal(await refused('DELETE', '/api/auth/identities/google'), [401, 'unauthenticated']);
});

auth('why a proof was refused is in the log, and no token, code or name', () => {
  assert.ok(rest.logged.some(([, event, { why }]) => event === 'sign_in_refused' && why === 'issuer'));
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
  assert.not.match(JSON.stringify(rest.logged), /eyJ|Ann|example\.com/);
});

auth.run();
