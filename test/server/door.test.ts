// The port itself, met with what it should never be sent.
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { startServer, until } from '../support/server.ts';

const server = await startServer();
const { url, port } = server;
const ann = await server.register('Ann');

const metrics = async () => (await fetch(`${url}/metrics`)).text();
const roomCount = async () => /^playhouse_rooms (\d+)$/m.exec(await metrics())![1];

const door = suite('door');

const join = (body: string, headers: Record<string, string> = {}, path = '/matchmake/joinOrCreate/spin') =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ann.accessToken}`, ...headers },
    body,
  });

/** What the server says to these bytes, until it ends the connection. */
function raw(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(10_000, () => socket.destroy(new Error('no end of it')));
    socket.on('data', (part) => said.push(part));
    socket.on('close', () => resolve(Buffer.concat(said).toString()));
    socket.on('error', (error) =>
      'code' in error && error.code === 'ECONNRESET' ? resolve(Buffer.concat(said).toString()) : reject(error),
    );
  });
}

const upgrade = (path: string, headers: Record<string, string> = {}) =>
  raw(
    [
      `GET ${path} HTTP/1.1`,
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ]
      .concat(Object.entries(headers).map(([name, value]) => `${name}: ${value}`))
      .join('\r\n') + '\r\n\r\n',
  );

door('a join of more than 16 kB is refused by the bytes that came, whatever the headers claim', async () => {
  const large = JSON.stringify({ currency: 'COINS', more: 'x'.repeat(20_000) });
  const whole = await join(large);
  assert.is(whole.status, 413);
  assert.equal(await whole.json(), { code: 413, error: 'too_large' });
  const chunk = 'x'.repeat(9_000);
  const chunked = `POST /matchmake/joinOrCreate/spin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const body = [chunk, chunk].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
  assert.match(await raw(`${chunked}${body}`), /^HTTP\/1.1 413 /);
});

door('a body that claims a megabyte is refused unread, on any path', async () => {
  const said = await raw(
    'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000000\r\n\r\n{',
  );
  assert.match(said, /^HTTP\/1.1 413 /);
  assert.match(said, /"code":"too_large"/);
});

const BAD_JOINS: Record<string, [body: string, path: string, status: number, code: string]> = {
  'malformed JSON': ['{"currency":', '/matchmake/joinOrCreate/spin', 400, 'malformed'],
  'a list': ['[]', '/matchmake/joinOrCreate/spin', 400, 'malformed'],
  'an unknown field': ['{"currency":"COINS","house":1}', '/matchmake/joinOrCreate/spin', 422, 'join_invalid'],
  'a prototype': ['{"__proto__":{"currency":"COINS"}}', '/matchmake/joinOrCreate/spin', 422, 'join_invalid'],
  'no such room': ['{}', '/matchmake/joinOrCreate/cellar', 404, 'room_unknown'],
  'a room named like an object’s own part': ['{}', '/matchmake/joinOrCreate/constructor', 404, 'room_unknown'],
  'a method that is closed': ['{}', '/matchmake/join/spin', 404, 'room_unknown'],
  'a method of the matchmaker': ['{}', '/matchmake/createRoom/spin', 404, 'room_unknown'],
  'no such room id': ['{}', '/matchmake/joinById/abcdefghi', 404, 'room_unknown'],
  'a reconnection to nowhere': ['{"reconnectionToken":"x"}', '/matchmake/reconnect/abcdefghi', 404, 'room_unknown'],
  'a reconnection with more than its token': [
    '{"reconnectionToken":"x","house":1}',
    '/matchmake/reconnect/abcdefghi',
    400,
    'malformed',
  ],
};
for (const [what, [body, path, status, code]] of Object.entries(BAD_JOINS)) {
  door(`a join with ${what} is refused ${code}`, async () => {
    const rooms = await roomCount();
    const response = await join(body, {}, path);
    assert.equal([response.status, await response.json()], [status, { code: status, error: code }]);
    assert.is(await roomCount(), rooms, 'no room was made');
  });
}

