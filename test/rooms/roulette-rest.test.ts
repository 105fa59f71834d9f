import { randomUUID } from 'node:crypto';
import { matchMaker } from '@colyseus/core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Player, seen, until } from '../support/server.ts';
import { coins, heard, listen, ownStake, startStill } from '../support/table.ts';

const server = await startStill();
const rest = suite('rooms/roulette-rest');
rest.after(() => server.stop());

const { store } = server;
const purse = async ({ playerId }: Player): Promise<[bigint, bigint]> => {
  const { available, held } = await store.ledger.balance(playerId, 'COINS');
  return [available, held];
};

type Json = Record<string, any>;
const post = (player: Player, path: string, body: Json) =>
  player.call('POST', `/api/games/${path}`, body, { 'idempotency-key': randomUUID() });
const sit = (player: Player, options: Json) => post(player, 'join', { game: 'roulette', options, socket: false });
const table = async (player: Player, roomId: string): Promise<Json> =>
  (await player.call('GET', `/api/games/${roomId}/state`)).body;
const there = async (roomId: string): Promise<boolean> => (await matchMaker.query({ roomId })).length === 1;
/** Rooms that everybody has left; Colyseus keeps each until the reservation that no socket took has run out. */
const leftBehind: string[] = [];

rest(
  'a player without a socket plays a whole round with house bots, the room staying alive though nobody is connected',
  async () => {
    const ann = await server.register();
    const { status, body } = await sit(ann, { stake: coins(60), seats: 3 });
    assert.equal([status, body.seat, body.state.phase], [200, ann.playerId, 'waiting']);
    const { roomId } = body;
    assert.is((await post(ann, 'bots', { roomId })).body.seated, 2);
    server.push(3_000);
    await until('the bots', async () => Object.keys((await table(ann, roomId)).seats).length === 3);
    assert.is((await post(ann, 'ready', { roomId, clientSeed: 'by-post' })).status, 200);
    assert.equal(await purse(ann), [940n, 60n]);
    let pulled = 0;
    let pushedFor = 0;
    const end = await until('the end', async () => {
      const now = await table(ann, roomId);
      if (now.phase === 'over') return now;
      if (now.turn === ann.playerId)
        pulled += (await post(ann, 'pull-trigger', { roomId, pullNo: now.pullNo })).status === 200 ? 1 : 0;
      else if (now.pullNo > pushedFor) server.push(2_000);
      pushedFor = now.pullNo;
      return null;
    });
    assert.ok(pulled > 0 || !end.seats[ann.playerId].alive || end.winner !== '', 'the player had a hand in it');
    assert.equal(await purse(ann), [end.winner === ann.playerId ? 940n + BigInt(end.payout) : 940n, 0n]);
    assert.ok(await there(roomId));
    assert.is((await post(ann, 'leave', { roomId })).status, 204);
    leftBehind.push(roomId);
  },
);

rest('one without a socket and one with play at the same table', async () => {
  const [ann, bob] = [await server.register(), await server.register()];
  const options = { stake: ownStake(), seats: 2 };
  const { roomId } = (await sit(ann, options)).body;
  const other = listen(bob, await bob.client.joinOrCreate('roulette', options));
  assert.is(other.room.roomId, roomId);
  await other.room.request('ready', {});
  await post(ann, 'ready', { roomId });
  await until('the round', () => seen(other.room).phase === 'turn');

  const { turn, pullNo } = seen(other.room);
  const bet = { roomId, pullNo, kind: 'survive', targetId: turn, stake: coins(100) };
  const key = { 'idempotency-key': randomUUID() };
  const placed = await ann.call('POST', '/api/games/place-bet', bet, key);
  assert.is(placed.status, 200);
  await until('the bet to be shown', () => seen(other.room).bets[placed.body.betId]?.playerId === ann.playerId);
  const again = await ann.call('POST', '/api/games/place-bet', bet, key);
  assert.equal([again.status, again.body, again.headers.get('idempotency-replayed')], [200, placed.body, 'true']);

  while (seen(other.room).phase === 'turn') {
    const now = seen(other.room);
    server.push(4_000);
    if (now.turn === ann.playerId) assert.is((await post(ann, 'pull-trigger', { roomId, pullNo: now.pullNo })).status, 200);
    else await other.room.request('pull', { pullNo: now.pullNo });
    await until('the pull', () => seen(other.room).pullNo > now.pullNo || seen(other.room).phase !== 'turn');
  }
  const { winner, payout } = seen(other.room);
  assert.ok([ann.playerId, bob.playerId].includes(winner) && BigInt(payout) > 0n);
  assert.is(heard(other, 'settled').length, 1);
  await other.room.leave();
  assert.is((await post(ann, 'leave', { roomId })).status, 204);
});

