// Roulette without a socket, against the real rooms: two players who know nothing but REST play a round to its end.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hear } from '../support/events.ts';
import { startServer, until, type Player } from '../support/server.ts';

const server = await startServer();
const [ann, bob] = [await server.register('Ann'), await server.register('Bob')];
const TURN_MS = 15_000;
const BET_WINDOW_MS = 4_000;

interface Table {
  phase: string;
  turn: string;
  pullNo: number;
  winner: string;
  roundId: string;
  seats: Record<string, { ready: boolean }>;
}

const join = (player: Player, amount = '100') =>
  player.call('POST', '/api/games/join', {
    game: 'roulette',
    options: { stake: { currency: 'COINS', amount }, seats: 2 },
    socket: false,
  });
const stateOf = async (player: Player, roomId: string) => (await player.call('GET', `/api/games/${roomId}/state`)).body as Table;

/** Each turn's time runs out once: more, and the table would be laid again before anyone has seen the end. */
async function untilOver(player: Player, roomId: string): Promise<Table> {
  let passed = 0;
  return until('the round to end', async () => {
    const table = await stateOf(player, roomId);
    if (table.phase === 'over') return table;
    if (table.pullNo !== passed) server.push(TURN_MS);
    passed = table.pullNo;
    return null;
  });
}

const tables = suite('http/tables');
tables.after(() => server.stop());

tables('two players without a socket sit at one table, bet, pull and are paid', async () => {
  const first = await join(ann);
  assert.equal([first.status, first.body.seat], [200, ann.playerId]);
  const { roomId } = first.body as { roomId: string };
  assert.is((await join(bob)).body.roomId, roomId);
  assert.is((await ann.call('POST', '/api/games/pull-trigger', { roomId, pullNo: 1 })).body.code, 'not_ready');
  for (const player of [ann, bob]) assert.is((await player.call('POST', '/api/games/ready', { roomId })).status, 200);

  const table = await stateOf(ann, roomId);
  assert.is(table.phase, 'turn');
  const [onTurn, waiting] = table.turn === ann.playerId ? [ann, bob] : [bob, ann];
  const { pullNo } = table;
  assert.is((await waiting.call('POST', '/api/games/pull-trigger', { roomId, pullNo })).body.code, 'not_your_turn');
  assert.is((await onTurn.call('POST', '/api/games/pull-trigger', { roomId, pullNo })).body.code, 'bets_open');

  const bet = { roomId, pullNo, kind: 'survive', targetId: table.turn, stake: { currency: 'COINS', amount: '100' } };
  const key = { 'idempotency-key': randomUUID() };
  assert.is((await waiting.call('POST', '/api/games/place-bet', bet, key)).status, 200);
  assert.is(
    (
      await waiting.call(
        'POST',
        '/api/games/place-bet',
        { ...bet, stake: { currency: 'GEMS', amount: '100' } },
        { 'idempotency-key': randomUUID() },
      )
    ).body.code,
    'bet_invalid',
  );

  server.push(BET_WINDOW_MS);
  assert.is(
    (await waiting.call('POST', '/api/games/place-bet', bet, { 'idempotency-key': randomUUID() })).body.code,
    'bets_closed',
  );
  assert.is((await onTurn.call('POST', '/api/games/pull-trigger', { roomId, pullNo })).status, 200);
  const again = await onTurn.call('POST', '/api/games/pull-trigger', { roomId, pullNo });
  assert.ok(again.status === 409, 'a pull said twice is one pull');

  const over = await untilOver(ann, roomId);
  assert.ok([ann.playerId, bob.playerId].includes(over.winner));
  const proof = await ann.call('GET', `/api/fairness/rounds/${over.roundId}`);
  assert.equal([proof.body.state, proof.body.clientSeeds.length, proof.body.outcome.winner], ['settled', 2, over.winner]);
  assert.match(proof.body.serverSeed, /^[\da-f]{64}$/);
  const { items } = (await ann.call('GET', '/api/games/history')).body as { items: { state: string }[] };
  assert.ok(items.length > 0 && items.every(({ state }) => state !== 'open'));
});

tables('who sits without a socket sees on an event stream what the others are sent, to the end; nobody else does', async () => {
  const [cas, dee, stranger] = [await server.register(), await server.register(), await server.register()];
  const { roomId } = (await join(cas, '150')).body as { roomId: string };
  assert.is((await join(dee, '150')).body.roomId, roomId);
  const [stream, strange] = [
    await hear(server.url, { token: cas.accessToken }),
    await hear(server.url, { token: stranger.accessToken }),
  ];
  const shown = () => stream.heard.filter(({ event }) => event === 'game_state').map(({ data }) => data);
  for (const player of [cas, dee]) await player.call('POST', '/api/games/ready', { roomId });
  const turn = await until('a turn', () => shown().find(({ state }) => state.phase === 'turn'));
  assert.equal(turn, { roomId, state: await stateOf(dee, roomId) });
  const over = await untilOver(dee, roomId);
  assert.equal(await until('the end to be shown', () => shown().find(({ state }) => state.phase === 'over')?.state), over);
  assert.ok(stream.heard.every(({ event, id }) => event !== 'game_state' || id === null));
  assert.equal(
    strange.heard.map(({ event }) => event),
    ['ready'],
  );
  stream.close();
  strange.close();
});

tables('a table that is none, and moves by who is not seated, are refused', async () => {
  const stranger = await server.register();
  const { roomId } = (await join(ann)).body as { roomId: string };
  for (const path of ['ready', 'bots', 'leave'])
    assert.is((await stranger.call('POST', `/api/games/${path}`, { roomId })).body.code, 'not_seated', path);
  assert.is((await stranger.call('GET', '/api/games/nowhere/state')).body.code, 'room_unknown');
  assert.is((await stranger.call('POST', '/api/games/join', { game: 'chess', options: {} })).body.code, 'room_unknown');
  assert.is(
    (await stranger.call('POST', '/api/games/join', { game: 'roulette', options: { seats: 9 } })).body.code,
    'join_invalid',
  );
  assert.is((await ann.call('POST', '/api/games/leave', { roomId })).status, 204);
});

tables('a reservation from REST is what the SDK takes', async () => {
  const { body } = await bob.call('POST', '/api/games/join', { game: 'spin', options: {} });
  const room = await bob.client.consumeSeatReservation(body);
  const spun = await room.request('spin', { stake: { currency: 'COINS', amount: '20' } });
  assert.ok(spun.roundId);
  await room.leave();
});

tables.run();
