// What rounds leave behind that nobody will ask for: tables that were laid and never played at, and processes long gone.
import { inBites } from './bites.ts';
import type { Database } from './orm.ts';

/** A commitment was shown for it, so its seed may be asked for a while yet. */
const UNPLAYED_KEPT_DAYS = 30;
const HOLDERS_KEPT_DAYS = 1;
const ROWS_MAX = 5_000;

export const openRoundsForgotten = (db: Database) => ({
  /**
   * Forgets rounds that were void before they began, a month after, and processes not seen for a day that answer for no round; for
   * a schedule. What anybody staked, paid or won in stays.
   */
  async sweep(): Promise<{ rounds: number; holders: number }> {
    return {
      rounds: await inBites(db, { text: UNPLAYED, params: [UNPLAYED_KEPT_DAYS], size: ROWS_MAX }),
      holders: await inBites(db, { text: HOLDERS, params: [HOLDERS_KEPT_DAYS], size: ROWS_MAX }),
    };
  },
});

/** Of a round that has begun the setup says how. */
const UNPLAYED = `
  delete from round where id in (
    select r.id from round r
     where r.state = 'void' and r.setup = '{}'::jsonb and r.ended_at < now() - $2::int * interval '1 day'
       and not exists (select 1 from round_stake s where s.round = r.id)
       and not exists (select 1 from round_charge c where c.round = r.id)
       and not exists (select 1 from round_reward w where w.round = r.id)
     order by r.ended_at limit $1)
  returning 1`;

const HOLDERS = `
  delete from holder where id in (
    select h.id from holder h
     where h.seen_at < now() - $2::int * interval '1 day' and not exists (select 1 from round r where r.holder = h.id)
     limit $1)
  returning 1`;
