import { COIN_UNITS } from '../../rules/mining.ts';
import { ask } from './api.ts';
import type { Challenge } from './wallet-proof.ts';

export interface MiningWallet {
  address: string;
  proof: string;
  linkedAt: string;
  payouts: string;
  /** Of the coin, credited. */
  units: string;
  ap: string;
  /** Hundred-millionths of an AP on the way to the next whole one. */
  carry: string;
}

export interface Mining {
  items: MiningWallet[];
  debt: string;
  apPerCoin: string;
  donations: boolean;
  confirmations: number;
}

export interface MiningEvent {
  id: string;
  pool: string;
  address: string;
  amount: string;
  txid: string | null;
  state: 'waiting' | 'counted' | 'credited' | 'needs_review' | 'refused';
  paidAt: string | null;
  toldAt: string;
}

export interface Donation {
  address: string;
  donationAddress: string;
  /** Smallest units. */
  amount: string;
  confirmations: number;
  expiresAt: string;
}

export interface Standing {
  state: 'linked' | 'waiting';
  confirmations: number;
  needed: number;
}

export const readMining = (): Promise<Mining> => ask<Mining>('/api/mining/wallets');

export const askMessage = (address: string): Promise<Challenge> =>
  ask<Challenge>('/api/mining/wallets', { body: { address, by: 'message' } });

export const askDonation = (address: string): Promise<Donation> =>
  ask<Donation>('/api/mining/wallets', { body: { address, by: 'donation' } });

/** With a signature, or, without one, how the donation stands. */
export const verify = (address: string, proof: { challengeId?: string; signature?: string } = {}): Promise<Standing> =>
  ask<Standing>(`/api/mining/wallets/${encodeURIComponent(address)}/verify`, { body: proof });

export const unlink = (address: string): Promise<unknown> =>
  ask(`/api/wallets/advc/${encodeURIComponent(address)}`, { method: 'DELETE' });

/** `1.5`, from hundred-millionths: every digit that is not a nought at the end. */
export function inWhole(hundredMillionths: bigint): string {
  const whole = (hundredMillionths / COIN_UNITS).toLocaleString('en');
  const part = (hundredMillionths % COIN_UNITS).toString().padStart(8, '0').replace(/0+$/, '');
  return part === '' ? whole : `${whole}.${part}`;
}

export const coins = (units: string): string => inWhole(BigInt(units));

/** AP with what is on the way to the next whole one. */
export const earned = ({ ap, carry }: { ap: string; carry: string }): string => inWhole(BigInt(ap) * COIN_UNITS + BigInt(carry));
