// Keys that pools sign their batches with: HMAC-SHA256 over `timestamp.body`, the body as its bytes came. A pool has two of
// them at most, so that it can change from one to the other without a pause.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface PoolKey {
  pool: string;
  secret: string;
}

export interface SignedBatch {
  pool: string;
  /** As it was sent: seconds since 1970. */
  timestamp: string;
  /** 64 hex digits. */
  signature: string;
  bytes: Uint8Array;
}

export interface PoolKeys {
  /** Whether one of the pool's own keys made the signature. */
  signed(batch: SignedBatch): boolean;
}

export function openPoolKeys(keys: readonly PoolKey[]): PoolKeys {
  const byPool = new Map<string, string[]>();
  for (const { pool, secret } of keys) byPool.set(pool, [...(byPool.get(pool) ?? []), secret]);
  return {
    signed({ pool, timestamp, signature, bytes }) {
      if (!/^[\da-f]{64}$/.test(signature)) return false;
      const said = Buffer.from(signature, 'hex');
      // A pool that is none costs as much time as one with a wrong key.
      const secrets = byPool.get(pool) ?? NOBODY;
      const matches = secrets.filter((secret) => timingSafeEqual(batchSignature({ secret, timestamp, bytes }), said));
      return matches.length > 0 && byPool.has(pool);
    },
  };
}

const NOBODY = ['nobody'];

export const batchSignature = ({ secret, timestamp, bytes }: { secret: string; timestamp: string; bytes: Uint8Array }): Buffer =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(bytes).digest();
