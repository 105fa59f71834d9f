import jwt from 'jsonwebtoken';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openRest, PASSWORD, type Json, type SignedIn } from '../support/rest.ts';
import { JWT_SECRET } from '../support/store.ts';

const MINUTE_MS = 60_000;
const rest = await openRest();
const { ask, refused, register, newcomer, clock } = rest;
const signIn = async (path: string, body: unknown) =>
  (await ask('POST', path, { body })).json as unknown as SignedIn & { player: Json };

const auth = suite('http/auth');
auth.after(() => rest.close());

auth('registering, signing in and playing as a guest answer with a player and two tokens', async () => {
  const one = newcomer();
  const registered = await ask('POST', '/api/auth/register', { body: { ...one, displayName: '  Zoë   the  Brave ' } });
  assert.is(registered.status, 201);
  const { player, expiresIn } = registered.json as Json & { player: Json };
  assert.equal(player, { id: player.id, displayName: 'Zoë the Brave', email: one.email, roles: ['player'], level: 1, xp: '0' });
  assert.is(expiresIn, 900);

  const login = await ask('POST', '/api/auth/login', { body: { email: one.email.toUpperCase(), password: one.password } });
  assert.equal([login.status, login.json.player], [200, player]);

  const guest = await ask('POST', '/api/auth/guest', { body: {} });
  assert.is(guest.status, 201);
  const { id, ...others } = guest.json.player as Json;
  assert.ok(id);
  assert.equal(others, { displayName: 'Guest 9999', email: null, roles: [], level: 1, xp: '0' });
  assert.is((await ask('POST', '/api/auth/guest')).status, 201);
});

auth('what cannot be an account is refused, and no account is made of it', async () => {
  const taken = await register();
  const fields = newcomer();
  const cases: [Json, number, string, string?][] = [
    [{ email: 'not an address' }, 400, 'malformed', 'email'],
    [{ email: 7 }, 400, 'malformed', 'email'],
    [{ password: 'short77' }, 422, 'password_weak'],
    [{ password: 'é'.repeat(37) }, 422, 'password_too_long'],
    [{ password: '' }, 400, 'malformed', 'password'],
    [{ displayName: '   ' }, 400, 'malformed', 'displayName'],
    [{ displayName: 'a'.repeat(33) }, 400, 'malformed', 'displayName'],
    [{ displayName: 'evil\u202Etxet' }, 400, 'malformed', 'displayName'],
    [{ displayName: 'zero\u200Bwidth' }, 400, 'malformed', 'displayName'],
    [{ displayName: 'two\nlines' }, 400, 'malformed', 'displayName'],
    [{ admin: true }, 400, 'malformed', 'admin'],
    [{ roles: ['admin'] }, 400, 'malformed', 'roles'],
    [{ email: taken.email }, 409, 'email_taken'],
    [{ email: taken.email.toUpperCase() }, 409, 'email_taken'],
  ];
  for (const [change, status, code, path] of cases) {
    const told = await ask('POST', '/api/auth/register', { body: { ...fields, ...change } });
    assert.equal([told.status, told.json.code], [status, code], JSON.stringify(change));
    if (path)
      assert.ok(
        (told.json.errors as Json[]).some((error) => error.path === path),
        JSON.stringify(told.json),
      );
    assert.match(told.headers.get('content-type')!, 'application/problem+json');
  }
  assert.equal(await refused('POST', '/api/auth/login', { body: { email: fields.email, password: fields.password } }), [
    401,
    'credentials_wrong',
  ]);
});

auth('an unknown address and a wrong password are answered in the same words', async () => {
  const { email } = await register();
  const wrong = await ask('POST', '/api/auth/login', { body: { email, password: 'wrong wrong' } });
  const unknown = await ask('POST', '/api/auth/login', { body: { email: 'nobody@example.com', password: 'wrong wrong' } });
  assert.equal([wrong.status, wrong.text], [unknown.status, unknown.text]);
  assert.equal(wrong.json.code, 'credentials_wrong');
});

auth('the sixth try after five wrong passwords is refused, and the right one a minute later is not', async () => {
  const { email } = await register();
  for (let tries = 0; tries < 5; tries++) await ask('POST', '/api/auth/login', { body: { email, password: 'wrong wrong' } });
  assert.equal(await refused('POST', '/api/auth/login', { body: { email, password: PASSWORD } }), [423, 'account_locked']);
  clock.pass(MINUTE_MS);
  assert.is((await ask('POST', '/api/auth/login', { body: { email, password: PASSWORD } })).status, 200);
});

