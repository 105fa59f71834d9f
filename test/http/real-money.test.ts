import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { houseRooms } from '../../server/games.ts';
import { booksAreRight, openTill } from '../support/payments.ts';
import { type Player, refusedWith, seen, startServer, until } from '../support/server.ts';
import { memoryStore } from '../support/store.ts';
import { begin, listen, sitDown } from '../support/table.ts';

const stored = await memoryStore({ realMoney: { ageMin: 18, countries: ['KE'] } });
const till = await openTill({ store: stored });
const { providers, cashier, settings } = till.house;
const server = await startServer({ providers, cashier, settings, now: stored.clock.now }, {}, houseRooms, stored);

const realMoney = suite('http/real-money');
realMoney.after(async () => {
  await server.stop();
  await till.close();
  await stored.close();
});

const PATH = '/api/safety/real-money';
const NEEDS = ['age', 'country', 'phone', 'limits'] as const;
const KES_10 = { currency: 'KES', amount: '1000' };

const say = (player: Player, body: object) => player.call('PUT', PATH, body);
const card = async (player: Player) => (await player.call('GET', PATH)).body;
const signedIn = ({ playerId, accessToken }: Player) => ({ id: playerId, email: '', accessToken, refreshToken: '' });
const kes = async (player: Player) => {
  const { body } = await player.call('GET', '/api/wallet');
  const { available, held } = body.balances.find(({ currency }: { currency: string }) => currency === 'KES');
  return [available, held];
};
const spun = async (player: Player, stake = KES_10): Promise<string> => {
  const key = { 'idempotency-key': crypto.randomUUID() };
  return (await player.call('POST', '/api/games/spin-and-win/play', { stake }, key)).body.code ?? 'played';
};

let phones = 0;
const aPhone = () => `2547${String(20_000_000 + ++phones)}`;

/** By M-Pesa to its end; past the door, as from a time when the door knew other settings. */
async function paysIn({ playerId }: Player, shillings = 100): Promise<void> {
  const order = { playerId, amount: BigInt(shillings) * 100n, phone: aPhone(), requestId: crypto.randomUUID() };
  const { payment } = await stored.store.payments.deposit(order);
  cashier.send(payment.id);
  await until('the deposit', async () => (await stored.store.payments.one(playerId, payment.id)).state === 'paid');
  await till.cashier.idle();
}

/** With money, and all that is needed but this. */
async function playerWithout(need: (typeof NEEDS)[number] | null): Promise<Player> {
  const player = await server.register();
  await till.give(signedIn(player), 200);
  const said = {
    ...(need !== 'age' && { birthDate: '2008-11-21' }),
    ...(need !== 'country' && { country: 'KE' }),
    declineLimits: need !== 'limits',
  };
  assert.is((await say(player, said)).status, 200);
  if (need !== 'phone') await paysIn(player);
  return player;
}

for (const [number, need] of NEEDS.entries()) {
  realMoney(`without ${need} no spin and no seat takes real money, over either door; coins do`, async () => {
    const [able, player] = [await playerWithout(null), await playerWithout(need)];
    const { missing, allowed } = await card(player);
    assert.equal([missing, allowed], [[need], false]);
    const before = await kes(player);
    assert.is(await spun(player), 'real_money_off');
    const wheel = await player.client.joinOrCreate('spin', { currency: 'KES' });
    assert.is(await refusedWith(wheel.request('spin', { stake: KES_10 })), 'real_money_off');
    const sitters = await sitDown([able, player], { stake: { currency: 'KES', amount: String(5_000 + number * 100) } });
    const [one, two] = sitters.map(({ room }) => room);
    await one!.request('ready', {});
    assert.is(await refusedWith(two!.request('ready', {})), 'real_money_off');
    await until('the seat standing', () => seen(one!).seats?.[player.playerId]?.ready === false);
    assert.equal([await kes(player), (await kes(able))[1]], [before, '0']);
    assert.is(await spun(player, { currency: 'COINS', amount: '20' }), 'played');
    await Promise.all([wheel.leave(), one!.leave(), two!.leave()]);
  });
}

realMoney('with all of it a player spins, sits and bets; without, a watcher has no side bet either', async () => {
  const [ann, bob, wes] = [await playerWithout(null), await playerWithout(null), await playerWithout('limits')];
  assert.equal(await card(ann), { allowed: true, missing: [], birthDate: '2008-11-21', country: 'KE', limitsDeclined: true });
  assert.is(await spun(ann), 'played');
  const sitters = await sitDown([ann, bob], { stake: { currency: 'KES', amount: '9000' } });
  const { room } = listen(wes, await wes.client.joinById(sitters[0]!.room.roomId, { watch: true }));
  await begin(sitters);
  await until('the turn to be seen', () => seen(room).phase === 'turn');
  const bet = () => ({ pullNo: seen(room).pullNo, kind: 'survive', targetId: seen(room).turn, stake: KES_10 });
  assert.equal([await kes(wes), (await kes(bob))[1]], [['30000', '0'], '9000']);
  assert.is(await refusedWith(room.request('bet', bet())), 'real_money_off');
  assert.equal(await kes(wes), ['30000', '0']);
  await say(wes, { declineLimits: true });
  assert.is(await refusedWith(room.request('bet', bet())), 'done');
  assert.equal(await kes(wes), ['29000', '1000']);
  await Promise.all([...sitters.map((sitter) => sitter.room), room].map((one) => one.leave()));
});

