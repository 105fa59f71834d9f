import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { type Route, route } from '../../http/route.ts';
import { routes } from '../../http/routes.ts';
import { REFUSALS } from '../../rules/refusal.ts';
import { STATUS } from '../../rules/refusal-status.ts';
import { newKey, openRest, type Json } from '../support/rest.ts';

const broken: Route = route({
  method: 'GET',
  path: '/api/broken',
  who: 'anyone',
  summary: 'A bug',
  answers: z.string(),
  answer: () => Promise.reject(new Error('the password is hunter2')),
});
const staff: Route = route({
  method: 'GET',
  path: '/api/staff',
  who: 'admin',
  summary: 'Admins only',
  answers: z.strictObject({ big: z.string(), at: z.string() }),
  answer: async () => ({ big: 2n ** 62n, at: new Date(0) }),
});

const rest = await openRest({ extra: [broken, staff] });
const plain = await openRest({ hot: false, store: rest });
const { ask, refused } = rest;
const { accessToken: token, email } = await rest.register();

const SPIN = '/api/games/spin-and-win/play';
const spin = { stake: { currency: 'COINS', amount: '20' } };

const door = suite('http/door');
door.after(async () => {
  await plain.close();
  await rest.close();
});

door('every route but those for anyone turns strangers away', async () => {
  const closed = routes.filter(({ who }) => who !== 'anyone' && who !== 'either');
  assert.ok(closed.length > 20);
  for (const { method, path } of closed) {
    const told = await ask(method, path.replaceAll(/:\w+/g, 'x'));
    assert.equal(
      [told.status, told.json.code, told.headers.get('www-authenticate')],
      [401, 'unauthenticated', 'Bearer'],
      `${method} ${path}`,
    );
  }
});

door('what is for admins is refused to players', async () => {
  assert.equal(await refused('GET', '/api/staff', { token }), [403, 'forbidden']);
  await rest.store.players.grantAdmin(email);
  const told = await ask('GET', '/api/staff', { token });
  assert.equal(told.json, { big: '4611686018427387904', at: '1970-01-01T00:00:00.000Z' });
});

