// What boards are looked after by: indexes that follow and are checked, and periods that are closed, rewarded and forgotten.
import type { Store } from '../persistence/store.ts';
import type { Log } from './house.ts';
import type { Job } from './schedule.ts';

const FOLLOW_MS = 2_000;
const CLOSE_MS = 15_000;
const MINUTE_MS = 60_000;
const CHECK_MS = 10 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;

export const boardJobs = (store: Store, log: Log): Job[] => [
  { name: 'follow_boards', everyMs: FOLLOW_MS, run: () => store.leaderboards.follow() },
  { name: 'close_boards', everyMs: CLOSE_MS, run: () => closeBoards(store, log) },
  { name: 'check_boards', everyMs: CHECK_MS, run: () => checkBoards(store, log) },
  { name: 'prune_board_changes', everyMs: MINUTE_MS, run: () => store.boardPeriods.prune() },
  { name: 'sweep_boards', everyMs: HOUR_MS, run: () => store.boardPeriods.sweep(new Date()) },
];

async function closeBoards({ boardPeriods }: Store, log: Log): Promise<void> {
  for (const { board, key } of await boardPeriods.close()) log.info('board_closed', { board, period: key });
  const paid = await boardPeriods.pay();
  if (paid > 0) log.info('board_rewards_paid', { paid });
}

/** An index that differs is gone by then: who asks next has it built anew. */
async function checkBoards({ leaderboards }: Store, log: Log): Promise<void> {
  for (const { board, key, what, ours, theirs } of await leaderboards.check())
    log.warn('ranks_differ', { board, period: key, what, ours, theirs });
}
