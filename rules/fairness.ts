// The draw as contract.md gives it, so that anyone can check a round with nothing of ours. The one file of the rules that
// computes hashes; it makes no seed.
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import type { Random } from './random.ts';

export const SERVER_SEED_BYTES = 32;
const CLIENT_SEED = /^[A-Za-z0-9_-]{1,64}$/;
const WORD_BYTES = 4;
const WORDS = 2 ** 32;

/** What a round's draws follow from. `clientSeeds` in seat order, `[]` for a battle; `nonce` 0 but for spins. */
export interface DrawSeeds {
  /** 32 bytes. */
  serverSeed: Uint8Array;
  clientSeeds: readonly string[];
  nonce: number | bigint;
}

/** SHA-256 of the 32 bytes, in hex: shown before the round, where the seed itself is shown after. */
export function commitmentOf(serverSeed: Uint8Array): string {
  checkServerSeed(serverSeed);
  return createHash('sha256').update(serverSeed).digest('hex');
}

/** 1–64 characters of A–Z a–z 0–9 - _. */
export const isClientSeed = (seed: string): boolean => CLIENT_SEED.test(seed);

/** 64 lower-case hex digits to bytes and back: how a server seed is written everywhere outside the process. */
export const serverSeedHex = (serverSeed: Uint8Array): string => Buffer.from(serverSeed).toString('hex');
export function serverSeedBytes(hex: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new RangeError('a server seed is 64 lower-case hex digits');
  return Buffer.from(hex, 'hex');
}

/** The draws of one round, from its first. The same seeds give the same draws. */
export function drawStream(seeds: DrawSeeds): Random {
  return randomOf(wordsOf(seeds));
}

/**
 * Uniform draws out of 32-bit words: a word at or past the last whole multiple of `limit` is passed over, so that every
 * remainder is equally likely. A draw takes a word even where `limit` is 1.
 */
export function randomOf(nextWord: () => number): Random {
  return {
    below(limit) {
      if (!Number.isInteger(limit) || limit < 1 || limit > WORDS) throw new RangeError(`below(${limit}): 1 … 2^32`);
      const whole = WORDS - (WORDS % limit);
      let word = nextWord();
      while (word >= whole) word = nextWord();
      return word % limit;
    },
  };
}

/** Block after block of HMAC-SHA256, each made when its first word is asked for, as big-endian words. */
function wordsOf({ serverSeed, clientSeeds, nonce }: DrawSeeds): () => number {
  checkServerSeed(serverSeed);
  const key = createSecretKey(serverSeed); // as bytes it would be made a key anew for each block, at five times the cost
  const prefix = `${clientSeeds.join(':')}:${nonce}:`;
  let blockNo = 0;
  let block = Buffer.alloc(0);
  let offset = 0;
  return () => {
    if (offset === block.length) {
      block = createHmac('sha256', key)
        .update(prefix + blockNo++)
        .digest();
      offset = 0;
    }
    const word = block.readUInt32BE(offset);
    offset += WORD_BYTES;
    return word;
  };
}

function checkServerSeed(serverSeed: Uint8Array): void {
  if (serverSeed.length !== SERVER_SEED_BYTES)
    throw new RangeError(`a server seed has ${SERVER_SEED_BYTES} bytes, not ${serverSeed.length}`);
}
