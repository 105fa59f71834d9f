// The coin's own daemon over JSON-RPC (Bitcoin Core 0.16's way). It needs `txindex=1`, or it does not know what was paid to others.
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
import { unitsOf } from './coin-units.ts';

export interface DaemonSettings {
  /** `http://user:password@127.0.0.1:9982` */
  url: string;
  callMs?: number;
}

const CALL_MS = 20_000;
/** Unknown address or transaction; a parameter out of range, such as a height. */
const UNKNOWN = new Set([-5, -8]);

export function openDaemon({ url, callMs = CALL_MS }: DaemonSettings): Chain {
  const { origin, pathname, username, password } = new URL(url);
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers = { 'content-type': 'application/json', authorization: `Basic ${credentials}` };
  const call = async (method: string, ...params: unknown[]): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: '1.0', id: 'playhouse', method, params });
    const said = await ask(origin + pathname, { method: 'POST', headers, body }, callMs);
    if (said.status === 401 || said.status === 403) throw new ChainSilent(`refuses us: ${said.status}`);
    const { result, error } = fieldsOf(jsonOf(said.text));
    if (error === null || error === undefined) return result;
    const { code } = fieldsOf(error);
    if (typeof code === 'number' && UNKNOWN.has(code)) return null;
    throw new ChainSilent(`answers with error ${String(code)}`);
  };
  const heightAt = async (hash: string): Promise<number> => heightOf(fieldsOf(await call('getblockheader', hash)).height);

  return {
    async tip() {
      const hash = hashOf(await call('getbestblockhash'));
      return { hash, height: await heightAt(hash) };
    },
    hashAt: async (height) => hashOrNull(await call('getblockhash', height)),
    async block(hash) {
      const found = await call('getblock', hash, 2);
      if (found === null) return null;
      const { height, previousblockhash, tx } = fieldsOf(found);
      const at = heightOf(height);
      const transactions = listOf(tx).map((one) => ({ ...transactionOf(one, amountOf), blockHash: hash, height: at }));
      return { hash, height: at, previous: hashOrNull(previousblockhash), transactions };
    },
    async transaction(txid) {
      const found = await call('getrawtransaction', txid, true);
      if (found === null) return null;
      const transaction = transactionOf(found, amountOf);
      const { blockHash, height } = transaction;
      return blockHash === null || height !== null ? transaction : { ...transaction, height: await heightAt(blockHash) };
    },
  };
}

/** Whole coins or decimals of one, as text or as a small whole number. */
function amountOf(value: unknown): bigint {
  const units = typeof value === 'number' || typeof value === 'string' ? unitsOf(String(value)) : null;
  if (units === null) throw new ChainSilent('says something that is no amount');
  return units;
}
