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
  ms: Float64Array;
  high: Uint32Array;
  low: Uint32Array;
}

interface Slab {
  below: Uint32Array;
  msHigh: Uint16Array;
  msLow: Uint32Array;
  high: Uint32Array;
  low: Uint32Array;
}

const CHUNKS_A_SLAB_BITS = 4;
const CHUNKS_A_SLAB = 1 << CHUNKS_A_SLAB_BITS;
const BYTES_A_KEY = 18;
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

  /** How many of the chunk's keys come before this one; with `equal`, or are the same. `below`: the base less the score. */
  find(chunk: number, count: number, below: number, { ms, high, low }: RankKey, equal: boolean): number {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    const wide = this.#wide.get(chunk);
    let first = 0;
    let last = count;
    while (first < last) {
      const middle = (first + last) >> 1;
      const at = from + middle;
      let order = slab.below[at]! - below;
      if (wide !== undefined) order += wide[middle]! * TWO_32;
      if (order === 0) order = slab.msHigh[at]! * TWO_32 + slab.msLow[at]! - ms;
      if (order === 0) order = slab.high[at]! - high;
      if (order === 0) order = slab.low[at]! - low;
      if (order < 0 || (order === 0 && equal)) first = middle + 1;
      else last = middle;
    }
    return first;
  }

  read(chunk: number, index: number, base: number): RankKey {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const at = (chunk & (CHUNKS_A_SLAB - 1)) * this.size + index;
    const below = slab.below[at]! + (this.#wide.get(chunk)?.[index] ?? 0) * TWO_32;
    return { score: base - below, ms: slab.msHigh[at]! * TWO_32 + slab.msLow[at]!, high: slab.high[at]!, low: slab.low[at]! };
  }

  /** Moves what lies from `index` on up by one, and puts the key there. The chunk must have room. */
  insert(chunk: number, count: number, index: number, below: number, key: RankKey): void {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    const at = from + index;
    if (index < count) for (const column of columnsOf(slab)) column.copyWithin(at + 1, at, from + count);
    const wide = this.#wideFor(chunk, below);
    wide?.copyWithin(index + 1, index, count);
    this.#put(slab, at, below, key);
    if (wide) wide[index] = below / TWO_32;
  }

  remove(chunk: number, count: number, index: number): void {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    for (const column of columnsOf(slab)) column.copyWithin(from + index, from + index + 1, from + count);
    this.#wide.get(chunk)?.copyWithin(index, index + 1, count);
  }

  /** Takes a chunk's keys out, into `loose` from `to` on. */
  unpack(chunk: number, count: number, base: number, loose: Loose, to: number): void {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    const wide = this.#wide.get(chunk);
    for (let index = 0; index < count; index++) {
      const at = from + index;
      loose.score[to + index] = base - slab.below[at]! - (wide === undefined ? 0 : wide[index]! * TWO_32);
      loose.ms[to + index] = slab.msHigh[at]! * TWO_32 + slab.msLow[at]!;
    }
    loose.high.set(slab.high.subarray(from, from + count), to);
    loose.low.set(slab.low.subarray(from, from + count), to);
  }

  /** Lays keys `start` to `end` out in a chunk; the first one's score is its base. */
  pack(chunk: number, loose: Loose, start: number, end: number): void {
    const slab = this.#slabs[chunk >> CHUNKS_A_SLAB_BITS]!;
    const from = (chunk & (CHUNKS_A_SLAB - 1)) * this.size;
    this.#wide.delete(chunk);
    if (start === end) return;
    const base = loose.score[start]!;
    const wide = this.#wideFor(chunk, base - loose.score[end - 1]!);
    for (let index = start, at = from; index < end; index++, at++) {
      const below = base - loose.score[index]!;
      const ms = loose.ms[index]!;
      slab.below[at] = below;
      if (wide) wide[index - start] = below / TWO_32;
      slab.msHigh[at] = ms / TWO_32;
      slab.msLow[at] = ms;
    }
    slab.high.set(loose.high.subarray(start, end), from);
    slab.low.set(loose.low.subarray(start, end), from);
  }

  /** The chunk's upper halves, if it has any or `below` needs them. */
  #wideFor(chunk: number, below: number): Uint32Array | undefined {
    const known = this.#wide.get(chunk);
    if (known !== undefined || below < TWO_32) return known;
    const made = new Uint32Array(this.size);
    this.#wide.set(chunk, made);
    return made;
  }

  // Typed arrays take a number modulo their width, and its whole part only.
  #put(slab: Slab, at: number, below: number, { ms, high, low }: RankKey): void {
    slab.below[at] = below;
    slab.msHigh[at] = ms / TWO_32;
    slab.msLow[at] = ms;
    slab.high[at] = high;
    slab.low[at] = low;
  }
}

const newSlab = (keys: number): Slab => ({
  below: new Uint32Array(keys),
  msHigh: new Uint16Array(keys),
  msLow: new Uint32Array(keys),
  high: new Uint32Array(keys),
  low: new Uint32Array(keys),
});

const columnsOf = ({ below, msHigh, msLow, high, low }: Slab) => [below, msHigh, msLow, high, low];

export const newLoose = (keys: number): Loose => ({
  score: new Float64Array(keys),
  ms: new Float64Array(keys),
  high: new Uint32Array(keys),
  low: new Uint32Array(keys),
});
