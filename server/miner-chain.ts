// Reads the chain, block by block: what pools and blocks paid, donations, and whether what was told of is borne out. Whatever
// it is in the middle of when it stops is read again: everything it writes is written once.
import type { ChainCursor } from '../persistence/mining-cursors.ts';
import type { NewPayout, OpenPayout } from '../persistence/mining-payouts.ts';
import type { Store } from '../persistence/store.ts';
import { type Chain, type ChainBlock, type ChainTip, type ChainTransaction, sendersOf } from '../providers/coin-chain.ts';
import { type SeenTransaction, weighPayout } from '../rules/mining.ts';
import type { Log } from './house.ts';

export interface ChainParts {
  store: Store;
  chain: Chain;
  /** Names of pools by the addresses they pay from. */
  payers: ReadonlyMap<string, string>;
  /** Whether a block's own reward counts for who mined it. */
  solo: boolean;
  /** null: nobody is asked for one. */
  donationAddress: string | null;
  /** Never a player's: the coin's own fee, the house's addresses. */
  reserved: ReadonlySet<string>;
  confirmations: number;
  log: Log;
}

export const SOLO = 'solo';

const BLOCKS_A_ROUND = 60;
const HASHES_KEPT = 120;
/** Beyond what is kept, this much more is looked at again. */
const DEEPER = 1_000;
const PAYOUTS_A_ROUND = 500;
const DONATIONS_A_ROUND = 50;

/** Takes in new blocks, some at a time; returns how many. Blocks that gave way to others are read anew from where they part. */
export async function watchChain(parts: ChainParts): Promise<number> {
  const { chain, store } = parts;
  const { cursors } = store.mining;
  const tip = await chain.tip();
  const kept = await cursors.read<ChainCursor>('chain');
  if (kept === null) {
    await cursors.keep('chain', { height: tip.height, hashes: [tip.hash] });
    return 0;
  }
  let cursor = await forkOf(parts, kept);
  if (cursor === null) return 0;
  const from = cursor.height;
  let blocks = 0;
  while (cursor.height < tip.height && blocks < BLOCKS_A_ROUND) {
    const block = await blockAt(chain, cursor.height + 1);
    if (block === null || block.previous !== cursor.hashes[0]) break; // it goes another way at this very moment
    await readBlock(parts, block);
    cursor = { height: block.height, hashes: [block.hash, ...cursor.hashes].slice(0, HASHES_KEPT) };
    await cursors.keep('chain', cursor);
    blocks++;
  }
  const grown = { from, to: cursor.height, depth: parts.confirmations, coinbases: SOLO };
  if (blocks > 0) await store.mining.payouts.ripen(grown);
  return blocks;
}

/** Where the chain still is as it was read; null: it knows less than we do, and proves nothing. */
async function forkOf({ chain, store, log }: ChainParts, { height, hashes }: ChainCursor): Promise<ChainCursor | null> {
  let depth = 0;
  let differs = false;
  for (; depth < hashes.length; depth++) {
    const hash = await chain.hashAt(height - depth);
    if (hash === hashes[depth]) break;
    differs ||= hash !== null;
  }
  if (depth === 0) return { height, hashes };
  if (!differs) return null;
  const lost = depth === hashes.length;
  const from = Math.max(0, height - depth + 1 - (lost ? DEEPER : 0));
  const payouts = await store.mining.payouts.reorganised(from);
  log.warn('mining_chain_reorganised', { from, depth, payouts, deeperThanKept: lost });
  if (!lost) return { height: height - depth, hashes: hashes.slice(depth) };
  const below = Math.max(0, height - depth);
  const hash = await chain.hashAt(below);
  return hash === null ? null : { height: below, hashes: [hash] };
}

export async function blockAt(chain: Chain, height: number): Promise<ChainBlock | null> {
  const hash = await chain.hashAt(height);
  return hash === null ? null : chain.block(hash);
}

/** Keeps what a block paid, by pool, to whomever: who has not linked a wallet yet may do so later. */
export async function readBlock(parts: ChainParts, block: ChainBlock): Promise<void> {
  const byPool = new Map<string, NewPayout[]>();
  for (const transaction of block.transactions) {
    const senders = transaction.coinbase ? [] : await sendersOf(parts.chain, transaction);
    await readDonations(parts, { block, transaction, senders });
    const pool = transaction.coinbase ? (parts.solo ? SOLO : null) : poolOf(parts, senders);
    if (pool !== null) byPool.set(pool, [...(byPool.get(pool) ?? []), ...paidIn(parts, { block, transaction })]);
  }
  for (const [pool, payouts] of byPool)
    await parts.store.mining.payouts.take({ pool, source: 'chain', confirm: true, signature: null, payouts });
}

