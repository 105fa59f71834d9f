// Payouts for tests: wallets with addresses of the coin's own form, and pools that tell of payments to them.
import { createHash } from 'node:crypto';
import type { NewPayout, Taken, Told } from '../../persistence/mining-payouts.ts';
import { COIN_UNITS } from '../../rules/mining.ts';
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
