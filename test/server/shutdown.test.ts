import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE } from '../../rooms/house-room.ts';
import { shutdown } from '../../server/shutdown.ts';
import { refusedWith, seen, startServer, until } from '../support/server.ts';

const server = await startServer();
const { url, store } = server;
const [ann, bob] = [await server.register('Ann'), await server.register('Bob')];
const STAKE = { currency: 'COINS', amount: '100' };

const closed: string[] = [];
const stop = shutdown({
  log: server.house.log,
  drainMs: 400,
  stopMatchmaking: () => server.server.stopMatchmaking(),
  closers: [
    { name: 'rooms', close: () => server.server.close().then(() => closed.push('rooms')) },
    { name: 'broken', close: () => Promise.reject(new Error('as asked')) },
    { name: 'database', close: async () => closed.push('database') },
  ],
});

const end = suite('shutdown');

const table = await ann.client.joinOrCreate('roulette', { stake: STAKE, seats: 2 });
const other = await bob.client.joinOrCreate('roulette', { stake: STAKE, seats: 2 });
const left: number[] = [];
for (const room of [table, other]) {
  room.onMessage('*', () => undefined);
  room.onLeave((code) => left.push(code));
}

end('an open round gets its time, then is void and every stake is back, and the sockets close', async () => {
  await table.request('ready', {});
  await other.request('ready', {});
  await until('a round', () => seen(table).phase === 'turn');
  assert.is((await store.ledger.balance(ann.playerId, 'COINS')).held, 100n);

  const began = performance.now();
  const ending = stop();
  assert.is(await refusedWith(ann.client.joinOrCreate('spin', { currency: 'COINS' })), 'unavailable');
  const ready = await fetch(`${url}/health/ready`);
  assert.equal([ready.status, ((await ready.json()) as { code: string }).code], [503, 'unavailable']);
  assert.ok((await fetch(`${url}/health/live`)).ok, 'alive all the while');
  assert.ok(await table.request('chat', { text: 'still here' }), 'rooms go on');

  assert.is(await ending, false, 'one of the closers is broken');
  assert.ok(performance.now() - began >= 400, 'the round had its time');
  for (const { playerId } of [ann, bob]) assert.equal(await balanceOf(playerId), { available: 1_000n, held: 0n });
  await until('both to be told', () => left.length === 2);
  assert.equal(left, [CLOSE.serverClosing, CLOSE.serverClosing]);
});

end('what comes after a closer that fails is closed all the same, in order', () => {
  assert.equal(closed, ['rooms', 'database']);
});

end('asked again, it is the same end', async () => {
  assert.is(await stop(), false);
  assert.equal(closed, ['rooms', 'database']);
});

end('the books are true', async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  await server.close();
});

async function balanceOf(playerId: string) {
  const { available, held } = await store.ledger.balance(playerId, 'COINS');
  return { available, held };
}

end.run();
