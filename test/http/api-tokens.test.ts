// Direct access: a player's program, held to what it was granted.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { routes } from '../../http/routes.ts';
import { SCOPE_WORDS } from '../../rules/api-tokens.ts';
import { newKey, openRest, PASSWORD, type Json, type SignedIn } from '../support/rest.ts';
import { actsOn, operator, vouched } from '../support/staff.ts';

const rest = await openRest();
const { ask, refused, clock } = rest;
const admin = await operator(rest, 'admin');
const PURPOSE = 'A chart of my balance.';
const PATH = '/api/player/api-tokens';
const DAY_MS = 86_400_000;

async function verified(): Promise<SignedIn> {
  const one = await rest.register();
  await vouched(rest, one.id);
  return one;
}
const signIn = async (one: SignedIn): Promise<SignedIn> => ({
  ...one,
  accessToken: String(
    (await ask('POST', '/api/auth/login', { body: { email: one.email, password: PASSWORD } })).json.accessToken,
  ),
});
const request = (one: SignedIn, scopes: readonly string[], purpose = PURPOSE) =>
  ask('POST', PATH, { token: one.accessToken, body: { purpose, scopes } });
const judge = (verb: 'grant' | 'decline' | 'revoke', id: unknown, body: Json = {}, by = admin) =>
  refused('POST', `/api/admin/api-tokens/${String(id)}/${verb}`, { token: by.accessToken, body });
const collect = (one: SignedIn, id: unknown) =>
  ask('POST', `${PATH}/${String(id)}/collect`, { token: one.accessToken, body: {} });
const own = async (one: SignedIn) => (await ask('GET', PATH, { token: one.accessToken })).json.items as Json[];

async function granted(one: SignedIn, scopes: readonly string[]): Promise<{ id: string; token: string }> {
  const { json } = await request(one, scopes);
  assert.equal(await judge('grant', json.id), [200, 'done']);
  return { id: String(json.id), token: String((await collect(one, json.id)).json.token) };
}

const direct = suite('http/api-tokens');
direct.after(() => rest.close());

direct(
  'who is not verified cannot ask; nor can anyone ask without a purpose, for nothing, or for what there is not',
  async () => {
    const ann = await rest.register();
    assert.is((await request(ann, ['read:wallet'])).json.code, 'player_unverified');
    const bob = await verified();
    const guest = (await ask('POST', '/api/auth/guest', { body: {} })).json.accessToken as string;
    assert.equal(await refused('POST', PATH, { token: guest, body: { purpose: PURPOSE, scopes: ['read:wallet'] } }), [
      403,
      'player_unverified',
    ]);
    for (const scopes of [[], ['admin'], ['read:everything'], ['constructor'], Array(9).fill('read:wallet')])
      assert.is((await request(bob, scopes)).status, 400, JSON.stringify(scopes));
    assert.is((await request(bob, ['read:wallet'], 'short')).status, 400);
    assert.equal(await own(bob), []);
  },
);

direct('a token is asked for, granted in part, collected once, used within its scopes, and its use is seen', async () => {
  const ann = await verified();
  const { json: asked } = await request(ann, ['read:wallet', 'read:profile', 'play:spin', 'read:wallet']);
  assert.equal([asked.state, asked.scopes], ['asked', ['read:wallet', 'read:profile', 'play:spin']]);
  assert.is((await collect(ann, asked.id)).json.code, 'proposal_decided');
  assert.equal(await judge('grant', asked.id, { scopes: ['read:games'] }), [400, 'malformed'], 'what was not asked for');
  assert.equal(await judge('grant', asked.id, { scopes: ['read:wallet', 'play:spin'] }), [200, 'done']);
  assert.equal(await judge('grant', asked.id), [409, 'proposal_decided']);
  assert.is((await collect(await verified(), asked.id)).json.code, 'not_found', 'it is another’s');
  const told = await collect(ann, asked.id);
  const { token, hint, state } = told.json as { token: string; hint: string; state: string };
  assert.equal([token.startsWith(hint), state, told.headers.get('cache-control')], [true, 'active', 'no-store']);
  assert.is((await collect(ann, asked.id)).json.code, 'proposal_decided', 'once');

  assert.is((await ask('GET', '/api/wallet', { token })).status, 200);
  const spin = { token, key: newKey(), body: { stake: { currency: 'COINS', amount: '20' } } };
  assert.is((await ask('POST', '/api/games/spin-and-win/play', spin)).status, 200);
  assert.equal(await refused('GET', '/api/player/me', { token }), [403, 'scope_missing']);
  const [kept] = await own(ann);
  assert.equal([kept!.usedAt, kept!.purpose, 'token' in kept!], [clock.now().toISOString(), PURPOSE, false]);
  const rows = JSON.stringify(await rest.db.rows('select * from api_token'));
  assert.not.ok(rows.includes(token), 'only its hash is kept');
  assert.equal(
    (await actsOn(rest, `api_token:${String(asked.id)}`)).map(({ action, actorId }) => [action, actorId]),
    [['api_token.grant', admin.id]],
  );
  const { items } = (await ask('GET', '/api/notifications', { token: ann.accessToken })).json as { items: Json[] };
  assert.equal(
    items.map(({ kind, data }) => [kind, (data as Json).state]),
    [['api_token_decided', 'granted']],
  );
});

