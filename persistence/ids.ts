import { createHash, getRandomValues } from 'node:crypto';

let last = 0;
let within = 0;

/** A UUIDv7 (RFC 9562), rising within the process: index inserts stay at the right edge. */
export function uuid7(): string {
  const now = Date.now();
  if (now > last) [last, within] = [now, 0];
  else within++;
  const ms = (last + (within >> 12)).toString(16).padStart(12, '0');
  const tail = getRandomValues(new Uint8Array(8));
  tail[0] = (tail[0]! & 0x3f) | 0x80;
  const hex = Buffer.from(tail).toString('hex');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${(within & 0xfff).toString(16).padStart(3, '0')}-${hex.slice(0, 4)}-${hex.slice(4)}`;
}

/** The same words always give the same id (UUIDv8 over SHA-256): the id of a transfer from (player, operation, key). */
export function derivedId(...words: readonly string[]): string {
  const bytes = createHash('sha256').update(words.join('\u0000')).digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
