// What seasons are looked after by: they start when they are due, and end when their time for reviews is over.
import type { Store } from '../persistence/store.ts';
import type { Log } from './house.ts';
import type { Job } from './schedule.ts';

const TICK_MS = 5_000;

export const seasonJobs = (store: Store, log: Log): Job[] => [
  {
    name: 'seasons',
    everyMs: TICK_MS,
    run: async () => {
      const { ended, started } = await store.seasons.tick();
      if (ended !== null) log.info('season_ended', { seasonId: ended });
      if (started !== null) log.info('season_started', { seasonId: started });
    },
  },
];
