// What the ledger is looked after by: seals, the small check of its sums, and the forgetting of old answers.
import type { Sealed } from '../persistence/seals.ts';
import type { Store } from '../persistence/store.ts';
import type { Log } from './house.ts';
import type { Job } from './schedule.ts';

const MINUTE_MS = 60_000;
/** No day goes without, however often the process starts anew. */
const OLD_MS = 6 * 3_600_000;

export const ledgerJobs = (store: Store, log: Log): Job[] => [
  { name: 'seal_ledger', everyMs: MINUTE_MS, run: async () => tell(await store.seals.seal(), log) },
  { name: 'ledger_drift', everyMs: MINUTE_MS, run: () => watchDrift(store, log) },
  { name: 'sweep_requests', everyMs: OLD_MS, run: () => store.requests.sweep() },
];

const LAST_PATIENCE_MS = 1_000;
const LAST_MS = 5_000;

/** At the end of a process; what it can't seal in time the next one does. */
export const sealLast = async (store: Store, log: Log): Promise<void> =>
  tell(await store.seals.seal({ patienceMs: LAST_PATIENCE_MS, forMs: LAST_MS }), log);

/**
 * The log is kept elsewhere than the database: a hash in it tells of any later change to what the seal covers. In four parts,
 * because the log takes 64 hex digits in a row for a seed; `npm run ledger -- verify` reads it so too.
 */
function tell(made: readonly Sealed[], log: Log): void {
  const last = made.at(-1);
  if (!last) return;
  const transfers = made.reduce((sum, { entries }) => sum + entries, 0);
  log.info('ledger_sealed', { seals: made.length, transfers, no: String(last.no), seal: last.hash.match(/.{16}/g)!.join('-') });
}

async function watchDrift(store: Store, log: Log): Promise<void> {
  for (const { currency, posted, held } of await store.audits.drift()) {
    if (posted === 0n && held === 0n) continue;
    const error = new Error(`the ledger does not hold in ${currency}: npm run ledger -- verify`);
    log.error('ledger_drift', { currency, posted: String(posted), held: String(held), error });
  }
}
