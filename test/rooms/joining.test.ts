import jwt from 'jsonwebtoken';
import { matchMaker } from '@colyseus/core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { JWT_SECRET } from '../support/store.ts';
import { coins, listen, ownStake, startStill } from '../support/table.ts';

const server = await startStill();
const joining = suite('rooms/joining');
joining.after(() => server.stop());

const ann = await server.register();
const guest = await server.visit();
const roomsNow = async (): Promise<number> => (await matchMaker.query({})).length;

interface Told {
  status: number;
  code: string;
}
/** What `/matchmake/` answers, as bare HTTP. */
async function matchmake(
  path: string,
  body: string | null,
  { token = ann.accessToken as string | null, method = 'POST', scheme = 'Bearer' } = {},
): Promise<Told> {
  const response = await fetch(`${server.url}/matchmake/${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `${scheme} ${token}` }) },
    ...(body !== null && { body }),
  });
  const answer = (await response.json()) as { error?: string; roomId?: string };
  return { status: response.status, code: answer.error ?? 'seat' };
}
const joins = (room: string, options: unknown) => matchmake(`joinOrCreate/${room}`, JSON.stringify(options));

joining('options are checked before a room exists', async () => {
  const stake = coins(100);
  const cases: [room: string, options: unknown, status: number, code: string][] = [
    ['roulette', {}, 422, 'join_invalid'],
    ['roulette', { stake }, 200, 'seat'],
    ['roulette', { stake: '100' }, 422, 'join_invalid'],
    ['roulette', { stake: { currency: 'COINS', amount: 100 } }, 422, 'join_invalid'],
    ['roulette', { stake: coins(9) }, 422, 'stake_invalid'],
    ['roulette', { stake: coins('0100' as never) }, 422, 'join_invalid'],
    ['queue', { game: 'roulette', stake: coins('0100' as never) }, 422, 'join_invalid'],
    ['roulette', { stake: coins(100_001) }, 422, 'stake_invalid'],
    ['roulette', { stake: coins('9'.repeat(15) as never) }, 422, 'stake_invalid'],
    ['roulette', { stake: coins('9'.repeat(400) as never) }, 422, 'join_invalid'],
    ['roulette', { stake: { currency: 'GEMS', amount: '100' } }, 422, 'currency_unknown'],
    ['roulette', { stake: { currency: 'KES', amount: '1000' } }, 403, 'real_money_off'],
    ['roulette', { stake, seats: 1 }, 422, 'join_invalid'],
    ['roulette', { stake, seats: 7 }, 422, 'join_invalid'],
    ['roulette', { stake, seats: 2.5 }, 422, 'join_invalid'],
    ['roulette', { stake, seats: '2' }, 422, 'join_invalid'],
    ['roulette', { stake, seats: 1e308 }, 422, 'join_invalid'],
    ['roulette', { stake, watch: 'yes' }, 422, 'join_invalid'],
    ['roulette', { stake, watch: true, seats: 6 }, 404, 'room_unknown'],
    ['roulette', { stake, house: {} }, 422, 'join_invalid'],
    ['roulette', { stake, party: 'registered' }, 422, 'join_invalid'],
    ['roulette', { stake, stakeKey: 'COINS:1' }, 422, 'join_invalid'],
    ['roulette', { stake, free: 'yes' }, 422, 'join_invalid'],
    ['roulette', { stake, reconnectSeconds: 9_999 }, 422, 'join_invalid'],
    ['roulette', { stake, sessionId: 'mine' }, 422, 'join_invalid'],
    ['roulette', { stake, maxClients: 1 }, 422, 'join_invalid'],
    ['roulette', { stake, metadata: { free: 'yes' } }, 422, 'join_invalid'],
    ['battle', {}, 422, 'join_invalid'],
    ['battle', { battleId: 7 }, 422, 'join_invalid'],
    ['battle', { battleId: 'nowhere' }, 404, 'battle_unknown'],
    ['battle', { battleId: 'lich' }, 403, 'level_short'],
    ['battle', { battleId: "x' or 1=1" }, 422, 'join_invalid'],
    ['battle', { battleId: 'goblin-camp', house: null }, 422, 'join_invalid'],
    ['battle', { battleId: 'goblin-camp', free: 'yes' }, 422, 'join_invalid'],
    ['spin', { currency: 'KES' }, 403, 'real_money_off'],
    ['spin', { house: { store: null } }, 422, 'join_invalid'],
    ['leaderboard', { board: 'none' }, 422, 'join_invalid'],
    ['queue', { game: 'spin' }, 422, 'join_invalid'],
    ['lobby', { filter: { name: 'spin' } }, 422, 'join_invalid'],
    ['nowhere', {}, 404, 'room_unknown'],
    ['__proto__', {}, 404, 'room_unknown'],
    ['constructor', {}, 404, 'room_unknown'],
    ['toString', {}, 404, 'room_unknown'],
  ];
  const before = await roomsNow();
  let made = 0;
  for (const [room, options, status, code] of cases) {
    assert.equal(await joins(room, options), { status, code }, `${room} ${JSON.stringify(options).slice(0, 80)}`);
    made += code === 'seat' ? 1 : 0;
    assert.is(await roomsNow(), before + made, room);
  }
});

joining('a body that is no set of options is refused', async () => {
  const before = await roomsNow();
  const cases: [body: string | null, status: number, code: string][] = [
    ['{', 400, 'malformed'],
    ['null', 400, 'malformed'],
    ['[]', 400, 'malformed'],
    ['7', 400, 'malformed'],
    ['"x"', 400, 'malformed'],
    ['\u0000', 400, 'malformed'],
    ['{"__proto__":{"house":1}}', 422, 'join_invalid'],
    ['{"constructor":{"prototype":{"house":1}}}', 422, 'join_invalid'],
    [`{"stake":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 422, 'join_invalid'],
    [JSON.stringify({ pad: 'x'.repeat(16_384) }), 413, 'too_large'],
  ];
  for (const [body, status, code] of cases)
    assert.equal(await matchmake('joinOrCreate/roulette', body), { status, code }, body?.slice(0, 40));
  assert.is(await roomsNow(), before);
  assert.is(({} as Record<string, unknown>).house, undefined, 'nothing is polluted');
});

