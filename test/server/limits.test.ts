import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { refusedWith, startServer, until } from '../support/server.ts';

const server = await startServer({}, { joinsPerMinute: 3, socketsPerAddress: 2, proxies: 1 });
const { url } = server;
const limits = suite('limits');

/** A join as it comes through a proxy of ours, for this address. */
const joinFrom = (address: string, accessToken: string) =>
  fetch(`${url}/matchmake/joinOrCreate/spin`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'x-forwarded-for': `1.1.1.1, ${address}` },
    body: '{"currency":"COINS"}',
  });

limits('a player’s joins a minute are limited, from however many addresses', async () => {
  const ann = await server.register('Ann');
  const codes: number[] = [];
  for (let n = 1; n <= 5; n++) codes.push((await joinFrom(`198.51.100.${n}`, ann.accessToken)).status);
  assert.equal(codes, [200, 200, 200, 429, 429]);
  const last = await joinFrom('198.51.100.99', ann.accessToken);
  assert.is(last.headers.get('retry-after'), '60');
  assert.equal(await last.json(), { code: 429, error: 'rate_limited' });
});

limits('an address’ joins a minute are limited to ten times that, whoever asks, valid or not', async () => {
  let refused = 0;
  for (let n = 0; n < 33; n++) if ((await joinFrom('203.0.113.7', 'nobody')).status === 429) refused++;
  assert.is(refused, 3);
  const bob = await server.register('Bob');
  assert.is((await joinFrom('203.0.113.7', bob.accessToken)).status, 429);
  assert.is((await joinFrom('203.0.113.8', bob.accessToken)).status, 200);
});

limits('an address holds only so many sockets open, and gets its place back when one closes', async () => {
  const opened: WebSocket[] = [];
  const open = () =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/p/r`, { headers: { 'x-forwarded-for': '192.0.2.1' } });
      socket.once('open', () => (opened.push(socket), resolve(101)));
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('error', () => undefined);
    });
  // Without a seat a socket is closed at once, so these three race; the first two are counted while the third asks.
  const statuses = await Promise.all([open(), open(), open()]);
  assert.equal(
    statuses.sort((a, b) => a - b),
    [101, 101, 429],
  );
  for (const socket of opened) socket.terminate();
  await until('a place again', async () => (await open()) === 101);
  for (const socket of opened) socket.terminate();
});

limits('a refused SDK client reads the code in the message', async () => {
  const cas = await server.register('Cas');
  for (let n = 0; n < 3; n++) await joinFrom('192.0.2.50', cas.accessToken);
  assert.is(await refusedWith(cas.client.joinOrCreate('spin', { currency: 'COINS' })), 'rate_limited');
});

limits('the server closes', () => server.stop());

limits.run();
