// Whether counts are what chance would make of them. Each answers with a p-value: how often true chance looks at least so odd.

export interface ChanceTest {
  name: string;
  /** In words: the statistic, and what it is set against. */
  found: string;
  p: number;
}

/** Of the standard normal: 99 of 100 lie so near 0. */
export const Z99 = 2.5758293035489004;

export interface Cell {
  seen: number;
  expected: number;
}

/** Pearson's chi-square of counts against what each was expected to be. Cells that expect fewer than 5 are counted together. */
export function chiSquare(name: string, cells: readonly Cell[]): ChanceTest {
  const thick = pooled(cells);
  const sum = thick.reduce((total, { seen, expected }) => total + (seen - expected) ** 2 / expected, 0);
  const freedom = thick.length - 1;
  return { name, found: `χ² ${sum.toFixed(2)}, ${freedom} degrees`, p: chiSquareTail(sum, freedom) };
}

/** A figure against its mean and deviation, both known. */
export function normal(name: string, { seen, mean, deviation }: { seen: number; mean: number; deviation: number }): ChanceTest {
  const z = (seen - mean) / deviation;
  return { name, found: `${seen.toPrecision(7)} of ${mean.toPrecision(7)}, z ${z.toFixed(2)}`, p: normalTails(z) };
}

/** Hits of `tries`, each with `chance`. */
export const binomial = (name: string, { hits, tries, chance }: { hits: number; tries: number; chance: number }): ChanceTest =>
  normal(name, { seen: hits, mean: tries * chance, deviation: Math.sqrt(tries * chance * (1 - chance)) });

/** Wald and Wolfowitz: how often wins and losses change places among `tries`, each won with `chance`. */
export function runs(name: string, { changes, tries, chance }: { changes: number; tries: number; chance: number }): ChanceTest {
  const both = chance * (1 - chance);
  const variance = (tries - 1) * 2 * both * (1 - 2 * both) + 2 * (tries - 2) * (both - 4 * both * both);
  return normal(name, { seen: changes, mean: (tries - 1) * 2 * both, deviation: Math.sqrt(variance) });
}

const EXPECTED_MIN = 5;

function pooled(cells: readonly Cell[]): Cell[] {
  const thick: Cell[] = [];
  let rest: Cell = { seen: 0, expected: 0 };
  for (const { seen, expected } of cells.toSorted((one, other) => other.expected - one.expected)) {
    if (expected >= EXPECTED_MIN) thick.push({ seen, expected });
    else rest = { seen: rest.seen + seen, expected: rest.expected + expected };
  }
  if (rest.expected === 0) return thick;
  if (rest.expected >= EXPECTED_MIN) return [...thick, rest];
  const last = thick.pop() ?? { seen: 0, expected: 0 };
  return [...thick, { seen: last.seen + rest.seen, expected: last.expected + rest.expected }];
}

/** Both tails of the standard normal beyond ±z. */
export const normalTails = (z: number): number => gammaTail(0.5, (z * z) / 2);

/** The chance that a chi-square of so many degrees is at least `sum`. */
export const chiSquareTail = (sum: number, freedom: number): number => gammaTail(freedom / 2, sum / 2);

/** The regularised upper incomplete gamma function Q(a, x): its series below a + 1, its continued fraction (Lentz) above. */
function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

const TERMS_MAX = 10_000;
const EXACT = 1e-15;

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < TERMS_MAX && term > sum * EXACT; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < TERMS_MAX; n++) {
    const part = -n * (n - a);
    b += 2;
    d = 1 / (part * d + b);
    c = b + part / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < EXACT) break;
  }
  return fraction;
}

/** ln Γ(a) for a > 0: Stirling's series, after steps up to where it is exact enough. */
function logGamma(a: number): number {
  let below = 0;
  let at = a;
  for (; at < 10; at++) below += Math.log(at);
  const square = at * at;
  const series = 1 / 12 - (1 / 360 - (1 / 1_260 - 1 / (1_680 * square)) / square) / square;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series / at - below;
}
