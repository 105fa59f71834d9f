// Notifications as they come, over the real server: each once, in order, whatever becomes of the connection.
import { once } from 'node:events';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type NotificationKind, notifyIn } from '../../persistence/notifications.ts';
import { hear, type Listening } from '../support/events.ts';
import { startServer, until } from '../support/server.ts';

const server = await startServer();
const { db, url, store } = server;

const tell = (playerId: string, count = 1, kind: NotificationKind = 'level_up') =>
  db.transaction(async (em) => {
    for (let n = 0; n < count; n++) await notifyIn(em, { playerId, kind, data: { n } });
  });
const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const open = () => server.house.notices.streams();

const events = suite('http/events');

events('a stream begins where the player stands, and tells what comes, as it is in the inbox', async () => {
  const ann = await server.register('Ann');
  await tell(ann.playerId, 2);
  const stream = await hear(url, { token: ann.accessToken, headers: { origin: 'http://127.0.0.1:5173' } });
  assert.is(stream.status, 200);
  await until('the beginning', () => stream.heard.length === 1);
  assert.equal(stream.heard, [{ id: 2, event: 'ready', data: { last: 2 } }]);
  await tell(ann.playerId, 1, 'quest_completed');
  await until('the news', () => stream.heard.length === 2);
  const [item] = (await ann.call('GET', '/api/notifications')).body.items;
  assert.is(item.readAt, null);
  delete item.readAt;
  assert.equal(stream.heard[1], { id: 3, event: 'quest_completed', data: item });
  for (const [name, value] of [
    ['content-type', 'text/event-stream'],
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    ['x-accel-buffering', 'no'],
    ['access-control-allow-origin', 'http://127.0.0.1:5173'],
    ['content-encoding', null],
  ] as const)
    assert.is(stream.headers.get(name), value, name);
  assert.ok(
    stream.headers.get('x-request-id') && stream.headers.get('ratelimit') && stream.headers.get('content-security-policy'),
  );
  stream.close();
  await until('it to be let go', () => open() === 0);
});

events('who comes back hears what was missed, each once and in order; nobody hears another’s', async () => {
  const [ann, bob] = [await server.register('Ann'), await server.register('Bob')];
  const token = ann.accessToken;
  const heard: number[] = [];
  let last: number | null = null;
  for (let round = 0; round < 6; round++) {
    const stream = await hear(url, { token, lastEventId: last });
    if (last === null) await until('a beginning', () => stream.last() !== null);
    await Promise.all([tell(ann.playerId, 7), tell(bob.playerId, 3), tell(ann.playerId, 5)]);
    await until('some of it', () => stream.heard.length > round);
    stream.close();
    await stream.ended;
    heard.push(...stream.heard.filter(({ event }) => event === 'level_up').map(({ id }) => id!));
    last = stream.last();
  }
  const stream = await hear(url, { token, lastEventId: last });
  await until('the end', () => stream.last() === 72);
  heard.push(...stream.heard.filter(({ event }) => event === 'level_up').map(({ id }) => id!));
  assert.equal(heard, upTo(1, 72));
  stream.close();
});

events('a client that can set no header says where it was in the address; the header counts when both are there', async () => {
  const ann = await server.register('Ann');
  await tell(ann.playerId, 5);
  const [one, both] = [
    await hear(url, { token: ann.accessToken, query: '?lastEventId=3' }),
    await hear(url, { token: ann.accessToken, query: '?lastEventId=1', lastEventId: 4 }),
  ];
  await until('what was missed', () => one.last() === 5 && both.last() === 5);
  assert.equal(
    [one, both].map(({ heard }) => heard.map(({ id }) => id)),
    [
      [3, 4, 5],
      [4, 5],
    ],
  );
  one.close();
  both.close();
});

events('who missed more than is kept begins anew, and is told so', async () => {
  const ann = await server.register('Ann');
  await tell(ann.playerId, 510);
  const streams = [
    await hear(url, { token: ann.accessToken, lastEventId: 9 }),
    await hear(url, { token: ann.accessToken, lastEventId: 999 }),
  ];
  await tell(ann.playerId);
  await until('both to have the newest', () => streams.every((stream) => stream.last() === 511));
  assert.equal(
    streams.map(({ heard }) => heard.map(({ event }) => event)),
    [
      ['reset', 'level_up'],
      ['reset', 'level_up'],
    ],
  );
  assert.equal(streams[0]!.heard[0], { id: 510, event: 'reset', data: { last: 510 } });
  for (const stream of streams) stream.close();
});