joining('only four ways in are open, by POST', async () => {
  const before = await roomsNow();
  for (const way of [
    'join',
    'joinOrCreat',
    'JOINORCREATE',
    '__proto__',
    'constructor',
    'createRoom',
    'query',
    'disconnectAll',
    '',
  ])
    assert.equal(await matchmake(`${way}/spin`, '{}'), { status: 404, code: 'room_unknown' }, way);
  for (const path of [
    'joinOrCreate',
    'joinOrCreate/',
    'joinOrCreate/spin/more',
    'joinOrCreate/%2e%2e',
    `joinOrCreate/${'x'.repeat(65)}`,
  ])
    assert.equal(await matchmake(path, '{}'), { status: 404, code: 'room_unknown' }, path);
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'])
    assert.equal(await matchmake('joinOrCreate/spin', method === 'GET' ? null : '{}', { method }), {
      status: 405,
      code: 'method_not_allowed',
    });
  assert.is(await refusedWith(ann.client.join('spin', {})), 'room_unknown');
  assert.is(await roomsNow(), before);
});

joining('who is not known comes nowhere', async () => {
  const before = await roomsNow();
  const claims = jwt.decode(ann.accessToken, { json: true })!;
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const [, payload, signature] = ann.accessToken.split('.') as [string, string, string];
  const cases: [what: string, token: string | null, status: number, code: string][] = [
    ['none', null, 401, 'unauthenticated'],
    ['empty', '', 401, 'unauthenticated'],
    ['no token at all', 'abc', 401, 'token_invalid'],
    ['signed with none', `${encoded({ alg: 'none', typ: 'JWT' })}.${payload}.`, 401, 'token_invalid'],
    ['another’s key', jwt.sign(claims, 'another secret of some length, quite long'), 401, 'token_invalid'],
    ['another issuer', jwt.sign({ ...claims, iss: 'somebody-else' }, JWT_SECRET), 401, 'token_invalid'],
    ['for another audience', jwt.sign({ ...claims, aud: 'somebody-else' }, JWT_SECRET), 401, 'token_invalid'],
    ['another player’s session', jwt.sign({ ...claims, sub: guest.playerId }, JWT_SECRET), 401, 'token_invalid'],
    [
      'another payload',
      `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ ...claims, role: 'admin' })}.${signature}`,
      401,
      'token_invalid',
    ],
    ['cut short', ann.accessToken.slice(0, -2), 401, 'token_invalid'],
    ['the refresh token', ann.refreshToken, 401, 'token_invalid'],
  ];
  for (const [what, token, status, code] of cases) {
    assert.equal(await matchmake('joinOrCreate/spin', '{}', { token }), { status, code }, what);
  }
  assert.equal(
    await matchmake('joinOrCreate/spin', '{}', { token: jwt.sign(claims, JWT_SECRET) }),
    { status: 200, code: 'seat' },
    'these very claims are good',
  );
  assert.equal(await matchmake('joinOrCreate/spin', '{}', { scheme: 'Basic' }), { status: 401, code: 'unauthenticated' });
  const late = await server.register();
  server.clock.pass(16 * 60_000);
  assert.equal(await matchmake('joinOrCreate/spin', '{}', { token: late.accessToken }), { status: 401, code: 'token_expired' });
  server.clock.pass(-16 * 60_000);
  assert.is(await roomsNow(), before + 1);
});

