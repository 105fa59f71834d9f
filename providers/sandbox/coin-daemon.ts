// The coin's daemon (JSON-RPC) and the public REST service as the house meets them, on loopback, over one small chain that does
// as it is told; and both in their bad days: warming up, silent, talking nonsense, fallen behind.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { coinsOf } from '../coin-units.ts';
import { makeSandboxChain, type SandboxBlock, type SandboxChain, type SandboxTransaction } from './coin-chain.ts';

export type CoinSandbox = Awaited<ReturnType<typeof startCoinSandbox>>;

/** How it is today. `behind`: it does not know the last blocks, so many of them. */
export type CoinMood = 'well' | 'warming' | 'silent' | 'nonsense' | { behind: number };

export const SANDBOX_FEE_ADDRESS = 'AeD4pPi3D5kB9aMEgH3eRHoD6XMKbrpRAW';
export const SANDBOX_MINER_ADDRESS = 'AXRdunEc71n9oKLyLabAzV9eATRgkmGzMd';
/** Who the sandbox pool pays from, and where donations go. */
export const SANDBOX_PAYER_ADDRESS = 'ATBxmBJ9974wk3XVZU8my3gcJeYJe7TEkS';
export const SANDBOX_DONATION_ADDRESS = 'AKUg58E171GVJNw2RQzooQnuHs1zns2ecD';

const USER = 'sandbox:sandbox';

export async function startCoinSandbox() {
  const chain = makeSandboxChain({ feeAddress: SANDBOX_FEE_ADDRESS, minerAddress: SANDBOX_MINER_ADDRESS });
  const day: { mood: CoinMood } = { mood: 'well' };
  const asked = new Map<string, number>();
  const server = createServer((request, response) => void answer({ chain, day, asked }, request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    chain,
    /** Of the daemon, with its user and password. */
    rpcUrl: `http://${USER}@${host}/`,
    /** Of the public service. */
    explorerUrl: `http://${host}`,
    /** How often each method or path was asked. */
    asked,
    feel: (mood: CoinMood) => void (day.mood = mood),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Sandbox {
  chain: SandboxChain;
  day: { mood: CoinMood };
  asked: Map<string, number>;
}

async function answer({ chain, day, asked }: Sandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { mood } = day;
  if (mood === 'silent') return void response.destroy();
  if (mood === 'nonsense') return void response.writeHead(200).end('<html>It works!</html>');
  const path = request.url ?? '/';
  const rpc = request.method === 'POST';
  const call = rpc ? (JSON.parse(Buffer.concat(parts).toString()) as { method: string; params: unknown[] }) : null;
  const word = call?.method ?? `/${path.split('/')[1]}`;
  asked.set(word, (asked.get(word) ?? 0) + 1);
  if (rpc && request.headers.authorization !== `Basic ${Buffer.from(USER).toString('base64')}`)
    return void response.writeHead(401).end();
  if (mood === 'warming') return fault(response, -28, 'Loading block index...');
  const known = viewOf(chain, typeof mood === 'object' ? mood.behind : 0);
  const result = call ? rpcResult(known, call.method, call.params) : restResult(known, path);
  if (result === undefined) return fault(response, call?.method === 'getblockhash' ? -8 : -5, 'not found');
  response.writeHead(200, { 'content-type': 'application/json' }).end(`{"result":${result},"error":null,"id":"sandbox"}`);
}

const fault = (response: ServerResponse, code: number, message: string): void =>
  void response
    .writeHead(500, { 'content-type': 'application/json' })
    .end(JSON.stringify({ result: null, error: { code, message } }));

/** The chain without its last blocks. */
function viewOf(chain: SandboxChain, behind: number) {
  const blocks = chain.blocks.slice(0, chain.blocks.length - behind);
  const tip = blocks.at(-1)!;
  const blockOf = (txid: string) => {
    const block = chain.blockOf(txid);
    return block !== null && block.height <= tip.height ? block : null;
  };
  return { chain, blocks, tip, blockOf };
}

type View = ReturnType<typeof viewOf>;

/** JSON, amounts as decimals with eight places the way the daemon writes them; undefined: not known. */
function rpcResult(view: View, method: string, params: readonly unknown[]): string | undefined {
  const [first] = params;
  if (method === 'getbestblockhash') return JSON.stringify(view.tip.hash);
  if (method === 'getblockhash') return JSON.stringify(view.blocks[Number(first)]?.hash);
  if (method === 'getblockheader' || method === 'getblock') {
    const block = view.chain.blockBy(String(first));
    if (block === null || block.height > view.tip.height) return undefined;
    const { hash, height, previous } = block;
    const tx = method === 'getblock' ? block.transactions.map((one) => rpcTransaction(one, null)).join(',') : '';
    return `{"hash":"${hash}","height":${height}${previous === null ? '' : `,"previousblockhash":"${previous}"`},"tx":[${tx}]}`;
  }
  if (method !== 'getrawtransaction') return undefined;
  const transaction = view.chain.transactions.get(String(first));
  return transaction && rpcTransaction(transaction, view.blockOf(transaction.txid));
}

function rpcTransaction({ txid, from, spends, outputs }: SandboxTransaction, block: SandboxBlock | null): string {
  const vin = from === null ? [{ coinbase: '00', sequence: 0 }] : [{ txid: spends, vout: 0, sequence: 0 }];
  const vout = outputs.map(
    ({ n, address, amount }) => `{"n":${n},"value":${coinsOf(amount)},"scriptPubKey":${JSON.stringify(scriptOf(address))}}`,
  );
  const place = block === null ? '' : `,"blockhash":"${block.hash}","confirmations":1`;
  return `{"txid":"${txid}","vin":${JSON.stringify(vin)},"vout":[${vout.join(',')}]${place}}`;
}

const scriptOf = (address: string | null) =>
  address === null ? { type: 'nulldata' } : { type: 'pubkeyhash', addresses: [address] };

/** The public service's answers: whole units, the block's height, and whom an input was paid by. */
function restResult(view: View, path: string): string | undefined {
  const [, what = '', which = ''] = path.split('/');
  if (what === 'info') return JSON.stringify({ bestblockhash: view.tip.hash, blocks: view.tip.height, chain: 'main' });
  const block = what === 'height' ? view.blocks[Number(which)] : what === 'block' ? view.chain.blockBy(which) : null;
  if (block && block.height <= view.tip.height) {
    const { hash, height, previous, transactions } = block;
    const tx = transactions.map(({ txid }) => txid);
    return JSON.stringify({
      hash,
      height,
      ...(previous === null ? {} : { previousblockhash: previous }),
      tx,
      txcount: tx.length,
    });
  }
  if (what !== 'transaction') return undefined;
  const transaction = view.chain.transactions.get(which);
  if (!transaction) return undefined;
  const { txid, from, spends, outputs } = transaction;
  const at = view.blockOf(txid);
  const vin = from === null ? [{ coinbase: '00' }] : [{ txid: spends, vout: 0, scriptPubKey: scriptOf(from), value: 1 }];
  const vout = outputs.map(({ n, address, amount }) => ({ n, value: Number(amount), scriptPubKey: scriptOf(address) }));
  return JSON.stringify({ txid, vin, vout, ...(at === null ? { confirmations: 0 } : { blockhash: at.hash, height: at.height }) });
}
