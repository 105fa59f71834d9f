/** The registry of currencies: one more is one line here. `exponent` = decimal places of the minor unit. */
export const CURRENCIES = {
  COINS: { exponent: 0, kind: 'play' },
  GEMS: { exponent: 0, kind: 'play' },
  AP: { exponent: 0, kind: 'play' },
  KES: { exponent: 2, kind: 'real' },
  USD: { exponent: 2, kind: 'play' },
} as const;
export type Currency = keyof typeof CURRENCIES;
export const CURRENCY_CODES = Object.keys(CURRENCIES) as Currency[];

export const isCurrency = (code: string): code is Currency => Object.hasOwn(CURRENCIES, code);

/** What may be staked in one game and currency, in minor units: from min to max in whole steps. */
export interface StakeRange {
  min: bigint;
  max: bigint;
  step: bigint;
}

export const stakeFits = (stake: bigint, { min, max, step }: StakeRange): boolean =>
  stake >= min && stake <= max && (stake - min) % step === 0n;
