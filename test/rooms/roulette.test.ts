import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import { replayRoulette, type RouletteMove } from '../../rules/roulette-replay.ts';
import { refusedWith, seen, until } from '../support/server.ts';
import { give } from '../support/store.ts';
import {
  begin,
  beginWith,
  coins,
  goAway,
  heard,
  playOut,
  pullOnce,
  sitDown,
  type Sitter,
  startStill,
  turnOf,
} from '../support/table.ts';

const settings = {
  production: false,
  realMoney: true,
  corsOrigins: [],
  publicUrl: 'http://127.0.0.1',
  trustProxy: false,
  rootAdminEmail: null,
};
const server = await startStill({}, undefined, { settings });
const roulette = suite('rooms/roulette');
roulette.after(() => server.stop());

const { store } = server;
const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const purse = async (playerId: string): Promise<[bigint, bigint]> => {
  const { available, held } = await store.ledger.balance(playerId, 'COINS');
  return [available, held];
};
const pursesOf = (sitters: readonly Sitter[]) => Promise.all(sitters.map(({ player }) => purse(player.playerId)));

/** Plays the stored record again by the rules alone. */
async function replayed(roundId: string) {
  const proof = (await store.history.proof(roundId))!;
  const setup = proof.setup as { seats: string[]; stake: string; rakeBp: number };
  const random = drawStream({ serverSeed: serverSeedBytes(proof.serverSeed!), clientSeeds: proof.clientSeeds, nonce: 0 });
  const again = replayRoulette({ ...setup, stake: BigInt(setup.stake), moves: proof.moves as RouletteMove[], random });
  return { proof, again };
}

for (let seats = 2; seats <= 6; seats++) {
  roulette(
    `${seats} players: stakes are held at the start, the last one alive takes the pot less the rake, and the record replays`,
    async () => {
      const sitters = await sitDown(await register(seats), { stake: coins(100 + seats) });
      assert.equal(
        await pursesOf(sitters),
        sitters.map(() => [1_000n, 0n]),
        'a seat costs nothing yet',
      );
      const { commitment } = seen(sitters[0]!.room);
      assert.match(commitment, /^[0-9a-f]{64}$/);
      await begin(sitters);
      const stake = BigInt(100 + seats);
      assert.equal(
        await pursesOf(sitters),
        sitters.map(() => [1_000n - stake, stake]),
      );
      const { roundId, pot, firstTurn, turn } = seen(sitters[0]!.room);
      assert.is(pot, String(stake * BigInt(seats)));
      assert.is(turn, firstTurn);

      await playOut(server, sitters);
      const { winner, payout, serverSeed, seats: shown } = seen(sitters[0]!.room);
      const rake = (BigInt(pot) * 400n) / 10_000n;
      assert.is(payout, String(BigInt(pot) - rake));
      assert.equal(
        Object.keys(shown).filter((id) => shown[id].alive),
        [winner],
      );
      for (const { player } of sitters) {
        const expected = player.playerId === winner ? 1_000n - stake + BigInt(payout) : 1_000n - stake;
        assert.equal(await purse(player.playerId), [expected, 0n]);
      }
      for (const sitter of sitters) {
        assert.equal(heard(sitter, 'settled'), [{ roundId, winner, payout, rake: String(rake), serverSeed }]);
        assert.is(heard(sitter, 'pulled').filter(({ hit }) => hit).length, seats - 1, 'everybody heard of every pull');
      }
      const { proof, again } = await replayed(roundId);
      assert.is(proof.commitment, commitment);
      assert.is(proof.serverSeed, serverSeed);
      assert.equal([again.winner, again.firstTurn, again.prize?.payout], [winner, firstTurn, BigInt(payout)]);
      assert.equal(proof.outcome, { winner, firstTurn, payout, rake: String(rake) });
      await goAway(sitters);
    },
  );
}

