// Every request over REST that moves value, said again: the same answer, once.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { routes } from '../../http/routes.ts';
import { openRest } from '../support/rest.ts';
import { startServer, type Player } from '../support/server.ts';

const server = await startServer();
const { store } = server;
const [ann, bob] = [await server.register('Ann'), await server.register('Bob')];

const again = suite('http/idempotency');
again.after(() => server.stop());

const withKey = (key: string = randomUUID()) => ({ 'idempotency-key': key });
const coins = async ({ playerId }: Player) => store.ledger.balance(playerId, 'COINS');

/** The words of a request, and whether another body may stand under the path. */
interface Said {
  path: string;
  body: object;
  other: object | null;
}

async function wonBattle(playerId: string): Promise<string> {
  const { roundId } = await store.rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  await store.rounds.start({ roundId, clientSeeds: [], setup: {}, currency: null, stakes: [] });
  const reward = { playerId, coins: 150n, xp: 40n, items: [], shareBp: 10_000, won: true };
  await store.rounds.move({
    roundId,
    moves: [],
    end: { outcome: { outcome: 'won' }, payouts: [], rake: 0n, counts: false, rewards: [reward] },
  });
  return roundId;
}

const SPIN = '/api/games/spin-and-win/play';
const ROTATE = '/api/fairness/rotate';

again('every route that takes a key of a player refuses to go without one, and does nothing', async () => {
  const keyed = routes.filter(({ idempotent, who }) => idempotent && who !== 'admin').map(({ path }) => path);
  for (const path of [
    SPIN,
    ROTATE,
    '/api/games/place-bet',
    '/api/battles/runs/:roundId/claim-loot',
    '/api/payments/deposit',
    '/api/payments/withdraw',
  ])
    assert.ok(keyed.includes(path), path);
  const before = await coins(ann);
  for (const path of keyed) {
    for (const headers of [{}, { 'idempotency-key': 'one' }] as Record<string, string>[]) {
      const told = await ann.call('POST', path.replaceAll(/:\w+/g, randomUUID()), {}, headers);
      assert.equal([told.status, told.body.code], [400, 'idempotency_key_required'], path);
    }
  }
  assert.equal(await coins(ann), before);
});

again('said ten times at once and once more later, a request happens once and is answered the same', async () => {
  const [roundId, otherRound] = [await wonBattle(ann.playerId), await wonBattle(ann.playerId)];
  const claim = (id: string) => `/api/battles/runs/${id}/claim-loot`;
  const requests: Said[] = [
    { path: SPIN, body: { stake: { currency: 'COINS', amount: '20' } }, other: { stake: { currency: 'COINS', amount: '40' } } },
    { path: ROTATE, body: { clientSeed: 'mine' }, other: { clientSeed: 'other' } },
    { path: claim(roundId), body: {}, other: null },
  ];
  for (const { path, body, other } of requests) {
    const key = withKey();
    const told = await Promise.all(Array.from({ length: 10 }, () => ann.call('POST', path, body, key)));
    assert.is(new Set(told.map((one) => JSON.stringify([one.status, one.body]))).size, 1, path);
    assert.is(told[0]!.status, 200, path);
    assert.is(told.filter(({ headers }) => headers.get('idempotency-replayed') === null).length, 1, path);
    const late = await ann.call('POST', path, body, key);
    assert.equal([late.body, late.headers.get('idempotency-replayed')], [told[0]!.body, 'true'], path);
    const reused = await ann.call('POST', other ? path : claim(otherRound), other ?? body, key);
    assert.equal([reused.status, reused.body.code], [422, 'request_reused'], path);
  }
  const twice = await ann.call('POST', claim(roundId), {}, withKey());
  assert.equal([twice.status, twice.body.code], [409, 'loot_claimed']);
  const theirs = await bob.call('POST', claim(roundId), {}, withKey());
  assert.equal([theirs.status, theirs.body.code], [404, 'loot_none']);
});

again('what was refused stays refused under its key, and another key is another try', async () => {
  const dear = { stake: { currency: 'COINS', amount: '10000' } };
  const key = withKey();
  const poor = await server.visit();
  assert.equal((await poor.call('POST', SPIN, dear, key)).body.code, 'funds_short');
  const roundId = await wonBattle(bob.playerId);
  const early = withKey();
  const claim = `/api/battles/runs/${roundId}/claim-loot`;
  assert.is((await poor.call('POST', claim, {}, early)).body.code, 'loot_none');
  await server.db.rows('update round_reward set player = $1 where round = $2', [poor.playerId, roundId]);
  assert.is((await poor.call('POST', claim, {}, early)).body.code, 'loot_none', 'the same key gives the same answer for ever');
  assert.is((await poor.call('POST', claim, {}, withKey())).status, 200);
  assert.is((await poor.call('POST', SPIN, dear, key)).body.code, 'funds_short');
});