auth('a refresh token gives a new pair once; the second use ends the family and its sockets', async () => {
  const { accessToken, refreshToken } = await register();
  const first = await ask('POST', '/api/auth/refresh', { body: { refreshToken } });
  assert.is(first.status, 200);
  const next = first.json as unknown as SignedIn;
  assert.is((await ask('GET', '/api/player/me', { token: next.accessToken })).status, 200);

  rest.asked.length = 0;
  assert.equal(await refused('POST', '/api/auth/refresh', { body: { refreshToken } }), [401, 'token_invalid']);
  assert.is((rest.asked[0] as [string])[0], 'dismiss');
  for (const token of [accessToken, next.accessToken])
    assert.equal(await refused('GET', '/api/player/me', { token }), [401, 'token_invalid']);
  assert.equal(await refused('POST', '/api/auth/refresh', { body: { refreshToken: next.refreshToken } }), [401, 'token_invalid']);
});

auth('of fifty refreshes with one token at once exactly one wins', async () => {
  const { refreshToken } = await register();
  const told = await Promise.all(
    Array.from({ length: 50 }, () => refused('POST', '/api/auth/refresh', { body: { refreshToken } })),
  );
  assert.is(told.filter(([status]) => status === 200).length, 1);
  assert.is(told.filter(([status, code]) => status === 401 && code === 'token_invalid').length, 49);
});

auth('tokens that we did not sign in this very way are refused', async () => {
  const { accessToken, id } = await register();
  const { sid } = jwt.decode(accessToken) as { sid: string };
  const nowS = Math.floor(clock.now().getTime() / 1_000);
  const claims = { sub: id, sid, iss: 'playhouse', aud: 'playhouse', iat: nowS, exp: nowS + 900 };
  const signed = (change: Json, options: jwt.SignOptions = {}, secret = JWT_SECRET) =>
    jwt.sign({ ...claims, ...change }, secret, options);
  const { exp: _, ...endless } = claims;
  assert.is((await ask('GET', '/api/player/me', { token: signed({}) })).status, 200);
  const cases: [string, string, string][] = [
    ['none', jwt.sign(claims, '', { algorithm: 'none' }), 'token_invalid'],
    ['another algorithm', signed({}, { algorithm: 'HS512' }), 'token_invalid'],
    ['another secret', signed({}, {}, 'another-secret-'.repeat(4)), 'token_invalid'],
    ['another issuer', signed({ iss: 'elsewhere' }), 'token_invalid'],
    ['another audience', signed({ aud: 'elsewhere' }), 'token_invalid'],
    ['another player', signed({ sub: '00000000-0000-7000-8000-000000000000' }), 'token_invalid'],
    ['another session', signed({ sid: '00000000-0000-7000-8000-000000000000' }), 'token_invalid'],
    ['a session that is no id', signed({ sid: 'x' }), 'token_invalid'],
    ['no session', signed({ sid: undefined }), 'token_invalid'],
    ['no end', jwt.sign(endless, JWT_SECRET), 'token_invalid'],
    ['expired', signed({ exp: nowS - 1 }), 'token_expired'],
    ['cut short', accessToken.slice(0, -4), 'token_invalid'],
    ['not a token', 'abc', 'token_invalid'],
    ['very long', 'a'.repeat(8_000), 'token_invalid'],
  ];
  for (const [what, token, code] of cases) assert.equal(await refused('GET', '/api/player/me', { token }), [401, code], what);
  for (const authorization of ['', 'Basic YTpi', accessToken, 'Bearer'])
    assert.equal(await refused('GET', '/api/player/me', { headers: { authorization } }), [401, 'unauthenticated'], authorization);
});

auth('an access token ends after 15 minutes, kept in mind or not', async () => {
  const { accessToken: token } = await register();
  assert.is((await ask('GET', '/api/player/me', { token })).status, 200);
  clock.pass(15 * MINUTE_MS);
  const told = await ask('GET', '/api/player/me', { token });
  assert.equal([told.status, told.json.code, told.headers.get('www-authenticate')], [401, 'token_expired', 'Bearer']);
});

auth('logging out ends this session at once, and no other', async () => {
  const one = newcomer();
  const here = await signIn('/api/auth/register', one);
  const there = await signIn('/api/auth/login', { email: one.email, password: one.password });
  await ask('GET', '/api/player/me', { token: here.accessToken });
  assert.is((await ask('POST', '/api/auth/logout', { token: here.accessToken })).status, 204);
  assert.equal(await refused('GET', '/api/player/me', { token: here.accessToken }), [401, 'token_invalid']);
  assert.equal(await refused('POST', '/api/auth/refresh', { body: { refreshToken: here.refreshToken } }), [401, 'token_invalid']);
  assert.is((await ask('GET', '/api/player/me', { token: there.accessToken })).status, 200);
});

