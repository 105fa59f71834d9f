import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE } from '../../rooms/house-room.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { beginWith, coins, goAway, heard, listen, pullOnce, sitDown, type Sitter, startStill, turnOf } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

const server = await startStill();
const commit = suite('rooms/roulette-commit');
const wires: Wire[] = [];
commit.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const { store } = server;
const purse = async ({ playerId }: Player): Promise<[bigint, bigint]> => {
  const { available, held } = await store.ledger.balance(playerId, 'COINS');
  return [available, held];
};

/** Players each on a wire of their own. */
async function wiredPlayers(count: number): Promise<{ players: Player[]; own: Wire[] }> {
  const own = await Promise.all(Array.from({ length: count }, () => openWire(server.port)));
  wires.push(...own);
  const players = await Promise.all(
    own.map(async (wire) => {
      const player = await server.register();
      return { ...player, client: wire.client(player.accessToken) };
    }),
  );
  return { players, own };
}

type Moves = typeof store.rounds.move;
/** From now until `let` is called, a commit of a move waits here, decided but not made. */
function holdMoves(): { waiting: () => number; let: (fail?: Error) => void } {
  const real: Moves = store.rounds.move;
  const gates: ((fail?: Error) => void)[] = [];
  store.rounds.move = async (move) => {
    const fault = await new Promise<Error | undefined>((open) => gates.push(open));
    if (fault) throw fault;
    return real(move);
  };
  return {
    waiting: () => gates.length,
    let: (fail) => {
      store.rounds.move = real;
      for (const open of gates) open(fail);
    },
  };
}

const framesOf = (own: readonly Wire[]): number => own.reduce((sum, { frames }) => sum + frames.length, 0);
/** The frames that were on their way have come. */
const quiet = (own: readonly Wire[]) =>
  until('the wires to be quiet', async () => {
    const before = framesOf(own);
    await new Promise((resolve) => setTimeout(resolve, 150));
    return framesOf(own) === before;
  });

