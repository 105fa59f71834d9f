// Asks pools what they paid to linked wallets, one question at a time, each pool as often as it bears.
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewPayout } from '../persistence/mining-payouts.ts';
import type { Store } from '../persistence/store.ts';
import type { Pool, PoolAnswer } from '../providers/pool.ts';
import type { Log } from './house.ts';

export interface PoolParts {
  store: Store;
  pools: readonly Pool[];
  now(): Date;
  log: Log;
}

/** A wallet is asked after this often at most. */
const WALLET_MS = 10 * 60_000;
/** Pages that one look goes back, where all of the newest are news. */
const PAGES_MAX = 10;

/** One question to each pool that may be asked now. Returns how many payouts were new. */
export async function pollPools({ store, pools, now, log }: PoolParts): Promise<number> {
  let accepted = 0;
  for (const pool of pools) {
    const { cursors } = store.mining;
    const before = new Date(now().getTime() - WALLET_MS);
    if (!(await cursors.lease(`pool:${pool.name}`, pool.spacingMs))) continue;
    const [address] = await cursors.toPoll(pool.name, { before, limit: 1 });
    if (address !== undefined) accepted += await pollWallet({ store, pool, address, log });
  }
  return accepted;
}

async function pollWallet({
  store,
  pool,
  address,
  log,
}: {
  store: Store;
  pool: Pool;
  address: string;
  log: Log;
}): Promise<number> {
  let accepted = 0;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await pool.payouts(address, page);
    const taken = await takeAnswer({ store, pool, address, log }, answer);
    accepted += taken ?? 0;
    const all = answer.kind === 'payouts' && answer.more && taken === answer.payouts.length;
    if (!all) break;
  }
  return accepted;
}

/** How many were new; null: it said nothing to go by. */
async function takeAnswer(
  { store, pool, address, log }: { store: Store; pool: Pool; address: string; log: Log },
  answer: PoolAnswer,
): Promise<number | null> {
  if (answer.kind === 'busy') log.info('mining_pool_busy', { pool: pool.name, code: answer.code });
  if (answer.kind === 'odd') log.warn('mining_pool_odd', { pool: pool.name, code: answer.code });
  if (answer.kind !== 'payouts') return null;
  const payouts = answer.payouts.map(({ txid, amount, paidAt }): NewPayout => ({
    key: `${txid}:${address}`,
    address,
    amount,
    txid,
    vout: null,
    height: null,
    blockHash: null,
    paidAt,
  }));
  const taken = await store.mining.payouts.take({ pool: pool.name, source: 'polled', confirm: true, signature: null, payouts });
  if (taken.conflicts.length > 0) log.warn('mining_payouts_conflict', { pool: pool.name, count: taken.conflicts.length });
  return taken.accepted;
}

export interface PoolBackfill {
  wallets: number;
  payouts: number;
  /** It stopped because the pool did; said again it goes on from there. */
  stopped: boolean;
}

const WALLETS_AT_ONCE = 100;

/** All a pool still tells of the past of every linked wallet. Each page read is noted, so it goes on where it stopped. */
export async function backfillPool(
  { store, log }: Pick<PoolParts, 'store' | 'log'>,
  pool: Pool,
  progress: (done: number, total: number, what: string) => void,
): Promise<PoolBackfill> {
  const { cursors } = store.mining;
  const filled = { wallets: 0, payouts: 0, stopped: false };
  for (;;) {
    const wallets = await cursors.toBackfill(pool.name, WALLETS_AT_ONCE);
    if (wallets.length === 0) return filled;
    for (const { address, page: from } of wallets) {
      for (let page = from, more = true; more; page++) {
        const answer = await pool.payouts(address, page);
        const taken = await takeAnswer({ store, pool, address, log }, answer);
        if (answer.kind === 'busy' || answer.kind === 'odd') return { ...filled, stopped: true };
        filled.payouts += taken ?? 0;
        more = answer.kind === 'payouts' && answer.more;
        await cursors.pageRead(pool.name, { address, page: page + 1, past: !more });
        await sleep(pool.spacingMs);
      }
      filled.wallets++;
      const { read, wallets: total } = await cursors.backfilled(pool.name);
      progress(read, total, 'wallets');
    }
  }
}
