import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE } from '../../rooms/house-room.ts';
import { houseRooms } from '../../server/games.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import {
  begin,
  beginWith,
  coins,
  goAway,
  heard,
  listen,
  ownStake,
  playOut,
  pullOnce,
  sitDown,
  type Sitter,
  startStill,
  turnOf,
} from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

/** The same tables under another name, where a dropped client has one second: Colyseus' own timer keeps it, so no clock of ours moves it. */
const hasty = houseRooms
  .filter(({ name }) => name === 'roulette')
  .map((entry) => ({ ...entry, name: 'hasty', options: { reconnectSeconds: 1 } }));
const server = await startStill({}, [...houseRooms, ...hasty]);
const away = suite('rooms/roulette-away');
const wires: Wire[] = [];
away.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const { store } = server;
const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const purse = async ({ playerId }: Player): Promise<[bigint, bigint]> => {
  const { available, held } = await store.ledger.balance(playerId, 'COINS');
  return [available, held];
};
const seatOf = (sitter: Sitter, { playerId }: Player = sitter.player) => seen(sitter.room).seats[playerId];

/** The same player over a wire that can be cut. */
async function wired(player: Player): Promise<{ player: Player; wire: Wire }> {
  const wire = await openWire(server.port);
  wires.push(wire);
  return { player: { ...player, client: wire.client(player.accessToken) }, wire };
}

/** The sitters with the one whose turn it is first. */
const byTurn = (sitters: readonly Sitter[]): Sitter[] => {
  const on = sitters.indexOf(turnOf(sitters));
  return [...sitters.slice(on), ...sitters.slice(0, on)];
};

away('who leaves on their turn has their pull made by the table, and is out though it did not hit', async () => {
  const sitters = byTurn(await beginWith(server, await register(3), { bullet: 5 }));
  const [on, next, last] = sitters as [Sitter, Sitter, Sitter];
  const before = await purse(last.player);
  await last.room.request('bet', { pullNo: 1, kind: 'survive', targetId: on.player.playerId, stake: coins(100) });
  await on.room.leave();
  await until('the next turn', () => seen(next.room).pullNo === 2);
  const [pulled] = heard(next, 'pulled');
  assert.equal(
    [pulled.by, pulled.fired, pulled.hit, pulled.seatId, pulled.bets[0].paid],
    ['table', true, false, on.player.playerId, '115'],
  );
  assert.equal(
    [seatOf(next, on.player).alive, seen(next.room).chambersLeft, seen(next.room).turn],
    [false, 5, next.player.playerId],
  );
  assert.equal(await purse(last.player), [before[0] + 15n, before[1]], 'the bet was on a real draw');
  await goAway(sitters);
});

away('who leaves off their turn uses no chamber, and the pull due stays due', async () => {
  const sitters = byTurn(await beginWith(server, await register(3), { bullet: 5 }));
  const [on, gone] = sitters as [Sitter, Sitter, Sitter];
  await gone.room.leave();
  await until('the empty seat', () => seatOf(on, gone.player).alive === false);
  const { turn, pullNo, chambersLeft, phase } = seen(on.room);
  assert.equal([turn, pullNo, chambersLeft, phase], [on.player.playerId, 1, 6, 'turn']);
  assert.is(heard(on, 'pulled')[0].fired, false);
  await goAway(sitters);
});

away('the last to stay wins when the others leave', async () => {
  const sitters = byTurn(await beginWith(server, await register(3), { bullet: 5, stake: coins(200) }));
  const [on, second, third] = sitters as [Sitter, Sitter, Sitter];
  await third.room.leave();
  await second.room.leave();
  await until('the end', () => seen(on.room).phase === 'over');
  assert.equal([seen(on.room).winner, seen(on.room).payout], [on.player.playerId, '576']);
  assert.equal(await purse(on.player), [1_376n, 0n]);
  await goAway([on]);
});

away('after fifteen seconds the table pulls, and the seat stays in', async () => {
  const sitters = byTurn(await beginWith(server, await register(2), { bullet: 5 }));
  const [on, other] = sitters as [Sitter, Sitter];
  server.push(14_999);
  await other.room.request('chat', { text: 'still waiting' });
  assert.is(seen(other.room).pullNo, 1);
  server.push(1);
  await until('the pull', () => seen(other.room).pullNo === 2);
  assert.equal([heard(other, 'pulled')[0].by, seatOf(other, on.player).alive], ['table', true]);
  await goAway(sitters);
});

