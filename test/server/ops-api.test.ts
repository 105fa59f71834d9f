// The admin routes behind the desk's own cookie: who gets there, with what, and that the cookie opens nothing else.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Request } from 'express';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { houseRooms } from '../../server/games.ts';
import type { House } from '../../server/house.ts';
import { openEntries } from '../../server/ops-entries.ts';
import { freshFolder } from '../support/process.ts';
import { startServer } from '../support/server.ts';

const PASSWORD = 'correct horse battery';
const ROOT = { email: 'root@example.com', password: PASSWORD };

const folder = freshFolder();
mkdirSync(join(folder.path, 'assets'));
writeFileSync(join(folder.path, 'index.html'), '<!doctype html><title>The console</title>');
writeFileSync(join(folder.path, 'assets', 'index-abc.js'), 'export {};');
const server = await startServer({}, {}, houseRooms, null, [], folder.path);
const { url, store, db } = server;
await store.players.ensureRootAdmin(ROOT);
const ann = await server.register('Ann');

async function enter(who: { email: string; password: string }): Promise<{ cookie: string; csrf: string }> {
  const reply = await fetch(`${url}/ops/login`, { method: 'POST', body: new URLSearchParams(who), redirect: 'manual' });
  assert.is(reply.status, 303, await reply.text());
  const cookie = reply.headers.get('set-cookie')!.split(';')[0]!;
  const session = await fetch(`${url}/ops/session`, { headers: { cookie } });
  return { cookie, csrf: ((await session.json()) as { csrf: string }).csrf };
}

/** Somebody with this role and no other. */
async function operator(role: string): Promise<{ cookie: string; csrf: string }> {
  const email = `${role}@example.com`;
  await store.players.register({ email, password: PASSWORD, displayName: role, device: 'test' });
  await db.rows(`update player set roles = $2::text[] where email = $1`, [email, ['player', role]]);
  return enter({ email, password: PASSWORD });
}

const root = await enter(ROOT);
const heads = ({ cookie, csrf }: { cookie: string; csrf: string }) => ({ cookie, 'x-csrf-token': csrf });

async function ask(path: string, headers: Record<string, string>, body?: unknown) {
  const reply = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
    redirect: 'manual',
  });
  const text = await reply.text();
  const json = reply.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null;
  return { status: reply.status, body: json, code: json?.code as string | undefined, headers: reply.headers };
}

const api = suite('ops-api');
const OWN = [
  '/ops/api/admin/figures',
  '/ops/api/admin/waiting',
  '/ops/api/admin/rounds',
  '/ops/api/admin/rooms',
  '/ops/api/admin/discord',
];

api('a stranger is told 401, a cookie without the page’s token 403, with it the door is open', async () => {
  for (const path of [...OWN, '/ops/session']) assert.is((await ask(path, {})).status, 401, path);
  for (const path of OWN) {
    assert.equal(
      [(await ask(path, { cookie: root.cookie })).code, (await ask(path, { ...heads(root), 'x-csrf-token': 'x' })).code],
      ['csrf', 'csrf'],
    );
    assert.is((await ask(path, heads(root))).status, 200, path);
  }
});

api('the same routes under /api take tokens alone: 401 for the cookie, 403 for a player', async () => {
  for (const path of OWN.map((at) => at.replace('/ops', ''))) {
    assert.is((await ask(path, heads(root))).status, 401, path);
    assert.is((await ask(path, { authorization: `Bearer ${ann.accessToken}` })).status, 403, path);
  }
});

api('a player’s token is nothing at the desk, and a player’s password opens none', async () => {
  assert.is((await ask('/ops/api/admin/rooms', { authorization: `Bearer ${ann.accessToken}` })).status, 401);
  await store.players.register({ email: 'bo@example.com', password: PASSWORD, displayName: 'Bo', device: 'test' });
  const body = new URLSearchParams({ email: 'bo@example.com', password: PASSWORD });
  const reply = await fetch(`${url}/ops/login`, { method: 'POST', body, redirect: 'manual' });
  assert.equal([reply.status, reply.headers.get('set-cookie')], [403, null]);
});

