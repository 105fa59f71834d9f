import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { remindPlayers } from '../../server/rooms.ts';
import { startServer, until } from '../support/server.ts';

const server = await startServer();
const reality = suite('rooms/reality');
reality.after(() => server.stop());

const HOUR_MS = 3_600_000;

reality('each hour in the rooms a player is told how long, and what it cost; once, and nobody else', async () => {
  const [ann, bob] = [await server.register(), await server.register()];
  const room = await ann.client.joinOrCreate('spin', { currency: 'COINS' });
  const told: { minutes: number; played: { currency: string; staked: string; returned: string }[] }[] = [];
  room.onMessage('reality_check', (message) => void told.push(message));
  room.onMessage('win', () => undefined);
  await room.request('spin', { stake: { currency: 'COINS', amount: '40' } });

  const here = server.house.now().getTime();
  const after = (ms: number) => remindPlayers({ store: server.store, now: new Date(here + ms) });
  await after(HOUR_MS - 60_000);
  const watching = await bob.client.joinOrCreate('leaderboard', {});
  let toldBob = 0;
  watching.onMessage('reality_check', () => void toldBob++);
  await after(HOUR_MS);
  await after(HOUR_MS + 60_000);

  await until('the message', () => told.length > 0);
  assert.is(told.length, 1);
  assert.is(told[0]!.minutes, 60);
  assert.is(told[0]!.played[0]!.staked, '40');

  await after(2 * HOUR_MS);
  await until('the next hour', () => told.length === 2);
  await until('the other one’s first hour', () => toldBob === 1);
  await room.leave();
  await watching.leave();
});

reality.run();
