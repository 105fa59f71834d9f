import { createHash, randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawStream } from '../../rules/fairness.ts';
import { SPIN_TABLE, contribution, decideSpin, jackpotPrize } from '../../rules/spin.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { give } from '../support/store.ts';
import { coins, heard, listen, type Sitter, startStill } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

const server = await startStill();
const spin = suite('rooms/spin');
const wires: Wire[] = [];
spin.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const { store } = server;
const available = async ({ playerId }: Player): Promise<bigint> => (await store.ledger.balance(playerId, 'COINS')).available;
const enter = async (player: Player): Promise<Sitter> => {
  const sitter = listen(player, await player.client.joinOrCreate('spin', { currency: 'COINS' }));
  await until('the room', () => seen(sitter.room).players?.[player.playerId]);
  return sitter;
};
const balanceShown = ({ room }: Sitter, { playerId }: Player) => {
  const { available: free, held } = seen(room).players[playerId];
  return [free, held];
};

/** A server seed whose first spin under `clientSeed` is as wanted. */
function seedWhere(clientSeed: string, wanted: (spin: ReturnType<typeof decideSpin>) => boolean): Uint8Array {
  for (let number = 0; ; number++) {
    const serverSeed = new Uint8Array(createHash('sha256').update(`spin ${number}`).digest());
    if (wanted(decideSpin(drawStream({ serverSeed, clientSeeds: [clientSeed], nonce: 0 }), 20n))) return serverSeed;
  }
}

/** The next player to spin for the first time has this seed; the one after it is any. */
const scriptSeed = (seed: Uint8Array) => void server.seedScript.push(seed);

spin('a win is paid, answered, and told to everybody in the room', async () => {
  const [ann, bob] = [await enter(await server.register()), await enter(await server.register())];
  assert.is(ann.room.roomId, bob.room.roomId);
  scriptSeed(seedWhere('mine', ({ multiplier, jackpotHit }) => multiplier === 300 && !jackpotHit));
  const potBefore = BigInt(seen(ann.room).jackpot);
  const answer = await ann.room.request('spin', { stake: coins(200), clientSeed: 'mine' });
  assert.equal(
    [answer.segment, answer.multiplier, answer.payout, answer.jackpot, answer.balance],
    [3, 300, coins(600), null, { currency: 'COINS', available: '1400', held: '0' }],
  );
  assert.is(await available(ann.player), 1_400n);
  const told = await until('the win', () => heard(bob, 'win')[0]);
  assert.equal(
    [told.roundId, told.playerId, told.stake, told.multiplier, told.payout, told.jackpot],
    [answer.roundId, ann.player.playerId, '200', 300, '600', false],
  );
  await until('the wins to be shown', () => seen(bob.room).wins[answer.roundId]?.payout === '600');
  await until('the balance', () => balanceShown(ann, ann.player)[0] === '1400');
  server.push(2_000);
  await until('the pot', () => BigInt(seen(bob.room).jackpot) === potBefore + contribution(200n));
  await Promise.all([ann.room.leave(), bob.room.leave()]);
});

spin('a spin that pays nothing is told to nobody', async () => {
  const [ann, bob] = [await enter(await server.register()), await enter(await server.register())];
  scriptSeed(seedWhere('mine', ({ multiplier, jackpotHit }) => multiplier === 0 && !jackpotHit));
  const answer = await ann.room.request('spin', { stake: coins(20), clientSeed: 'mine' });
  assert.equal([answer.multiplier, answer.payout.amount, answer.balance.available], [0, '0', '980']);
  await until('the balance', () => balanceShown(ann, ann.player)[0] === '980');
  assert.equal(heard(bob, 'win'), []);
  await Promise.all([ann.room.leave(), bob.room.leave()]);
});

spin('the jackpot pays its part of the pot, once, and the rest stays', async () => {
  const [ann, bob] = [await enter(await server.register()), await enter(await server.register())];
  await give(store, { playerId: ann.player.playerId, currency: 'COINS', amount: 9_000n });
  scriptSeed(seedWhere('lucky', ({ jackpotHit }) => jackpotHit));
  const pot = (await store.ledger.jackpot('COINS')) + contribution(10_000n);
  const before = await available(ann.player);
  const answer = await ann.room.request('spin', { stake: coins(10_000), clientSeed: 'lucky' });
  const prize = jackpotPrize(pot, { stake: 10_000n, stakeMax: SPIN_TABLE.stakes.COINS!.max });
  assert.equal(answer.jackpot, coins(prize));
  assert.is(BigInt(answer.payout.amount), (10_000n * BigInt(answer.multiplier)) / 100n + prize);
  assert.is(await available(ann.player), before - 10_000n + BigInt(answer.payout.amount));
  assert.is(await store.ledger.jackpot('COINS'), pot - prize);
  if (BigInt(answer.payout.amount) > 10_000n) assert.is((await until('the win', () => heard(bob, 'win')[0])).jackpot, true);
  server.push(2_000);
  await until('the pot', () => seen(bob.room).jackpot === String(pot - prize));
  await Promise.all([ann.room.leave(), bob.room.leave()]);
});

