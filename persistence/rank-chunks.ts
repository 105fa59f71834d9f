// Where a rank index keeps its keys: chunks of fixed size in slabs of typed arrays, 18 bytes a key. A chunk's scores are kept as
// their distance below a base that the caller remembers; a chunk that spans more than 32 bits keeps the upper half beside it.

export interface RankKey {
  /** A whole number that JSON can hold. */
  score: number;
  /** When it was reached, Unix time in milliseconds, 0 to 2⁴⁸ − 1. */
  ms: number;
  /** The first 8 bytes of the player's id, as two unsigned 32-bit numbers. */
  high: number;
  low: number;
}

/** Keys taken out of their chunks, in order, to be laid out anew. */
export interface Loose {
  score: Float64Array;
  rest: Uint16Array;
}

/** Scores lie by themselves, since a search reads little else; the rest of a key lies together, in seven times 16 bits. */
interface Slab {
  below: Uint32Array;
  rest: Uint16Array;
}

const REST = 7;
const CHUNKS_A_SLAB_BITS = 4;
const CHUNKS_A_SLAB = 1 << CHUNKS_A_SLAB_BITS;
const BYTES_A_KEY = 18;
const TWO_16 = 2 ** 16;
const TWO_32 = 2 ** 32;

export class RankChunks {
  readonly size: number;
  #slabs: Slab[] = [];
  #free: number[] = [];
  /** The upper halves, by chunk. */
  #wide = new Map<number, Uint32Array>();

  constructor(size: number) {
    this.size = size;
  }

  get bytes(): number {
    return this.#slabs.length * CHUNKS_A_SLAB * this.size * BYTES_A_KEY + this.#wide.size * this.size * 4;
  }

  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const first = this.#slabs.length * CHUNKS_A_SLAB;
    this.#slabs.push(newSlab(CHUNKS_A_SLAB * this.size));
    for (let chunk = first + CHUNKS_A_SLAB - 1; chunk > first; chunk--) this.#free.push(chunk);
    return first;
  }

  give(chunk: number): void {
    this.#wide.delete(chunk);
    this.#free.push(chunk);
  }

  /**
   * How many of the chunk's keys come before this one; with `equal`, or are the same. `below`: the base less the score. `guess`:
   * a place to begin at; near the right one, most of the chunk need not be looked at.
   */
  find(chunk: number, { count, below, guess, equal }: Sought, key: RankKey): number {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    const wide = this.#wide.get(chunk);
    let first = 0;
    let last = count;
    let middle = guess;
    let step = 8;
    while (first < last) {
      let order = slab.below[from + middle]! - below;
      if (wide !== undefined) order += wide[middle]! * TWO_32;
      if (order === 0) order = restOrder(slab.rest, (from + middle) * REST, key);
      const before = order < 0 || (order === 0 && equal);
      if (before) first = middle + 1;
      else last = middle;
      // Away from the guess in steps that double, until they are longer than halving what is left.
      const half = (first + last) >> 1;
      middle = before ? Math.min(half, first + step) : Math.max(half, last - step);
      step *= 4;
    }
    return first;
  }

  read(chunk: number, index: number, base: number): RankKey {
    const { below, rest } = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const at = (chunk & (CHUNKS_A_SLAB - 1)) * this.size + index;
    const score = base - below[at]! - (this.#wide.get(chunk)?.[index] ?? 0) * TWO_32;
    return { score, ms: msAt(rest, at * REST), high: highAt(rest, at * REST), low: lowAt(rest, at * REST) };
  }

  /** Moves what lies from `index` on up by one, and puts the key there. The chunk must have room. */
  insert(chunk: number, { count, below, key }: { count: number; below: number; key: RankKey }, index: number): void {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    const at = from + index;
    const wide = this.#wideFor(chunk, below);
    if (index < count) {
      slab.below.copyWithin(at + 1, at, from + count);
      slab.rest.copyWithin((at + 1) * REST, at * REST, (from + count) * REST);
      wide?.copyWithin(index + 1, index, count);
    }
    // A typed array takes the whole part of a number, modulo its width.
    slab.below[at] = below;
    if (wide) wide[index] = below / TWO_32;
    putRest(slab.rest, at * REST, key.ms, key.high, key.low);
  }

  remove(chunk: number, count: number, index: number): void {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    const [at, end] = [from + index, from + count];
    slab.below.copyWithin(at, at + 1, end);
    slab.rest.copyWithin(at * REST, (at + 1) * REST, end * REST);
    this.#wide.get(chunk)?.copyWithin(index, index + 1, count);
  }

  /** Takes a chunk's keys out, into `loose` from `to` on. */
  unpack(chunk: number, { count, base }: { count: number; base: number }, loose: Loose, to: number): void {
    const { below, rest } = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    const wide = this.#wide.get(chunk);
    for (let index = 0; index < count; index++)
      loose.score[to + index] = base - below[from + index]! - (wide === undefined ? 0 : wide[index]! * TWO_32);
    loose.rest.set(rest.subarray(from * REST, (from + count) * REST), to * REST);
  }

  /** Lays keys `start` to `end` out in a chunk; the first one's score is its base. */
  pack(chunk: number, loose: Loose, start: number, end: number): void {
    const { below, rest } = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    this.#wide.delete(chunk);
    if (start === end) return;
    const base = loose.score[start]!;
    const wide = this.#wideFor(chunk, base - loose.score[end - 1]!);
    for (let index = 0; index < end - start; index++) {
      const distance = base - loose.score[start + index]!;
      below[from + index] = distance;
      if (wide) wide[index] = distance / TWO_32;
    }
    rest.set(loose.rest.subarray(start * REST, end * REST), from * REST);
  }

  /** The chunk's upper halves, if it has any or `below` needs them. */
  #wideFor(chunk: number, below: number): Uint32Array | undefined {
    const known = this.#wide.get(chunk);
    if (known !== undefined || below < TWO_32) return known;
    const made = new Uint32Array(this.size);
    this.#wide.set(chunk, made);
    return made;
  }
}

