import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import { betReturn } from '../../rules/roulette-bets.ts';
import { replayRoulette, type RouletteMove } from '../../rules/roulette-replay.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { give } from '../support/store.ts';
import {
  beginWith,
  coins,
  goAway,
  heard,
  listen,
  playOut,
  pullOnce,
  sitDown,
  type Sitter,
  startStill,
  turnOf,
} from '../support/table.ts';

const server = await startStill();
const bets = suite('rooms/roulette-bets');
bets.after(() => server.stop());

const { store } = server;
const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const purse = async ({ playerId }: Player): Promise<[bigint, bigint]> => {
  const { available, held } = await store.ledger.balance(playerId, 'COINS');
  return [available, held];
};

async function watch(sitters: readonly Sitter[], player: Player): Promise<Sitter> {
  const watcher = listen(player, await player.client.joinById(sitters[0]!.room.roomId, { watch: true }));
  await until('the watcher', () => seen(watcher.room).watchers > 0);
  return watcher;
}

/** A bet on the pull now due, of the seat whose turn it is. */
const onPull = ({ room }: Sitter, kind: 'survive' | 'eliminated', amount: number) => ({
  pullNo: seen(room).pullNo,
  kind,
  targetId: seen(room).turn,
  stake: coins(amount),
});

bets('seated and watching bet on the real pull, and are paid what is published', async () => {
  const players = await register(2);
  const [reader] = await register(1);
  // The second pull hits, so both outcomes are bet on, won and lost.
  const sitters = await beginWith(server, players, { bullet: 1, stake: coins(500) });
  const watcher = await watch(sitters, reader!);
  const [ann, bob] = sitters as [Sitter, Sitter];
  for (const [pull, hit] of [
    [1, false],
    [2, true],
  ] as const) {
    const chambers = seen(ann.room).chambersLeft;
    const wins = hit ? 'eliminated' : 'survive';
    const loses = hit ? 'survive' : 'eliminated';
    const before = { bob: await purse(bob.player), watcher: await purse(reader!) };
    const held = await bob.room.request('bet', onPull(bob, wins, 100));
    assert.equal(held.balance, {
      currency: 'COINS',
      available: String(before.bob[0] - 100n),
      held: String(before.bob[1] + 100n),
    });
    assert.is(held.replayed, false);
    const lost = await watcher.room.request('bet', onPull(watcher, loses, 150));
    await until('the bets to be shown', () => Object.keys(seen(ann.room).bets).length === 2);
    assert.equal(seen(ann.room).bets[held.betId], {
      betId: held.betId,
      playerId: bob.player.playerId,
      name: seen(ann.room).seats[bob.player.playerId].name,
      kind: wins,
      targetId: seen(ann.room).turn,
      stake: '100',
      pullNo: pull,
    });
    assert.is((await pullOnce(server, sitters)).hit, hit);
    const payout = betReturn(wins, 100n, chambers);
    const told = await until('what became of them', () => heard(ann, 'pulled')[pull - 1]);
    const paid = new Map(told.bets.map((bet: any) => [bet.betId, bet.paid]));
    assert.equal([paid.size, paid.get(held.betId), paid.get(lost.betId)], [2, String(payout), '0']);
    assert.equal(Object.keys(seen(ann.room).bets), []);
    assert.equal(await purse(reader!), [before.watcher[0] - 150n, 0n]);
    const prize = hit ? (seen(ann.room).winner === bob.player.playerId ? BigInt(seen(ann.room).payout) : 0n) : 0n;
    assert.equal(await purse(bob.player), [before.bob[0] - 100n + payout + prize, hit ? 0n : 500n]);
  }
  const proof = (await store.history.proof(seen(ann.room).roundId))!;
  const setup = proof.setup as { seats: string[]; stake: string; rakeBp: number };
  const random = drawStream({ serverSeed: serverSeedBytes(proof.serverSeed!), clientSeeds: proof.clientSeeds, nonce: 0 });
  const again = replayRoulette({ ...setup, stake: BigInt(setup.stake), moves: proof.moves as RouletteMove[], random });
  assert.equal(again.bets.map(({ result }) => result).sort(), ['lost', 'lost', 'won', 'won']);
  await goAway([...sitters, watcher]);
});

