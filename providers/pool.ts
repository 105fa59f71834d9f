// Mining pools that are asked: yiimp's `walletEx` and MiningCore's `payments`. Anyone may ask them about any wallet, and
// they answer what they like, so what they say names a transaction and the chain has to bear it out.
import { exactJson } from './exact-json.ts';
import { unitsOf } from './coin-units.ts';

export interface PoolPayout {
  txid: string;
  /** Smallest units. */
  amount: bigint;
  paidAt: Date | null;
}

export type PoolAnswer =
  | { kind: 'payouts'; payouts: PoolPayout[]; more: boolean }
  /** Nothing is known of the wallet, or we asked too often: some pools answer both alike. */
  | { kind: 'nothing' }
  /** It is overloaded or out of reach: later. */
  | { kind: 'busy'; code: string }
  /** It answers, and not in a way we know: for an operator. */
  | { kind: 'odd'; code: string };

export interface Pool {
  name: string;
  /** How long to leave it alone between two questions. */
  spacingMs: number;
  /** What it paid to a wallet, the newest first; `page` from 0. */
  payouts(address: string, page: number): Promise<PoolAnswer>;
}

export interface PoolSettings {
  name: string;
  /** yiimp: up to and with `/api`. MiningCore: up to and with the pool's id, `…/api/pools/advc1`. */
  url: string;
  callMs?: number;
}

const CALL_MS = 15_000;
const TEXT_MAX = 4_000_000;
/** yiimp counts both its questions about a wallet together, by address, and answers nothing when they come closer than this. */
const YIIMP_SPACING_MS = 65_000;
const MININGCORE_SPACING_MS = 2_000;
const MININGCORE_PAGE = 15;
const TICKER = 'ADVC';

export function openYiimp({ name, url, callMs = CALL_MS }: PoolSettings): Pool {
  return {
    name,
    spacingMs: YIIMP_SPACING_MS,
    async payouts(address, page) {
      if (page > 0) return { kind: 'payouts', payouts: [], more: false }; // it tells of the last days only
      const said = await textOf(`${url}/walletEx?address=${encodeURIComponent(address)}`, callMs);
      if ('kind' in said) return said;
      if (said.text.trim() === '') return { kind: 'nothing' };
      const body = jsonOf(said.text);
      if (typeof body !== 'object' || body === null) return { kind: 'odd', code: 'shape' };
      const { currency, payouts = [] } = body as { currency?: unknown; payouts?: unknown };
      if (typeof currency === 'string' && currency.toUpperCase() !== TICKER) return { kind: 'odd', code: 'currency' };
      if (!Array.isArray(payouts)) return { kind: 'odd', code: 'shape' };
      return paid(payouts, false, ({ tx, amount, time }) => ({ txid: tx, amount, paidAt: secondsOf(time) }));
    },
  };
}

export function openMiningCore({ name, url, callMs = CALL_MS }: PoolSettings): Pool {
  return {
    name,
    spacingMs: MININGCORE_SPACING_MS,
    async payouts(address, page) {
      const path = `${url}/miners/${encodeURIComponent(address)}/payments?page=${page}&pageSize=${MININGCORE_PAGE}`;
      const said = await textOf(path, callMs);
      if ('kind' in said) return said;
      if (said.text.trim() === '') return { kind: 'nothing' };
      const body = jsonOf(said.text);
      if (!Array.isArray(body)) return { kind: 'odd', code: 'shape' };
      const whole = body.length >= MININGCORE_PAGE;
      return paid(body, whole, ({ transactionConfirmationData, amount, created }) => ({
        txid: transactionConfirmationData,
        amount,
        paidAt: instantOf(created),
      }));
    },
  };
}

interface Listed {
  txid: unknown;
  amount: unknown;
  paidAt: Date | null;
}

/** What is not on the chain yet (no txid) is left for another time; what cannot be read makes the whole answer odd. */
function paid(list: readonly unknown[], more: boolean, read: (item: Record<string, unknown>) => Listed): PoolAnswer {
  const payouts: PoolPayout[] = [];
  for (const item of list) {
    if (typeof item !== 'object' || item === null) return { kind: 'odd', code: 'shape' };
    const { txid, amount, paidAt } = read(item as Record<string, unknown>);
    if (txid === null || txid === undefined || txid === '') continue;
    const units = typeof amount === 'string' || typeof amount === 'number' ? unitsOf(String(amount)) : null;
    if (typeof txid !== 'string' || !/^[\da-f]{64}$/i.test(txid) || units === null) return { kind: 'odd', code: 'shape' };
    if (units > 0n) payouts.push({ txid: txid.toLowerCase(), amount: units, paidAt });
  }
  return { kind: 'payouts', payouts, more };
}

async function textOf(url: string, ms: number): Promise<{ text: string } | PoolAnswer> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ms) });
    const text = await response.text();
    if (response.status === 429 || response.status >= 500) return { kind: 'busy', code: `http_${response.status}` };
    if (response.status === 204) return { text: '' };
    if (response.status !== 200 || text.length > TEXT_MAX) return { kind: 'odd', code: `http_${response.status}` };
    return { text };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'busy', code: error.name };
  }
}

/** null: no JSON. */
function jsonOf(text: string): unknown {
  try {
    return exactJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const secondsOf = (value: unknown): Date | null => {
  const seconds = Number(value);
  return Number.isSafeInteger(seconds) && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1_000) : null;
};

const instantOf = (value: unknown): Date | null => {
  const ms = typeof value === 'string' && value.length <= 40 ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? null : new Date(ms);
};
