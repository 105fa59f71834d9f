import { hash, randomFillSync } from 'node:crypto';

let last = 0;
let within = 0;

/** A UUIDv7 (RFC 9562), rising within the process: index inserts stay at the right edge. */
export function uuid7(): string {
  const now = Date.now();
  if (now > last) [last, within] = [now, 0];
  else within++;
  const ms = (last + (within >> 12)).toString(16).padStart(12, '0');
  const hex = randomHex();
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${(within & 0xfff).toString(16).padStart(3, '0')}-${hex.slice(0, 4)}-${hex.slice(4)}`;
}

const pool = Buffer.alloc(4_096);
let drawn = pool.length;

/** 62 random bits behind the variant's two, as 16 hex digits. Drawn from the system many at a time. */
function randomHex(): string {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  pool[drawn] = (pool[drawn]! & 0x3f) | 0x80;
  const hex = pool.toString('hex', drawn, drawn + 8);
  drawn += 8;
  return hex;
}

/** The same words always give the same id (UUIDv8 over SHA-256): the id of a transfer from (player, operation, key). */
export function derivedId(...words: readonly string[]): string {
  const hex = hash('sha256', words.join('\u0000'), 'hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