for (const [what, authorization] of Object.entries({
  'no token': '',
  'a broken token': 'Bearer x.y.z',
  'another scheme': 'Basic YTpi',
})) {
  door(`a join with ${what} is refused before anything else is looked at`, async () => {
    const response = await join('{"currency":"COINS"}', { authorization });
    assert.is(response.status, 401);
  });
}

door('Colyseus’ own pages are not there: no version, no health check of its own', async () => {
  for (const path of ['/', '/__healthcheck', '/matchmake']) {
    const response = await fetch(`${url}${path}`);
    assert.is(response.status, 404);
    assert.not.match(await response.text(), /colyseus/i);
    assert.is(response.headers.get('x-powered-by'), null);
  }
});

door('every answer carries its request’s id', async () => {
  const [one, two] = await Promise.all([fetch(`${url}/health/live`), fetch(`${url}/nowhere`)]);
  assert.match(one.headers.get('x-request-id')!, /^[0-9a-f-]{36}$/);
  assert.is.not(one.headers.get('x-request-id'), two.headers.get('x-request-id'));
});

door('another site’s page gets no allowing header, this machine’s does in development', async () => {
  const preflight = (origin: string) =>
    fetch(`${url}/api/wallet`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } });
  const theirs = await preflight('https://evil.example');
  assert.is(theirs.headers.get('access-control-allow-origin'), null);
  const ours = await preflight('http://localhost:5173');
  assert.is(ours.status, 204);
  assert.is(ours.headers.get('access-control-allow-origin'), 'http://localhost:5173');
  assert.match(ours.headers.get('access-control-allow-headers')!, /Idempotency-Key/);
});

door('a WebSocket from another site’s page is refused', async () => {
  assert.match(await upgrade('/p/r?sessionId=x', { Origin: 'https://evil.example' }), /^HTTP\/1.1 403 /);
});

door('a WebSocket to an address that is none is refused, and the server lives', async () => {
  assert.match(await upgrade('http://[/x?sessionId=y'), /^HTTP\/1.1 400 /);
  assert.match(await upgrade(`/${'a'.repeat(5_000)}`), /^HTTP\/1.1 400 /);
  assert.ok((await fetch(`${url}/health/live`)).ok);
});

door('random bytes, on the port and in a room’s socket, end that connection and nothing else', async () => {
  for (let round = 0; round < 20; round++) await raw(Buffer.concat([randomBytes(200), Buffer.from('\r\n\r\n')]));
  const room = await ann.client.joinOrCreate('spin', { currency: 'COINS' });
  room.onMessage('*', () => undefined);
  const bob = await server.register('Bob');
  const seat = (await (
    await fetch(`${url}/matchmake/joinOrCreate/spin`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bob.accessToken}` },
      body: '{"currency":"COINS"}',
    })
  ).json()) as { processId: string; roomId: string; sessionId: string };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`);
  let closed = false;
  socket.on('close', () => (closed = true));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('open', resolve));
  for (let frame = 0; frame < 200 && !closed; frame++) socket.send(randomBytes(1 + (frame % 100)));
  socket.send(Buffer.alloc(1_000_000));
  await until('the socket to be closed', () => closed);
  const answer = await room.request('spin', { stake: { currency: 'COINS', amount: '20' } });
  assert.ok(answer, 'the neighbour plays on');
  await room.leave();
});

door('metrics tell routes by their pattern, never by an id', async () => {
  await fetch(`${url}/api/fairness/rounds/01a1fd11-0caa-7000-b0e2-40aab94598c5`, {
    headers: { authorization: `Bearer ${ann.accessToken}` },
  });
  const exposed = await metrics();
  assert.match(exposed, /route="\/api\/fairness\/rounds\/:/);
  assert.not.match(exposed, /01a1fd11/);
});

door('nothing of all this was a bug of ours', () => {
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

door('the server closes', () => server.stop());

door.run();
