// A mining pool on loopback: it answers as yiimp and as MiningCore do, sends signed batches, and pays over the sandbox chain.
// It can be late, say things twice, never, forged or out of order, as a test wants it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { coinsOf } from '../coin-units.ts';
import { batchSignature } from '../pool-keys.ts';

export interface SandboxPayout {
  address: string;
  /** Smallest units. */
  amount: bigint;
  /** null: not paid out yet. */
  txid: string | null;
  atMs: number;
}

/** `quiet`: it answers nothing, as yiimp does to who asks too often. */
export type PoolMood = 'well' | 'quiet' | 'busy' | 'nonsense' | 'silent' | 'other_currency';

export interface BatchPayout {
  payoutId: string | null;
  txid: string | null;
  vout: number | null;
  address: string;
  /** Smallest units, as text. */
  amount: string;
  paidAt: string | null;
}

export interface Sending {
  pool: string;
  secret: string;
  atMs: number;
  payouts: readonly BatchPayout[];
}

export type PoolSandbox = Awaited<ReturnType<typeof startPoolSandbox>>;

export async function startPoolSandbox() {
  const payouts: SandboxPayout[] = [];
  const day: { mood: PoolMood } = { mood: 'well' };
  const asked: string[] = [];
  const server = createServer((request, response) => answer({ payouts, day, asked }, request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    yiimpUrl: `${host}/api`,
    miningCoreUrl: `${host}/api/pools/advc1`,
    /** What it has paid, the oldest first. */
    payouts,
    /** Paths it was asked, in order. */
    asked,
    feel: (mood: PoolMood) => void (day.mood = mood),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A batch as the wire has it; a test may bend any part before it is sent. */
export function signedBatch({ pool, secret, atMs, payouts }: Sending): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify({ payouts });
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = batchSignature({ secret, timestamp, bytes: Buffer.from(body) }).toString('hex');
  return {
    headers: { 'content-type': 'application/json', 'x-pool': pool, 'x-timestamp': timestamp, 'x-signature': signature },
    body,
  };
}

interface Sandbox {
  payouts: SandboxPayout[];
  day: { mood: PoolMood };
  asked: string[];
}

const PAGE = 15;

function answer({ payouts, day, asked }: Sandbox, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://pool');
  asked.push(url.pathname + url.search);
  const say = (status: number, text: string) => void response.writeHead(status).end(text);
  if (day.mood === 'silent') return void response.destroy();
  if (day.mood === 'busy') return say(503, 'overloaded');
  if (day.mood === 'quiet') return say(200, '');
  if (day.mood === 'nonsense') return say(200, '{"payouts": [{"tx": 7}]}');
  const ofWallet = (address: string) => payouts.filter((payout) => payout.address === address).toReversed();
  if (url.pathname === '/api/walletEx') {
    const found = ofWallet(url.searchParams.get('address') ?? '');
    return say(200, found.length === 0 ? '' : yiimpText(found, day.mood === 'other_currency' ? 'BTC' : 'ADVC'));
  }
  const [, address] = /^\/api\/pools\/advc1\/miners\/(\w+)\/payments$/.exec(url.pathname) ?? [];
  if (address === undefined) return say(404, '');
  const found = ofWallet(address);
  const from = Number(url.searchParams.get('page') ?? 0) * PAGE;
  return found.length === 0 ? say(204, '') : say(200, miningCoreText(found.slice(from, from + PAGE)));
}

/** Numbers without quotes, put together by hand, as yiimp does it; amounts as text. */
function yiimpText(payouts: readonly SandboxPayout[], currency: string): string {
  const list = payouts.map(
    ({ amount, txid, atMs }) => `{"time": ${Math.floor(atMs / 1_000)}, "amount": "${coinsOf(amount)}", "tx": "${txid ?? ''}"}`,
  );
  return `{"currency": "${currency}", "unsold": 0.00000000, "balance": 0.10000000, "unpaid": 0.1, "paid24h": 1, "total": 2, "miners": [], "payouts": [${list.join(',')}]}`;
}

/** Amounts as bare decimals. */
function miningCoreText(payouts: readonly SandboxPayout[]): string {
  const list = payouts.map(
    ({ address, amount, txid, atMs }) =>
      `{"coin":"ADVC","address":"${address}","amount":${coinsOf(amount)},"transactionConfirmationData":"${txid ?? ''}","created":"${new Date(atMs).toISOString()}"}`,
  );
  return `[${list.join(',')}]`;
}