api('nothing but admin routes is there', async () => {
  for (const path of ['/ops/api/wallet', '/ops/api/player/me', '/ops/api/admin', '/ops/api/../api/wallet', '/ops/api/admin/none'])
    assert.is.not((await ask(path, heads(root))).status, 200, path);
  assert.is((await ask('/ops/api/wallet', heads(root))).code, 'not_found');
});

api('another site’s page is refused whatever it brings', async () => {
  const brought: [string, string][] = [
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'same-site'],
    ['origin', 'https://evil.example'],
    ['origin', 'null'],
  ];
  for (const [name, value] of brought)
    assert.is((await ask('/ops/api/admin/waiting', { ...heads(root), [name]: value })).code, 'csrf', value);
});

api('an act goes through as over /api: judged by rights, and written in the audit log under its name', async () => {
  const viewer = await operator('viewer');
  const path = `/ops/api/admin/players/${ann.playerId}/notes`;
  assert.is((await ask(path, heads(viewer), { text: 'A note' })).code, 'forbidden');
  assert.is((await ask(path, heads(viewer))).status, 200);
  assert.is((await ask(path, heads(root), { text: '' })).code, 'malformed');
  assert.is((await ask(path, heads(root), { text: 'A note' })).status, 201);
  const [act] = await store.auditLog.page({ limit: 1, before: null, target: `player:${ann.playerId}` });
  const [{ id }] = (await db.rows<{ id: string }>(`select id from player where email = $1`, [ROOT.email])) as [{ id: string }];
  assert.equal([act?.action, act?.actorId], ['player.note', id]);
});

api('a role that is taken away is gone at once, and so is a session that ends', async () => {
  const support = await operator('support');
  assert.is((await ask('/ops/api/admin/rooms', heads(support))).status, 200);
  await db.rows(`update player set roles = '{player}' where email = 'support@example.com'`);
  const [{ id }] = (await db.rows<{ id: string }>(`select id from player where email = 'support@example.com'`)) as [
    { id: string },
  ];
  store.sessions.forgetPlayer(id);
  assert.is((await ask('/ops/api/admin/rooms', heads(support))).status, 401);
});

api('the console is an operator’s alone, its files too, under a policy that runs nothing else', async () => {
  assert.match(await (await fetch(`${url}/ops`)).text(), /action="\/ops\/login"/);
  const page = await fetch(`${url}/ops`, { headers: { cookie: root.cookie } });
  assert.match(await page.text(), /The console/);
  const policy = page.headers.get('content-security-policy')!;
  assert.match(policy, /default-src 'none'.*script-src 'self'; style-src 'self'/);
  assert.not.match(policy, /unsafe/);
  assert.is(page.headers.get('cache-control'), 'no-store');
  for (const path of [
    '/ops/assets/index-abc.js',
    '/ops/%61ssets/index-abc.js',
    '/OPS/assets/index-abc.js',
    '//ops/assets/index-abc.js',
  ])
    assert.is.not((await ask(path, {})).status, 200, path);
  assert.is((await ask('/ops/assets/index-abc.js', { cookie: root.cookie })).status, 200);
  for (const path of ['/ops/assets/', '/ops/assets/../index.html', '/ops/assets/%2e%2e/%2e%2e/package.json', '/ops/index.html'])
    assert.is((await ask(path, { cookie: root.cookie })).status, 404, path);
});

api('in production the cookie is never sent in the clear', () => {
  const settings = { ...server.house.settings, production: true } satisfies House['settings'];
  const entries = openEntries({ store, now: server.house.now, settings });
  const line = entries.open('01a1fdff-0000-7000-8000-000000000000');
  for (const part of [/; Secure/, /; HttpOnly/, /; SameSite=Strict/, /; Path=\/ops(;|$)/]) assert.match(line, part);
  assert.match(entries.close({ headers: {} } as Request), /Max-Age=0/);
});

