/** An exact ratio in lowest terms; `under` is above 0. */
export interface Ratio {
  over: bigint;
  under: bigint;
}

/** `over / under`. Throws where `under` is 0. */
export function ratio(over: bigint, under = 1n): Ratio {
  if (under === 0n) throw new RangeError(`${over} / 0`);
  const shared = gcd(abs(over), abs(under)) * (under < 0n ? -1n : 1n);
  return { over: over / shared, under: under / shared };
}

export const ZERO = ratio(0n);
export const ONE = ratio(1n);

export const plus = (one: Ratio, other: Ratio): Ratio =>
  ratio(one.over * other.under + other.over * one.under, one.under * other.under);
export const minus = (one: Ratio, other: Ratio): Ratio => plus(one, { over: -other.over, under: other.under });
export const times = (...factors: readonly Ratio[]): Ratio =>
  factors.reduce((product, { over, under }) => ratio(product.over * over, product.under * under), ONE);
export const per = (one: Ratio, other: Ratio): Ratio => ratio(one.over * other.under, one.under * other.over);
export const sum = (parts: Iterable<Ratio>): Ratio => [...parts].reduce(plus, ZERO);

/** Below 0: `one` is less; 0: the same; above 0: more. */
export const compare = (one: Ratio, other: Ratio): number => {
  const difference = one.over * other.under - other.over * one.under;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** Written with so many decimals, the last one rounded half up. Not for ratios below 0. */
export function decimals({ over, under }: Ratio, places = 6): string {
  const scale = 10n ** BigInt(places);
  return pointed((2n * over * scale + under) / (2n * under), places);
}

/** The square root, cut off after so many decimals. */
export function rootDecimals({ over, under }: Ratio, places = 6): string {
  const scale = 10n ** BigInt(places);
  return pointed(wholeRoot((over * scale * scale) / under), places);
}

/** Near enough for charts and statistics; never for money. */
export const approximately = (exact: Ratio): number => {
  const places = 18;
  return Number(decimals(exact, places));
};

function pointed(digits: bigint, places: number): string {
  const padded = digits.toString().padStart(places + 1, '0');
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** The largest whole number whose square is at most `square`, by Newton's steps from above. */
function wholeRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

function abs(whole: bigint): bigint {
  return whole < 0n ? -whole : whole;
}

function gcd(one: bigint, other: bigint): bigint {
  while (other !== 0n) [one, other] = [other, one % other];
  return one;
}