roulette('the seat that pulls first is drawn, and the bullet is where the seeds put it', async () => {
  for (const first of [0, 1, 2]) {
    const sitters = await beginWith(server, await register(3), { first, bullet: 1 });
    assert.is(turnOf(sitters), sitters[first]);
    assert.is((await pullOnce(server, sitters)).hit, false);
    assert.is(seen(sitters[0]!.room).chambersLeft, 5);
    assert.is((await pullOnce(server, sitters)).hit, true);
    assert.is(seen(sitters[0]!.room).chambersLeft, 6, 'loaded again');
    assert.is(turnOf(sitters), sitters[(first + 2) % 3], 'the next one alive pulls');
    await goAway(sitters);
  }
});

roulette('a seat that names no client seed has its player’s id as its seed', async () => {
  const sitters = await sitDown(await register(2));
  await sitters[0]!.room.request('ready', {});
  await sitters[1]!.room.request('ready', { clientSeed: 'mine' });
  await until('the round', () => seen(sitters[0]!.room).phase === 'turn');
  await playOut(server, sitters);
  const proof = (await store.history.proof(seen(sitters[0]!.room).roundId))!;
  assert.equal(proof.clientSeeds, [sitters[0]!.player.playerId, 'mine']);
  await goAway(sitters);
});

roulette('the table is laid again with a new commitment, and the same two play on', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 0 });
  const { room } = sitters[0]!;
  const before = seen(room);
  await playOut(server, sitters);
  server.push(7_000);
  await until('a new table', () => sitters.every((sitter) => seen(sitter.room).phase === 'waiting'));
  const after = seen(room);
  assert.is.not(after.commitment, before.commitment);
  assert.equal([after.roundId, after.serverSeed, after.winner, after.pot, after.pullNo], ['', '', '', '0', 0]);
  assert.equal(
    Object.values(after.seats).map(({ ready, alive }: any) => [ready, alive]),
    [
      [false, true],
      [false, true],
    ],
  );
  await begin(sitters);
  await playOut(server, sitters);
  assert.is.not(seen(room).roundId, before.roundId);
  await goAway(sitters);
});

roulette('a seat that cannot pay stands up, the others keep their money and their seats', async () => {
  const players = await register(3);
  const sitters = await sitDown(players, { stake: coins(1_001) });
  await Promise.all([players[0]!, players[2]!].map(({ playerId }) => give(store, { playerId, currency: 'COINS', amount: 500n })));
  const [first, poor, last] = sitters as [Sitter, Sitter, Sitter];
  await first.room.request('ready', {});
  await poor.room.request('ready', {});
  await last.room.request('ready', {});
  await until('the poor one to be told', () => heard(poor, 'refused').length > 0);
  assert.equal(heard(poor, 'refused'), [{ code: 'funds_short' }]);
  await until('the seat to be free', () => Object.keys(seen(first.room).seats).length === 2);
  assert.equal([seen(first.room).phase, seen(first.room).seats[first.player.playerId].ready], ['waiting', true]);
  assert.equal(await pursesOf(sitters), [
    [1_500n, 0n],
    [1_000n, 0n],
    [1_500n, 0n],
  ]);

  const [rich] = await register(1);
  await give(store, { playerId: rich!.playerId, currency: 'COINS', amount: 500n });
  const [fourth] = await sitDown([rich!], { seats: 3, stake: coins(1_001) });
  assert.is(fourth!.room.roomId, first.room.roomId, 'the free seat is found');
  await fourth!.room.request('ready', {});
  await until('the round', () => seen(first.room).phase === 'turn');
  await goAway([...sitters, fourth!]);
});

roulette('the last to be ready, short of funds, is refused', async () => {
  const sitters = await sitDown(await register(2), { stake: coins(1_002) });
  await give(store, { playerId: sitters[0]!.player.playerId, currency: 'COINS', amount: 500n });
  await sitters[0]!.room.request('ready', {});
  assert.is(await refusedWith(sitters[1]!.room.request('ready', {})), 'funds_short');
  assert.equal(await pursesOf(sitters), [
    [1_500n, 0n],
    [1_000n, 0n],
  ]);
  await goAway(sitters);
});