auth('sessions are listed with the device each was opened on, and ended one by one by their owner only', async () => {
  const one = newcomer();
  const headers = { 'user-agent': 'Phone/1.0' };
  const phone = (await ask('POST', '/api/auth/register', { body: one, headers })).json as unknown as SignedIn;
  const desk = await signIn('/api/auth/login', { email: one.email, password: one.password });
  const { items } = (await ask('GET', '/api/auth/sessions', { token: desk.accessToken })).json as { items: Json[] };
  const first = (await ask('GET', '/api/auth/sessions?limit=1', { token: desk.accessToken })).json as Json;
  const next = (await ask('GET', `/api/auth/sessions?cursor=${String(first.nextCursor)}`, { token: desk.accessToken }))
    .json as Json;
  assert.equal([...(first.items as Json[]), ...(next.items as Json[])], items);
  assert.is(next.nextCursor, null);
  assert.equal(
    items.map(({ current }) => current),
    [true, false],
  );
  assert.is(items[1]!.device, 'Phone/1.0');

  const stranger = await register();
  const path = `/api/auth/sessions/${String(items[1]!.id)}`;
  assert.equal(await refused('DELETE', path, { token: stranger.accessToken }), [404, 'not_found']);
  assert.is((await ask('GET', '/api/player/me', { token: phone.accessToken })).status, 200);
  rest.asked.length = 0;
  assert.is((await ask('DELETE', path, { token: desk.accessToken })).status, 204);
  assert.equal(rest.asked, [['dismiss', { sessionId: items[1]!.id }]]);
  assert.equal(await refused('GET', '/api/player/me', { token: phone.accessToken }), [401, 'token_invalid']);
  assert.equal(await refused('DELETE', path, { token: desk.accessToken }), [404, 'not_found']);
  assert.equal(await refused('DELETE', '/api/auth/sessions/7', { token: desk.accessToken }), [400, 'malformed']);
});

auth('a guest becomes a registered player, keeps the session and has the rest of the coins', async () => {
  const guest = await signIn('/api/auth/guest', {});
  const token = guest.accessToken;
  const one = newcomer();
  assert.equal(await refused('POST', '/api/auth/upgrade', { token, body: { email: one.email, password: 'short77' } }), [
    422,
    'password_weak',
  ]);
  const told = await ask('POST', '/api/auth/upgrade', { token, body: { email: one.email, password: one.password } });
  assert.equal([told.status, (told.json.player as Json).email], [200, one.email]);
  assert.equal(await refused('POST', '/api/auth/upgrade', { token, body: newcomer() }), [409, 'already_registered']);
  const { balances } = (await ask('GET', '/api/wallet', { token })).json as { balances: Json[] };
  assert.equal(balances[0], { currency: 'COINS', available: '1000', held: '0' });
});

auth('a changed password ends the other sessions and their sockets', async () => {
  const one = newcomer();
  const here = await signIn('/api/auth/register', one);
  const there = await signIn('/api/auth/login', { email: one.email, password: one.password });
  const change = { currentPassword: one.password, newPassword: 'battery staple' };
  const asking = { token: here.accessToken, body: change };
  assert.equal(await refused('POST', '/api/auth/password', { ...asking, body: { ...change, currentPassword: 'wrong wrong' } }), [
    401,
    'credentials_wrong',
  ]);
  rest.asked.length = 0;
  assert.is((await ask('POST', '/api/auth/password', asking)).status, 204);
  assert.is(rest.asked.length, 1);
  assert.equal(await refused('GET', '/api/player/me', { token: there.accessToken }), [401, 'token_invalid']);
  assert.is((await ask('GET', '/api/player/me', { token: here.accessToken })).status, 200);
  assert.equal(await refused('POST', '/api/auth/login', { body: { email: one.email, password: one.password } }), [
    401,
    'credentials_wrong',
  ]);
});

auth('a banned player is turned away at once', async () => {
  const { id, email, accessToken: token } = await register();
  assert.is((await ask('GET', '/api/player/me', { token })).status, 200);
  await rest.store.players.ban(id);
  assert.equal(await refused('GET', '/api/player/me', { token }), [401, 'token_invalid']);
  assert.equal(await refused('POST', '/api/auth/login', { body: { email, password: PASSWORD } }), [403, 'account_banned']);
});

auth('no token, password or address is in any line of the log', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
  assert.not.match(JSON.stringify(rest.logged), /eyJ|@example\.com|correct horse/);
});

auth.run();