away('a broken connection keeps its seat, and the client that comes back by itself plays on', async () => {
  const [ann, bob] = await register(2);
  const far = await wired(ann!);
  const sitters = await beginWith(server, [far.player, bob!], { bullet: 5 });
  const [dropped, other] = sitters as [Sitter, Sitter];
  dropped.room.reconnection.minUptime = 0;
  far.wire.cut();
  await until('the drop', () => !seatOf(other, ann!).connected);
  await until('the return', () => seatOf(other, ann!).connected);
  await until('the socket', () => dropped.room.connection.isOpen);
  await playOut(server, sitters);
  assert.is(seen(other.room).phase, 'over');
  assert.equal(dropped.left, []);
  await goAway(sitters);
});

away('a client that comes back before its old socket is known to be dead keeps its seat', async () => {
  const [ann, bob] = await register(2);
  const sitters = await beginWith(server, [ann!, bob!], { bullet: 5 });
  const [stale, other] = sitters as [Sitter, Sitter];
  const back = listen(ann!, await ann!.client.reconnect(stale.room.reconnectionToken));
  await until('the state', () => seen(back.room).phase === 'turn');
  await until('the old socket to be closed', () => stale.left.length === 1);
  assert.equal([seatOf(other, ann!).connected, seatOf(other, ann!).alive], [true, true]);
  await playOut(server, [back, other]);
  await goAway([back, other]);
});

away('who stays away too long has left: on their turn the table pulls', async () => {
  const [ann, bob, cleo] = await register(3);
  const far = await wired(ann!);
  const sitters = await beginWith(server, [far.player, bob!, cleo!], { bullet: 5, game: 'hasty' });
  const [lost, other] = sitters as [Sitter, Sitter];
  lost.room.reconnection.enabled = false;
  const token = lost.room.reconnectionToken;
  far.wire.cut();
  await until('the drop', () => !seatOf(other, ann!).connected);
  assert.is(seatOf(other, ann!).alive, true);
  await until('the pull', () => seen(other.room).pullNo === 2);
  assert.equal([heard(other, 'pulled')[0].by, seatOf(other, ann!).alive], ['table', false]);
  assert.is(await refusedWith(ann!.client.reconnect(token)), 'not_seated');
  await goAway(sitters.slice(1));
});

away('another device takes the seat over; the first is told and plays no more', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5, stake: coins(310) });
  const [first, other] = sitters as [Sitter, Sitter];
  const second = listen(first.player, await first.player.client.joinOrCreate('roulette', { stake: coins(310), seats: 2 }));
  assert.is(second.room.roomId, first.room.roomId);
  await until('the first to be closed', () => first.left.length === 1);
  assert.equal(first.left, [CLOSE.seatTakenOver]);
  await until('the state', () => seen(second.room).phase === 'turn');
  assert.equal([seatOf(other, first.player).connected, seatOf(other, first.player).alive], [true, true]);
  assert.equal(await purse(first.player), [690n, 310n], 'one seat, one stake');
  await playOut(server, [second, other]);
  await goAway([second, other]);
});

away('another device takes the place of a dropped one, which cannot come back', async () => {
  const [ann, bob] = await register(2);
  const far = await wired(ann!);
  const stake = ownStake();
  const sitters = await beginWith(server, [far.player, bob!], { bullet: 5, stake });
  const [dropped, other] = sitters as [Sitter, Sitter];
  dropped.room.reconnection.enabled = false;
  const token = dropped.room.reconnectionToken;
  far.wire.cut();
  await until('the drop', () => !seatOf(other, ann!).connected);
  const second = listen(ann!, await ann!.client.joinOrCreate('roulette', { stake, seats: 2 }));
  await until('the seat', () => seatOf(other, ann!).connected);
  assert.is(await refusedWith(ann!.client.reconnect(token)), 'not_seated');
  await playOut(server, [second, other]);
  await goAway([second, other]);
});

away('who is out and leaves, leaves no empty chair for the next round', async () => {
  const sitters = byTurn(await beginWith(server, await register(3), { bullet: 0 }));
  const [out, ...rest] = sitters as [Sitter, Sitter, Sitter];
  await pullOnce(server, sitters);
  await until('the hit', () => seatOf(rest[0]!, out.player).alive === false);
  await out.room.leave();
  await until('the empty chair', () => !seatOf(rest[0]!, out.player).connected);
  await playOut(server, rest);
  server.push(7_000);
  await until('the next table', () => rest.every(({ room }) => seen(room).phase === 'waiting'));
  assert.equal(Object.keys(seen(rest[0]!.room).seats).sort(), rest.map(({ player }) => player.playerId).sort());
  await goAway(rest);
});