rest('a move that cannot be is refused as in the room', async () => {
  const [ann, bob] = [await server.register(), await server.register()];
  const options = { stake: ownStake(), seats: 3 };
  const { roomId } = (await sit(ann, options)).body;
  const before = await table(ann, roomId);
  const bet = { pullNo: 1, kind: 'survive', targetId: ann.playerId, stake: coins(100) };
  const cases: [player: Player, path: string, body: Json, status: number, code: string][] = [
    [ann, 'pull-trigger', { roomId, pullNo: 1 }, 409, 'not_ready'],
    [bob, 'pull-trigger', { roomId, pullNo: 1 }, 409, 'not_seated'],
    [bob, 'ready', { roomId }, 409, 'not_seated'],
    [bob, 'bots', { roomId }, 409, 'not_seated'],
    [bob, 'leave', { roomId }, 409, 'not_seated'],
    [ann, 'place-bet', { roomId, ...bet }, 409, 'bets_closed'],
    [ann, 'ready', { roomId: 'no-such-room' }, 404, 'room_unknown'],
    [ann, 'ready', { roomId, clientSeed: 'no spaces' }, 400, 'malformed'],
    [ann, 'ready', { roomId: '../x' }, 400, 'malformed'],
    [ann, 'pull-trigger', { roomId, pullNo: 1, visitor: bob.playerId }, 400, 'malformed'],
  ];
  for (const [player, path, body, status, code] of cases) {
    const told = await post(player, path, body);
    assert.equal([told.status, told.body.code], [status, code], `${path} ${JSON.stringify(body)}`);
  }
  assert.equal(await table(ann, roomId), before);
  assert.is((await post(ann, 'leave', { roomId })).status, 204);
});

rest('games without seats for those without a socket say so, and make no seat', async () => {
  const ann = await server.register();
  for (const [game, options] of [
    ['spin', { currency: 'COINS' }],
    ['battle', { battleId: 'goblin-camp' }],
    ['leaderboard', {}],
  ] as const) {
    const told = await post(ann, 'join', { game, options, socket: false });
    assert.equal([told.status, told.body.code], [404, 'not_found'], game);
  }
});

rest('the same player sits once, however often they ask, and a socket takes the same seat', async () => {
  const ann = await server.register();
  const options = { stake: ownStake(), seats: 2 };
  const first = (await sit(ann, options)).body;
  const second = (await sit(ann, options)).body;
  assert.is(second.roomId, first.roomId);
  const room = await ann.client.joinOrCreate('roulette', options);
  room.onMessage('*', () => undefined);
  assert.is(room.roomId, first.roomId);
  await until('the seat', () => Object.keys(seen(room).seats ?? {}).length === 1);
  await room.leave();
  leftBehind.push(first.roomId);
});

rest('leaving by REST closes the socket, for good', async () => {
  const ann = await server.register();
  const seated = listen(ann, await ann.client.joinOrCreate('roulette', { stake: ownStake(), seats: 2 }));
  assert.is((await post(ann, 'leave', { roomId: seated.room.roomId })).status, 204);
  await until('the socket to close', () => seated.left.length === 1);
  leftBehind.push(seated.room.roomId);
});

rest('a seat of which nothing is heard is given up after two minutes; a look at the table keeps it', async () => {
  const [ann, other] = [await server.register(), await server.register()];
  const { roomId } = (await sit(ann, { stake: ownStake(), seats: 2 })).body;
  for (let minutes = 0; minutes < 3; minutes++) {
    server.push(60_000);
    assert.ok((await table(ann, roomId)).seats[ann.playerId]);
  }
  server.push(120_000);
  await until('the seat to be given up', async () => !(await table(other, roomId)).seats[ann.playerId]);
  leftBehind.push(roomId);
});

rest('a player is in a dozen rooms at most, seats without a socket counted', async () => {
  const ann = await server.register();
  const roomIds: string[] = [];
  for (let seats = 0; seats < 12; seats++) roomIds.push((await sit(ann, { stake: ownStake(), seats: 2 })).body.roomId);
  const told = await sit(ann, { stake: ownStake(), seats: 2 });
  assert.equal([told.status, told.body.code], [403, 'limit_reached']);
  for (const roomId of roomIds) await post(ann, 'leave', { roomId });
  assert.is((await sit(ann, { stake: coins(59), seats: 2 })).status, 200);
  server.push(120_000);
});

rest('rooms that nobody is in any more close', async () => {
  assert.is(leftBehind.length, 4);
  for (const roomId of leftBehind) await until('the room to close', async () => !(await there(roomId)));
});

rest('afterwards the ledger adds up, no stake is open, and the log has no error', async () => {
  await until(
    'every table to be closed',
    async () => (await server.db.rows("select 1 from round where state in ('open', 'started')")).length === 0,
  );
  assert.equal(await server.db.rows("select 1 from round_stake where state = 'open'"), []);
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

rest.run();
