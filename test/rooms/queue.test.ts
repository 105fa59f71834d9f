// The waiting line and the listing: how players find each other.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { begin, coins, heard, listen, ownStake, type Sitter, sitDown, startStill } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

const server = await startStill();
const queue = suite('rooms/queue');
const wires: Wire[] = [];
queue.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const wait = async (player: Player, options: object): Promise<Sitter> => {
  const waiting = listen(player, await player.client.joinOrCreate('queue', options));
  await until('the line', () => seen(waiting.room).game);
  return waiting;
};
const seatOf = (waiting: Sitter) => until('the seat', () => heard(waiting, 'seat')[0]);

/** Takes the seat that the line gave. */
async function take(waiting: Sitter): Promise<Sitter> {
  const sitter = listen(waiting.player, await waiting.player.client.consumeSeatReservation(await seatOf(waiting)));
  await waiting.room.leave();
  return sitter;
}

queue('two who wait for the same table get its two seats, beside tables where others sit already', async () => {
  const stake = ownStake();
  const [loner] = await sitDown(await register(1), { seats: 2, stake });
  const people = await register(2);
  const waiting = [await wait(people[0]!, { game: 'roulette', stake, seats: 2 })];
  assert.equal([seen(waiting[0]!.room).waiting, seen(waiting[0]!.room).wanted], [1, 2]);
  await until('the place', () => seen(waiting[0]!.room).places[people[0]!.playerId] === 1);
  waiting.push(await wait(people[1]!, { game: 'roulette', stake, seats: 2 }));
  const sitters = await Promise.all(waiting.map(take));
  assert.is(sitters[0]!.room.roomId, sitters[1]!.room.roomId);
  assert.is.not(sitters[0]!.room.roomId, loner!.room.roomId);
  await until('both seats', () => sitters.every(({ room }) => Object.keys(seen(room).seats ?? {}).length === 2));
  await begin(sitters);
  await Promise.all([...sitters, loner!].map(({ room }) => room.leave()));
});

queue('who waits for something else is in another line', async () => {
  const people = await register(3);
  const lines = await Promise.all([
    wait(people[0]!, { game: 'roulette', stake: coins(500), seats: 2 }),
    wait(people[1]!, { game: 'roulette', stake: coins(500), seats: 3 }),
    wait(people[2]!, { game: 'battle', battleId: 'goblin-camp' }),
  ]);
  assert.is(new Set(lines.map(({ room }) => room.roomId)).size, 3);
  await Promise.all(lines.map(({ room }) => room.leave()));
  assert.ok(lines.every((line) => heard(line, 'seat').length === 0));
});

queue('a party of three gathers for a battle, in one room', async () => {
  const waiting: Sitter[] = [];
  for (const player of await register(3)) waiting.push(await wait(player, { game: 'battle', battleId: 'goblin-camp', party: 3 }));
  const sitters = await Promise.all(waiting.map(take));
  assert.is(new Set(sitters.map(({ room }) => room.roomId)).size, 1);
  await until('the party', () => Object.keys(seen(sitters[0]!.room).fighters ?? {}).length === 3);
  await Promise.all(sitters.map(({ room }) => room.leave()));
});

queue('first come, first served, and who leaves gives up their place', async () => {
  const people = await register(4);
  const options = { game: 'roulette', stake: coins(501), seats: 3 };
  const waiting: Sitter[] = [];
  for (const player of people.slice(0, 2)) waiting.push(await wait(player, options));
  await until('the places', () => seen(waiting[1]!.room).places[people[1]!.playerId] === 2);
  await waiting[0]!.room.leave();
  await until('the place before', () => seen(waiting[1]!.room).places[people[1]!.playerId] === 1);
  for (const player of people.slice(2)) waiting.push(await wait(player, options));
  const sitters = await Promise.all(waiting.slice(1).map(take));
  assert.is(new Set(sitters.map(({ room }) => room.roomId)).size, 1);
  assert.equal(heard(waiting[0]!, 'seat'), []);
  await Promise.all(sitters.map(({ room }) => room.leave()));
});

queue('one who is away when the others are there is waited for until they are back', async () => {
  const wire = await openWire(server.port);
  wires.push(wire);
  const [ann, bob] = await register(2);
  const options = { game: 'roulette', stake: coins(502), seats: 2 };
  const first = await wait({ ...ann!, client: wire.client(ann!.accessToken) }, options);
  first.room.reconnection.enabled = false;
  const token = first.room.reconnectionToken;
  wire.cut();
  const second = await wait(bob!, options);
  await until('both in line', () => seen(second.room).waiting === 2);
  assert.equal(heard(second, 'seat'), []);
  const back = listen(ann!, await ann!.client.reconnect(token));
  const sitters = await Promise.all([take(back), take(second)]);
  assert.is(sitters[0]!.room.roomId, sitters[1]!.room.roomId);
  await Promise.all(sitters.map(({ room }) => room.leave()));
});