export interface Sought {
  count: number;
  below: number;
  guess: number;
  equal: boolean;
}

export const newLoose = (keys: number): Loose => ({ score: new Float64Array(keys), rest: new Uint16Array(keys * REST) });

export const looseKey = ({ score, rest }: Loose, index: number): RankKey => ({
  score: score[index]!,
  ms: msAt(rest, index * REST),
  high: highAt(rest, index * REST),
  low: lowAt(rest, index * REST),
});

export function putLoose({ score, rest }: Loose, index: number, key: RankKey): void {
  score[index] = key.score;
  putRest(rest, index * REST, key.ms, key.high, key.low);
}

const newSlab = (keys: number): Slab => ({ below: new Uint32Array(keys), rest: new Uint16Array(keys * REST) });

const msAt = (rest: Uint16Array, at: number): number => rest[at]! * TWO_32 + (rest[at + 1]! * TWO_16 + rest[at + 2]!);
const highAt = (rest: Uint16Array, at: number): number => rest[at + 3]! * TWO_16 + rest[at + 4]!;
const lowAt = (rest: Uint16Array, at: number): number => rest[at + 5]! * TWO_16 + rest[at + 6]!;

function restOrder(rest: Uint16Array, at: number, { ms, high, low }: RankKey): number {
  return msAt(rest, at) - ms || highAt(rest, at) - high || lowAt(rest, at) - low;
}

function putRest(rest: Uint16Array, at: number, ms: number, high: number, low: number): void {
  rest[at] = ms / TWO_32;
  rest[at + 1] = ms / TWO_16;
  rest[at + 2] = ms;
  rest[at + 3] = high >>> 16;
  rest[at + 4] = high;
  rest[at + 5] = low >>> 16;
  rest[at + 6] = low;
}
