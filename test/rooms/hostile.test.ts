// What a client may send that no client of ours would, and what it must not bring about: an end of the process, a halt of
// another room, a coin moved.
import { once } from 'node:events';
import { matchMaker } from '@colyseus/core';
import { Packr } from 'msgpackr';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { houseRooms } from '../../server/games.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { beginWith, coins, heard, listen, ownStake, pullOnce, type Sitter, sitDown, startStill } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

// A seat that was cut is given up after a second, so that the rooms are empty at the end.
const server = await startStill(
  {},
  houseRooms.map((entry) => ({ ...entry, options: { reconnectSeconds: 1 } })),
);
const hostile = suite('rooms/hostile');
const wires: Wire[] = [];
hostile.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const uncaught: unknown[] = [];
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error) => void uncaught.push(error));

const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const ROOMS: readonly (readonly [game: string, options: object])[] = [
  ['roulette', { stake: coins(100), seats: 6 }],
  ['battle', { battleId: 'goblin-camp' }],
  ['spin', {}],
  ['leaderboard', {}],
  ['queue', { game: 'roulette', stake: coins(100), seats: 6 }],
  ['lobby', {}],
];

interface Raw {
  socket: WebSocket;
  closed: Promise<number>;
}
/** A seat held by a bare socket that has said that it is in. */
async function enter(player: Player, [game, options]: readonly [string, object]): Promise<Raw> {
  const answer = await fetch(`${server.url}/matchmake/joinOrCreate/${game}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${player.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(options),
  });
  const { processId, roomId, sessionId } = (await answer.json()) as Record<string, string>;
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/${processId}/${roomId}?sessionId=${sessionId}`);
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'message');
  socket.send(Buffer.from([JOIN_ROOM]));
  return { socket, closed };
}
const CODE_MASK = 0x1f;
const [JOIN_ROOM, ROOM_DATA, ROOM_DATA_BYTES, ROOM_REQUEST] = [10, 13, 17, 21];

/** The same numbers in every run. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Half of them begin as real frames do, so that they come further in. */
function randomFrame(below: (limit: number) => number): Buffer {
  const frame = Buffer.from(Array.from({ length: 1 + below(80) }, () => below(256)));
  if (below(2) === 0) frame[0] = [ROOM_DATA, ROOM_DATA_BYTES, ROOM_REQUEST, 10, 11, 14, 15, 18, 19, 20, 22, 128 + 13][below(12)]!;
  return frame;
}

/** Forty frames, those that close their socket last: of these only the first is read. */
function volley(below: (limit: number) => number): Buffer[] {
  const frames = Array.from({ length: 40 }, () => randomFrame(below));
  const closes = (frame: Buffer) => [12, ROOM_DATA, ROOM_DATA_BYTES].includes(frame[0]! & CODE_MASK);
  return frames.sort((one, other) => Number(closes(one)) - Number(closes(other)));
}

hostile('ten thousand random frames in every kind of room, and a table next door plays on', async () => {
  const [attackers, friends] = [await register(4), await register(2)];
  const table = await beginWith(server, friends, { bullet: 5 });
  const below = dice(20_261_121);
  let sent = 0;
  let pulls = 0;
  console.error = () => undefined; // the library's reader grumbles at every broken string
  while (sent < 10_000) {
    await Promise.all(
      attackers.map(async (player, index) => {
        const { socket, closed } = await enter(player, ROOMS[((sent / 160 + index) % ROOMS.length) | 0]!);
        for (const frame of volley(below)) socket.send(frame);
        sent += 40;
        await Promise.race([closed, new Promise((resolve) => socket.ping(() => socket.once('pong', resolve)))]);
        socket.terminate();
      }),
    );
    if (sent % 1_600 !== 0 || seen(table[0]!.room).phase !== 'turn') continue;
    await pullOnce(server, table);
    pulls++;
  }
  assert.ok(pulls >= 2);
  assert.equal(uncaught, []);
  assert.equal(
    table.map(({ left }) => left),
    [[], []],
  );
  await Promise.all(table.map(({ room }) => room.leave()));
});

