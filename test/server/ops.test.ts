import { base32nopad } from '@scure/base';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { totpCode, totpStep } from '../../persistence/totp.ts';
import { seen, startServer } from '../support/server.ts';

const ROOT = { email: 'root@example.com', password: 'the root of it all' };
const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };

const server = await startServer();
const { url, store, logged } = server;
await store.players.ensureRootAdmin(ROOT);
await store.players.register({ ...ADMIN, displayName: 'Ada <b>Min</b>', device: 'test' });
await store.players.grantAdmin(ADMIN.email);
await store.players.register({ email: 'player@example.com', password: ADMIN.password, displayName: 'P', device: 'test' });

let sender = 0;
/** Each from an address of its own would need a proxy; the limit is ten a minute, and those before the last are fewer. */
const login = (who: { email: string; password: string }, headers: Record<string, string> = {}) => {
  sender++;
  return fetch(`${url}/ops/login`, { method: 'POST', body: new URLSearchParams(who), redirect: 'manual', headers });
};

const get = (path: string, cookie = '', headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, { headers: { cookie, ...headers }, redirect: 'manual' });

async function cookieOf(who: { email: string; password: string }): Promise<string> {
  const response = await login(who);
  assert.is(response.status, 303, await response.text());
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

const ops = suite('ops');
const root = await cookieOf(ROOT);
const admin = await cookieOf(ADMIN);
const player = await server.register('Ann');
const room = await player.client.joinOrCreate('spin', { currency: 'COINS' });
room.onMessage('*', () => undefined);

ops('the cookie is for /ops alone, out of reach of scripts and of other sites', async () => {
  const { headers } = await login(ROOT);
  const cookie = headers.get('set-cookie')!;
  for (const part of [/HttpOnly/i, /SameSite=Strict/i, /Path=\/ops(;|$)/i]) assert.match(cookie, part);
});

ops('a player is no operator, and a wrong password opens nothing', async () => {
  for (const who of [
    { email: 'player@example.com', password: ADMIN.password },
    { ...ROOT, password: 'a wrong one of it' },
  ]) {
    const response = await login(who);
    assert.ok(response.status === 403 || response.status === 401, String(response.status));
    assert.is(response.headers.get('set-cookie'), null);
  }
});

ops('another site’s form does not sign in', async () => {
  assert.is((await login(ROOT, { origin: 'https://evil.example' })).status, 403);
  assert.is((await login(ROOT, { 'sec-fetch-site': 'cross-site' })).status, 403);
});

ops('names are text on the page, not markup', async () => {
  const page = await (await get('/ops', admin)).text();
  assert.match(page, /Ada &lt;b&gt;Min/);
  assert.not.match(page, /<b>/);
});

ops('the monitor is for the root admin: not for nobody, not for an admin', async () => {
  for (const path of ['/ops/monitor/', '/ops/monitor/api', `/ops/monitor/api/room?roomId=${room.roomId}`]) {
    assert.ok([303, 401].includes((await get(path)).status), path);
    assert.is((await get(path, 'ops=guessed')).status, path.endsWith('/') ? 303 : 401);
    assert.is((await get(path, admin)).status, 403);
    assert.is((await get(path, root)).status, 200, path);
  }
  const listing = (await (await get('/ops/monitor/api', root)).json()) as { rooms: { roomId: string }[] };
  assert.ok(listing.rooms.some(({ roomId }) => roomId === room.roomId));
});

const call = (method: string, args = '[]') =>
  `/ops/monitor/api/room/call?roomId=${room.roomId}&method=${method}&args=${encodeURIComponent(args)}`;

ops('no method of a room can be called but the two that end a connection', async () => {
  const before = JSON.stringify(seen(room));
  for (const method of [
    'voidRound',
    'callMove',
    'end',
    'setState',
    '_editStateProperty',
    'constructor',
    '',
    'Disconnect',
    'disconnect%00',
  ]) {
    assert.is((await get(call(method), root)).status, 403, method);
  }
  for (const path of [
    `${call('disconnect')}&method=callMove`,
    call('callMove').replace('/api/room/call', '//api/room/call/'),
    call('callMove').replace('call?', 'CALL?'),
  ]) {
    assert.is.not((await get(path, root)).status, 200, path);
  }
  assert.is((await get(call('disconnect'), admin)).status, 403);
  assert.is((await get(call('disconnect'), root, { 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.is(JSON.stringify(seen(room)), before);
});

ops('a call that is admitted is written down with who made it', async () => {
  const left = new Promise((resolve) => room.onLeave(resolve));
  room.reconnection.enabled = false;
  assert.is((await get(call('_forceClientDisconnect', JSON.stringify([room.sessionId])), root)).status, 200);
  await left;
  const line = logged.find(({ event }) => event === 'ops_room_call');
  assert.is(line?.details.method, '_forceClientDisconnect');
  assert.is(line?.details.roomId, room.roomId);
  assert.ok(line?.details.playerId);
});

ops('and in the audit log, before it is done', async () => {
  const [act] = await store.auditLog.page({ limit: 1, before: null, target: `room:${room.roomId}` });
  assert.equal([act?.action, act?.after], ['room.forceClientDisconnect', { args: JSON.stringify([room.sessionId]) }]);
});

ops(
  'a link that somebody was sent calls nothing, and neither does a root who has not said a code of the second factor',
  async () => {
    const { playerId } = logged.find(({ event }) => event === 'ops_room_call')!.details as { playerId: string };
    const calls = () => logged.filter(({ event }) => event === 'ops_room_call').length;
    const before = calls();
    assert.is((await get(call('disconnect'), root, { 'sec-fetch-site': 'none' })).status, 403);
    assert.is((await get('/ops/monitor/api', root, { 'sec-fetch-site': 'none' })).status, 200);
    const sessionId = (await store.sessions.list(playerId))[0]!.id;
    const secret = base32nopad.decode((await store.totp.enrol(playerId, 'root')).secret);
    await store.totp.confirm({ playerId, sessionId }, totpCode(secret, totpStep(server.clock.now())));
    const [fresh, said] = [await cookieOf(ROOT), await store.totp.factor({ playerId, sessionId })];
    assert.ok(said.steppedUpUntil);
    assert.is((await get(call('disconnect'), fresh)).status, 403);
    assert.is(calls(), before);
    await store.totp.remove(playerId, playerId);
  },
);

ops('signing out takes the page’s own token, and ends the session', async () => {
  const cookie = await cookieOf(ADMIN);
  const out = (csrf: string) =>
    fetch(`${url}/ops/logout`, { method: 'POST', headers: { cookie }, body: new URLSearchParams({ csrf }), redirect: 'manual' });
  assert.is((await out('guessed')).status, 403);
  const csrf = /name="csrf" value="(\w+)"/.exec(await (await get('/ops', cookie)).text())![1]!;
  assert.is((await out(csrf)).status, 303);
  assert.match(await (await get('/ops', cookie)).text(), /action="\/ops\/login"/);
});

ops('a banned operator is out at once', async () => {
  assert.match(await (await get('/ops', admin)).text(), /Signed in/);
  const { id } = await store.players.grantAdmin(ADMIN.email);
  await store.players.ban(id);
  assert.match(await (await get('/ops', admin)).text(), /action="\/ops\/login"/);
});

ops('tries from one address are limited', async () => {
  while (sender < 13) await login({ email: 'x@example.com', password: 'wrong wrong wrong' });
  assert.is((await login(ROOT)).status, 429);
});

ops('nothing of this reached the log: no address, no password', () => {
  const written = JSON.stringify(logged, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  for (const secret of [ROOT.email, ROOT.password, ADMIN.email]) assert.not.ok(written.includes(secret));
});

ops('the server closes', () => server.stop());

ops.run();