spin('a spin that cannot be is refused, and nothing moves', async () => {
  const ann = await enter(await server.register());
  const cases: [payload: unknown, code: string][] = [
    [{ stake: coins(19) }, 'stake_invalid'],
    [{ stake: coins(30) }, 'stake_invalid'],
    [{ stake: coins(0) }, 'stake_invalid'],
    [{ stake: coins(10_020) }, 'stake_invalid'],
    [{ stake: coins(999_999_999_999_999n) }, 'stake_invalid'],
    [{ stake: { currency: 'GEMS', amount: '20' } }, 'stake_invalid'],
    [{ stake: { currency: 'KES', amount: '1000' } }, 'stake_invalid'],
    [{ stake: coins(10_000) }, 'funds_short'],
    [{ stake: { currency: 'DOGE', amount: '20' } }, 'malformed'],
    [{ stake: { currency: 'COINS', amount: 20 } }, 'malformed'],
    [{ stake: { currency: 'COINS', amount: '-20' } }, 'malformed'],
    [{ stake: { currency: 'COINS', amount: '20.0' } }, 'malformed'],
    [{ stake: { currency: 'COINS', amount: '1'.repeat(16) } }, 'malformed'],
    [{ stake: coins(20), clientSeed: 'no spaces' }, 'malformed'],
    [{ stake: coins(20), clientSeed: '' }, 'malformed'],
    [{ stake: coins(20), requestId: 'one' }, 'malformed'],
    [{ stake: coins(20), playerId: 'other' }, 'malformed'],
    [{ stake: coins(20), serverSeed: '00' }, 'malformed'],
    [{}, 'malformed'],
    [null, 'malformed'],
    [[coins(20)], 'malformed'],
    ['spin', 'malformed'],
  ];
  for (const [payload, code] of cases)
    assert.is(await refusedWith(ann.room.request('spin', payload)), code, JSON.stringify(payload));
  assert.is(await available(ann.player), 1_000n);
  assert.equal(balanceShown(ann, ann.player), ['1000', '0']);
  await ann.room.leave();
});

spin('the same request is one spin, however often and however many at once', async () => {
  const ann = await enter(await server.register());
  const asked = { stake: coins(40), requestId: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 8 }, () => ann.room.request('spin', asked)));
  for (const answer of answers) assert.equal(answer, answers[0]);
  assert.is(await available(ann.player), 960n + BigInt(answers[0].payout.amount));
  assert.is(await refusedWith(ann.room.request('spin', { ...asked, stake: coins(60) })), 'request_reused');
  const next = await ann.room.request('spin', { stake: coins(40), requestId: randomUUID() });
  assert.is(next.fairness.nonce, 1, 'one draw was made before');
  await until('the balance', () => balanceShown(ann, ann.player)[0] === next.balance.available);
  await ann.room.leave();
});

spin('spins in the room and over REST are drawn one after the other under one seed, the client seed kept', async () => {
  const ann = await enter(await server.register());
  const [card] = [(await ann.player.call('GET', '/api/fairness')).body];
  const byRest = (body: object = {}) =>
    ann.player.call('POST', '/api/games/spin-and-win/play', { stake: coins(20), ...body }, { 'idempotency-key': randomUUID() });
  const first = (await ann.room.request('spin', { stake: coins(20), clientSeed: 'from-the-room' })).fairness;
  const second = (await byRest()).body.fairness;
  const third = (await ann.room.request('spin', { stake: coins(20) })).fairness;
  assert.equal(
    [first, second, third].map(({ nonce, clientSeed, commitment }) => [nonce, clientSeed, commitment === card.commitment]),
    [
      [0, 'from-the-room', true],
      [1, 'from-the-room', true],
      [2, 'from-the-room', true],
    ],
  );
  const mixed = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      index % 2 ? byRest().then(({ body }) => body) : ann.room.request('spin', { stake: coins(20) }),
    ),
  );
  assert.equal(
    mixed.map(({ fairness }) => fairness.nonce).sort((a, b) => a - b),
    Array.from({ length: 12 }, (_, index) => index + 3),
  );
  await ann.room.leave();
});