/** A frame with a message of this type, as the SDK writes it but with any type and any payload. */
function message(code: number, type: string, payload?: unknown): Buffer {
  const name = Buffer.from(type);
  const head =
    name.length < 32
      ? Buffer.from([0xa0 | name.length])
      : name.length < 256
        ? Buffer.from([0xd9, name.length])
        : Buffer.from([0xda, name.length >> 8, name.length & 255]);
  const request = code === ROOM_REQUEST ? [Buffer.from([7])] : [];
  return Buffer.concat([
    Buffer.from([code]),
    ...request,
    head,
    name,
    ...(payload === undefined ? [] : [new Packr().pack(payload)]),
  ]);
}

hostile('an unknown message closes that socket, however long its name, and nothing else', async () => {
  const [ann, bob] = await register(2);
  const there = listen(bob!, await bob!.client.joinOrCreate('spin', {}));
  for (const room of ROOMS) {
    for (const type of ['nothing', 'x'.repeat(300), '__proto__', 'constructor', 'toString', '*', 'é'.repeat(60), '']) {
      const { socket, closed } = await enter(ann!, room);
      socket.send(message(ROOM_DATA, type, { a: 1 }));
      const code = await Promise.race([
        closed,
        new Promise((resolve) => socket.ping(() => socket.once('pong', () => resolve('open')))),
      ]);
      assert.ok(code === 4002 || code === 'open', `${room[0]} ${type.slice(0, 20)}: ${String(code)}`);
      socket.terminate();
    }
    const { socket, closed } = await enter(ann!, room);
    socket.send(message(ROOM_DATA_BYTES, 'x'.repeat(300)));
    assert.is(await closed, 4002);
    socket.terminate();
  }
  assert.equal(there.left, []);
  assert.ok(await there.room.request('spin', { stake: coins(20) }));
  await there.room.leave();
  assert.equal(uncaught, []);
});

hostile('a request of an unknown type is told so and goes on', async () => {
  const [ann] = await register(1);
  const there = listen(ann!, await ann!.client.joinOrCreate('spin', {}));
  for (const type of ['nothing', '__proto__', 'constructor', 'x'.repeat(200)])
    assert.match(await refusedWith(there.room.request(type, {})), /no onMessage|not registered/);
  assert.equal(there.left, []);
  await there.room.leave();
});

const WRONG: readonly unknown[] = [
  7,
  true,
  'x'.repeat(2_000),
  [],
  [[[[[[]]]]]],
  { unknown: 1 },
  Object.fromEntries([['__proto__', { polluted: 1 }]]),
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  {
    stake: { currency: '__proto__', amount: '1' },
    pullNo: { valueOf: 1 },
    action: ['quick'],
    text: { length: 5 },
    itemId: {},
    cursor: {},
  },
  {
    stake: { currency: 'COINS', amount: '٣٠٠' },
    pullNo: Number.NaN,
    action: 'quick',
    targetId: 1e308,
    text: '\u0000',
    itemId: '__proto__',
    cursor: '\u0660',
  },
];