door('a body that is not what it should be is refused, in Express and before it', async () => {
  const key = newKey();
  const json = { 'content-type': 'application/json' };
  const cases: [unknown, Record<string, string>, number, string][] = [
    ['{"stake":', json, 400, 'malformed'],
    ['[]', json, 400, 'malformed'],
    ['7', json, 400, 'malformed'],
    ['null', json, 400, 'malformed'],
    [Buffer.from([0xff, 0xfe, 0x00]), json, 400, 'malformed'],
    ['stake=20', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    [JSON.stringify(spin), { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    [JSON.stringify(spin), { 'content-type': 'application/json-patch+json' }, 415, 'unsupported_media_type'],
    [JSON.stringify({ ...spin, clientSeed: 'a'.repeat(17_000) }), json, 413, 'too_large'],
    ['x'.repeat(500_000), json, 413, 'too_large'],
    [JSON.stringify({ ...spin, more: 1 }), json, 400, 'malformed'],
    ['{"stake":{"currency":"COINS","amount":"20"},"__proto__":{"admin":true}}', json, 400, 'malformed'],
    [JSON.stringify({ stake: { currency: 'COINS', amount: 20 } }), json, 400, 'malformed'],
    [JSON.stringify({ stake: { currency: 'COINS', amount: '-20' } }), json, 400, 'malformed'],
    [JSON.stringify({ stake: { currency: 'COINS', amount: '20.0' } }), json, 400, 'malformed'],
    [JSON.stringify({ stake: { currency: 'COINS', amount: '020' } }), json, 400, 'malformed'],
    [JSON.stringify({ stake: { currency: 'COINS', amount: '2e1' } }), json, 400, 'malformed'],
    [JSON.stringify({ stake: { currency: 'COINS', amount: '99999999999999999' } }), json, 400, 'malformed'],
    ['', {}, 400, 'malformed'],
  ];
  for (const [body, headers, status, code] of cases)
    for (const way of [rest, plain])
      assert.equal(await way.refused('POST', SPIN, { token, key, body, headers }), [status, code], String(body).slice(0, 80));
  assert.equal((await ask('GET', '/api/games/history', { token })).json, { items: [], nextCursor: null });
});

door('a malformed body is answered field by field, and what was sent is not repeated', async () => {
  const body = { stake: { currency: 'COINS', amount: 'hunter2' }, hello: 1 };
  const { json, text, headers } = await ask('POST', SPIN, { token, key: newKey(), body });
  assert.equal(
    (json.errors as Json[]).map(({ path }) => String(path)).toSorted((a, b) => (a < b ? -1 : 1)),
    ['hello', 'stake.amount'],
  );
  assert.equal([json.type, json.title, json.status], ['urn:playhouse:refusal:malformed', 'Malformed', 400]);
  assert.not.match(text, 'hunter2');
  assert.is(headers.get('content-type'), 'application/problem+json');
});

door('what moves value needs a key, and the key is a UUID', async () => {
  for (const key of [undefined, '', 'abc', '1234'])
    assert.equal(await refused('POST', SPIN, { token, body: spin, ...(key === undefined ? {} : { key }) }), [
      400,
      'idempotency_key_required',
    ]);
});

door('unknown paths are not found, and a wrong method says which are right', async () => {
  for (const path of ['/api', '/api/nowhere', '/api/player', '/api/games/a/b/c'])
    assert.equal(await refused('GET', path, { token }), [404, 'not_found'], path);
  const told = await ask('POST', '/api/player/me', { token, body: {} });
  assert.equal([told.status, told.json.code, told.headers.get('allow')], [405, 'method_not_allowed', 'GET, HEAD, PATCH, DELETE']);
  assert.equal(await refused('PUT', SPIN, { token }), [405, 'method_not_allowed']);
  assert.equal(await refused('GET', '/api/players/%E0%A4%A', { token }), [400, 'malformed']);
  assert.equal(await refused('GET', '/api/leaderboards/%E0%A4%A'), [400, 'malformed']);
});

door('queries are as strict as bodies', async () => {
  for (const query of ['limit=0', 'limit=101', 'limit=ten', 'limit=5&limit=6', 'cursor=abc', 'more=1', '__proto__=1'])
    assert.equal(await refused('GET', `/api/wallet/transactions?${query}`, { token }), [400, 'malformed'], query);
  assert.equal(await refused('GET', '/api/player/me?all=1', { token }), [400, 'malformed']);
});

door('hot routes answer alike before Express and through it', async () => {
  const { accessToken: token } = await rest.register();
  const paths = [
    '/api/player/me',
    '/api/wallet',
    '/api/leaderboards/winnings?limit=3',
    '/api/leaderboards/xp/me',
    '/api/leaderboards/none',
    '/api/wallet?x=1',
  ];
  for (const path of paths) {
    const [hot, cold] = [await ask('GET', path, { token }), await plain.ask('GET', path, { token })];
    assert.equal([hot.status, hot.text], [cold.status, cold.text], path);
    const names = ({ headers }: typeof hot) => [...headers.keys()].filter((name) => name !== 'x-powered-by').sort();
    assert.equal(names(hot), names(cold), path);
  }
  const key = newKey();
  const hot = await ask('POST', SPIN, { token, key, body: spin });
  const cold = await plain.ask('POST', SPIN, { token, key, body: spin });
  assert.equal([hot.status, cold.status, hot.text], [200, 200, cold.text]);
  assert.equal([hot.headers.get('idempotency-replayed'), cold.headers.get('idempotency-replayed')], [null, 'true']);
});

door('every answer carries a request id, safe headers and no cache', async () => {
  const seen = new Set<string | null>();
  for (const path of ['/api/player/me', '/api/currencies', '/api/nowhere', '/health/live']) {
    const { headers } = await ask('GET', path, { token, headers: { 'x-request-id': 'mine' } });
    seen.add(headers.get('x-request-id'));
    assert.is(headers.get('cache-control'), 'no-store', path);
    assert.is(headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(headers.get('content-security-policy')!, "default-src 'none'");
    assert.is(headers.get('access-control-allow-origin'), null);
  }
  assert.is(seen.size, 4);
  assert.not.ok(seen.has('mine'));
});

door('a bug is answered without its message, and logged', async () => {
  rest.logged.length = 0;
  const told = await ask('GET', '/api/broken');
  assert.equal([told.status, told.json.code], [500, 'internal']);
  assert.not.match(told.text, 'hunter2');
  assert.equal(
    rest.logged.map(([level, event, { route }]) => [level, event, route]),
    [['error', 'request_failed', '/api/broken']],
  );
});

door('who asks too much is told when to come again', async () => {
  const tight = await openRest({ limits: { read: 3, auth: 2 }, store: rest });
  const { accessToken: other } = await rest.register();
  const told = await Promise.all(Array.from({ length: 5 }, () => tight.ask('GET', '/api/player/me', { token })));
  assert.equal(
    told.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 200, 200, 429, 429],
  );
  const last = told.find(({ status }) => status === 429)!;
  assert.is(last.json.code, 'rate_limited');
  assert.ok(Number(last.headers.get('retry-after')) >= 1);
  assert.is(last.headers.get('ratelimit-policy'), '"read";q=3;w=60');
  assert.match(told[0]!.headers.get('ratelimit')!, /^"read";r=\d;t=\d+$/);
  assert.is((await tight.ask('GET', '/api/player/me', { token: other })).status, 200, 'another player is not concerned');

  const spoof = (n: number) =>
    tight.refused('POST', '/api/auth/login', {
      body: {},
      headers: { 'x-forwarded-for': `10.0.0.${n}`, 'x-real-ip': `10.0.0.${n}` },
    });
  assert.equal(
    [await spoof(1), await spoof(2), await spoof(3)],
    [
      [400, 'malformed'],
      [400, 'malformed'],
      [429, 'rate_limited'],
    ],
  );
  await tight.close();
});

door('strangers with bad tokens are counted by address', async () => {
  const tight = await openRest({ limits: { read: 3 }, store: rest });
  const codes = [];
  for (let tries = 0; tries < 5; tries++)
    codes.push((await tight.refused('GET', '/api/player/me', { token: `made up ${tries}` }))[1]);
  assert.equal(codes, ['token_invalid', 'token_invalid', 'token_invalid', 'rate_limited', 'rate_limited']);
  await tight.close();
});

door('behind a proxy the proxy’s own word for the address counts, and the sender’s does not', async () => {
  const behind = await openRest({ limits: { auth: 1 }, store: rest, settings: { trustProxy: true } });
  const from = (forwarded: string) =>
    behind.refused('POST', '/api/auth/login', { body: {}, headers: { 'x-forwarded-for': forwarded } });
  const told = [
    await from('1.1.1.1'),
    await from('2.2.2.2'),
    await from('9.9.9.9, 1.1.1.1'),
    await from('2001:db8::1'),
    await from('2001:db8::ffff:2'),
  ];
  assert.equal(
    told.map(([status]) => status),
    [400, 400, 429, 400, 429],
  );
  await behind.close();
});

door('each refusal has a status of its kind', () => {
  assert.equal(Object.keys(STATUS).sort(), [...REFUSALS].sort());
  for (const status of Object.values(STATUS)) assert.ok(status >= 400 && status <= 503);
});

door('the OpenAPI document tells of every route, with its formats', async () => {
  const { json, status } = await ask('GET', '/openapi.json');
  assert.is(status, 200);
  const paths = json.paths as Record<string, Record<string, Json>>;
  for (const { method, path, body, idempotent, who } of routes) {
    const operation = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    assert.ok(operation, `${method} ${path}`);
    assert.is(operation.requestBody !== undefined, body !== null, path);
    assert.is((operation.security as unknown[]).length, { anyone: 0, either: 2, player: 1, admin: 1 }[who], path);
    const names = ((operation.parameters ?? []) as Json[]).map(({ name }) => name);
    assert.is(names.includes('Idempotency-Key'), idempotent, path);
    for (const [, name] of path.matchAll(/:(\w+)/g)) assert.ok(names.includes(name), `${path} ${name}`);
  }
  assert.ok(paths['/api/broken']?.get, 'a route from outside is told of too');
  const ids = Object.values(paths).flatMap((verbs) => Object.values(verbs).map(({ operationId }) => operationId));
  assert.is(new Set(ids).size, ids.length);
});

door('the page about it is whole by itself', async () => {
  const { text, headers, status } = await ask('GET', '/docs');
  assert.equal([status, headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  assert.not.match(text, /https?:\/\//);
  assert.match(headers.get('content-security-policy')!, /script-src 'sha256-[\w+/=]+'/);
});

door.run();
