import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type NotificationKind, notifyIn } from '../../persistence/notifications.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { heard, listen, type Sitter, startStill } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

const server = await startStill();
const boards = suite('rooms/leaderboard');
const wires: Wire[] = [];
boards.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const { store } = server;

/** What a player has earned on a board, folded in at once. */
async function score(board: string, scores: readonly (readonly [playerId: string, amount: number])[]): Promise<void> {
  for (const [playerId, amount] of scores)
    await server.db.rows('insert into score_event (board, player, amount) values ($1, $2, $3)', [board, playerId, amount]);
  await store.deeds.fold();
}

const look = async (player: Player, options: object): Promise<Sitter> => {
  const sitter = listen(player, await player.client.joinOrCreate('leaderboard', options));
  await until('the board', () => seen(sitter.room).board && seen(sitter.room).standings?.[player.playerId]);
  return sitter;
};
const ranks = ({ room }: Sitter): string[] =>
  Object.values<any>(seen(room).top)
    .sort((a, b) => a.rank - b.rank)
    .map(({ playerId }) => playerId);
const standing = ({ room, player }: Sitter) => {
  const { rank, score: own, neighbours } = seen(room).standings[player.playerId];
  return {
    rank,
    score: own,
    neighbours: Object.values<any>(neighbours ?? {})
      .sort((a, b) => a.rank - b.rank)
      .map(({ playerId }) => playerId),
  };
};

boards('the first hundred are for everybody, and move live; each sees their own place alone', async () => {
  const wire = await openWire(server.port);
  wires.push(wire);
  const people = [
    await server.register('Ann'),
    await server.register('Bob'),
    await server.register('Cleo'),
    await server.register('Dora'),
  ];
  const [ann, bob, cleo, dora] = people.map(({ playerId }) => playerId) as [string, string, string, string];
  await score('xp', [
    [ann, 50],
    [bob, 40],
    [cleo, 30],
  ]);
  const first = await look({ ...people[0]!, client: wire.client(people[0]!.accessToken) }, { board: 'xp', period: 'all' });
  const last = await look(people[3]!, { board: 'xp', period: 'all' });
  assert.is(last.room.roomId, first.room.roomId);
  assert.equal(ranks(first), [ann, bob, cleo]);
  const { displayName, score: shown } = seen(first.room).top[ann];
  assert.equal([displayName, shown], ['Ann', '50']);
  assert.equal(standing(first), { rank: 1, score: '50', neighbours: [bob, cleo] });
  assert.equal(standing(last), { rank: 0, score: '0', neighbours: [] });

  await score('xp', [
    [dora, 45],
    [bob, 20],
  ]);
  server.push(1_000);
  await until('the move', () => ranks(first).join() === [bob, ann, dora, cleo].join());
  await until('the places', () => standing(first).rank === 2 && standing(last).rank === 3);
  assert.equal(standing(last), { rank: 3, score: '45', neighbours: [bob, ann, cleo] });
  assert.equal(heard(first, 'rank_changed'), [{ rank: 2, was: 1 }]);
  assert.equal(heard(last, 'rank_changed'), [], 'a first place on the board is no change of place');
  assert.equal(Object.keys(seen(first.room).standings), [ann]);
  assert.equal(Object.keys(seen(last.room).standings), [dora]);
  await Promise.all([first.room.leave(), last.room.leave()]);
});

boards('of equals the one who got there first is before the other', async () => {
  const people = [await server.register(), await server.register()];
  await score('ap', [[people[1]!.playerId, 10]]);
  await score('ap', [[people[0]!.playerId, 10]]);
  const looking = await look(people[0]!, { board: 'ap', period: 'weekly' });
  assert.equal(ranks(looking), [people[1]!.playerId, people[0]!.playerId]);
  await looking.room.leave();
});

