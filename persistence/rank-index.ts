// Ranks in memory: the keys of one board in order, (score down, reached_at, first half of the player's id), found and counted in
// a time that grows with the logarithm of their number. It knows no players: keys that are the same are told apart by SQL.
import { looseKey, newLoose, putLoose, RankChunks, type RankKey } from './rank-chunks.ts';

export type { RankKey };

/** Keys a chunk; a test takes a few, so that everything happens to them. */
const CHUNK = 512;
/** So many chunks next to each other share what one of them has too much of, and end one together when all have room. */
const WINDOW = 8;
/** Full to this share when it is made of rows in order. */
const LOADED = 0.95;
/** Above it a window is given one chunk more. */
const CROWDED = 0.96;
/** A window that fits into one chunk less, at this share, loses it: so no more than a fifth stands empty. */
const SPARSE = 0.93;
/** A key that comes or goes moves the sums of its block and of the blocks after it. */
const BLOCK_BITS = 7;
const BLOCK = 1 << BLOCK_BITS;
/** Either way: the distance of two scores must be exact too. */
export const SCORE_MAX = 2 ** 52;
const MS_MAX = 2 ** 48 - 1;

export class RankIndex {
  #chunks: RankChunks;
  #window: number;
  #length = 0;
  #size = 0;
  /** In the order of keys: each chunk's number, how many keys it has, and a key none of its own lies before. */
  #order = new Uint32Array(8);
  #counts = new Uint32Array(8);
  #score = new Float64Array(8);
  #ms = new Float64Array(8);
  #high = new Uint32Array(8);
  #low = new Uint32Array(8);
  /** Keys before each chunk within its block of chunks, and before each block; stale after chunks have shared. */
  #within = new Uint32Array(8);
  #blocks = new Uint32Array(1);
  #stale = false;
  #last: RankKey | null = null;

  constructor(chunk: number = CHUNK) {
    if (!(chunk >= 4)) throw new RangeError(`a chunk of ${chunk} keys cannot be shared`);
    this.#chunks = new RankChunks(chunk);
    this.#window = Math.min(WINDOW, chunk >> 1);
  }

  get size(): number {
    return this.#size;
  }