again('a bet over REST is answered again when its window, its pull and its round are over', async () => {
  const options = { game: 'roulette', options: { stake: { currency: 'COINS', amount: '100' }, seats: 2 }, socket: false };
  const { roomId } = (await ann.call('POST', '/api/games/join', options)).body as { roomId: string };
  await bob.call('POST', '/api/games/join', options);
  for (const player of [ann, bob]) await player.call('POST', '/api/games/ready', { roomId });
  const { turn, pullNo } = (await ann.call('GET', `/api/games/${roomId}/state`)).body as { turn: string; pullNo: number };
  const bet = { roomId, pullNo, kind: 'survive', targetId: turn, stake: { currency: 'COINS', amount: '100' } };
  const [placed, late] = [withKey(), withKey()];
  const before = await coins(bob);
  const first = await bob.call('POST', '/api/games/place-bet', bet, placed);
  assert.is(first.status, 200);
  assert.is((await coins(bob)).held, before.held + 100n);
  const check = async (when: string) => {
    const told = await bob.call('POST', '/api/games/place-bet', bet, placed);
    assert.equal([told.status, told.body, told.headers.get('idempotency-replayed')], [200, first.body, 'true'], when);
  };
  await check('at once');
  server.push(4_000);
  await check('after the window');
  assert.is((await bob.call('POST', '/api/games/place-bet', bet, late)).body.code, 'bets_closed');
  for (let turns = 0; turns < 20; turns++) {
    const state = (await ann.call('GET', `/api/games/${roomId}/state`)).body as { phase: string; turn: string; pullNo: number };
    if (state.phase !== 'turn') break;
    server.push(4_000);
    await (state.turn === ann.playerId ? ann : bob).call('POST', '/api/games/pull-trigger', { roomId, pullNo: state.pullNo });
  }
  await check('after the round');
  assert.is((await bob.call('POST', '/api/games/place-bet', bet, late)).body.code, 'bets_closed');
  const other = await bob.call('POST', '/api/games/place-bet', { ...bet, kind: 'eliminated' }, placed);
  assert.equal([other.status, other.body.code], [422, 'request_reused']);
  for (const player of [ann, bob]) await player.call('POST', '/api/games/leave', { roomId });
  assert.is((await coins(bob)).held, 0n);
});

again('a bet whose table is gone is answered again from the store', async () => {
  const rest = await openRest();
  const { accessToken: token, id: playerId } = await rest.register();
  const { roundId } = await rest.store.rounds.open({ game: 'roulette', roomId: 'room-1', rulesVersion: 1 });
  await rest.store.rounds.start({ roundId, clientSeeds: [], setup: {}, currency: null, stakes: [] });
  const bet = { roomId: 'room-1', pullNo: 1, kind: 'survive', targetId: 'ann', stake: { currency: 'COINS', amount: '100' } };
  const key = randomUUID();
  assert.equal(await rest.refused('POST', '/api/games/place-bet', { token, key, body: bet }), [404, 'room_unknown']);
  const { betId } = await rest.store.rounds.bet({
    roundId,
    playerId,
    kind: 'survive',
    currency: 'COINS',
    amount: 100n,
    details: {},
    requestId: key,
    said: bet,
  });
  const told = await rest.ask('POST', '/api/games/place-bet', { token, key, body: bet });
  const balance = { currency: 'COINS', available: '900', held: '100' };
  assert.equal([told.json, told.headers.get('idempotency-replayed')], [{ betId, balance }, 'true']);
  assert.equal(await rest.refused('POST', '/api/games/place-bet', { token, key, body: { ...bet, pullNo: 2 } }), [
    422,
    'request_reused',
  ]);
  await rest.close();
});

again('the ledger holds after all of it, and says so to admins alone', async () => {
  const path = '/api/admin/ledger/report';
  const stranger = await fetch(`${server.url}${path}`);
  assert.is(stranger.status, 401);
  assert.is((await ann.call('GET', path)).status, 403);
  const [row] = await server.db.rows<{ email: string }>('select email from player where id = $1', [bob.playerId]);
  await store.players.grantAdmin(row!.email);
  await store.seals.seal();
  const { status, body } = await bob.call('GET', path);
  assert.equal([status, body.ok, body.findings, body.seals.unsealed], [200, true, [], 0], JSON.stringify(body.findings));
  assert.equal(body.seals.last.hash, (await store.seals.last())!.hash);
  assert.ok(body.balances.some(({ account, currency }: any) => account === 'mint' && currency === 'COINS'));
  assert.ok(body.drift.every(({ posted, held }: any) => posted === '0' && held === '0'));

  await server.db.rows('update ledger_account set posted = posted + 1 where owner = $1 and currency = $2', [
    ann.playerId,
    'COINS',
  ]);
  const broken = (await bob.call('GET', path)).body;
  assert.equal([broken.ok, broken.findingsTotal], [false, 1]);
  assert.match(broken.findings[0].what, /^COINS posted: stored \d+, entries say \d+$/);
  assert.equal(broken.drift.find(({ currency }: any) => currency === 'COINS').posted, '1');
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /^playhouse_ledger_drift_minor_units\{currency="COINS"\} 1$/m);
  await server.db.rows('update ledger_account set posted = posted - 1 where owner = $1 and currency = $2', [
    ann.playerId,
    'COINS',
  ]);
});

again.run();