roulette('before the start a move that cannot be is refused, and the table stays as it is', async () => {
  const sitters = await sitDown(await register(2), { seats: 3 });
  const { room } = sitters[0]!;
  const before = seen(room);
  const cases: [type: string, payload: unknown, code: string][] = [
    ['pull', { pullNo: 1 }, 'not_ready'],
    ['pull', {}, 'malformed'],
    ['pull', { pullNo: 0 }, 'malformed'],
    ['pull', { pullNo: '1' }, 'malformed'],
    ['pull', { pullNo: 1, seatId: sitters[1]!.player.playerId }, 'malformed'],
    ['pull', [1], 'malformed'],
    ['pull', 'x', 'malformed'],
    ['bet', { pullNo: 1, kind: 'survive', targetId: 'x', stake: coins(100) }, 'bets_closed'],
    ['ready', { clientSeed: '' }, 'malformed'],
    ['ready', { clientSeed: 'no spaces' }, 'malformed'],
    ['ready', { clientSeed: 'x'.repeat(65) }, 'malformed'],
    ['ready', { clientSeed: 7 }, 'malformed'],
    ['ready', { ready: true }, 'malformed'],
    ['bots', { count: 5 }, 'malformed'],
    ['chat', { text: '   ' }, 'malformed'],
    ['chat', { text: 'x'.repeat(201) }, 'malformed'],
    ['chat', {}, 'malformed'],
  ];
  for (const [type, payload, code] of cases)
    assert.is(await refusedWith(room.request(type, payload)), code, `${type} ${JSON.stringify(payload)}`);
  assert.equal(seen(room), before);
  await goAway(sitters);
});

roulette('in a round a move out of turn or out of time is refused, and the table stays as it is', async () => {
  const [sitters, watching] = [
    await beginWith(server, await register(2), { bullet: 5, stake: coins(777) }),
    (await register(1))[0]!,
  ];
  const watcher = await watching.client.joinById(sitters[0]!.room.roomId, { watch: true });
  watcher.onMessage('*', () => undefined);
  const [on, off] = sitters as [Sitter, Sitter];
  await until('the watcher', () => seen(on.room).watchers === 1);
  const before = seen(on.room);
  const cases: [room: Sitter['room'], type: string, payload: unknown, code: string][] = [
    [on.room, 'pull', { pullNo: 1 }, 'bets_open'],
    [on.room, 'pull', { pullNo: 2 }, 'pull_stale'],
    [off.room, 'pull', { pullNo: 1 }, 'not_your_turn'],
    [watcher, 'pull', { pullNo: 1 }, 'not_seated'],
    [watcher, 'ready', {}, 'not_seated'],
    [watcher, 'bots', {}, 'not_seated'],
    [on.room, 'ready', {}, 'round_open'],
    [on.room, 'bots', {}, 'round_open'],
  ];
  for (const [room, type, payload, code] of cases)
    assert.is(await refusedWith(room.request(type, payload)), code, `${type} ${JSON.stringify(payload)}`);
  assert.equal(seen(on.room), before);

  server.push(4_000);
  await on.room.request('pull', { pullNo: 1 });
  assert.is(await refusedWith(on.room.request('pull', { pullNo: 1 })), 'not_your_turn');
  assert.is(await refusedWith(off.room.request('pull', { pullNo: 1 })), 'pull_stale');
  await playOut(server, sitters);
  const after = seen(on.room);
  assert.is(await refusedWith(on.room.request('pull', { pullNo: 2 })), 'round_over');
  assert.is(await refusedWith(on.room.request('ready', {})), 'round_over');
  assert.is(await refusedWith(on.room.request('bots', {})), 'round_open');
  assert.equal(seen(on.room), after);
  await Promise.all([goAway(sitters), watcher.leave()]);
});