boards('pages go on past the hundred, and a place out there moves too', async () => {
  const crowd = await server.crowd(130, 0n);
  const ann = await server.register();
  await score('battles', [...crowd.map((playerId, index) => [playerId, 1_000 - index] as const), [ann.playerId, 100]]);
  const looking = await look(ann, { board: 'battles', period: 'monthly' });
  assert.is(ranks(looking).length, 100);
  assert.equal(standing(looking), { rank: 131, score: '100', neighbours: crowd.slice(127) });

  const page = await looking.room.request('page', { cursor: null });
  assert.equal([page.items.length, page.items[0].rank, page.items[0].score, page.nextCursor], [100, 1, '1000', '100']);
  const next = await looking.room.request('page', { cursor: page.nextCursor });
  assert.equal([next.items.length, next.items[0].playerId, next.nextCursor], [31, crowd[100], null]);
  assert.equal((await looking.room.request('page', {})).items[0], page.items[0]);
  assert.equal((await looking.room.request('page', { cursor: '9999999' })).items, []);

  await score('battles', [[ann.playerId, 790]]);
  await until('the place', () => (server.push(1_000), standing(looking).rank === 112));
  assert.equal(heard(looking, 'rank_changed'), [{ rank: 112, was: 131 }]);
  await looking.room.leave();
});

boards('a page that cannot be is refused, and so is a board that is none', async () => {
  const ann = await server.register();
  const looking = await look(ann, {});
  assert.equal([seen(looking.room).board, seen(looking.room).period], ['winnings', 'all']);
  for (const payload of [
    { cursor: 7 },
    { cursor: '-1' },
    { cursor: '1e3' },
    { cursor: '1234567890' },
    { cursor: "1'; drop table player" },
    { limit: 5 },
    [],
    'x',
  ])
    assert.is(await refusedWith(looking.room.request('page', payload)), 'malformed', JSON.stringify(payload));
  for (const options of [
    { board: 'losses' },
    { period: 'yearly' },
    { board: ['xp'] },
    { board: 'xp', limit: 5 },
    { board: '__proto__' },
  ])
    assert.is(await refusedWith(ann.client.joinOrCreate('leaderboard', options)), 'join_invalid', JSON.stringify(options));
  await looking.room.leave();
});

boards('a guest looks, and is on no board', async () => {
  const guest = await server.visit();
  await score('xp', [[guest.playerId, 9_999]]);
  const looking = await look(guest, { board: 'xp', period: 'daily' });
  assert.not.ok(ranks(looking).includes(guest.playerId));
  assert.is(standing(looking).rank, 0);
  await looking.room.leave();
});

boards('whoever is here hears their own news, on each of their sockets and nobody else’s, until they leave', async () => {
  const [ann, bob] = [await server.register(), await server.register()];
  const tell = (playerId: string, kind: NotificationKind, data: Record<string, unknown>) =>
    server.db.transaction((em) => notifyIn(em, { playerId, kind, data }));
  await tell(ann.playerId, 'mining_reward', { amount: '1' });
  const [first, second, other] = [
    await look(ann, { board: 'xp', period: 'all' }),
    await look(ann, { board: 'xp', period: 'daily' }),
    await look(bob, { board: 'xp', period: 'all' }),
  ];
  await tell(ann.playerId, 'mining_reward', { amount: '42' });
  await tell(ann.playerId, 'achievement_unlocked', { achievementId: 'first-blood' });
  await until('both to hear', () => [first, second].every((sitter) => heard(sitter, 'achievement_unlocked').length === 1));
  for (const sitter of [first, second]) {
    const [{ at, ...notice }] = heard(sitter, 'mining_reward') as [{ at: number }];
    assert.equal(notice, { no: 2, kind: 'mining_reward', data: { amount: '42' } });
    assert.ok(Math.abs(at - Date.now()) < 60_000, `${at} is epoch milliseconds`);
  }
  await first.room.leave();
  await tell(ann.playerId, 'verification_complete', {});
  await until('the one who stayed', () => heard(second, 'verification_complete').length === 1);
  assert.equal([heard(first, 'verification_complete'), heard(other, 'mining_reward')], [[], []]);
  await Promise.all([second.room.leave(), other.room.leave()]);
});

boards('afterwards the log has no error', async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level !== 'info'),
    [],
  );
});

boards.run();