realMoney('the last of what is missing opens the account by itself: a deposit paid, limits set', async () => {
  const [payer, setter] = [await playerWithout('phone'), await playerWithout('limits')];
  assert.is(await spun(payer), 'real_money_off');
  await paysIn(payer);
  assert.is(await spun(payer), 'played');
  const limits = [{ currency: 'COINS', kind: 'wager', period: 'day', amount: '500' }];
  await setter.call('PUT', '/api/safety/limits', { limits });
  assert.is(await spun(setter), 'real_money_off', 'a limit in coins says nothing of shillings');
  await setter.call('PUT', '/api/safety/limits', { limits: [{ ...limits[0], currency: 'KES', amount: '1500' }] });
  assert.is(await spun(setter), 'played');
  assert.is(await spun(setter), 'limit_reached');
});

realMoney('who is not of age yet may play on the birthday, after a look at the card', async () => {
  const player = await server.register();
  await till.give(signedIn(player), 200);
  await say(player, { birthDate: '2008-11-22', country: 'KE', declineLimits: true });
  await paysIn(player);
  assert.equal((await card(player)).missing, ['age']);
  assert.is(await spun(player), 'real_money_off');
  stored.clock.pass(12 * 3_600_000);
  const renewed = await stored.store.sessions.refresh(player.refreshToken);
  assert.ok('tokens' in renewed);
  const headers = { authorization: `Bearer ${renewed.tokens.accessToken}` };
  const { missing } = (await (await fetch(server.url + PATH, { headers })).json()) as { missing: string[] };
  stored.clock.pass(-12 * 3_600_000);
  assert.equal(missing, []);
  assert.is(await spun(player), 'played');
});

realMoney('birth and country are said once; saying the same again is no change, another is refused whole', async () => {
  const player = await server.register();
  assert.equal((await say(player, { birthDate: '2000-02-29' })).body.missing, ['country', 'phone', 'limits']);
  assert.is((await say(player, { birthDate: '2000-02-29' })).status, 200);
  for (const other of [{ birthDate: '2000-02-28', country: 'KE', declineLimits: true }, { birthDate: '1990-01-01' }])
    assert.equal([(await say(player, other)).status, (await say(player, other)).body.code], [403, 'forbidden']);
  const said = {
    allowed: false,
    missing: ['country', 'phone', 'limits'],
    birthDate: '2000-02-29',
    country: null,
    limitsDeclined: false,
  };
  assert.equal(await card(player), said);
  assert.equal((await say(player, { country: 'GB' })).body.missing, ['country', 'phone', 'limits']);
  assert.is((await say(player, { country: 'KE' })).body.code, 'forbidden');
});

for (const wrong of [
  { birthDate: '2026-11-22' },
  { birthDate: '1899-12-31' },
  { birthDate: '2001-02-29' },
  { birthDate: '29/02/2000' },
  { birthDate: 946_684_800 },
  { country: 'Kenya' },
  { country: 'ke' },
  { declineLimits: 'yes' },
  { phoneVerified: true },
]) {
  realMoney(`${JSON.stringify(wrong)} is malformed, and says nothing`, async () => {
    const player = await server.visit();
    const { status, body } = await say(player, wrong);
    assert.equal([status, body.code], [400, 'malformed']);
    assert.equal((await card(player)).missing, [...NEEDS]);
  });
}

for (const method of ['GET', 'PUT']) {
  realMoney(`${method} is for players`, async () => {
    const body = method === 'PUT' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
    assert.is((await fetch(server.url + PATH, { method, ...body })).status, 401);
  });
}

const deposit = (player: Player) => till.deposit(signedIn(player), 20, { phone: aPhone() });

realMoney('a deposit wants age and country, not the phone that it proves; a pause and a limit stop it', async () => {
  const player = await server.register();
  assert.equal([(await deposit(player)).status, (await deposit(player)).json.code], [403, 'real_money_off']);
  await say(player, { country: 'KE' });
  assert.is((await deposit(player)).json.code, 'real_money_off');
  await say(player, { birthDate: '2008-11-21' });
  const { id, status } = await deposit(player);
  assert.is(status, 202);
  await till.becomes(signedIn(player), id, 'paid');
  await player.call('PUT', '/api/safety/limits', {
    limits: [{ currency: 'KES', kind: 'deposit', period: 'week', amount: '3900' }],
  });
  assert.is((await deposit(player)).json.code, 'limit_reached');
  assert.equal((await card(player)).missing, []);
  await player.call('POST', '/api/safety/self-exclusion', { months: 6 });
  assert.is((await deposit(player)).json.code, 'self_excluded');
  assert.is(await spun(player), 'self_excluded');
});

realMoney('whatever is missing, money may be taken out', async () => {
  const player = await server.register();
  await till.give(signedIn(player), 50);
  assert.equal((await card(player)).missing, [...NEEDS]);
  const { id, status } = await till.withdraw(signedIn(player), 50, { phone: aPhone() });
  assert.is(status, 202);
  await till.becomes(signedIn(player), id, 'paid');
  assert.equal(await kes(player), ['0', '0']);
});

realMoney('who goes takes birth and country along', async () => {
  const player = await server.register();
  await say(player, { birthDate: '2000-01-01', country: 'KE' });
  const exported = (await player.call('GET', '/api/player/me/export')).body;
  assert.equal([exported.realMoney.birthDate, exported.realMoney.country], ['2000-01-01', 'KE']);
  await player.call('DELETE', '/api/player/me');
  assert.equal(await stored.db.rows('select 1 from player_standing where player = $1', [player.playerId]), []);
});

realMoney('the books are right, and nothing in the log is an error', async () => {
  await booksAreRight(till);
  assert.equal(
    [...server.logged, ...till.logged.map(([level]) => ({ level }))].filter(({ level }) => level === 'error'),
    [],
  );
});

realMoney.run();