api('figures are told from the first sample on, and then those that are new', async () => {
  await ann.call(
    'POST',
    '/api/games/spin-and-win/play',
    { stake: { currency: 'COINS', amount: '100' } },
    { 'idempotency-key': crypto.randomUUID() },
  );
  await server.server.figures.sample();
  const spin = { 'idempotency-key': crypto.randomUUID() };
  assert.is(
    (await ann.call('POST', '/api/games/spin-and-win/play', { stake: { currency: 'COINS', amount: '100' } }, spin)).status,
    200,
  );
  server.push(60_000);
  await server.server.figures.sample();
  const { samples } = (await ask('/ops/api/admin/figures', heads(root))).body as {
    samples: { at: string; betsPerMinute: number; driftMinorUnits: number }[];
  };
  const last = samples.at(-1)!;
  assert.ok(last.betsPerMinute > 0.9 && last.betsPerMinute <= 1, String(last.betsPerMinute));
  assert.is(last.driftMinorUnits, 0);
  const newer = await ask(`/ops/api/admin/figures?since=${samples.at(-2)!.at}`, heads(root));
  assert.is(newer.body.samples.length, 1);
  assert.is((await ask('/ops/api/admin/figures?since=yesterday', heads(root))).code, 'malformed');
});

api('rounds are listed newest first, a page at a time, of one game where that is asked', async () => {
  const first = (await ask('/ops/api/admin/rounds?limit=1', heads(root))).body;
  const second = (await ask(`/ops/api/admin/rounds?limit=1&cursor=${first.nextCursor}`, heads(root))).body;
  assert.ok(first.items[0].id > second.items[0].id);
  assert.is(second.nextCursor, null);
  assert.is((await ask('/ops/api/admin/rounds?game=roulette', heads(root))).body.items.length, 0);
});

api('what a provider said is told in short, and never the phone it said it of', async () => {
  const payment = crypto.randomUUID();
  await db.rows(PAYMENT, [payment, ann.playerId]);
  const said = {
    Body: {
      stkCallback: {
        ResultCode: 0,
        ResultDesc: 'Done',
        CallbackMetadata: {
          Item: [
            { Name: 'MpesaReceiptNumber', Value: 'NLJ7RT61SV' },
            { Name: 'PhoneNumber', Value: 254708374149 },
          ],
        },
      },
    },
  };
  for (const [kind, body] of [
    ['stk', JSON.stringify(said)],
    ['status', 'not JSON'],
  ])
    await db.rows(CALLBACK, [payment, kind, body]);
  const { body } = await ask(`/ops/api/admin/payments/${payment}`, heads(root));
  assert.equal(
    body.words.map((word: any) => [word.kind, word.code, word.words, word.receipt]),
    [
      ['stk', '0', 'Done', 'NLJ7RT61SV'],
      ['status', null, null, null],
    ],
  );
  assert.not.match(JSON.stringify(body), /254708374149/);
  assert.is((await ask('/ops/api/admin/waiting', heads(root))).body.payments, 1);
  assert.is((await ask(`/ops/api/admin/payments/${crypto.randomUUID()}`, heads(root))).code, 'not_found');
});

const PAYMENT = `
  insert into payment (id, request, fingerprint, player, direction, state, amount, phone, reference, token_hash, status_token_hash, created_at, changed_at)
  values ($1, gen_random_uuid(), gen_random_uuid(), $2, 'deposit', 'needs_review', 10000, '254708374149', 'R1', 'a', 'b', now(), now())`;
const CALLBACK = `
  insert into payment_callback (id, payment, kind, body, digest, address, received_at)
  values (gen_random_uuid(), $1, $2, $3, convert_to($3, 'UTF8'), '127.0.0.1', now())`;

api('the server closes', async () => {
  await server.stop();
  folder.remove();
});

api.run();
