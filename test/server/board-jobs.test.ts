import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boardJobs } from '../../server/board-jobs.ts';
import { memoryStore } from '../support/store.ts';

const { db, store, crowd, close } = await memoryStore();
const jobs = suite('server/board-jobs');
jobs.after(close);

const logged: [event: string, details: Record<string, unknown>][] = [];
const note = (event: string, details: Record<string, unknown> = {}) => void logged.push([event, details]);
const made = boardJobs(store, { info: note, warn: note, error: note });
const run = async (name: string) => void (await made.find((job) => job.name === name)!.run());

jobs('days that are over are closed, rewarded and logged without names; a second run finds nothing to do', async () => {
  const [ann, bob] = (await crowd(2, 0n)) as [string, string];
  const insert = `insert into score_event (board, player, amount, at) values ('xp', $1, $2, '2026-01-14T10:00:00Z')`;
  await db.rows(insert, [ann, 5]);
  await db.rows(insert, [bob, 9]);
  while ((await store.deeds.fold()) > 0);
  const until = new Date('2026-01-15T00:10:00Z');
  assert.equal(await store.boardPeriods.close(until), [{ board: 'xp', key: 'd2026-01-14' }]);
  await run('close_boards');
  const closed = logged.filter(([event]) => event === 'board_closed').map(([, { period }]) => period);
  const due = new Date() > new Date('2026-02-01T00:10:00Z') ? ['w2026-W03', 'm2026-01'] : [];
  assert.equal(closed, due);
  assert.equal(logged.at(-1), ['board_rewards_paid', { paid: 2 * (1 + due.length) }]);
  const told = logged.length;
  await run('close_boards');
  assert.is(logged.length, told);
  assert.is((await store.ledger.balance(bob, 'COINS')).available > 0n, true);
});

jobs('an index that differs is told of, and is right again for who asks next', async () => {
  const asked = { board: 'ap', period: 'all', now: new Date(), around: 1 } as const;
  const [ann, bob] = (await crowd(2, 0n)) as [string, string];
  await db.rows(`insert into score_event (board, player, amount) values ('ap', $1, 5)`, [ann]);
  while ((await store.deeds.fold()) > 0);
  assert.is((await store.leaderboards.standing(ann, asked))!.rank, 1);
  logged.length = 0;
  await run('follow_boards');
  await run('check_boards');
  await run('sweep_boards');
  await run('prune_board_changes');
  assert.equal(logged, []);
  const insert = `insert into leaderboard_score (board, period, player, score, reached_at) values ('ap', 'all', $1, 99, now())`;
  await db.rows(insert, [bob]);
  await run('check_boards');
  assert.equal(logged[0], ['ranks_differ', { board: 'ap', period: 'all', what: 'size', ours: 1, theirs: 2 }]);
  assert.is((await store.leaderboards.standing(ann, asked))!.rank, 2);
});

jobs.run();