roulette('the same pull sent twice at once is one pull', async () => {
  const sitters = await beginWith(server, await register(2), { bullet: 5 });
  server.push(4_000);
  const { room } = turnOf(sitters);
  const both = await Promise.allSettled([room.request('pull', { pullNo: 1 }), room.request('pull', { pullNo: 1 })]);
  assert.equal(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  await until('the next turn', () => seen(room).pullNo === 2);
  await goAway(sitters);
});

roulette('house bots take the empty seats after three seconds, for play coins, and play to the end', async () => {
  const [ann] = await sitDown(await register(1), { seats: 4, stake: coins(40) });
  const { room } = ann!;
  assert.equal(await room.request('bots', {}), { seated: 3 });
  assert.is(Object.keys(seen(room).seats).length, 1, 'not at once');
  server.push(3_000);
  await until('the bots', () => Object.keys(seen(room).seats).length === 4);
  assert.is(Object.values(seen(room).seats).filter(({ bot, ready }: any) => bot && ready).length, 3);
  await room.request('ready', {});
  await until('the round', () => seen(room).phase === 'turn');
  const { roundId } = seen(room);
  let pushedFor = 0;
  await until('the end', () => {
    const { phase, pullNo } = seen(room);
    if (phase === 'turn' && pullNo > pushedFor) server.push(15_000);
    pushedFor = pullNo;
    return phase === 'over';
  });
  const { winner, payout } = seen(room);
  assert.equal(await purse(ann!.player.playerId), [winner === ann!.player.playerId ? 960n + BigInt(payout) : 960n, 0n]);
  assert.is((await replayed(roundId)).again.winner, winner);
  server.push(7_000);
  await until('the table to be laid again', () => seen(room).phase === 'waiting');
  assert.equal(Object.keys(seen(room).seats), [ann!.player.playerId], 'bots do not stay');
  await goAway([ann!]);
});

roulette('house bots do not play for real money', async () => {
  const [ann] = await sitDown(await register(1), { seats: 2, stake: { currency: 'KES', amount: '1000' } });
  assert.is(await refusedWith(ann!.room.request('bots', {})), 'bots_unavailable');
  await goAway([ann!]);
});

roulette('bots that were asked for do not come to a table that its player has left', async () => {
  const [ann] = await sitDown(await register(1), { seats: 2 });
  const watching = (await register(1))[0]!;
  const watcher = await watching.client.joinById(ann!.room.roomId, { watch: true });
  watcher.onMessage('*', () => undefined);
  await ann!.room.request('bots', {});
  await ann!.room.leave();
  server.push(3_100);
  await until('the seat to be free', () => Object.keys(seen(watcher).seats).length === 0);
  await watcher.request('chat', { text: 'anybody?' });
  assert.equal(Object.keys(seen(watcher).seats), []);
  await watcher.leave();
});

roulette('chat reaches everybody at the table, and too much of it is refused', async () => {
  const sitters = await sitDown(await register(2));
  for (let line = 0; line < 5; line++) await sitters[0]!.room.request('chat', { text: `  line ${line} ` });
  assert.is(await refusedWith(sitters[0]!.room.request('chat', { text: 'one more' })), 'rate_limited');
  await until('the lines', () => heard(sitters[1]!, 'chat').length === 5);
  const [{ playerId, name, text }] = heard(sitters[1]!, 'chat');
  assert.equal([playerId, name, text], [sitters[0]!.player.playerId, seen(sitters[0]!.room).seats[playerId].name, 'line 0']);
  await goAway(sitters);
});

roulette('afterwards the ledger adds up, no stake is open, and the log has no error', async () => {
  await until(
    'every table to be closed',
    async () => (await server.db.rows("select 1 from round where state in ('open', 'started')")).length === 0,
  );
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

roulette.run();
