import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sandboxMailer } from '../../providers/sandbox/mail.ts';
import { coinWallet, openEntranceRest } from '../support/entrances.ts';
import { type Json, openRest, PASSWORD } from '../support/rest.ts';

const rest = await openEntranceRest();
const { ask, refused, register, newcomer, store, clock, db, post, mails } = rest;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const coinsOf = async (token: string) =>
  ((await ask('GET', '/api/wallet', { token })).json as { balances: Json[] }).balances[0]!.available;
const forgot = (email: string) => ask('POST', '/api/auth/forgot', { body: { email } });
const reset = (token: string, password = 'battery staple') => ask('POST', '/api/auth/reset', { body: { token, password } });
const verify = (token: string) => ask('POST', '/api/auth/verify', { body: { token } });
/** The token of the one mail that is due. */
const token1 = async () => (await post())[0]!;

const auth = suite('http/auth-email');
auth.before.each(async () => {
  await post();
  mails.length = 0;
  clock.pass(24 * HOUR_MS);
});
auth.after(() => rest.close());

auth(
  'who registers has 100 coins and a mail; its link brings the other 900, the notification and the counter, once',
  async () => {
    const one = newcomer();
    const { accessToken: token, player } = (await ask('POST', '/api/auth/register', { body: one })).json as {
      accessToken: string;
      player: Json;
    };
    assert.is(await coinsOf(token), '100');
    const link = await token1();
    assert.equal([mails[0]!.to, mails[0]!.subject], [one.email, 'Is this your address?']);
    assert.match(mails[0]!.text, `Hello ${one.displayName},`);
    assert.match(mails[0]!.text, `http://localhost:2567/#verify=${link}`);

    assert.equal((await verify(link)).json, { email: one.email });
    assert.is(await coinsOf(token), '1000');
    assert.equal((await ask('GET', '/api/player/me', { token })).json.verifiedAt, clock.now().toISOString());
    const told = await db.rows<{ data: Json }>(
      "select data from notification where player = $1 and kind = 'verification_complete'",
      [player.id],
    );
    assert.equal(told, [{ data: { coins: '900' } }]);
    const again = await verify(link);
    assert.equal([again.status, again.json.code, await coinsOf(token)], [422, 'link_invalid', '1000']);
  },
);

auth('a guest who takes an address has the rest when it is verified', async () => {
  const token = String((await ask('POST', '/api/auth/guest', { body: {} })).json.accessToken);
  await ask('POST', '/api/auth/upgrade', { token, body: { email: newcomer().email, password: PASSWORD } });
  assert.is(await coinsOf(token), '100');
  await verify(await token1());
  assert.is(await coinsOf(token), '1000');
});

auth('a newer mail ends the link of the older; a verified address is sent none', async () => {
  const { accessToken: token } = await register();
  const first = await token1();
  const again = () => ask('POST', '/api/auth/verify/send', { token, body: {} });
  assert.equal((await again()).json, { sent: false }, 'one a minute');
  clock.pass(MINUTE_MS);
  assert.equal((await again()).json, { sent: true });
  const second = await token1();
  assert.is((await verify(first)).json.code, 'link_invalid');
  assert.is((await verify(second)).status, 200);
  clock.pass(MINUTE_MS);
  assert.equal((await again()).json, { sent: false });
  assert.equal(await post(), []);
});

auth('an address is sent five mails of a kind a day, and five more the next', async () => {
  const { email } = await register();
  await post();
  const mailsAfter = async (times: number) => {
    let sent = 0;
    for (let time = 0; time < times; time++) {
      clock.pass(MINUTE_MS);
      assert.is((await forgot(email)).status, 204);
      sent += (await post()).length;
    }
    return sent;
  };
  assert.is(await mailsAfter(8), 5);
  clock.pass(24 * HOUR_MS);
  assert.is(await mailsAfter(2), 2);
});