bets('a bet that cannot be is refused, holds nothing and is not shown', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5 });
  const [ann, bob] = sitters as [Sitter, Sitter];
  const good = onPull(ann, 'survive', 100);
  const other = ann.player.playerId === good.targetId ? bob.player.playerId : ann.player.playerId;
  const before = [seen(ann.room), await purse(bob.player)];
  const cases: [payload: unknown, code: string][] = [
    [{ ...good, pullNo: 2 }, 'pull_stale'],
    [{ ...good, targetId: other }, 'bet_invalid'],
    [{ ...good, targetId: 'nobody' }, 'bet_invalid'],
    [{ ...good, stake: { currency: 'GEMS', amount: '100' } }, 'bet_invalid'],
    [{ ...good, stake: coins(99) }, 'stake_invalid'],
    [{ ...good, stake: coins(0) }, 'stake_invalid'],
    [{ ...good, stake: coins(5_000) }, 'funds_short'],
    [{ ...good, stake: coins(999_999_999_999_999n) }, 'exposure_full'],
    [{ ...good, kind: 'both' }, 'malformed'],
    [{ ...good, stake: { currency: 'COINS', amount: 100 } }, 'malformed'],
    [{ ...good, stake: coins(-100) }, 'malformed'],
    [{ ...good, stake: { currency: 'COINS', amount: '1e3' } }, 'malformed'],
    [{ ...good, stake: { currency: 'COINS', amount: '1000000000000000' } }, 'malformed'],
    [{ ...good, stake: { currency: 'DOGE', amount: '100' } }, 'malformed'],
    [{ ...good, playerId: ann.player.playerId }, 'malformed'],
    [{ ...good, requestId: 'one' }, 'malformed'],
    [{ pullNo: 1 }, 'malformed'],
    [null, 'malformed'],
  ];
  for (const [payload, code] of cases)
    assert.is(await refusedWith(bob.room.request('bet', payload)), code, JSON.stringify(payload));
  assert.equal([seen(ann.room), await purse(bob.player)], before);

  server.push(4_000);
  assert.is(await refusedWith(bob.room.request('bet', good)), 'bets_closed');
  await pullOnce(server, sitters);
  assert.is(await refusedWith(bob.room.request('bet', good)), 'pull_stale');
  await playOut(server, sitters);
  assert.is(await refusedWith(bob.room.request('bet', good)), 'round_over');
  await goAway(sitters);
});

bets('what the house may lose on a pull is bounded, over all bets on it', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5 });
  const [ann, bob] = sitters as [Sitter, Sitter];
  await give(store, { playerId: bob.player.playerId, currency: 'COINS', amount: 10_000_000n });
  // Six chambers: an elimination returns 5.76 times the stake, so 4.76 times is what the house would lose.
  await bob.room.request('bet', onPull(bob, 'eliminated', 200_000));
  assert.is(await refusedWith(bob.room.request('bet', onPull(bob, 'eliminated', 20_000))), 'exposure_full');
  await bob.room.request('bet', onPull(bob, 'survive', 100_000));
  await bob.room.request('bet', onPull(bob, 'eliminated', 20_000));
  await until('all three', () => Object.keys(seen(ann.room).bets).length === 3);
  await goAway(sitters);
});

bets('a bet asked again under its key is one bet with one answer, even after the pull', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5 });
  const [, bob] = sitters as [Sitter, Sitter];
  const asked = { ...onPull(bob, 'survive', 100), requestId: randomUUID() };
  const before = await purse(bob.player);
  const [first, ...again] = await Promise.all(Array.from({ length: 5 }, () => bob.room.request('bet', asked)));
  for (const answer of again) assert.equal(answer, { ...first, replayed: true });
  assert.equal(await purse(bob.player), [before[0] - 100n, before[1] + 100n]);
  await until('the bet', () => Object.keys(seen(bob.room).bets).length === 1);
  assert.is(await refusedWith(bob.room.request('bet', { ...asked, stake: coins(200) })), 'request_reused');
  await pullOnce(server, sitters);
  assert.equal(await bob.room.request('bet', asked), { ...first, replayed: true });
  const { roundId } = seen(bob.room);
  await playOut(server, sitters);
  const moves = (await store.history.proof(roundId))!.moves as RouletteMove[];
  assert.is(moves.filter(({ type }) => type === 'bet').length, 1);
  await goAway(sitters);
});