spin('two players spin at once, and each is paid what was answered', async () => {
  const both = [await enter(await server.register()), await enter(await server.register())];
  const paid = await Promise.all(
    both.map(async ({ room }) => {
      const answers = await Promise.all(Array.from({ length: 15 }, () => room.request('spin', { stake: coins(20) })));
      return answers.reduce((sum, { payout }) => sum + BigInt(payout.amount), 0n);
    }),
  );
  for (const [index, sitter] of both.entries()) {
    assert.is(await available(sitter.player), 1_000n - 300n + paid[index]!);
    await until('the balance', async () => balanceShown(sitter, sitter.player)[0] === String(await available(sitter.player)));
    await sitter.room.leave();
  }
});

spin('a balance is seen by its owner alone, also after a drop, a change and another device', async () => {
  const [near, far] = await Promise.all([openWire(server.port), openWire(server.port)]);
  wires.push(near, far);
  const [ann, bob] = [await server.register(), await server.register()];
  await give(store, { playerId: ann.playerId, currency: 'COINS', amount: 73_519_246n - 1_000n });
  await give(store, { playerId: bob.playerId, currency: 'COINS', amount: 68_420_357n - 1_000n });
  const annThere = await enter({ ...ann, client: near.client(ann.accessToken) });
  const bobThere = await enter({ ...bob, client: far.client(bob.accessToken) });
  await until('both', () => seen(annThere.room).players[bob.playerId] && seen(bobThere.room).players[ann.playerId]);
  assert.equal(balanceShown(annThere, ann), ['73519246', '0']);
  assert.equal(balanceShown(bobThere, bob), ['68420357', '0']);
  assert.not.match(JSON.stringify(seen(annThere.room).players[bob.playerId]), /684/);

  annThere.room.reconnection.minUptime = 0;
  near.cut();
  await until('the drop', () => seen(bobThere.room).players[ann.playerId].connected === false);
  await until('the return', () => seen(bobThere.room).players[ann.playerId].connected === true);
  await until('the socket', () => annThere.room.connection.isOpen);
  const spun = await annThere.room.request('spin', { stake: coins(20), clientSeed: 'mine' });
  await until('the balance', () => balanceShown(annThere, ann)[0] === spun.balance.available);
  const spunToo = await bobThere.room.request('spin', { stake: coins(20) });
  await until('the balance', () => balanceShown(bobThere, bob)[0] === spunToo.balance.available);

  const again = await enter(ann);
  assert.equal(balanceShown(again, ann), [spun.balance.available, '0']);
  await until('the first to be closed', () => annThere.left.length === 1);
  assert.ok(near.bytes().includes('73519246') && far.bytes().includes('68420357'), 'each wire carries its own');
  for (const secret of ['68420357', spunToo.balance.available])
    assert.not.ok(near.bytes().includes(secret), `another’s ${secret}`);
  for (const secret of ['73519246', spun.balance.available]) assert.not.ok(far.bytes().includes(secret), `another’s ${secret}`);

  const seeds = await server.db.rows<{ id: string; sealed: Uint8Array }>('select id, sealed from fairness_seed');
  assert.ok(seeds.length > 10);
  for (const { id, sealed } of seeds) {
    const seed = Buffer.from(store.seeds.unseal(id, sealed));
    for (const writing of [seed, seed.toString('hex'), seed.toString('base64')])
      for (const wire of [near, far]) assert.not.ok(wire.bytes().includes(writing), 'a server seed on the wire');
  }
  await Promise.all([again.room.leave(), bobThere.room.leave()]);
});

spin('real money is refused at the door while it is off, and so are currencies not played here', async () => {
  const ann = await server.register();
  const cases: [options: object, code: string][] = [
    [{ currency: 'KES' }, 'real_money_off'],
    [{ currency: 'GEMS' }, 'currency_unknown'],
    [{ currency: 'DOGE' }, 'currency_unknown'],
    [{ currency: '__proto__' }, 'join_invalid'],
    [{ currency: 7 }, 'join_invalid'],
    [{ currency: 'COINS', stake: 1 }, 'join_invalid'],
  ];
  for (const [options, code] of cases)
    assert.is(await refusedWith(ann.client.joinOrCreate('spin', options)), code, JSON.stringify(options));
});

spin('afterwards the ledger adds up, and the log has no error', async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

spin.run();
