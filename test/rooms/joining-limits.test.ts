import { once } from 'node:events';
import { matchMaker } from '@colyseus/core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { type Player, startServer } from '../support/server.ts';

const server = await startServer({}, { joinsPerMinute: 30, socketsPerAddress: 8 });
const limits = suite('rooms/joining-limits');
limits.after(() => server.stop());

const people = await Promise.all(Array.from({ length: 14 }, () => server.register()));

async function join({ accessToken }: Player, way = 'create'): Promise<{ status: number; retryAfter: string | null; seat: any }> {
  const response = await fetch(`${server.url}/matchmake/${way}/spin`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), seat: await response.json() };
}

const socketTo = (path: string): WebSocket => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/${path}`);
  socket.on('error', () => undefined);
  return socket;
};

limits('a socket too many from one address is turned away, and the others stay', async () => {
  const sockets: WebSocket[] = [];
  for (const player of people.slice(0, 8)) {
    const { seat } = await join(player);
    const socket = socketTo(`${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`);
    sockets.push(socket);
    await once(socket, 'open');
  }
  const ninth = socketTo('x/y?sessionId=z');
  const refused = new Promise((resolve) => {
    ninth.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode));
    ninth.once('open', () => resolve('open'));
  });
  assert.is(await refused, 429);
  assert.is(sockets[0]!.readyState, WebSocket.OPEN);
  for (const socket of sockets) socket.terminate();
});

limits('joins by the thousand make thirty rooms and no more; another player is not held up', async () => {
  const before = new Set((await matchMaker.query({})).map(({ roomId }) => roomId));
  const told = [];
  for (let batch = 0; batch < 10; batch++) told.push(...(await Promise.all(Array.from({ length: 100 }, () => join(people[8]!)))));
  const seats = told.filter(({ status }) => status === 200);
  assert.is(seats.length, 30);
  assert.is(
    told.filter(({ status, seat, retryAfter }) => status === 429 && seat.error === 'rate_limited' && retryAfter === '60').length,
    970,
  );
  assert.is((await matchMaker.query({})).filter(({ roomId }) => !before.has(roomId)).length, 30);
  assert.is((await join(people[9]!)).status, 200);
});

limits('one address may ask ten times what one player may, whoever asks', async () => {
  // 8 + 30 + 1 were let in above; the address has 300 in all.
  const told = [];
  for (const player of people) told.push(...(await Promise.all(Array.from({ length: 29 }, () => join(player)))));
  assert.is(told.filter(({ status }) => status === 200).length, 300 - 39);
  assert.ok(told.every(({ status }) => status === 200 || status === 429));
});

limits('afterwards no money has moved, and the log has no error', async () => {
  assert.equal((await server.store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

limits.run();
