// The draw as contract.md gives it, so that anyone can check a round with nothing of ours. The one file of the rules that
// computes hashes; it makes no seed.
import { hash } from 'node:crypto';
import { type Random, randomOf } from './random.ts';

export { randomOf };

export const SERVER_SEED_BYTES = 32;
const CLIENT_SEED = /^[A-Za-z0-9_-]{1,64}$/;
/** Hex digits of one 32-bit word. */
const WORD_DIGITS = 8;

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
  return hash('sha256', serverSeed, 'hex');
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

/** Block after block of HMAC-SHA256, each made when its first word is asked for, as big-endian words. */
function wordsOf({ serverSeed, clientSeeds, nonce }: DrawSeeds): () => number {
  checkServerSeed(serverSeed);
  const key = Uint8Array.from(serverSeed);
  const prefix = `${clientSeeds.join(':')}:${nonce}:`;
  let blockNo = 0;
  let block = '';
  let offset = 0;
  return () => {
    if (offset === block.length) {
      block = hmacHex(key, prefix + blockNo++);
      offset = 0;
    }
    return Number.parseInt(block.slice(offset, (offset += WORD_DIGITS)), 16);
  };
}

const PADDED_BYTES = 64;
const inner = Buffer.alloc(4_096);
const outer = Buffer.alloc(PADDED_BYTES + SERVER_SEED_BYTES);

/**
 * HMAC-SHA256 (RFC 2104) of ASCII text under a key of 32 bytes, in hex, by two hashes in buffers that stay. An Hmac object, like
 * each new buffer, has a native half that is freed one by one when young objects are collected: at thousands of rounds a
 * second that stopped play for 20 ms at a time.
 */
function hmacHex(key: Uint8Array, text: string): string {
  inner.fill(0x36, 0, PADDED_BYTES);
  outer.fill(0x5c, 0, PADDED_BYTES);
  for (let at = 0; at < key.length; at++) {
    inner[at]! ^= key[at]!;
    outer[at]! ^= key[at]!;
  }
  const end = PADDED_BYTES + text.length;
  if (inner.write(text, PADDED_BYTES, 'latin1') !== text.length) throw new RangeError('the seeds are too long');
  outer.write(hash('sha256', inner.subarray(0, end), 'hex'), PADDED_BYTES, 'hex');
  return hash('sha256', outer, 'hex');
}

function checkServerSeed(serverSeed: Uint8Array): void {
  if (serverSeed.length !== SERVER_SEED_BYTES)
    throw new RangeError(`a server seed has ${SERVER_SEED_BYTES} bytes, not ${serverSeed.length}`);
}