away('who drops as a round ends finds the seat again at the next', async () => {
  const [ann, bob] = await register(2);
  const far = await wired(ann!);
  const sitters = await beginWith(server, [far.player, bob!], { bullet: 0 });
  const [dropped, other] = sitters as [Sitter, Sitter];
  await playOut(server, sitters);
  dropped.room.reconnection.minUptime = 0;
  dropped.room.reconnection.enabled = false;
  const token = dropped.room.reconnectionToken;
  far.wire.cut();
  await until('the drop', () => !seatOf(other, ann!).connected);
  server.push(7_000);
  await until('the next table', () => seen(other.room).phase === 'waiting');
  const back = listen(far.player, await ann!.client.reconnect(token));
  await until('the seat', () => seatOf(other, ann!)?.connected === true);
  await until('the table', () => seen(back.room).phase === 'waiting');
  await begin([back, other]);
  await goAway([back, other]);
});

away('a full table leaves the matching, and the next player opens another', async () => {
  const stake = ownStake();
  const [ann, bob, cleo] = await register(3);
  const sitters = await sitDown([ann!, bob!], { stake });
  const third = listen(cleo!, await cleo!.client.joinOrCreate('roulette', { stake, seats: 2 }));
  assert.is.not(third.room.roomId, sitters[0]!.room.roomId);
  await goAway([...sitters, third]);
});

away('a promised seat is nobody else’s for fifteen seconds, and then anybody’s', async () => {
  const options = { stake: ownStake(), seats: 2 };
  const [ann, bob, cleo, dora] = await register(4);
  const first = listen(ann!, await ann!.client.joinOrCreate('roulette', options));
  const promised = await bob!.call('POST', '/api/games/join', { game: 'roulette', options });
  assert.is(promised.body.roomId, first.room.roomId);
  assert.is(await refusedWith(cleo!.client.joinById(first.room.roomId, {})), 'room_full');
  const second = listen(cleo!, await cleo!.client.joinOrCreate('roulette', options));
  assert.is.not(second.room.roomId, first.room.roomId);
  await second.room.leave();
  await until(
    'that table to be gone',
    async () => (await refusedWith(dora!.client.joinById(second.room.roomId, {}))) === 'room_unknown',
  );
  server.push(15_001);
  const third = await until('the seat to be free', async () => {
    const room = await dora!.client.joinOrCreate('roulette', options);
    room.onMessage('*', () => undefined);
    if (room.roomId === first.room.roomId) return room;
    await room.leave();
    return null;
  });
  await goAway([first, listen(dora!, third)]);
});

away('who watches and then sits is counted once', async () => {
  const options = { stake: ownStake(), seats: 2 };
  const [ann, bob] = await register(2);
  const first = listen(ann!, await ann!.client.joinOrCreate('roulette', options));
  const watching = listen(bob!, await bob!.client.joinOrCreate('roulette', { ...options, watch: true }));
  await until('the watcher', () => seen(first.room).watchers === 1);
  const seated = listen(bob!, await bob!.client.joinOrCreate('roulette', options));
  assert.is(seated.room.roomId, first.room.roomId);
  await until('the seat', () => seatOf(first, bob!)?.connected === true && seen(first.room).watchers === 0);
  await until('the other socket to be closed', () => watching.left.length === 1);
  await goAway([first, seated]);
});

away('guests sit alone with house bots: nobody else’s table, and nobody at theirs', async () => {
  const options = { stake: coins(20), seats: 2 };
  const [ann] = await register(1);
  const guest = await server.visit();
  const first = listen(ann!, await ann!.client.joinOrCreate('roulette', options));
  const own = listen(guest, await guest.client.joinOrCreate('roulette', options));
  assert.is.not(own.room.roomId, first.room.roomId);
  assert.is(await refusedWith(guest.client.joinById(first.room.roomId, {})), 'forbidden');
  assert.is(await refusedWith(ann!.client.joinById(own.room.roomId, {})), 'forbidden');
  const other = await server.visit();
  assert.is(await refusedWith(other.client.joinById(own.room.roomId, {})), 'forbidden');
  await until('the table', () => seen(own.room).phase === 'waiting');
  assert.equal(Object.keys(seen(own.room).seats), [guest.playerId]);
  await own.room.request('bots', {});
  server.push(3_000);
  await until('the bot', () => Object.keys(seen(own.room).seats).length === 2);
  await own.room.request('ready', {});
  await until('the round', () => seen(own.room).phase === 'turn');
  assert.equal(await purse(guest), [80n, 20n]);
  const watcher = await guest.client.joinById(first.room.roomId, { watch: true });
  await Promise.all([goAway([first, own]), watcher.leave()]);
});

away('afterwards the ledger adds up, no stake is open, and the log has no error', async () => {
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

away.run();
