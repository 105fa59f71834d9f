import { matchMaker } from '@colyseus/core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseRoom } from '../../rooms/house-room.ts';
import { MILL } from '../support/battle.ts';
import { refusedWith, seen, startServer, until } from '../support/server.ts';
import { ownStake, sitDown } from '../support/table.ts';

const server = await startServer();
const review = suite('rooms/review');
review.after(() => server.stop());

const { store } = server;
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

review('the end of a battle is not told over REST before its commit', async () => {
  const { battle } = store.content;
  store.content.battle = async () => ({ ...MILL, levelRequired: 1, blowPerMille: [1_000_000, 1_000_000, 1_000_000] });
  const { move } = store.rounds;
  let commit: (() => void) | null = null;
  store.rounds.move = async (what) => {
    await new Promise<void>((go) => (commit = go));
    return move(what);
  };
  const ann = await server.register();
  const room = await ann.client.joinOrCreate('battle', { battleId: 'mill' });
  room.onMessage('*', () => undefined);
  const look = () => ann.call('GET', `/api/games/${room.roomId}/state`);
  await until('the seat', () => room.state && seen(room).fighters?.[ann.playerId]);
  await room.request('start', {});
  assert.is((await look()).body.phase, 'fighting');
  server.push(30_000); // a room that is behind makes up for it
  await until('the last blow', () => commit !== null);
  let told: any = null;
  const asking = look().then((answer) => (told = answer));
  await rest(300);
  assert.is(told, null);
  assert.is(seen(room).phase, 'fighting');
  commit!();
  await asking;
  assert.equal([told.status, told.body.phase], [200, 'lost']);
  Object.assign(store.content, { battle });
  Object.assign(store.rounds, { move });
  await room.leave();
});

review('the lobby is no table: what is asked of it as of one is not found', async () => {
  const ann = await server.register();
  const lobby = await ann.client.joinOrCreate('lobby');
  lobby.onMessage('*', () => undefined);
  const { status, body } = await ann.call('GET', `/api/games/${lobby.roomId}/state`);
  assert.equal([status, body.code], [404, 'not_found']);
  await lobby.leave();
});

review('who asks for their own seat again and again over REST is given the same one, and takes no other', async () => {
  const { battle } = store.content;
  store.content.battle = async () => ({ ...MILL, levelRequired: 1, partyMax: 1 });
  const ann = await server.register();
  const room = await ann.client.joinOrCreate('battle', { battleId: 'mill' });
  room.onMessage('*', () => undefined);
  const seats = new Set<string>();
  for (let time = 0; time < 3; time++) {
    const { status, body } = await ann.call('POST', '/api/battles/mill/join', {});
    assert.equal([status, body.roomId], [200, room.roomId]);
    seats.add(body.sessionId);
  }
  assert.is(seats.size, 1);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
  Object.assign(store.content, { battle });
  await room.leave();
});

review('while the server waits for rounds to end, no table begins another', async () => {
  const players = [await server.register(), await server.register()];
  const sitters = await sitDown(players, { stake: ownStake() });
  const [ann, bob] = sitters.map(({ room }) => room);
  await ann!.request('ready', {});
  assert.is(await (matchMaker.getLocalRoomById(ann!.roomId) as unknown as HouseRoom<object>).closeDown(), true);
  assert.is(await refusedWith(bob!.request('ready', {})), 'unavailable');
  assert.is(seen(ann!).phase, 'waiting');
  const wallet = (await players[1]!.call('GET', '/api/wallet')).body.balances;
  assert.equal(wallet[0], { currency: 'COINS', available: '1000', held: '0' });
  await Promise.all(sitters.map(({ room }) => room.leave()));
});

review('joins over REST count as joins, not as moves', async () => {
  const ann = await server.register();
  const { headers } = await ann.call('POST', '/api/games/join', { game: 'nothing' });
  assert.match(headers.get('ratelimit-policy')!, /^"join";q=10000;/);
  const battle = await ann.call('POST', '/api/battles/nothing/join', {});
  assert.match(battle.headers.get('ratelimit-policy')!, /^"join";/);
});

review.run();