bets('a refusal for funds stays the answer to its key', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5 });
  const [, bob] = sitters as [Sitter, Sitter];
  const asked = { ...onPull(bob, 'survive', 20_000), requestId: randomUUID() };
  assert.is(await refusedWith(bob.room.request('bet', asked)), 'funds_short');
  await give(store, { playerId: bob.player.playerId, currency: 'COINS', amount: 100_000n });
  assert.is(await refusedWith(bob.room.request('bet', asked)), 'funds_short');
  assert.is(await refusedWith(bob.room.request('bet', { ...asked, requestId: randomUUID() })), 'done');
  await goAway(sitters);
});

bets('forty bets at once hold what they say, to the coin', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5 });
  const readers = await Promise.all((await register(4)).map((player) => watch(sitters, player)));
  const told = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      refusedWith(readers[index % 4]!.room.request('bet', onPull(readers[0]!, 'survive', 150))),
    ),
  );
  assert.is(told.filter((code) => code === 'done').length, 24, 'six each of 150 from a thousand');
  assert.is(told.filter((code) => code === 'funds_short').length, 16);
  for (const { player } of readers) assert.equal(await purse(player), [100n, 900n]);
  await pullOnce(server, sitters);
  for (const { player } of readers) assert.equal(await purse(player), [100n + 6n * betReturn('survive', 150n, 6), 0n]);
  await goAway([...sitters, ...readers]);
});

bets('bets return when the pull they are on does not happen', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5 });
  const [on, off] =
    turnOf(sitters) === sitters[0] ? (sitters as [Sitter, Sitter]) : ([sitters[1], sitters[0]] as [Sitter, Sitter]);
  const watcher = await watch(sitters, (await register(1))[0]!);
  await watcher.room.request('bet', onPull(watcher, 'eliminated', 300));
  await off.room.leave(); // off-turn, and the other one wins: nobody pulls
  await until('the end', () => seen(watcher.room).phase === 'over');
  assert.is(seen(watcher.room).winner, on.player.playerId);
  assert.equal(await purse(watcher.player), [1_000n, 0n]);
  const [{ fired, hit, bets: settled }] = heard(watcher, 'pulled');
  assert.equal([fired, hit, settled.map(({ paid }: any) => paid)], [false, false, ['300']]);
  await goAway([on, watcher]);
});

bets('there is no window for bets where one player sits alone with house bots', async () => {
  const [ann] = await sitDown(await register(1), { seats: 2 });
  await ann!.room.request('bots', {});
  server.push(3_000);
  await until('the bot', () => Object.keys(seen(ann!.room).seats).length === 2);
  await ann!.room.request('ready', {});
  let pushedFor = 0;
  await until('the player’s turn', () => {
    const { phase, turn, pullNo } = seen(ann!.room);
    if (phase === 'turn' && turn !== ann!.player.playerId && pullNo > pushedFor) server.push(2_000);
    pushedFor = pullNo;
    return phase === 'over' || (phase === 'turn' && turn === ann!.player.playerId);
  });
  const { phase, pullNo, turn } = seen(ann!.room);
  if (phase === 'turn') {
    const bet = { pullNo, kind: 'survive', targetId: turn, stake: coins(100) };
    assert.is(await refusedWith(ann!.room.request('bet', bet)), 'bets_closed');
    await ann!.room.request('pull', { pullNo });
  }
  await goAway([ann!]);
});

bets('fifty may watch, and no more; they come and go without a seat', async () => {
  const sitters = await sitDown(await register(2));
  const roomId = sitters[0]!.room.roomId;
  const people = await Promise.all(Array.from({ length: 50 }, () => server.visit()));
  const rooms = await Promise.all(people.map(({ client }) => client.joinById(roomId, { watch: true })));
  for (const room of rooms) room.onMessage('*', () => undefined);
  await until('fifty', () => seen(sitters[0]!.room).watchers === 50);
  const [late] = await register(1);
  assert.is(await refusedWith(late!.client.joinById(roomId, { watch: true })), 'room_full');
  await Promise.all(rooms.map((room) => room.leave()));
  await until('nobody', () => seen(sitters[0]!.room).watchers === 0);
  assert.is(Object.keys(seen(sitters[0]!.room).seats).length, 2);
  await goAway(sitters);
});

bets('afterwards the ledger adds up, no stake is open, and the log has no error', async () => {
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

bets.run();
