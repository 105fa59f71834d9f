// What a mining payout is worth, when it counts, and when it counts no more. Amounts are the coin's smallest units (10⁻⁸), worth
// is hundred-millionths of an AP: units × the rate of the day, so that no fraction and no change of the rate loses anything.

/** Smallest units of one coin. */
export const COIN_UNITS = 100_000_000n;
/** More than there will ever be: 300 million coins. */
export const AMOUNT_MAX = 300_000_000n * COIN_UNITS;
/** AP a coin, unless an operator set another rate. */
export const AP_A_COIN = 10n;
export const AP_A_COIN_MAX = 10_000n;
/** Blocks, its own included, that lie over a payment before it counts. */
export const CONFIRMATIONS = 6;
/** A block's own reward may be spent, and counts, after this many. */
export const COINBASE_CONFIRMATIONS = 30;

/** A signed batch is taken within this of the moment it says, before and after. */
export const BATCH_WINDOW_MS = 300_000;
export const BATCH_MAX = 1_000;

/** XP a whole AP of a payout brings; the day's cap is the source's own. */
export const XP_AN_AP = 1n;

/** Whether a batch said to be signed at `atMs` may be taken at `nowMs`. */
export const batchFresh = (atMs: number, nowMs: number): boolean => Math.abs(nowMs - atMs) <= BATCH_WINDOW_MS;

/** What a wallet's payouts come to: whole AP, and what is carried to the next, 0 … COIN_UNITS − 1. */
export function apOf({ carry, worth }: { carry: bigint; worth: bigint }): { ap: bigint; carry: bigint } {
  const all = carry + worth;
  return { ap: all / COIN_UNITS, carry: all % COIN_UNITS };
}

/** What comes off a wallet when `worth` counts no more: so many whole AP that what is carried is not below 0. */
export function apOff({ carry, worth }: { carry: bigint; worth: bigint }): { ap: bigint; carry: bigint } {
  if (worth <= carry) return { ap: 0n, carry: carry - worth };
  const short = worth - carry;
  const ap = (short + COIN_UNITS - 1n) / COIN_UNITS;
  return { ap, carry: ap * COIN_UNITS - short };
}

/** A payout as its pool told of it. */
export interface ToldPayout {
  address: string;
  amount: bigint;
  /** null: the pool did not say which output of its transaction. */
  vout: number | null;
  /** Where it was seen last; null: in no block yet. */
  height: number | null;
  blockHash: string | null;
  /** It counts already, whether its wallet had it or not. */
  counted: boolean;
}

/** Its transaction, as the chain has it now. */
export interface ChainView {
  /** null: the chain does not know it. */
  transaction: SeenTransaction | null;
  tipHeight: number;
  /** The active chain's block at the payout's own height; null: it has none there. */
  hashAtHeight: string | null;
}

export interface SeenTransaction {
  /** null: in no block. */
  blockHash: string | null;
  height: number | null;
  /** Whether its block lies on the active chain. */
  active: boolean;
  coinbase: boolean;
  outputs: readonly { n: number; address: string | null; amount: bigint }[];
}

export type PayoutVerdict =
  /** Nothing is known yet, or what is known contradicts itself. */
  | { kind: 'wait' }
  /** In a block, not deep enough. */
  | { kind: 'seen'; vout: number; height: number; blockHash: string; missing: number }
  | { kind: 'count'; vout: number; height: number; blockHash: string }
  /** It counted, and the chain went another way. */
  | { kind: 'gone' }
  | { kind: 'review'; reason: 'amount_differs' | 'not_paid_there' };

/** What the chain says about a payout. A chain that has fallen behind proves nothing, so what counts goes only on two facts. */
export function weighPayout(
  payout: ToldPayout,
  { transaction, tipHeight, hashAtHeight }: ChainView,
  depth: number,
): PayoutVerdict {
  if (transaction === null || !transaction.active || transaction.blockHash === null || transaction.height === null) {
    const replaced = payout.height !== null && hashAtHeight !== null && hashAtHeight !== payout.blockHash;
    return payout.counted && replaced ? { kind: 'gone' } : { kind: 'wait' };
  }
  const output = outputOf(payout, transaction.outputs);
  if (typeof output === 'string') return { kind: 'review', reason: output };
  const { height, blockHash, coinbase } = transaction;
  const needed = coinbase ? Math.max(depth, COINBASE_CONFIRMATIONS) : depth;
  const missing = needed - (tipHeight - height + 1);
  const seen = { vout: output, height, blockHash };
  return missing > 0 && !payout.counted ? { kind: 'seen', ...seen, missing } : { kind: 'count', ...seen };
}

/** The output a payout names, or why none of them is it. */
function outputOf(
  { address, amount, vout }: ToldPayout,
  outputs: SeenTransaction['outputs'],
): number | 'amount_differs' | 'not_paid_there' {
  const there = outputs.filter((output) => output.address === address && (vout === null || output.n === vout));
  if (there.length === 0) return 'not_paid_there';
  return there.find((output) => output.amount === amount)?.n ?? 'amount_differs';
}

export const PROOFS = ['message', 'donation'] as const;
export type Proof = (typeof PROOFS)[number];

/** A donation that proves a wallet lies between these, a hundredth of a coin and a bit; each open one has its own amount. */
export const DONATION_MIN = 1_000_000n;
export const DONATION_SPAN = 1_000_000;
export const DONATION_MS = 24 * 3_600_000;

/** How long until a payment that is not deep enough is looked at again. */
export function lookAgainMs({ looks, missing }: { looks: number; missing: number | null }): number {
  const BLOCK_MS = 180_000;
  if (missing !== null) return Math.min(Math.max(missing - 1, 1) * (BLOCK_MS / 2), 3_600_000);
  return Math.min(60_000 * 2 ** Math.min(looks, 10), 6 * 3_600_000);
}

/** A payout the chain never had is for a person to look at after so many looks: about four days. */
export const LOOKS_MAX = 24;