hostile('a payload of any other shape is refused `malformed`, asked or sent, and the socket stays', async () => {
  const types: Record<string, readonly string[]> = {
    roulette: ['ready', 'bet', 'pull', 'bots', 'chat'],
    battle: ['start', 'act', 'use', 'revive', 'bots', 'chat'],
    spin: ['spin'],
    leaderboard: ['page'],
  };
  for (const [game, options] of ROOMS) {
    for (const type of types[game] ?? []) {
      const [ann] = await register(1);
      const there = listen(ann!, await ann!.client.create(game, options));
      for (const payload of WRONG) {
        assert.is(
          await refusedWith(there.room.request(type, payload)),
          'malformed',
          `${game} ${type} ${JSON.stringify(payload).slice(0, 60)}`,
        );
        there.room.send(type, payload);
      }
      await new Promise<void>((resolve) => there.room.ping(() => resolve()));
      assert.equal(there.left, []);
      await there.room.leave();
    }
  }
  assert.is(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(uncaught, []);
});

hostile('a frame of a megabyte closes its socket with 1009', async () => {
  const [ann] = await register(1);
  for (const room of ROOMS) {
    const { socket, closed } = await enter(ann!, room);
    socket.send(Buffer.alloc(1_048_576, 13));
    assert.is(await closed, 1009, room[0]);
  }
});

hostile('ten thousand messages in a second are cut short; the player loses the seat, the table goes on', async () => {
  const [ann, bob, flood] = await register(3);
  const sitters = await sitDown([ann!, bob!, flood!], { seats: 3, stake: ownStake() });
  const loud = sitters[2]!;
  const chat = message(ROOM_DATA, 'chat', { text: 'again and again' });
  for (let sent = 0; sent < 10_000 && loud.left.length === 0; sent++) loud.room.connection.send(chat);
  await until('the socket to be closed', () => loud.left.length === 1);
  assert.equal(loud.left, [4002]);
  await until('the seat to be free', () => Object.keys(seen(sitters[0]!.room).seats).length === 2);
  assert.ok(heard(sitters[0]!, 'chat').length <= 5);
  assert.ok(await sitters[0]!.room.request('chat', { text: 'quiet now' }));
  await Promise.all(sitters.slice(0, 2).map(({ room }) => room.leave()));
});

hostile('a client that stops reading is cut, and what was kept for it is let go; the others hear everything', async () => {
  const wire = await openWire(server.port);
  const [ann, bob] = await register(2);
  wires.push(wire);
  const deaf: Sitter = listen(ann!, await wire.client(ann!.accessToken).create('spin', {}));
  const there = listen(bob!, await bob!.client.joinById(deaf.room.roomId, {}));
  deaf.room.reconnection.enabled = false;
  await until('both', () => seen(there.room).playersCount === 2);
  const room = matchMaker.getLocalRoomById(there.room.roomId);
  const sockets = room.clients.map(({ ref }) => ref as unknown as { bufferedAmount: number; readyState: number });
  wire.stall();
  const noise = 'x'.repeat(65_536);
  let sent = 0;
  let most = 0;
  await until('the cut', async () => {
    for (let frame = 0; frame < 8; frame++, sent++) room.broadcast('noise', { number: sent, noise });
    await there.room.request('spin', { stake: coins(20) }).catch(() => undefined); // something changes, so the room looks round
    most = Math.max(most, ...sockets.map(({ bufferedAmount }) => bufferedAmount));
    return seen(there.room).players[ann!.playerId]?.connected !== true;
  });
  assert.ok(most < 4 * 1_048_576, `${most} bytes were kept`);
  await until('everything to be heard', () => heard(there, 'noise').length === sent);
  assert.equal(
    heard(there, 'noise').map(({ number }) => number),
    Array.from({ length: sent }, (_, number) => number),
  );
  assert.equal(there.left, []);
  await there.room.leave();
});

hostile('sockets to nowhere, with a guessed seat or another’s, get nothing', async () => {
  const [ann] = await register(1);
  const there = listen(ann!, await ann!.client.create('spin', {}));
  const { roomId, sessionId } = there.room;
  const paths = [
    '',
    'x',
    `p/${roomId}?sessionId=guessed`,
    `p/${roomId}?sessionId=${sessionId}`,
    `p/${roomId}`,
    'p/__proto__?sessionId=x',
    `p/${roomId}?sessionId=__proto__`,
  ];
  for (const path of [
    ...paths,
    `p/${roomId}?sessionId=${sessionId}&reconnectionToken=guessed`,
    `p/${roomId}?sessionId=x&skipHandshake=1`,
  ]) {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/${path}`);
    socket.on('error', () => undefined);
    const frames: Buffer[] = [];
    socket.on('message', (frame: Buffer) => void frames.push(frame));
    const closed = once(socket, 'close');
    await Promise.race([once(socket, 'open'), closed]);
    await closed;
    assert.ok(
      frames.every((frame) => frame[0] === 11),
      `${path}: ${frames.map((frame) => frame[0]).join()}`,
    ); // an error at most
  }
  assert.equal(there.left, []);
  assert.ok(await there.room.request('spin', { stake: coins(20) }));
  await there.room.leave();
  assert.equal(uncaught, []);
});

hostile('afterwards the ledger adds up, no stake is open, and the log has no error of ours', async () => {
  await until(
    'every table to be closed',
    async () => (await server.db.rows("select 1 from round where state in ('open', 'started')")).length === 0,
  );
  assert.equal((await server.store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
  assert.equal(uncaught, []);
});

hostile.run();