auth('a forgotten password is set anew by the mailed link; every session ends, and the old password too', async () => {
  const one = await register();
  await post();
  assert.is((await forgot(one.email.toUpperCase())).status, 204);
  const link = await token1();
  assert.match(mails.at(-1)!.text, `#reset=${link}`);
  rest.asked.length = 0;
  assert.is((await reset(link)).status, 204);
  assert.equal(rest.asked, [['dismiss', { playerId: one.id }]]);
  assert.equal(await refused('GET', '/api/player/me', { token: one.accessToken }), [401, 'token_invalid']);
  assert.equal(await refused('POST', '/api/auth/refresh', { body: { refreshToken: one.refreshToken } }), [401, 'token_invalid']);
  const login = (password: string) => refused('POST', '/api/auth/login', { body: { email: one.email, password } });
  assert.equal(await login(PASSWORD), [401, 'credentials_wrong']);
  assert.equal(await login('battery staple'), [200, 'done']);
  assert.equal([(await reset(link)).json.code], ['link_invalid']);
});

auth('a reset shows whose the address is, and opens an account locked by wrong passwords', async () => {
  const { email } = await register();
  await post();
  for (let tries = 0; tries < 6; tries++) await ask('POST', '/api/auth/login', { body: { email, password: 'wrong wrong' } });
  await forgot(email);
  await reset(await token1());
  const { json, status } = await ask('POST', '/api/auth/login', { body: { email, password: 'battery staple' } });
  assert.is(status, 200);
  const token = String(json.accessToken);
  assert.is.not((await ask('GET', '/api/player/me', { token })).json.verifiedAt, null);
  assert.is(await coinsOf(token), '1000');
});

auth('what a stranger linked before the address was shown to be another’s is gone after the reset', async () => {
  const victim = newcomer();
  const stranger = (await ask('POST', '/api/auth/register', { body: victim })).json;
  const wallet = coinWallet();
  const playerId = String((stranger.player as Json).id);
  await store.arrivals.linkWallet({ chain: 'advc', address: wallet.address }, playerId);
  await store.arrivals.linkPerson({ provider: 'google', subject: 'stranger', name: 'Stranger', spent: null }, playerId);
  await post();
  await forgot(victim.email);
  await reset(await token1());
  assert.equal([await store.wallets.list(playerId), await store.identities.list(playerId)], [[], []]);

  await store.arrivals.linkWallet({ chain: 'advc', address: wallet.address }, playerId);
  clock.pass(MINUTE_MS);
  await forgot(victim.email);
  await reset(await token1());
  assert.is((await store.wallets.list(playerId)).length, 1, 'but not what was linked since');
});

auth('links run out: a reset’s after an hour, a verification’s after three days', async () => {
  const { email } = await register();
  const link = await token1();
  await forgot(email);
  const resetLink = await token1();
  clock.pass(HOUR_MS);
  assert.is((await reset(resetLink)).json.code, 'link_invalid');
  clock.pass(71 * HOUR_MS - 1);
  assert.is((await verify(link)).status, 200);
  const other = await register();
  const late = await token1();
  clock.pass(72 * HOUR_MS);
  assert.is((await verify(late)).json.code, 'link_invalid');
  assert.is((await store.players.profile(other.id)).verifiedAt, null);
});

auth('a link serves what it was sent for, and a bad password does not use it up', async () => {
  const { email } = await register();
  const verifyLink = await token1();
  await forgot(email);
  const resetLink = await token1();
  assert.is((await verify(resetLink)).json.code, 'link_invalid');
  assert.is((await reset(verifyLink)).json.code, 'link_invalid');
  assert.is((await reset(resetLink, 'short')).json.code, 'password_weak');
  assert.is((await reset(resetLink, 'é'.repeat(40))).json.code, 'password_too_long');
  assert.is((await reset(resetLink)).status, 204);
  for (const bad of ['', 'x', 'a'.repeat(44), `${'a'.repeat(42)}!`])
    assert.equal(await refused('POST', '/api/auth/verify', { body: { token: bad } }), [400, 'malformed']);
  assert.is((await verify('a'.repeat(43))).json.code, 'link_invalid');
});

auth('a changed password ends the link that would change it; a player who goes leaves no link', async () => {
  const one = await register();
  await post();
  await forgot(one.email);
  const link = await token1();
  const body = { currentPassword: PASSWORD, newPassword: 'another one' };
  assert.is((await ask('POST', '/api/auth/password', { token: one.accessToken, body })).status, 204);
  assert.is((await reset(link)).json.code, 'link_invalid');

  const gone = await register();
  const last = await token1();
  await store.players.erase(gone.id);
  assert.is((await verify(last)).json.code, 'link_invalid');
});

