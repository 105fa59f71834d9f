// The coin's public REST service (`/info`, `/height/…`, `/block/…`, `/transaction/…`). One host of somebody else's: no promises.
import {
  ask,
  type Chain,
  ChainSilent,
  jsonOf,
  fieldsOf,
  hashOf,
  hashOrNull,
  heightOf,
  listOf,
  transactionOf,
} from './coin-chain.ts';

export interface ExplorerSettings {
  /** Without a slash at its end. */
  url: string;
  callMs?: number;
}

const CALL_MS = 20_000;
/** What the service's daemon says of what it does not know. */
const UNKNOWN = new Set([-5, -8, 404]);

export function openExplorer({ url, callMs = CALL_MS }: ExplorerSettings): Chain {
  const get = async (path: string): Promise<Record<string, unknown> | null> => {
    const said = await ask(`${url}${path}`, { headers: { accept: 'application/json' } }, callMs);
    if (said.status === 404 && said.text.trim() === '') return null;
    const { result, error } = fieldsOf(jsonOf(said.text));
    if (error === null || error === undefined) return result === null || result === undefined ? null : fieldsOf(result);
    const { code } = fieldsOf(error);
    if (typeof code === 'number' && UNKNOWN.has(code)) return null;
    throw new ChainSilent(`answers with error ${String(code)}`);
  };
  const transaction: Chain['transaction'] = async (txid) => {
    const found = await get(`/transaction/${txid}`);
    return found === null ? null : transactionOf(found, amountOf);
  };

  return {
    async tip() {
      const info = await get('/info');
      if (info === null) throw new ChainSilent('knows no chain');
      return { hash: hashOf(info.bestblockhash), height: heightOf(info.blocks) };
    },
    async hashAt(height) {
      const found = await get(`/height/${height}`);
      return found === null ? null : hashOf(found.hash);
    },
    async block(hash) {
      const found = await get(`/block/${hash}`);
      if (found === null) return null;
      const transactions = [];
      for (const txid of listOf(found.tx)) {
        const one = await transaction(hashOf(txid));
        if (one === null) throw new ChainSilent('lists a transaction that it does not know');
        transactions.push({ ...one, blockHash: hash, height: heightOf(found.height) });
      }
      return { hash, height: heightOf(found.height), previous: hashOrNull(found.previousblockhash), transactions };
    },
    transaction,
  };
}

/** Smallest units already. */
function amountOf(value: unknown): bigint {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (!/^\d{1,18}$/.test(text)) throw new ChainSilent('says something that is no amount');
  return BigInt(text);
}