for (const [what, bullet] of [
  ['a click', 5],
  ['the last shot', 0],
] as const) {
  commit(`nothing of ${what} leaves the server before its commit: not a frame, to anyone`, async () => {
    const { players, own } = await wiredPlayers(3);
    const sitters = await beginWith(server, players.slice(0, 2), { bullet });
    const watcher = listen(players[2]!, await players[2]!.client.joinById(sitters[0]!.room.roomId, { watch: true }));
    await until('the watcher', () => seen(watcher.room).phase === 'turn');
    const { room } = turnOf(sitters);
    await watcher.room.request('bet', { pullNo: 1, kind: 'survive', targetId: seen(room).turn, stake: coins(100) });
    await until('the bet', () => Object.keys(seen(room).bets).length === 1);
    server.push(4_000);
    await quiet(own);

    const gate = holdMoves();
    const before = { frames: framesOf(own), state: seen(room) };
    let answered = false;
    const pulling = room.request('pull', { pullNo: 1 }).finally(() => (answered = true));
    await until('the commit', () => gate.waiting() === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.is(framesOf(own), before.frames, 'half a second, and not one frame');
    assert.is(answered, false);
    for (const sitter of [...sitters, watcher]) assert.equal(seen(sitter.room), before.state);

    gate.let();
    const { hit } = await pulling;
    assert.is(hit, bullet === 0);
    await until('everybody to know', () => [...sitters, watcher].every((sitter) => heard(sitter, 'pulled').length === 1));
    await goAway([...sitters, watcher]);
  });
}

commit('what is asked while a commit is under way waits its turn, and meets the table as it is then', async () => {
  const { players } = await wiredPlayers(2);
  const sitters = await beginWith(server, players, { bullet: 5 });
  const [on, off] =
    turnOf(sitters) === sitters[0] ? (sitters as [Sitter, Sitter]) : ([sitters[1], sitters[0]] as [Sitter, Sitter]);
  server.push(4_000);
  const gate = holdMoves();
  const pulling = on.room.request('pull', { pullNo: 1 });
  await until('the commit', () => gate.waiting() === 1);
  const asked = [
    refusedWith(on.room.request('pull', { pullNo: 1 })),
    refusedWith(off.room.request('pull', { pullNo: 2 })),
    refusedWith(off.room.request('bet', { pullNo: 2, kind: 'survive', targetId: off.player.playerId, stake: coins(100) })),
  ];
  server.push(20_000); // the turn is long over, but it has been taken
  gate.let();
  await pulling;
  assert.equal(await Promise.all(asked), ['not_your_turn', 'bets_open', 'done']);
  assert.is(heard(off, 'pulled').filter(({ pullNo }) => pullNo === 1).length, 1);
  await goAway(sitters);
});

commit('a room whose commit fails is void: every stake and bet is back, everybody is told, other rooms go on', async () => {
  const [{ players, own }, others] = [await wiredPlayers(3), [await server.register(), await server.register()]];
  const elsewhere = await beginWith(server, others, { bullet: 5 });
  const sitters = await beginWith(server, players.slice(0, 2), { bullet: 1, stake: coins(400) });
  const watcher = listen(players[2]!, await players[2]!.client.joinById(sitters[0]!.room.roomId, { watch: true }));
  await until('the watcher', () => seen(watcher.room).phase === 'turn');
  const all = [...sitters, watcher];
  const { turn, roundId, commitment } = seen(watcher.room);
  for (const sitter of all)
    await sitter.room.request('bet', { pullNo: 1, kind: 'eliminated', targetId: turn, stake: coins(100) });
  const phases: string[] = [];
  for (const { room } of all) room.onStateChange((state: any) => void phases.push(state.phase));
  server.push(4_000);

  const gate = holdMoves();
  const pulling = refusedWith(turnOf(sitters).room.request('pull', { pullNo: 1 }));
  await until('the commit', () => gate.waiting() === 1);
  gate.let(new Error('the disk is full'));
  assert.is(await pulling, 'internal');
  await until('everybody to be told', () => all.every(({ left }) => left.length === 1));
  for (const sitter of all) {
    assert.equal(sitter.left, [CLOSE.roomFailed]);
    assert.equal(await purse(sitter.player), [1_000n, 0n]);
    assert.equal(heard(sitter, 'pulled'), []);
  }
  assert.is(phases.filter((phase) => phase === 'void').length, 3);
  const { state, serverSeed } = (await store.history.proof(roundId))!;
  assert.equal([state, seen(watcher.room).phase, seen(watcher.room).serverSeed], ['void', 'void', serverSeed]);
  assert.is(seen(watcher.room).commitment, commitment);
  assert.is(seen(watcher.room).chambersLeft, 6);
  assert.ok(own.every(({ frames }) => frames.length > 0));

  await pullOnce(server, elsewhere);
  assert.is(seen(elsewhere[0]!.room).pullNo, 2);
  await goAway(elsewhere);
  const failures = server.logged.filter(({ level }) => level === 'error').map(({ event }) => event);
  assert.equal([...new Set(failures)].sort(), ['move_failed', 'room_failed']);
  server.logged.length = 0;
});

commit('the same for a pull that the table makes, and for a start', async () => {
  const players = [await server.register(), await server.register()];
  const sitters = await beginWith(server, players, { bullet: 1, stake: coins(300) });
  const gate = holdMoves();
  server.push(15_000);
  await until('the commit', () => gate.waiting() === 1);
  gate.let(new Error('the disk is full'));
  await until('the end', () => sitters.every(({ left }) => left[0] === CLOSE.roomFailed));
  for (const { player } of sitters) assert.equal(await purse(player), [1_000n, 0n]);

  const table = await sitDown(players, { stake: coins(301) });
  const real = store.rounds.start;
  store.rounds.start = () => {
    store.rounds.start = real;
    return Promise.reject(new Error('the disk is full'));
  };
  await table[0]!.room.request('ready', {});
  assert.is(await refusedWith(table[1]!.room.request('ready', {})), 'internal');
  await until('the end', () => table.every(({ left }) => left[0] === CLOSE.roomFailed));
  for (const { player } of table) assert.equal(await purse(player), [1_000n, 0n]);
  assert.equal([...new Set(server.logged.filter(({ level }) => level === 'error').map(({ event }) => event))].sort(), [
    'move_failed',
    'room_failed',
  ]);
  server.logged.length = 0;
});

commit('a commit that took effect although its answer was lost stays paid, and is not shown as void', async () => {
  const players = [await server.register(), await server.register()];
  const sitters = await beginWith(server, players, { bullet: 0, stake: coins(302) });
  server.push(4_000);
  const { roundId } = seen(sitters[0]!.room);
  const real: Moves = store.rounds.move;
  store.rounds.move = async (move) => {
    store.rounds.move = real;
    await real(move);
    throw new Error('the connection broke');
  };
  assert.is(await refusedWith(turnOf(sitters).room.request('pull', { pullNo: 1 })), 'internal');
  await until('the end', () => sitters.every(({ left }) => left[0] === CLOSE.roomFailed));
  assert.is((await store.history.proof(roundId))!.state, 'settled');
  const sums = await Promise.all(players.map(async (player) => (await purse(player))[0]));
  assert.equal(new Set(sums), new Set([698n, 698n + 580n]));
  for (const { room } of sitters) assert.is(seen(room).phase, 'turn');
  server.logged.length = 0;
});

commit('a seed is in no frame before its time, in any writing', async () => {
  const { players, own } = await wiredPlayers(2);
  const sitters = await beginWith(server, players, { bullet: 3 });
  const [{ id, seed }] = await seedsOf(seen(sitters[0]!.room).roundId);
  const shown = () => own.map((wire) => writings(seed).filter((writing) => wire.bytes().includes(writing)).length);
  while (seen(sitters[0]!.room).phase === 'turn') {
    await quiet(own);
    assert.equal(shown(), [0, 0], `pull ${seen(sitters[0]!.room).pullNo}`);
    await pullOnce(server, sitters);
  }
  await until('the seed to be shown', () => shown().every((count) => count > 0));
  assert.is((await store.history.proof(id))!.serverSeed, seed.toString('hex'));
  assert.is(
    server.logged.filter(({ details }) => JSON.stringify(details).includes(seed.toString('hex'))).length,
    0,
    'nor in the log',
  );
  await goAway(sitters);
});

async function seedsOf(roundId: string): Promise<[{ id: string; seed: Buffer }]> {
  const [row] = await server.db.rows<{ id: string; sealed: Uint8Array }>('select id, sealed from round where id = $1', [roundId]);
  return [{ id: row!.id, seed: Buffer.from(store.seeds.unseal(row!.id, row!.sealed)) }];
}

const writings = (seed: Buffer): (Buffer | string)[] => [
  seed,
  seed.toString('hex'),
  seed.toString('hex').toUpperCase(),
  seed.toString('base64'),
  seed.toString('base64url'),
];

commit('afterwards the ledger adds up, no stake is open, and the log has no other error', async () => {
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

commit.run();
