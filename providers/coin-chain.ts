// A coin's chain as the house reads it, from whichever side: its own daemon, or a public service. Both are asked, never
// trusted to be up, up to date or in their right mind: what has not the known shape is `ChainSilent`, and proves nothing.
import { exactJson } from './exact-json.ts';

export interface ChainTip {
  height: number;
  hash: string;
}

export interface ChainOutput {
  n: number;
  /** null: no one address may spend it. */
  address: string | null;
  /** Smallest units. */
  amount: bigint;
}

export interface ChainTransaction {
  txid: string;
  /** null: in no block. */
  blockHash: string | null;
  /** null: in no block, or not said. */
  height: number | null;
  coinbase: boolean;
  outputs: ChainOutput[];
  /** What it spends. */
  inputs: { txid: string; vout: number; address: string | null }[];
}

export interface ChainBlock {
  height: number;
  hash: string;
  /** null: the first of all. */
  previous: string | null;
  transactions: ChainTransaction[];
}

export interface Chain {
  tip(): Promise<ChainTip>;
  /** The active chain's block at that height; null: it is not that long. */
  hashAt(height: number): Promise<string | null>;
  /** null: no such block. */
  block(hash: string): Promise<ChainBlock | null>;
  /** null: no such transaction, in a block or on its way. */
  transaction(txid: string): Promise<ChainTransaction | null>;
}

/** It did not answer, or not in a way that says anything. */
export class ChainSilent extends Error {
  override readonly name = 'ChainSilent';
}

/** Inputs looked up one by one at most; who pays from more pays from the same wallet. */
const INPUTS_MAX = 50;

/** The addresses a transaction was paid from. */
export async function sendersOf(chain: Chain, { inputs }: ChainTransaction): Promise<string[]> {
  const senders = new Set<string>();
  for (const { txid, vout, address } of inputs.slice(0, INPUTS_MAX)) {
    const known = address ?? (await chain.transaction(txid))?.outputs.find(({ n }) => n === vout)?.address ?? null;
    if (known !== null) senders.add(known);
  }
  return [...senders];
}

const ANSWER_BYTES_MAX = 32 * 1_024 * 1_024;

export interface Said {
  status: number;
  text: string;
}

/** One question, to its end or to a deadline. Throws `ChainSilent`. */
export async function ask(url: string, init: RequestInit, ms: number): Promise<Said> {
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(ms) });
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body ?? []) {
      bytes += part.length;
      if (bytes > ANSWER_BYTES_MAX) throw new ChainSilent('answers without an end');
      parts.push(part);
    }
    return { status: response.status, text: Buffer.concat(parts).toString('utf8') };
  } catch (error) {
    if (error instanceof ChainSilent || !(error instanceof Error)) throw error;
    throw new ChainSilent(`does not answer: ${error.cause instanceof Error ? error.cause.message : error.message}`);
  }
}

export function jsonOf(text: string): unknown {
  try {
    return exactJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ChainSilent('says what is no JSON');
    throw error;
  }
}

type Fields = Record<string, unknown>;

export const fieldsOf = (value: unknown): Fields => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ChainSilent('says something of another shape');
};

export const listOf = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new ChainSilent('says something of another shape');
};

export const hashOf = (value: unknown): string => {
  if (typeof value === 'string' && /^[\da-f]{64}$/.test(value)) return value;
  throw new ChainSilent('says something that is no hash');
};

export const hashOrNull = (value: unknown): string | null => (value === undefined || value === null ? null : hashOf(value));

const HEIGHT_MAX = 1_000_000_000;

export const heightOf = (value: unknown): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= HEIGHT_MAX) return value;
  throw new ChainSilent('says something that is no height');
};

/** A transaction of the daemon's shape; `amountOf` reads an output's value. */
export function transactionOf(value: unknown, amountOf: (value: unknown) => bigint): ChainTransaction {
  const { txid, vin, vout, blockhash, height } = fieldsOf(value);
  const inputs = listOf(vin).map(fieldsOf);
  const coinbase = inputs.some((input) => typeof input.coinbase === 'string');
  const blockHash = hashOrNull(blockhash);
  return {
    txid: hashOf(txid),
    blockHash,
    height: blockHash !== null && typeof height === 'number' && height >= 0 ? heightOf(height) : null,
    coinbase,
    inputs: coinbase ? [] : inputs.map(inputOf),
    outputs: listOf(vout)
      .map(fieldsOf)
      .map(({ n, value: worth, scriptPubKey }) => ({
        n: heightOf(n),
        address: addressOf(scriptPubKey),
        amount: amountOf(worth),
      })),
  };
}

const inputOf = ({ txid, vout, address, scriptPubKey }: Fields) => ({
  txid: hashOf(txid),
  vout: heightOf(vout),
  address: typeof address === 'string' ? address : scriptPubKey === undefined ? null : addressOf(scriptPubKey),
});

/** The one address of an output; several share a signature, and then it is nobody's. */
function addressOf(script: unknown): string | null {
  const { addresses } = fieldsOf(script);
  return Array.isArray(addresses) && addresses.length === 1 && typeof addresses[0] === 'string' ? addresses[0] : null;
}
