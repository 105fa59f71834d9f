import { Client } from '@colyseus/sdk';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE } from '../../rooms/house-room.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { beginWith, coins, listen, ownStake, playOut, type Sitter, sitDown, startStill } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

const server = await startStill();
const sessions = suite('rooms/sessions');
const wires: Wire[] = [];
sessions.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

let number = 0;
/** The same player signed in on another device. */
async function anotherDevice(email: string): Promise<Player> {
  const response = await fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'correct horse battery' }),
  });
  const { player, accessToken, refreshToken } = (await response.json()) as any;
  const client = new Client(server.url);
  client.auth.token = accessToken;
  const call: Player['call'] = async (method, path, body) => {
    const told = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await told.text();
    return { status: told.status, body: text === '' ? null : JSON.parse(text), headers: told.headers };
  };
  return { playerId: player.id, accessToken, refreshToken, client, call };
}

/** A player on two devices. */
async function onTwoDevices(): Promise<[phone: Player, desk: Player]> {
  const email = `two-${number++}@example.com`;
  await fetch(`${server.url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'correct horse battery', displayName: 'Two Devices' }),
  });
  return [await anotherDevice(email), await anotherDevice(email)];
}

const inEveryRoom = async (player: Player): Promise<Sitter[]> => [
  listen(player, await player.client.joinOrCreate('spin', {})),
  listen(player, await player.client.joinOrCreate('leaderboard', {})),
  listen(player, await player.client.joinOrCreate('lobby', {})),
  listen(player, await player.client.joinOrCreate('battle', { battleId: 'goblin-camp' })),
  listen(player, await player.client.joinOrCreate('queue', { game: 'roulette', stake: coins(100), seats: 6 })),
  listen(player, await player.client.joinOrCreate('roulette', { stake: ownStake(), seats: 2 })),
];

sessions(
  'a session that its player revokes from elsewhere loses its sockets in every room at once, and that device only',
  async () => {
    const [phone, desk] = await onTwoDevices();
    const here = await inEveryRoom(phone);
    const there = listen(desk, await desk.client.create('spin', {}));
    const mine = (await phone.call('GET', '/api/auth/sessions')).body.items.find(({ current }: any) => current);
    const tokens = here.map(({ room }) => room.reconnectionToken);
    assert.is((await desk.call('DELETE', `/api/auth/sessions/${mine.id}`)).status, 204);
    await until('every socket to close', () => here.every(({ left }) => left.length > 0));
    assert.equal(
      here.map(({ left }) => left),
      here.map(() => [CLOSE.sessionEnded]),
    );
    assert.equal(there.left, []);
    assert.is(await refusedWith(phone.client.joinOrCreate('spin', {})), 'token_invalid');
    for (const token of tokens)
      assert.ok(['not_seated', 'room_unknown'].includes(await refusedWith(phone.client.reconnect(token))));
    assert.is((await phone.call('GET', '/api/wallet')).status, 401);
    await there.room.leave();
  },
);

sessions('signing out closes the sockets of that session', async () => {
  const [phone, desk] = await onTwoDevices();
  const [here, there] = [
    listen(phone, await phone.client.create('spin', {})),
    listen(desk, await desk.client.create('spin', {})),
  ];
  assert.is((await phone.call('POST', '/api/auth/logout', {})).status, 204);
  await until('the socket to close', () => here.left.length > 0);
  assert.equal([here.left, there.left], [[CLOSE.sessionEnded], []]);
  await there.room.leave();
});

sessions('a stolen refresh token that comes back ends the session and its sockets', async () => {
  const [phone] = await onTwoDevices();
  const here = listen(phone, await phone.client.create('spin', {}));
  const refresh = (refreshToken: string) =>
    fetch(`${server.url}/api/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken }),
    });
  assert.is((await refresh(phone.refreshToken)).status, 200);
  assert.equal(here.left, [], 'a new pair is no new session');
  assert.is((await refresh(phone.refreshToken)).status, 401);
  await until('the socket to close', () => here.left.length > 0);
  assert.equal(here.left, [CLOSE.sessionEnded]);
});

sessions('a dropped client whose session has ended meanwhile does not come back, and its seat is given up', async () => {
  const [phone, desk] = await onTwoDevices();
  const wire = await openWire(server.port);
  wires.push(wire);
  const other = await server.register();
  const sitters = await beginWith(server, [{ ...phone, client: wire.client(phone.accessToken) }, other], { bullet: 5 });
  const [dropped, watching] = sitters as [Sitter, Sitter];
  dropped.room.reconnection.enabled = false;
  const token = dropped.room.reconnectionToken;
  wire.cut();
  await until('the drop', () => !seen(watching.room).seats[phone.playerId].connected);
  const mine = (await phone.call('GET', '/api/auth/sessions')).body.items.find(({ current }: any) => current);
  assert.is((await desk.call('DELETE', `/api/auth/sessions/${mine.id}`)).status, 204);
  assert.is.not(await refusedWith(phone.client.reconnect(token)), 'done');
  await until('the seat to be given up', () => seen(watching.room).seats[phone.playerId].alive === false);
  await playOut(server, [watching]);
  await watching.room.leave();
});

sessions('a player who is banned is out of every room, on every device', async () => {
  const [phone, desk] = await onTwoDevices();
  const here = [listen(phone, await phone.client.create('spin', {})), listen(desk, await desk.client.joinOrCreate('lobby', {}))];
  const stays = await sitDown([await server.register()], { seats: 2 });
  await server.house.rooms.dismiss({ playerId: phone.playerId });
  await until('both to close', () => here.every(({ left }) => left.length > 0));
  assert.equal(
    here.map(({ left }) => left),
    [[CLOSE.sessionEnded], [CLOSE.sessionEnded]],
  );
  assert.equal(stays[0]!.left, []);
  await stays[0]!.room.leave();
});

sessions('afterwards the ledger adds up, no stake is open, and the log has no error', async () => {
  await until(
    'every table to be closed',
    async () => (await server.db.rows("select 1 from round where state in ('open', 'started')")).length === 0,
  );
  assert.equal((await server.store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

sessions.run();
