import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until, refusedWith, seen, startServer, type Player } from '../support/server.ts';

const server = await startServer();
const safety = suite('http/safety');
safety.after(() => server.stop());

const coins = (kind: string, period: string, amount: string | null) => ({ currency: 'COINS', kind, period, amount });
const set = (player: Player, ...limits: object[]) => player.call('PUT', '/api/safety/limits', { limits });
const spin = (player: Player, amount: string) =>
  player.call(
    'POST',
    '/api/games/spin-and-win/play',
    { stake: { currency: 'COINS', amount } },
    { 'idempotency-key': crypto.randomUUID() },
  );
const codeOf = async (player: Player, amount: string): Promise<string> => (await spin(player, amount)).body.code ?? 'played';

safety('a wager limit lets stakes through up to itself, over both doors', async () => {
  const ann = await server.register();
  assert.is((await set(ann, coins('wager', 'day', '60'))).status, 200);
  const room = await ann.client.joinOrCreate('spin', { currency: 'COINS' });
  assert.is(await refusedWith(room.request('spin', { stake: { currency: 'COINS', amount: '40' } })), 'done');
  assert.is(await codeOf(ann, '40'), 'limit_reached');
  assert.is(await codeOf(ann, '20'), 'played');
  assert.is(await refusedWith(room.request('spin', { stake: { currency: 'COINS', amount: '20' } })), 'limit_reached');
  const { limits } = (await ann.call('GET', '/api/safety/limits')).body;
  assert.equal(limits, [{ ...coins('wager', 'day', '60'), used: '60' }]);
  await room.leave();
});

safety('a limit set at noon counts the morning', async () => {
  const ann = await server.register();
  assert.is(await codeOf(ann, '100'), 'played');
  await set(ann, coins('wager', 'week', '120'));
  assert.is(await codeOf(ann, '40'), 'limit_reached');
  assert.is(await codeOf(ann, '20'), 'played');
});

safety('a loss limit gives winnings back to play with, and never counts below nothing', async () => {
  const ann = await server.register();
  await set(ann, coins('loss', 'day', '100'));
  let staked = 0n;
  let paid = 0n;
  for (let spins = 0; spins < 40; spins++) {
    const lost = staked > paid ? staked - paid : 0n;
    const answer = await spin(ann, '40');
    assert.is(answer.body.code ?? 'played', lost + 40n > 100n ? 'limit_reached' : 'played');
    if (answer.status !== 200) break;
    staked += 40n;
    paid += BigInt(answer.body.payout.amount);
  }
  assert.ok(staked > 0n);
});

safety('tighter holds at once; looser waits and is shown as waiting', async () => {
  const ann = await server.register();
  await set(ann, coins('wager', 'day', '100'));
  const loosened = (await set(ann, coins('wager', 'day', '1000'))).body;
  assert.is(loosened.limits[0].amount, '100');
  assert.is(loosened.pending[0].amount, '1000');
  const wait = Date.parse(loosened.pending[0].effectiveAt) - Date.now();
  assert.ok(wait > 23.9 * 3_600_000 && wait <= 24 * 3_600_000);
  assert.is(await codeOf(ann, '120'), 'limit_reached');
  assert.equal((await set(ann, coins('wager', 'day', '80'))).body.pending, []);
});

safety('a cool-off and a self-exclusion stop every stake in every currency; they grow, never shrink', async () => {
  const ann = await server.register();
  const cooled = await ann.call('POST', '/api/safety/cool-off', { hours: 48 });
  assert.is(cooled.status, 200);
  assert.is(await codeOf(ann, '20'), 'self_excluded');
  assert.equal((await ann.call('POST', '/api/safety/cool-off', { hours: 24 })).body.excludedUntil, cooled.body.excludedUntil);
  assert.is((await ann.call('POST', '/api/safety/self-exclusion', { months: null })).body.excludedUntil, 'forever');
  assert.is((await ann.call('POST', '/api/safety/self-exclusion', { months: 6 })).body.excludedUntil, 'forever');
});

safety('a roulette seat whose player may not stake stands again, and the others keep their money', async () => {
  const [ann, bob] = [await server.register(), await server.register()];
  const options = { stake: { currency: 'COINS', amount: '70' }, seats: 2 };
  const one = await ann.client.joinOrCreate('roulette', options);
  const two = await bob.client.joinOrCreate('roulette', options);
  await bob.call('POST', '/api/safety/cool-off', { hours: 24 });
  await one.request('ready', {});
  assert.is(await refusedWith(two.request('ready', {})), 'self_excluded');
  await until('the seat standing', () => seen(one).seats?.[bob.playerId]?.ready === false);
  const [coinsOfAnn] = (await ann.call('GET', '/api/wallet')).body.balances;
  assert.equal(coinsOfAnn, { currency: 'COINS', available: '1000', held: '0' });
});

safety('a void round leaves limits as they were', async () => {
  const ann = await server.register();
  await set(ann, coins('wager', 'day', '100'), coins('loss', 'month', '100'));
  const { roundId } = await server.store.rounds.open({ game: 'roulette', roomId: 'none', rulesVersion: 1 });
  const stakes = [{ seat: ann.playerId, playerId: ann.playerId, amount: 90n }];
  await server.store.rounds.start({ roundId, clientSeeds: [], setup: {}, currency: 'COINS', stakes });
  const used = async () => (await ann.call('GET', '/api/safety/limits')).body.limits.map((limit: { used: string }) => limit.used);
  assert.equal(await used(), ['90', '90']);
  await server.store.rounds.void(roundId, 'test');
  assert.equal(await used(), ['0', '0']);
});

for (const [path, method, body] of [
  ['/api/safety/limits', 'GET', undefined],
  ['/api/safety/limits', 'PUT', { limits: [coins('wager', 'day', '1')] }],
  ['/api/safety/cool-off', 'POST', { hours: 24 }],
  ['/api/safety/self-exclusion', 'POST', { months: 6 }],
] as const) {
  safety(`${method} ${path} is for players`, async () => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    assert.is(response.status, 401);
  });
}

for (const [what, path, body] of [
  ['an unknown kind', '/api/safety/limits', { limits: [coins('mood', 'day', '1')] }],
  ['an unknown period', '/api/safety/limits', { limits: [coins('wager', 'year', '1')] }],
  ['a number for an amount', '/api/safety/limits', { limits: [{ ...coins('wager', 'day', null), amount: 5 }] }],
  ['a negative amount', '/api/safety/limits', { limits: [coins('wager', 'day', '-5')] }],
  ['no limits', '/api/safety/limits', { limits: [] }],
] as const) {
  safety(`${what} is malformed`, async () => {
    const ann = await server.visit();
    assert.is((await ann.call('PUT', path, body)).body.code, 'malformed');
  });
}

safety('nothing of this costs or makes a coin', async () => {
  assert.equal((await server.store.ledger.verify()).differences, []);
});

safety.run();