const poolOf = ({ payers }: ChainParts, senders: readonly string[]): string | null =>
  senders.map((sender) => payers.get(sender)).find((name) => name !== undefined) ?? null;

function paidIn(
  { payers, reserved }: ChainParts,
  { block: { height, hash }, transaction: { txid, outputs } }: { block: ChainBlock; transaction: ChainTransaction },
): NewPayout[] {
  return outputs.flatMap(({ n, address, amount }) =>
    address === null || amount === 0n || payers.has(address) || reserved.has(address)
      ? []
      : [{ key: `${txid}:${n}`, address, amount, txid, vout: n, height, blockHash: hash, paidAt: null }],
  );
}

async function readDonations(
  { store, donationAddress, log }: ChainParts,
  { block, transaction, senders }: { block: ChainBlock; transaction: ChainTransaction; senders: readonly string[] },
): Promise<void> {
  if (donationAddress === null) return;
  const { txid, outputs } = transaction;
  for (const { n, address, amount } of outputs.filter((output) => output.address === donationAddress)) {
    const asked = await store.mining.donations.seen({
      txid,
      vout: n,
      amount,
      senders,
      height: block.height,
      blockHash: block.hash,
    });
    log.info('mining_donation', { txid, vout: n, address, asked });
  }
}

/** What the chain has to say, for the length of one round. */
interface Round {
  tip: ChainTip;
  hashAt(height: number): Promise<string | null>;
  transaction(txid: string): Promise<SeenTransaction | null>;
}

async function openRound(chain: Chain): Promise<Round> {
  const tip = await chain.tip();
  const hashes = new Map<number, Promise<string | null>>();
  const transactions = new Map<string, Promise<SeenTransaction | null>>();
  const remembered = <Key, Value>(kept: Map<Key, Promise<Value>>, key: Key, make: () => Promise<Value>) => {
    const found = kept.get(key) ?? make();
    kept.set(key, found);
    return found;
  };
  const hashAt = (height: number) => remembered(hashes, height, () => chain.hashAt(height));
  return {
    tip,
    hashAt,
    transaction: (txid) =>
      remembered(transactions, txid, async () => {
        const found = await chain.transaction(txid);
        if (found === null) return null;
        const { blockHash, height, coinbase, outputs } = found;
        return { blockHash, height, coinbase, outputs, active: height !== null && (await hashAt(height)) === blockHash };
      }),
  };
}

/** Asks the chain about payouts whose time has come. Returns how many. */
export async function weighPayouts({ store, chain, confirmations, log }: ChainParts): Promise<number> {
  const { payouts } = store.mining;
  const due = await payouts.due(PAYOUTS_A_ROUND);
  if (due.length === 0) return 0;
  const round = await openRound(chain);
  for (const payout of due) {
    const verdict = weighPayout(payout, await viewOf(round, payout), confirmations);
    if (verdict.kind === 'review' || verdict.kind === 'gone')
      log.warn('mining_payout', { payout: String(payout.id), txid: payout.txid, verdict: verdict.kind });
    await payouts.weighed(payout, verdict);
  }
  return due.length;
}

const viewOf = async ({ tip, hashAt, transaction }: Round, { txid, height }: Pick<OpenPayout, 'txid' | 'height'>) => ({
  transaction: await transaction(txid),
  tipHeight: tip.height,
  hashAtHeight: height === null ? null : await hashAt(height),
});

/** Links the wallets whose donation lies deep enough. Returns how many. */
export async function weighDonations({ store, chain, confirmations, log }: ChainParts): Promise<number> {
  const { donations } = store.mining;
  const waiting = await donations.waiting(DONATIONS_A_ROUND);
  if (waiting.length === 0) return 0;
  const round = await openRound(chain);
  let linked = 0;
  for (const { id, txid, vout, address, amount, height, blockHash } of waiting) {
    const donation = { address: address, amount, vout, height, blockHash, counted: true };
    const view = await viewOf(round, { txid: txid!, height });
    const { transaction } = view;
    const deep = transaction?.active && transaction.height !== null && view.tipHeight - transaction.height + 1 >= confirmations;
    if (deep && (await donations.prove(id))) linked++;
    else if (!transaction?.active && weighPayout(donation, view, confirmations).kind === 'gone') {
      await donations.lost(id);
      log.warn('mining_donation_lost', { donationId: id, txid });
    }
  }
  return linked;
}