joining('a room is joined by its id, where there is one', async () => {
  const room = listen(ann, await ann.client.create('spin', {}));
  for (const id of ['nowhere', '__proto__', 'constructor', room.room.roomId.slice(0, -1)])
    assert.equal(await matchmake(`joinById/${id}`, '{}'), { status: 404, code: 'room_unknown' }, id);
  assert.equal(await matchmake(`joinById/${room.room.roomId}`, '{}'), { status: 200, code: 'seat' });
  const table = listen(ann, await ann.client.create('roulette', { stake: ownStake(), seats: 2 }));
  for (const options of [{ seats: 3 }, { stake: coins(1) }, { house: 1 }])
    assert.equal(await matchmake(`joinById/${table.room.roomId}`, JSON.stringify(options)), {
      status: 422,
      code: 'join_invalid',
    });
  await Promise.all([room.room.leave(), table.room.leave()]);
});

joining('coming back needs the token of that very seat', async () => {
  const room = listen(ann, await ann.client.create('spin', {}));
  const { roomId } = room.room;
  const cases: [id: string, body: object, status: number, code: string][] = [
    [roomId, { reconnectionToken: 'guessed' }, 409, 'not_seated'],
    [roomId, {}, 400, 'malformed'],
    [roomId, { reconnectionToken: '' }, 400, 'malformed'],
    [roomId, { reconnectionToken: '__proto__' }, 409, 'not_seated'],
    [roomId, { reconnectionToken: { x: 1 } }, 400, 'malformed'],
    ['nowhere', { reconnectionToken: 'guessed' }, 404, 'room_unknown'],
  ];
  for (const [id, body, status, code] of cases)
    assert.equal(await matchmake(`reconnect/${id}`, JSON.stringify(body)), { status, code }, JSON.stringify(body));
  assert.equal(room.left, []);
  await room.room.leave();
});

joining('a seat reservation is for one socket, once', async () => {
  const seat = (await ann.call('POST', '/api/games/join', { game: 'spin', options: {} })).body;
  const room = listen(ann, await ann.client.consumeSeatReservation(seat));
  assert.is.not(await refusedWith(ann.client.consumeSeatReservation(seat)), 'done');
  assert.is.not(await refusedWith(ann.client.consumeSeatReservation({ ...seat, sessionId: 'guessed' })), 'done');
  await room.room.leave();
});

