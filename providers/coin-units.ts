const PLACES = 8;
const UNITS = 10n ** BigInt(PLACES);
/** More than there will ever be: 300 million coins. */
const UNITS_MAX = 300_000_000n * UNITS;

/** Smallest units of a decimal number of coins, `0.5` or `12.00000001`; null: it is none, or finer than a unit, or more than there is. */
export function unitsOf(coins: string): bigint | null {
  const [, whole, part = ''] = /^(\d{1,9})(?:\.(\d{1,8})0*)?$/.exec(coins) ?? [];
  if (whole === undefined) return null;
  const units = BigInt(whole) * UNITS + BigInt(part.padEnd(PLACES, '0'));
  return units <= UNITS_MAX ? units : null;
}

/** The other way: `12.50000000`, as a coin's daemon writes it. */
export const coinsOf = (units: bigint): string => `${units / UNITS}.${String(units % UNITS).padStart(PLACES, '0')}`;