  /** All that its arrays take. */
  get bytes(): number {
    const directory = [this.#order, this.#counts, this.#score, this.#ms, this.#high, this.#low, this.#within, this.#blocks];
    return directory.reduce((sum, { byteLength }) => sum + byteLength, this.#chunks.bytes);
  }

  /** How many keys come before this one. */
  before(key: RankKey): number {
    return this.#count(key, false);
  }

  /** How many keys are the same as this one. */
  same(key: RankKey): number {
    return this.#count(key, true) - this.#count(key, false);
  }

  /** The key that so many come before; null: there are no more than that. */
  at(position: number): RankKey | null {
    if (position < 0 || position >= this.#size) return null;
    this.#sum();
    const block = lastUpTo(this.#blocks, 0, this.#blocksUsed - 1, position);
    const left = position - this.#blocks[block]!;
    const from = block << BLOCK_BITS;
    const place = lastUpTo(this.#within, from, Math.min(from + BLOCK, this.#length) - 1, left);
    return this.#chunks.read(this.#order[place]!, left - this.#within[place]!, this.#score[place]!);
  }

  insert(key: RankKey): void {
    check(key);
    this.#last = null;
    if (this.#size === 0) this.#begin(key);
    let place = this.#placeOf(key, true);
    if (this.#counts[place] === this.#chunks.size) {
      this.#spread(place);
      place = this.#placeOf(key, true);
    }
    if (key.score > this.#score[place]!) this.#raise(place, key);
    const [chunk, count] = [this.#order[place]!, this.#counts[place]!];
    const below = this.#score[place]! - key.score;
    this.#chunks.insert(chunk, { count, below, key }, this.#findIn(place, key, true));
    this.#add(place, 1);
  }

  /** False: it is not there, and nothing has changed. */
  remove(key: RankKey): boolean {
    if (this.#size === 0) return false;
    let place = this.#placeOf(key, false);
    let index = this.#findIn(place, key, false);
    while (index === this.#counts[place] && place < this.#length - 1) [place, index] = [place + 1, 0];
    if (index === this.#counts[place]) return false;
    const found = this.#chunks.read(this.#order[place]!, index, this.#score[place]!);
    if (orderOf(found, key) !== 0) return false;
    this.#last = null;
    this.#chunks.remove(this.#order[place]!, this.#counts[place]!, index);
    this.#add(place, -1);
    if (this.#counts[place]! < this.#chunks.size * SPARSE) this.#gather(place);
    return true;
  }

  /** Adds a key after all others: the quick way to fill an index from rows in order. */
  append(key: RankKey): void {
    check(key);
    if (this.#size > 0) {
      this.#last ??= this.at(this.#size - 1)!;
      if (orderOf(this.#last, key) > 0) throw new Error('keys came out of order');
    }
    const full = this.#length === 0 || this.#counts[this.#length - 1]! >= this.#chunks.size * LOADED;
    if (full) this.#open(this.#length, key);
    const place = this.#length - 1;
    const count = this.#counts[place]!;
    this.#chunks.insert(this.#order[place]!, { count, below: this.#score[place]! - key.score, key }, count);
    this.#counts[place] = count + 1;
    this.#size++;
    this.#stale = true;
    this.#last = key;
  }

  #begin(key: RankKey): void {
    while (this.#length > 0) this.#close(this.#length - 1);
    this.#open(0, key);
  }

  #count(key: RankKey, equal: boolean): number {
    if (this.#size === 0) return 0;
    this.#sum();
    const place = this.#placeOf(key, equal);
    return this.#blocks[place >> BLOCK_BITS]! + this.#within[place]! + this.#findIn(place, key, equal);
  }

  #findIn(place: number, key: RankKey, equal: boolean): number {
    const count = this.#counts[place]!;
    const below = this.#score[place]! - key.score;
    // Scores next to each other lie about evenly.
    const span = place + 1 < this.#length ? this.#score[place]! - this.#score[place + 1]! : 0;
    const guess = span > 0 ? Math.max(0, Math.min(count - 1, Math.floor((below / span) * count))) : count >> 1;
    return this.#chunks.find(this.#order[place]!, { count, below, guess, equal }, key);
  }

  /** The last chunk that begins before the key (`equal`: or with it), or the first. */
  #placeOf({ score, ms, high, low }: RankKey, equal: boolean): number {
    let first = 0;
    let last = this.#length - 1;
    while (first < last) {
      const middle = (first + last + 1) >> 1;
      let order = score - this.#score[middle]!;
      if (order === 0) order = this.#ms[middle]! - ms;
      if (order === 0) order = this.#high[middle]! - high;
      if (order === 0) order = this.#low[middle]! - low;
      if (order < 0 || (order === 0 && equal)) first = middle;
      else last = middle - 1;
    }
    return first;
  }

  #add(place: number, by: 1 | -1): void {
    this.#counts[place]! += by;
    this.#size += by;
    if (this.#stale) return;
    const block = place >> BLOCK_BITS;
    const end = Math.min((block + 1) << BLOCK_BITS, this.#length);
    for (let at = place + 1; at < end; at++) this.#within[at]! += by;
    for (let at = block + 1; at < this.#blocksUsed; at++) this.#blocks[at]! += by;
  }

  get #blocksUsed(): number {
    return ((this.#length - 1) >> BLOCK_BITS) + 1;
  }

  #sum(): void {
    if (!this.#stale) return;
    let sum = 0;
    for (let place = 0; place < this.#length; place++) {
      const block = place >> BLOCK_BITS;
      if ((place & (BLOCK - 1)) === 0) this.#blocks[block] = sum;
      this.#within[place] = sum - this.#blocks[block]!;
      sum += this.#counts[place]!;
    }
    this.#stale = false;
  }

  /** Only the first chunk can be asked to take a key above its base. */
  #raise(place: number, key: RankKey): void {
    const count = this.#counts[place]!;
    const loose = looseOf(count + 1);
    this.#chunks.unpack(this.#order[place]!, { count, base: this.#score[place]! }, loose, 1);
    // With the key at its head the chunk is based on it; then the key is taken out again.
    putLoose(loose, 0, key);
    this.#chunks.pack(this.#order[place]!, loose, 0, count + 1);
    this.#chunks.remove(this.#order[place]!, count + 1, 0);
    this.#mark(place, key);
  }

  /** A full chunk and its neighbours share what they have, over one chunk more if all of them are crowded. */
  #spread(place: number): void {
    const { first, chunks, keys } = this.#around(place);
    this.#share(first, chunks, keys > chunks * Math.floor(this.#chunks.size * CROWDED) ? chunks + 1 : chunks);
  }

  /** A chunk and its neighbours become one less, if they fit with room to spare. */
  #gather(place: number): void {
    const { first, chunks, keys } = this.#around(place);
    if (chunks > 1 && keys <= (chunks - 1) * Math.floor(this.#chunks.size * SPARSE)) this.#share(first, chunks, chunks - 1);
  }

  #around(place: number): { first: number; chunks: number; keys: number } {
    const chunks = Math.min(this.#window, this.#length);
    const first = Math.max(0, Math.min(place - (chunks >> 1), this.#length - chunks));
    let keys = 0;
    for (let at = first; at < first + chunks; at++) keys += this.#counts[at]!;
    return { first, chunks, keys };
  }

  #share(first: number, from: number, to: number): void {
    const loose = looseOf((from + 1) * this.#chunks.size);
    let keys = 0;
    for (let at = first; at < first + from; at++) {
      const count = this.#counts[at]!;
      this.#chunks.unpack(this.#order[at]!, { count, base: this.#score[at]! }, loose, keys);
      keys += count;
    }
    if (to > from) this.#open(first + from, null);
    if (to < from) this.#close(first + to);
    for (let at = 0; at < to; at++) {
      const [start, end] = [Math.floor((at * keys) / to), Math.floor(((at + 1) * keys) / to)];
      this.#chunks.pack(this.#order[first + at]!, loose, start, end);
      this.#counts[first + at] = end - start;
      this.#mark(first + at, looseKey(loose, start));
    }
    this.#stale = true;
  }

  #mark(place: number, { score, ms, high, low }: RankKey): void {
    [this.#score[place], this.#ms[place], this.#high[place], this.#low[place]] = [score, ms, high, low];
  }

  /** An empty chunk at this place, that begins with the key. */
  #open(place: number, key: RankKey | null): void {
    if (this.#length === this.#order.length) this.#grow();
    for (const column of this.#columns()) column.copyWithin(place + 1, place, this.#length);
    this.#order[place] = this.#chunks.take();
    this.#counts[place] = 0;
    if (key) this.#mark(place, key);
    this.#length++;
    this.#stale = true;
  }

  #close(place: number): void {
    this.#chunks.give(this.#order[place]!);
    for (const column of this.#columns()) column.copyWithin(place, place + 1, this.#length);
    this.#length--;
    this.#stale = true;
  }

  #columns() {
    return [this.#order, this.#counts, this.#score, this.#ms, this.#high, this.#low];
  }

  #grow(): void {
    const length = Math.ceil(this.#order.length * 1.5);
    this.#order = grown(new Uint32Array(length), this.#order);
    this.#counts = grown(new Uint32Array(length), this.#counts);
    this.#score = grown(new Float64Array(length), this.#score);
    this.#ms = grown(new Float64Array(length), this.#ms);
    this.#high = grown(new Uint32Array(length), this.#high);
    this.#low = grown(new Uint32Array(length), this.#low);
    this.#within = new Uint32Array(length);
    this.#blocks = new Uint32Array((length >> BLOCK_BITS) + 1);
  }
}

/** Below 0: the first stands higher. */
export const orderOf = (one: RankKey, other: RankKey): number =>
  other.score - one.score || one.ms - other.ms || one.high - other.high || one.low - other.low;

/** The key of a player's row. Throws for a score beyond ±SCORE_MAX. */
export function rankKey(score: bigint | string, ms: number, playerId: string): RankKey {
  const key = {
    score: Number(score),
    ms,
    high: Number.parseInt(playerId.slice(0, 8), 16),
    low: Number.parseInt(playerId.slice(9, 13) + playerId.slice(14, 18), 16),
  };
  check(key);
  return key;
}

/** The lowest player id that has the key's half: where its rows begin in SQL. */
export function lowestId({ high, low }: RankKey): string {
  const [first, rest] = [high, low].map((half) => half.toString(16).padStart(8, '0')) as [string, string];
  return `${first}-${rest.slice(0, 4)}-${rest.slice(4)}-0000-000000000000`;
}

function check({ score, ms }: RankKey): void {
  if (!Number.isSafeInteger(score) || Math.abs(score) > SCORE_MAX) throw new RangeError(`a score of ${score} cannot be ranked`);
  if (!(ms >= 0 && ms <= MS_MAX)) throw new RangeError(`${ms} is no time a score can be reached at`);
}

/** The last of the rising sums from `first` to `last` that is no more than this. */
function lastUpTo(sums: Uint32Array, first: number, last: number, most: number): number {
  while (first < last) {
    const middle = (first + last + 1) >> 1;
    if (sums[middle]! <= most) first = middle;
    else last = middle - 1;
  }
  return first;
}

function grown<Column extends Uint32Array | Float64Array>(column: Column, from: Column): Column {
  column.set(from);
  return column;
}

let loose = newLoose(0);
/** Shared: nothing waits between taking keys out and laying them out. */
const looseOf = (keys: number) => (loose.score.length >= keys ? loose : (loose = newLoose(keys)));