events('strangers, tokens that are none and numbers that are none are refused', async () => {
  const { accessToken } = await server.register();
  const answers: [number, string | undefined][] = [];
  for (const [query, headers] of [
    ['', {}],
    ['', { authorization: 'Bearer nobody' }],
    [`?token=${accessToken}`, {}],
    ['?lastEventId=-1', { authorization: `Bearer ${accessToken}` }],
    ['?lastEventId=1e3', { authorization: `Bearer ${accessToken}` }],
    ['', { authorization: `Bearer ${accessToken}`, 'last-event-id': 'x' }],
    ['', { authorization: `Bearer ${accessToken}`, 'last-event-id': '9'.repeat(400) }],
  ] as [string, Record<string, string>][]) {
    const response = await fetch(`${url}/api/events${query}`, { headers });
    answers.push([response.status, ((await response.json()) as { code: string }).code]);
  }
  assert.equal(answers, [
    [401, 'unauthenticated'],
    [401, 'token_invalid'],
    [401, 'unauthenticated'],
    [400, 'malformed'],
    [400, 'malformed'],
    [400, 'malformed'],
    [400, 'malformed'],
  ]);
  const head = await fetch(`${url}/api/events`, { method: 'HEAD', headers: { authorization: `Bearer ${accessToken}` } });
  assert.equal([head.status, head.headers.get('content-type')], [200, 'text/event-stream']);
  assert.is((await fetch(`${url}/api/events`, { method: 'POST' })).status, 405);
  await until('none to be open', () => open() === 0);
});

events('a player has three streams; a fourth ends the oldest, and it alone', async () => {
  const [ann, bob] = [await server.register('Ann'), await server.register('Bob')];
  const other = await hear(url, { token: bob.accessToken });
  const streams: Listening[] = [];
  for (let n = 0; n < 4; n++) {
    const stream = await hear(url, { token: ann.accessToken });
    await until('a beginning', () => stream.heard.length === 1);
    streams.push(stream);
  }
  assert.is(await streams[0]!.ended, true);
  assert.equal(streams[0]!.heard.at(-1), { id: null, event: 'closed', data: { why: 'replaced' } });
  await tell(ann.playerId);
  await tell(bob.playerId);
  await until('the others to hear', () => [...streams.slice(1), other].every((stream) => stream.last() === 1));
  assert.is(streams[0]!.last(), 0);
  assert.is(open(), 4);
  for (const stream of [...streams, other]) stream.close();
});

events('a stream ends with its session, not with another', async () => {
  const ann = await server.register('Ann');
  const login = async () => {
    const signedIn = await ann.call('POST', '/api/auth/login', {
      email: await emailOf(ann.playerId),
      password: 'correct horse battery',
    });
    return signedIn.body.accessToken as string;
  };
  const [phone, laptop] = [await login(), await login()];
  const streams = [await hear(url, { token: phone }), await hear(url, { token: laptop })];
  await until('both to begin', () => streams.every(({ heard }) => heard.length === 1));
  await fetch(`${url}/api/auth/logout`, { method: 'POST', headers: { authorization: `Bearer ${phone}` } });
  assert.is(await streams[0]!.ended, true);
  assert.equal(streams[0]!.heard.at(-1)!.data, { why: 'session_ended' });
  await tell(ann.playerId);
  await until('the other to hear', () => streams[1]!.last() === 1);
  await store.players.ban(ann.playerId);
  assert.is(await streams[1]!.ended, true);
  assert.equal(streams[1]!.heard.at(-1)!.data, { why: 'session_ended' });
  assert.is((await hear(url, { token: laptop })).status, 401);
});

events('a client that asks and does not read is cut, and its neighbour hears on', async () => {
  const [ann, bob] = [await server.register('Ann'), await server.register('Bob')];
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ann.accessToken}\r\n\r\n`);
  socket.pause();
  socket.on('error', () => undefined);
  const neighbour = await hear(url, { token: bob.accessToken });
  await until('both to listen', () => open() === 2);
  const data = { text: 'x'.repeat(60_000) };
  for (let said = 0; said < 400 && open() === 2; said++) {
    server.house.notices.say(ann.playerId, 'noise', () => data);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.is(open(), 1);
  await tell(bob.playerId);
  await until('the neighbour', () => neighbour.last() === 1);
  neighbour.close();
  socket.destroy();
});

events('the document says what it is', async () => {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as any;
  const { get } = document.paths['/api/events'];
  assert.ok(get.responses['200'].content['text/event-stream']);
  assert.equal(
    get.parameters.map(({ name, in: where }: { name: string; in: string }) => [where, name]),
    [
      ['query', 'lastEventId'],
      ['header', 'last-event-id'],
    ],
  );
});

events('a server that stops ends them at once', async () => {
  const ann = await server.register('Ann');
  const stream = await hear(url, { token: ann.accessToken });
  await until('a beginning', () => stream.heard.length === 1);
  const began = performance.now();
  const stopping = server.stop();
  assert.is(await stream.ended, true);
  assert.equal(stream.heard.at(-1)!.data, { why: 'server_closing' });
  await stopping;
  assert.ok(performance.now() - began < 2_000, 'nobody waited for a stream');
  assert.equal(
    server.logged.filter(({ level }) => level !== 'info'),
    [],
  );
});

async function emailOf(playerId: string): Promise<string> {
  const [row] = await db.rows<{ email: string }>('select email from player where id = $1', [playerId]);
  return row!.email;
}

events.run();
