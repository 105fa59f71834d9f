// Payouts for tests: wallets with addresses of the coin's own form, and pools that tell of payments to them.
import { createHash } from 'node:crypto';
import { createBase58check } from '@scure/base';
import type { NewPayout, Taken, Told } from '../../persistence/mining-payouts.ts';
import {
  SANDBOX_DONATION_ADDRESS,
  SANDBOX_FEE_ADDRESS,
  SANDBOX_MINER_ADDRESS,
  SANDBOX_PAYER_ADDRESS,
  startCoinSandbox,
} from '../../providers/sandbox/coin-daemon.ts';
import { startPoolSandbox } from '../../providers/sandbox/pool.ts';
import { ADVC } from '../../providers/wallet-proofs.ts';
import { COIN_UNITS } from '../../rules/mining.ts';
import type { MiningSettings } from '../../server/config-mining.ts';
import { minerOf } from '../../server/mining.ts';
import { refusalOf, type TestStore } from './store.ts';

export const coins = (count: number): bigint => (COIN_UNITS * BigInt(Math.round(count * 1_000))) / 1_000n;

export const txidOf = (word: string): string => createHash('sha256').update(word).digest('hex');

export const payout = (key: string, address: string, amount: bigint, more: Partial<NewPayout> = {}): NewPayout => ({
  key,
  address,
  amount,
  txid: null,
  vout: null,
  height: null,
  blockHash: null,
  paidAt: null,
  ...more,
});

/** Tells the house of payouts, as a pool named `pool` would. */
export const tell = (
  { store }: Pick<TestStore, 'store'>,
  payouts: readonly NewPayout[],
  more: Partial<Told> = {},
): Promise<Taken> =>
  store.mining.payouts.take({ pool: 'pool', source: 'signed', confirm: false, signature: null, ...more, payouts });

/** Makes a wallet a player's; `done`, or why not. */
export const link = ({ db, store }: Pick<TestStore, 'db' | 'store'>, playerId: string, address: string) =>
  refusalOf(db.transaction((em) => store.wallets.linkIn(em, { playerId, chain: 'advc', address, proof: 'signature' })));

export async function apOf({ store }: Pick<TestStore, 'store'>, playerId: string): Promise<bigint> {
  return (await store.ledger.balance(playerId, 'AP')).available;
}

/** An address of the coin's, made of a word. */
export function addressOf(word: string): string {
  const hash = createHash('sha256').update(word).digest().subarray(0, 20);
  return createBase58check((bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())).encode(
    Uint8Array.of(ADVC.p2pkh, ...hash),
  );
}

export const POOL_SECRET = 'a pool’s secret of 32 characters!';

/** A miner of the house's own kind over sandboxes on loopback, and a clock that a test turns. */
export async function openMine(opened: TestStore, more: Partial<MiningSettings> = {}) {
  const coin = await startCoinSandbox();
  const pool = await startPoolSandbox();
  const logged: [event: string, details: Record<string, unknown>][] = [];
  const line = (event: string, details: Record<string, unknown> = {}) => void logged.push([event, details]);
  const settings: MiningSettings = {
    keys: [{ pool: 'acme', secret: POOL_SECRET }],
    yiimp: [],
    miningCore: [],
    rpcUrl: coin.rpcUrl,
    explorerUrl: null,
    payers: [SANDBOX_PAYER_ADDRESS, SANDBOX_MINER_ADDRESS].map((address) => ({ name: 'zpool', address })),
    solo: true,
    donationAddress: SANDBOX_DONATION_ADDRESS,
    feeAddress: SANDBOX_FEE_ADDRESS,
    confirmations: 6,
    ...more,
  };
  const log = { info: line, warn: line, error: line };
  const { desk, miner } = minerOf(settings, { store: opened.store, log, now: opened.clock.now });
  return {
    coin,
    pool,
    desk,
    miner,
    logged,
    settings,
    /** The time of so many blocks goes by, and the schedule comes round. */
    async blocks(count: number): Promise<void> {
      coin.chain.mine(count);
      await this.later();
    },
    async later(ms = 7 * 3_600_000): Promise<void> {
      opened.clock.pass(ms);
      await miner.round();
      opened.clock.pass(ms);
      await miner.round();
    },
    async close(): Promise<void> {
      await coin.close();
      await pool.close();
    },
  };
}
