// A small chain in memory, for the sandbox daemon: blocks, payments, reorganisations, exactly when it is told.
import { createHash } from 'node:crypto';

export interface SandboxOutput {
  n: number;
  address: string | null;
  amount: bigint;
}

export interface SandboxTransaction {
  txid: string;
  /** null: a block's own reward. */
  from: string | null;
  /** The transaction that it spends. */
  spends: string | null;
  outputs: SandboxOutput[];
}

export interface SandboxBlock {
  hash: string;
  height: number;
  previous: string | null;
  transactions: SandboxTransaction[];
}

export type SandboxChain = ReturnType<typeof makeSandboxChain>;

const REWARD = 27_000_000_000n;
const FEE_OUTPUT = 3_000_000_000n;

/** `feeAddress`: every block pays it a tenth, as the coin does. */
export function makeSandboxChain({ feeAddress, minerAddress }: { feeAddress: string; minerAddress: string }) {
  const transactions = new Map<string, SandboxTransaction>();
  const blocks: SandboxBlock[] = [];
  const stale = new Map<string, SandboxBlock>();
  let waiting: SandboxTransaction[] = [];
  let made = 0;
  const hashOf = (word: string) => createHash('sha256').update(`${word}:${made++}`).digest('hex');
  const keep = (transaction: SandboxTransaction) => {
    transactions.set(transaction.txid, transaction);
    return transaction;
  };
  const output = (n: number, address: string | null, amount: bigint): SandboxOutput => ({ n, address, amount });

  /** A coin of `address` to be spent; what is spent is not looked at. */
  function fund(address: string, amount: bigint): string {
    return keep({ txid: hashOf('fund'), from: null, spends: null, outputs: [output(0, address, amount)] }).txid;
  }

  function mineOne(to: string): SandboxBlock {
    const reward = [output(0, null, 0n), output(1, feeAddress, FEE_OUTPUT), output(2, to, REWARD)];
    const coinbase = keep({ txid: hashOf('coinbase'), from: null, spends: null, outputs: reward });
    const previous = blocks.at(-1)?.hash ?? null;
    const block = { hash: hashOf('block'), height: blocks.length, previous, transactions: [coinbase, ...waiting] };
    waiting = [];
    blocks.push(block);
    return block;
  }

  mineOne(minerAddress);
  return {
    blocks,
    transactions,
    /** Where a transaction lies on the active chain; null: in no block. */
    blockOf: (txid: string): SandboxBlock | null =>
      blocks.find((block) => block.transactions.some((transaction) => transaction.txid === txid)) ?? null,
    blockBy: (hash: string): SandboxBlock | null => blocks.find((block) => block.hash === hash) ?? stale.get(hash) ?? null,

    /** So many blocks on top; their reward goes to `to`. */
    mine(count = 1, to: string = minerAddress): SandboxBlock[] {
      return Array.from({ length: count }, () => mineOne(to));
    },

    /** A payment, in the next block. Returns its txid. */
    pay(from: string, outputs: readonly { address: string; amount: bigint }[]): string {
      const sum = outputs.reduce((all, { amount }) => all + amount, 0n);
      const paid = outputs.map(({ address, amount }, n) => output(n, address, amount));
      const transaction = keep({ txid: hashOf('payment'), from, spends: fund(from, sum), outputs: paid });
      waiting.push(transaction);
      return transaction.txid;
    },

    /** Nobody has heard of it any more. */
    forget(txid: string): void {
      waiting = waiting.filter((transaction) => transaction.txid !== txid);
      transactions.delete(txid);
    },

    /**
     * The last `depth` blocks give way to one more than that. What was paid in them is paid again in the new ones, unless
     * it is among `lost`.
     */
    reorganise(depth: number, { lost = [] }: { lost?: readonly string[] } = {}): void {
      const gone = blocks.splice(blocks.length - depth, depth);
      for (const block of gone) {
        stale.set(block.hash, block);
        const [coinbase, ...others] = block.transactions;
        transactions.delete(coinbase!.txid);
        waiting.push(...others.filter(({ txid }) => !lost.includes(txid)));
      }
      for (const txid of lost) transactions.delete(txid);
      for (let n = 0; n <= depth; n++) mineOne(minerAddress);
    },
  };
}
