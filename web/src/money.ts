import { signal } from '@preact/signals';
import { ask } from './api.ts';

/** Minor units as digits, as the house writes them. */
export interface Money {
  currency: string;
  amount: string;
}

export interface Balance {
  currency: string;
  available: string;
  held: string;
}

const exponents = signal<Record<string, number>>({ COINS: 0, GEMS: 0, AP: 0, KES: 2, USD: 2 });
const NAMES: Record<string, string> = { COINS: 'coins', GEMS: 'gems', AP: 'action points' };

/** Those that can be played with here. */
export const openCurrencies = signal<readonly string[]>([]);

export const balances = signal<Balance[] | null>(null);

export async function loadBalances(): Promise<void> {
  const { balances: fresh } = await ask<{ balances: Balance[] }>('/api/wallet');
  balances.value = fresh;
}

/** What a room said of one currency: newer than the last wallet read. */
export function noteBalance(balance: Balance): void {
  const known = balances.value ?? [];
  balances.value = known.some(({ currency }) => currency === balance.currency)
    ? known.map((old) => (old.currency === balance.currency ? balance : old))
    : [...known, balance];
}

export const availableOf = (currency: string): bigint =>
  BigInt(balances.value?.find((balance) => balance.currency === currency)?.available ?? '0');

export async function loadCurrencies(): Promise<void> {
  const { items } = await ask<{ items: { currency: string; exponent: number; open: boolean }[] }>('/api/currencies', {
    open: true,
  });
  openCurrencies.value = items.flatMap(({ currency, open }) => (open ? [currency] : []));
  exponents.value = Object.fromEntries(items.map(({ currency, exponent }) => [currency, exponent]));
}

/** `1,234` or `12.50`, without the currency's name. */
export function digits(amount: string | bigint, currency = 'COINS'): string {
  const value = BigInt(amount);
  const exponent = exponents.value[currency] ?? 0;
  const scale = 10n ** BigInt(exponent);
  const size = value < 0n ? -value : value;
  const whole = (size / scale).toLocaleString('en');
  const rest = exponent === 0 ? '' : `.${(size % scale).toString().padStart(exponent, '0')}`;
  return `${value < 0n ? '−' : ''}${whole}${rest}`;
}

export const nameOf = (currency: string): string => NAMES[currency] ?? currency;

/** `1,234 coins`. */
export const worded = ({ currency, amount }: Money): string => `${digits(amount, currency)} ${nameOf(currency)}`;