direct('a token opens the routes of its scopes and no other: none that acts for a person, none of the desk', async () => {
  const staff = await operator(rest, 'root');
  const { token } = await granted(await signIn(staff), SCOPE_WORDS);
  const open = routes.filter(({ scope }) => scope !== null);
  assert.equal(
    SCOPE_WORDS.filter((word) => !open.some(({ scope }) => scope === word)),
    [],
    'each scope is good for something',
  );
  for (const { method, path, who, scope } of routes) {
    if (who === 'anyone') continue;
    const told = await ask(method, path.replaceAll(/:\w+/g, 'x'), { token, key: newKey() });
    const code = who === 'admin' ? 'forbidden' : 'scope_missing';
    if (scope === null) assert.equal([told.status, told.json.code], [403, code], `${method} ${path}`);
    else assert.is.not(told.json.code, 'scope_missing', `${method} ${path}`);
  }
});

direct('a token is turned away once it is revoked, by its player or an operator, or its player is banned', async () => {
  const ann = await verified();
  const [one, two, three] = [
    await granted(ann, ['read:wallet']),
    await granted(ann, ['read:wallet']),
    await granted(ann, ['read:wallet']),
  ];
  for (const { token } of [one, two, three]) assert.is((await ask('GET', '/api/wallet', { token })).status, 200);
  assert.equal(await refused('DELETE', `${PATH}/${one.id}`, { token: (await verified()).accessToken }), [404, 'not_found']);
  assert.equal(await refused('DELETE', `${PATH}/${one.id}`, { token: ann.accessToken }), [204, 'done']);
  assert.equal(await refused('DELETE', `${PATH}/${one.id}`, { token: ann.accessToken }), [409, 'proposal_decided']);
  assert.equal(await judge('revoke', two.id), [400, 'malformed'], 'the player reads why');
  assert.equal(await judge('revoke', two.id, { reason: 'Too many requests.' }), [200, 'done']);
  for (const { token } of [one, two]) assert.equal(await refused('GET', '/api/wallet', { token }), [401, 'token_invalid']);
  const admins = { token: admin.accessToken, body: { reason: 'Cheating.' } };
  assert.equal(await refused('POST', `/api/admin/players/${ann.id}/ban`, admins), [204, 'done']);
  assert.equal(await refused('GET', '/api/wallet', { token: three.token }), [403, 'account_banned']);
});

direct('a declined request says why; nobody decides their own; five are open at most', async () => {
  const ann = await verified();
  const asked: unknown[] = [];
  for (let n = 0; n < 5; n++) asked.push((await request(ann, ['read:boards'])).json.id);
  assert.is((await request(ann, ['read:boards'])).json.code, 'limit_reached');
  assert.equal(await judge('decline', asked[0], { reason: 'What for?' }), [200, 'done']);
  assert.equal(await judge('decline', asked[0], { reason: 'What for?' }), [409, 'proposal_decided']);
  assert.equal(await judge('grant', asked[0]), [409, 'proposal_decided']);
  assert.is((await request(ann, ['read:boards'])).status, 201);
  const [mine] = (await own(ann)).filter(({ id }) => id === asked[0]);
  assert.equal([mine!.state, mine!.reason], ['declined', 'What for?']);
  const theirs = await request(admin, ['read:boards']);
  assert.equal(await judge('grant', theirs.json.id), [403, 'own_proposal']);
  assert.equal(await judge('grant', newKey()), [404, 'not_found']);
  const { items } = (await ask('GET', `/api/admin/api-tokens?state=asked&playerId=${ann.id}`, { token: admin.accessToken })).json;
  assert.is((items as Json[]).length, 5);
});

direct('a token lasts 30 days from its grant, collected or not; one that is made up is none', async () => {
  const ann = await verified();
  const { id, token } = await granted(ann, ['read:wallet']);
  const { json: waiting } = await request(ann, ['read:wallet']);
  await judge('grant', waiting.id);
  clock.pass(30 * DAY_MS - 1_000);
  assert.is((await ask('GET', '/api/wallet', { token })).status, 200);
  clock.pass(6_000);
  assert.equal(await refused('GET', '/api/wallet', { token }), [401, 'token_expired']);
  const later = await signIn(ann);
  assert.is((await collect(later, waiting.id)).json.code, 'proposal_decided');
  assert.equal((await own(later)).find((each) => each.id === id)!.state, 'expired');
  for (const made of [`pht_${'A'.repeat(43)}`, 'pht_', `pht_${'x'.repeat(5_000)}`, token.slice(0, -1)])
    assert.equal(await refused('GET', '/api/wallet', { token: made }), [401, 'token_invalid']);
});

direct('programs are limited apart: a busy token leaves its player’s own requests alone', async () => {
  const narrow = await openRest({ store: rest, limits: { token: 3 } });
  const ann = await verified();
  const boss = await signIn(admin);
  const { json } = await request(ann, ['read:wallet']);
  await judge('grant', json.id, {}, boss);
  const token = String((await collect(ann, json.id)).json.token);
  const statuses = [];
  for (let n = 0; n < 5; n++) statuses.push((await narrow.ask('GET', '/api/wallet', { token })).status);
  assert.equal(statuses, [200, 200, 200, 429, 429]);
  assert.match((await narrow.ask('GET', '/api/wallet', { token })).headers.get('ratelimit-policy')!, '"token";q=3');
  assert.is((await narrow.ask('GET', '/api/wallet', { token: ann.accessToken })).status, 200);
  await narrow.close();
});

direct('nothing in the log is an error', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

direct.run();