queue('one whom the house gives no seat leaves the line, and the others wait on', async () => {
  const [busy, ann, bob] = await register(3);
  const elsewhere: Sitter[] = [];
  const options = { game: 'roulette', stake: coins(503), seats: 2 };
  const first = await wait(busy!, options);
  for (let rooms = 0; rooms < 11; rooms++) elsewhere.push(listen(busy!, await busy!.client.create('spin', {})));
  const second = await wait(ann!, options);
  await until('the refusal', () => heard(first, 'refused')[0]?.code === 'limit_reached');
  assert.equal(first.left, [], 'the line is still there');
  const seat = await seatOf(second);
  assert.ok(seat.roomId);
  const third = await wait(bob!, options);
  await until('the line', () => seen(third.room).waiting === 1);
  await Promise.all([...elsewhere, first, second, third].map(({ room }) => room.leave()));
});

queue('guests wait for nobody, and a line that cannot be is refused', async () => {
  const [guest, [ann]] = [await server.visit(), await register(1)];
  const good = { game: 'roulette', stake: coins(100), seats: 2 };
  assert.is(await refusedWith(guest.client.joinOrCreate('queue', good)), 'forbidden');
  const cases: [options: object, code: string][] = [
    [{}, 'join_invalid'],
    [{ game: 'spin' }, 'join_invalid'],
    [{ ...good, seats: 7 }, 'join_invalid'],
    [{ ...good, stake: coins(1) }, 'stake_invalid'],
    [{ ...good, stake: { currency: 'GEMS', amount: '100' } }, 'currency_unknown'],
    [{ ...good, stake: { currency: 'KES', amount: '1000' } }, 'real_money_off'],
    [{ ...good, rank: Number.NaN }, 'join_invalid'],
    [{ game: 'battle', battleId: 'nowhere' }, 'battle_unknown'],
    [{ game: 'battle', battleId: 'lich' }, 'level_short'],
    [{ game: 'battle', battleId: 'goblin-camp', party: 5 }, 'join_invalid'],
    [{ game: 'battle', battleId: 'goblin-camp', party: 1 }, 'join_invalid'],
    [{ game: 'battle', battleId: '../etc' }, 'join_invalid'],
  ];
  for (const [options, code] of cases)
    assert.is(await refusedWith(ann!.client.joinOrCreate('queue', options)), code, JSON.stringify(options));
});

queue('the lobby lists tables as they open, change and close, and no seat or name', async () => {
  const [ann, bob, cleo] = await register(3);
  const stake = ownStake();
  const table = listen(bob!, await bob!.client.joinOrCreate('roulette', { stake, seats: 2 }));
  const lobby = listen(ann!, await ann!.client.joinOrCreate('lobby', {}));
  const rooms: any[] = await until('the listing', () => heard(lobby, 'rooms')[0]);
  const listed = rooms.find(({ roomId }) => roomId === table.room.roomId);
  assert.equal(listed.metadata, { stakeKey: `COINS:${stake.amount}`, seats: 2, party: 'registered', free: 'yes' });
  assert.not.match(JSON.stringify(rooms), new RegExp(`${bob!.playerId}|Player`));

  const other = listen(cleo!, await cleo!.client.joinOrCreate('roulette', { stake, seats: 2 }));
  await until('the table to be full', () =>
    heard(lobby, '+').some(([roomId, { metadata }]) => roomId === table.room.roomId && metadata.free === 'no'),
  );
  await Promise.all([table.room.leave(), other.room.leave()]);
  await until('the table to be gone', () => heard(lobby, '-').includes(table.room.roomId));
  await lobby.room.leave();
});

queue('a lobby takes no options, and no filter stops it', async () => {
  const [ann] = await register(1);
  assert.is(await refusedWith(ann!.client.joinOrCreate('lobby', { filter: {} })), 'join_invalid');
  const lobby = listen(ann!, await ann!.client.joinOrCreate('lobby', {}));
  const filters = [
    null,
    7,
    'x',
    [],
    {},
    { name: {} },
    { name: 'roulette', metadata: 'abc' },
    { name: 'roulette', metadata: { ['__proto__']: 1 } },
    { metadata: [[]] },
  ];
  for (const filter of filters) lobby.room.send('filter', filter);
  await until('an answer to each', () => heard(lobby, 'rooms').length === 1 + filters.length);
  assert.equal(lobby.left, []);
  await lobby.room.leave();
});

queue('afterwards the ledger adds up, and the log has no error', async () => {
  assert.equal((await server.store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level !== 'info'),
    [],
  );
});

queue.run();
