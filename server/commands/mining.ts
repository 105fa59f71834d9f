import type { Progress } from '../control.ts';
import type { Command, CommandHouse } from './index.ts';

const HEIGHT = /^\d{1,9}$/;
const POOL = /^[a-z][a-z\d-]{1,31}$/;

export const mining: Command = {
  help: `npm run mining -- status                       payouts by state, those in review, what was credited and what is owed
npm run mining -- backfill chain <height>      what blocks from that height on paid, up to where the watch began
npm run mining -- backfill chain               the same, from where the last one stopped
npm run mining -- backfill <pool>              all that a pool of MINING_YIIMP or MINING_MININGCORE still tells of linked wallets;
                                               said again it goes on where it stopped`,
  anySchema: false,
  takes: ([act = '', source = '', height, ...more]) =>
    more.length === 0 &&
    ((act === 'status' && source === '' && height === undefined) ||
      (act === 'backfill' && source === 'chain' && (height === undefined || HEIGHT.test(height))) ||
      (act === 'backfill' && source !== 'chain' && POOL.test(source) && height === undefined)),
  run: ([act, source, height], house, progress) => {
    if (act === 'status') return status(house, progress);
    return source === 'chain'
      ? backfillChain(house, height === undefined ? null : Number(height), progress)
      : backfillPool(house, source!, progress);
  },
};

const OFF = { ok: false, line: 'Mining is not set up: MINING_POOL_KEYS, MINING_RPC_URL or MINING_EXPLORER_URL.' };

async function status({ store }: CommandHouse, progress: Progress) {
  const { payouts, inReview, wallets, ap, debt } = await store.mining.figures();
  for (const [state, { count, units }] of Object.entries(payouts)) progress(0, 0, `${state}: ${count} payouts of ${units} units`);
  return {
    ok: inReview === 0n,
    line: `${wallets} wallets were credited ${ap} AP; ${debt} AP are owed, ${inReview} payouts need review.`,
  };
}

async function backfillChain({ miner }: CommandHouse, from: number | null, progress: Progress) {
  const filled = await miner?.backfillChain(from, progress);
  if (!filled) return OFF;
  switch (filled.kind) {
    case 'read':
      return { ok: true, line: `Read the chain up to block ${filled.to}. What it paid counts once it is borne out.` };
    case 'nothing':
      return { ok: true, line: 'There is nothing to read: the watch began there.' };
    case 'no_chain':
      return { ok: false, line: 'There is no chain to read: MINING_RPC_URL or MINING_EXPLORER_URL.' };
    case 'not_begun':
      return { ok: false, line: 'No backfill was begun. Say from which block: npm run mining -- backfill chain <height>' };
    case 'silent':
      return { ok: false, line: `The chain ${filled.why}. Say it again without a height to go on from block ${filled.next}.` };
  }
}

async function backfillPool({ miner }: CommandHouse, name: string, progress: Progress) {
  if (!miner) return OFF;
  const filled = await miner.backfillPool(name, progress);
  if (filled === null) return { ok: false, line: `No pool of MINING_YIIMP or MINING_MININGCORE is called ${name}.` };
  const read = `Read ${filled.wallets} wallets at ${name}: ${filled.payouts} payouts that were not known.`;
  return filled.stopped
    ? { ok: false, line: `${read} Then it did not answer; say it again later to go on.` }
    : { ok: true, line: read };
}