auth('who asks for a mail is told the same of any address, and strangers are sent none', async () => {
  const { email } = await register();
  await post();
  const known = await forgot(email);
  const unknown = await forgot('nobody-at-all@example.com');
  assert.equal([known.status, known.text], [unknown.status, unknown.text]);
  assert.equal([...known.headers.keys()].sort(), [...unknown.headers.keys()].sort());
  assert.is((await post()).length, 1);
  assert.equal(mails.map(({ to }) => to).at(-1), email);
  assert.equal((await db.rows('select 1 from mail_outbox')).length, 0);
});

auth('to answer of a known address takes no other work than to answer of an unknown one', async () => {
  const { email } = await register();
  await post();
  const spans = { known: [] as number[], unknown: [] as number[] };
  for (let time = 0; time < 40; time++) {
    clock.pass(24 * HOUR_MS);
    for (const [kind, address] of [
      ['known', email],
      ['unknown', `nobody${time}@example.com`],
    ] as const) {
      const began = performance.now();
      await forgot(address);
      spans[kind].push(performance.now() - began);
    }
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[list.length / 2]!;
  const [known, unknown] = [median(spans.known), median(spans.unknown)];
  assert.ok(Math.max(known, unknown) < 3 * Math.min(known, unknown) + 2, `${known} ms against ${unknown} ms`);
});

auth('no mail changes the root admin’s password, and no role follows from an address that nobody has verified', async () => {
  await store.players.ensureRootAdmin({ email: 'root@example.com', password: 'a long enough one' });
  await post();
  await forgot('root@example.com');
  assert.equal(await post(), []);

  const { email, id } = await register();
  const refusal = await store.players.grantAdmin(email).catch((error: { code: string }) => error.code);
  assert.is(refusal, 'email_unverified');
  assert.equal((await store.players.profile(id)).roles, ['player']);
  await verify(await token1());
  assert.equal((await store.players.grantAdmin(email)).roles, ['player', 'admin']);
});

auth('only a player may have the mail sent again, and only to an address they have', async () => {
  assert.equal(await refused('POST', '/api/auth/verify/send', { body: {} }), [401, 'unauthenticated']);
  const token = String((await ask('POST', '/api/auth/guest', { body: {} })).json.accessToken);
  assert.equal(await refused('POST', '/api/auth/verify/send', { token, body: {} }), [404, 'not_found']);
});

auth('without mail nothing is promised, and new players have all their coins at once', async () => {
  const other = await openRest();
  const one = await other.register();
  assert.equal(await other.refused('POST', '/api/auth/forgot', { body: { email: one.email } }), [503, 'unavailable']);
  assert.equal(await other.refused('POST', '/api/auth/verify/send', { token: one.accessToken, body: {} }), [503, 'unavailable']);
  const { balances } = (await other.ask('GET', '/api/wallet', { token: one.accessToken })).json as { balances: Json[] };
  assert.is(balances[0]!.available, '1000');
  assert.equal(await other.refused('GET', '/dev/mail'), [404, 'not_found']);
  assert.equal((await other.ask('GET', '/api/auth/ways')).json.mail, 'off');
  await other.close();
});

auth(
  'in development mail is shown on a page, with nothing in it taken for markup; in production there is no such page',
  async () => {
    assert.equal(await refused('GET', '/dev/mail'), [404, 'not_found'], 'what was sent is nowhere to be read');
    const { mail } = rest.house.providers;
    const shown = sandboxMailer({ now: clock.now, told: () => undefined });
    rest.house.providers.mail = shown;
    await shown.send({ to: 'ann@example.com', subject: '<script>', text: 'Open http://localhost:2567/#verify=abc & "go"' });
    const page = await ask('GET', '/dev/mail');
    assert.is(page.status, 200);
    assert.match(page.text, '&lt;script&gt;');
    assert.match(page.text, '<a href="http://localhost:2567/#verify=abc">');
    assert.not.match(page.text, '<script>');
    rest.house.settings.production = true;
    assert.equal(await refused('GET', '/dev/mail'), [404, 'not_found']);
    rest.house.settings.production = false;
    rest.house.providers.mail = mail;
  },
);

auth('no address, token or password is in the log', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
  assert.not.match(JSON.stringify(rest.logged), /eyJ|@example\.com|#reset|#verify|battery/);
});

auth.run();