joining('asking for the same seat again and again, one by one or at once, uses up no other', async () => {
  const [bob, cas] = [await server.register(), await server.register()];
  const table = listen(ann, await ann.client.create('roulette', { stake: ownStake(), seats: 2 }));
  const { roomId } = table.room;
  const ask = async (way: string, options: object, player = bob) =>
    (await (
      await fetch(`${server.url}/matchmake/${way}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${player.accessToken}` },
        body: JSON.stringify(options),
      })
    ).json()) as { sessionId: string; roomId: string };
  const seats = await Promise.all(Array.from({ length: 60 }, () => ask(`joinById/${roomId}`, { watch: true })));
  for (let n = 0; n < 10; n++) seats.push(await ask(`joinById/${roomId}`, { watch: true }));
  assert.is(new Set(seats.map(({ sessionId }) => sessionId)).size, 1);
  const watching = listen(bob, await bob.client.consumeSeatReservation(seats[0] as never));
  const other = listen(cas, await cas.client.joinById(roomId, { watch: true }));
  const next = await ask(`joinById/${roomId}`, { watch: true });
  assert.is.not(next.sessionId, seats[0]!.sessionId, 'a seat that was taken is not given again');
  await Promise.all([watching, other, table].map(({ room }) => room.leave()));
});

joining('who is refused at a table leaves no reservation behind', async () => {
  const [bob, cas] = [await server.register(), await server.register()];
  const stake = ownStake();
  const table = listen(ann, await ann.client.joinOrCreate('roulette', { stake, seats: 2 }));
  const seated = listen(bob, await bob.client.joinOrCreate('roulette', { stake, seats: 2 }));
  const { roomId } = table.room;
  const clients = async () => (await matchMaker.driver.findOne({ roomId }))!.clients;
  const before = await clients();
  for (let n = 0; n < 60; n++) assert.is(await refusedWith(cas.client.joinById(roomId, {})), 'room_full');
  assert.is(await clients(), before);
  const watching = listen(cas, await cas.client.joinById(roomId, { watch: true }));
  await Promise.all([watching, seated, table].map(({ room }) => room.leave()));
});

joining('of two players who race for the last seat one sits there, the other gets another table', async () => {
  const racers = await Promise.all(Array.from({ length: 3 }, () => server.register()));
  for (let race = 0; race < 8; race++) {
    const options = { stake: ownStake(), seats: 2 };
    const [host, one, other] = racers as [Player, Player, Player];
    const first = listen(host, await host.client.joinOrCreate('roulette', options));
    const both = await Promise.all(
      [one, other].map(async (player) => listen(player, await player.client.joinOrCreate('roulette', options))),
    );
    const ids = both.map(({ room }) => room.roomId);
    assert.is(ids.filter((id) => id === first.room.roomId).length, 1);
    assert.is(new Set(ids).size, 2);
    await until('the seats', () => Object.keys(seen(first.room).seats).length === 2);
    await Promise.all([first, ...both].map(({ room }) => room.leave()));
  }
});

joining('a player is in a dozen rooms at most, made or joined', async () => {
  const bob = await server.register();
  const rooms = await Promise.all(Array.from({ length: 12 }, () => bob.client.create('spin', {})));
  for (const room of rooms) room.onMessage('*', () => undefined);
  for (const way of ['create', 'joinOrCreate'] as const)
    assert.is(await refusedWith(bob.client[way]('spin', {})), 'limit_reached');
  await rooms[0]!.leave();
  const last = await until('the place', async () =>
    (await refusedWith(bob.client.joinOrCreate('leaderboard', {}))) === 'done' ? true : null,
  );
  assert.ok(last);
  await Promise.all(rooms.slice(1).map((room) => room.leave()));
});

joining('guests come in where they may', async () => {
  for (const [room, options] of [
    ['spin', {}],
    ['leaderboard', {}],
    ['lobby', {}],
    ['battle', { battleId: 'goblin-camp' }],
    ['roulette', { stake: coins(50), seats: 2 }],
  ] as const) {
    const joined = listen(guest, await guest.client.joinOrCreate(room, options));
    await joined.room.leave();
  }
});

joining('afterwards no money has moved, and the log has no error', async () => {
  assert.is((await server.store.ledger.balance(ann.playerId, 'COINS')).available, 1_000n);
  assert.equal((await server.store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

joining.run();
