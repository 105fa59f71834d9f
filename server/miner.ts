// What the house does about mining by the clock, and what the doors may ask of it. It keeps nothing itself: every step starts
// from rows and ends in rows, so what is lost with the process is taken up by the next round, on any process.
import type { BackfillCursor, ChainCursor } from '../persistence/mining-cursors.ts';
import { ChainSilent } from '../providers/coin-chain.ts';
import type { MiningDesk } from './house.ts';
import { blockAt, type ChainParts, readBlock, watchChain, weighDonations, weighPayouts } from './miner-chain.ts';
import { backfillPool, type PoolBackfill, type PoolParts, pollPools } from './miner-pools.ts';
import type { Job } from './schedule.ts';

export interface MinerParts extends PoolParts {
  desk: MiningDesk;
  /** null: there is no chain to ask. */
  chain: ChainParts | null;
}

export interface Miner {
  desk: MiningDesk;
  /** New blocks, then payouts and donations they bear out, then what is to be credited. */
  round(): Promise<void>;
  poll(): Promise<number>;
  /** What blocks from `from` on paid; null: goes on where it stopped. */
  backfillChain(from: number | null, progress: Progress): Promise<ChainBackfill>;
  /** null: no such pool. */
  backfillPool(name: string, progress: Progress): Promise<PoolBackfill | null>;
}

type Progress = (done: number, total: number, what: string) => void;

export type ChainBackfill =
  | { kind: 'read'; to: number }
  | { kind: 'nothing' | 'no_chain' | 'not_begun' }
  | { kind: 'silent'; next: number; why: string };

const ROUND_MS = 10_000;
const CREDIT_MS = 2_000;
const POLL_MS = 5_000;
const DAY_MS = 86_400_000;

export function openMiner(parts: MinerParts): Miner {
  const { chain, pools, log } = parts;
  return {
    desk: parts.desk,
    async round() {
      if (chain === null) return;
      await whileItAnswers(parts, async () => {
        while ((await watchChain(chain)) > 0);
        await weighPayouts(chain);
        await weighDonations(chain);
      });
      await parts.store.mining.credit();
    },
    poll: () => pollPools(parts),
    backfillChain: (from, progress) => (chain === null ? Promise.resolve({ kind: 'no_chain' }) : backfill(chain, from, progress)),
    async backfillPool(name, progress) {
      const pool = pools.find((one) => one.name === name);
      return pool ? backfillPool({ store: parts.store, log }, pool, progress) : null;
    },
  };
}

export const miningJobs = (miner: Miner, { store }: Pick<MinerParts, 'store'>): Job[] => [
  { name: 'mining_credit', everyMs: CREDIT_MS, run: () => store.mining.credit() },
  {
    name: 'mining_chain',
    everyMs: ROUND_MS,
    run: async () => void ((await store.mining.cursors.lease('chain', ROUND_MS / 2)) && (await miner.round())),
  },
  { name: 'mining_pools', everyMs: POLL_MS, run: () => miner.poll() },
  { name: 'mining_sweep', everyMs: DAY_MS, run: () => store.mining.payouts.sweep() },
];

/** A chain that does not answer is no fault of ours: the next round asks again. */
async function whileItAnswers({ log }: MinerParts, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ChainSilent)) throw error;
    log.warn('mining_chain_silent', { why: error.message });
  }
}

const BACKFILL = 'backfill';
const KEEP_EACH = 20;

/** From the block named up to where the watch began or stands. */
async function backfill(watched: ChainParts, from: number | null, progress: Progress): Promise<ChainBackfill> {
  const parts = { ...watched, donationAddress: null }; // a payment of long ago proves nothing now
  const { cursors } = parts.store.mining;
  const begun = from === null ? await cursors.read<BackfillCursor>(BACKFILL) : null;
  if (begun === null && from === null) return { kind: 'not_begun' };
  let next = from ?? begun!.next;
  try {
    const to = begun?.to ?? (await watchedTo(parts));
    if (next > to) return { kind: 'nothing' };
    await cursors.keep(BACKFILL, { next, to });
    for (const first = next; next <= to; next++) {
      await readAt(parts, next);
      if ((next - first + 1) % KEEP_EACH === 0) await cursors.keep(BACKFILL, { next: next + 1, to });
      progress(next - first + 1, to - first + 1, 'blocks');
    }
    await cursors.forget(BACKFILL);
    return { kind: 'read', to };
  } catch (error) {
    if (!(error instanceof ChainSilent)) throw error;
    return { kind: 'silent', next, why: error.message };
  }
}

async function readAt(parts: ChainParts, height: number): Promise<void> {
  const block = await blockAt(parts.chain, height);
  if (block === null) throw new ChainSilent(`has no block ${height}`);
  await readBlock(parts, block);
}

async function watchedTo({ store, chain }: ChainParts): Promise<number> {
  const watched = await store.mining.cursors.read<ChainCursor>('chain');
  return watched?.height ?? (await chain.tip()).height;
}
