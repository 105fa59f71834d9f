// Access tokens: short-lived, signed, and saying no more than whose session it is. Roles and level are read from the
// database, so that a demoted admin is one no longer.
import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { Refusal } from '../rules/refusal.ts';
import { Remembered } from './remembered.ts';

export const ACCESS_SECONDS = 900;

const ISSUER = 'playhouse';
const ALGORITHM = 'HS256';

export interface Claims {
  playerId: string;
  sessionId: string;
  /** Epoch milliseconds. */
  expiresMs: number;
}

export function openAccess(secret: string) {
  // Made once: given text, every check would first try to read it as a public key.
  const key = createSecretKey(secret, 'utf8');
  // Checking a signature costs some 20 µs: too much for every request of a busy player. Whether the session still lives is asked apart.
  const checked = new Remembered<Claims>({ max: 20_000, forMs: 5_000 });

  return {
    sign: ({ playerId, sessionId }: { playerId: string; sessionId: string }, now: Date): string => {
      const iat = Math.floor(now.getTime() / 1_000);
      const options = {
        algorithm: ALGORITHM,
        issuer: ISSUER,
        audience: ISSUER,
        subject: playerId,
        expiresIn: ACCESS_SECONDS,
      } as const;
      return jwt.sign({ sid: sessionId, iat }, key, options);
    },

    /** Refuses `token_expired`, and `token_invalid` for anything we did not sign in this very way. */
    read(token: string, now: Date): Claims {
      const nowMs = now.getTime();
      let claims = checked.get(token, nowMs);
      if (!claims) checked.set(token, (claims = check(token, key, nowMs)), nowMs);
      if (claims.expiresMs <= nowMs) throw new Refusal('token_expired');
      return claims;
    },
  };
}

const LENGTH_MAX = 1_024;

function check(token: string, key: KeyObject, nowMs: number): Claims {
  if (token.length > LENGTH_MAX) throw new Refusal('token_invalid');
  try {
    const pinned = {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: ISSUER,
      clockTimestamp: Math.floor(nowMs / 1_000),
    } satisfies jwt.VerifyOptions;
    const payload = jwt.verify(token, key, pinned);
    return claimsOf(payload);
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError) throw new Refusal('token_expired');
    if (error instanceof jwt.JsonWebTokenError) throw new Refusal('token_invalid');
    throw error;
  }
}

function claimsOf(payload: jwt.JwtPayload | string): Claims {
  if (typeof payload === 'string') throw new Refusal('token_invalid');
  const { sub, sid, exp } = payload;
  if (!isUuid(sub) || !isUuid(sid) || typeof exp !== 'number') throw new Refusal('token_invalid');
  return { playerId: sub, sessionId: sid, expiresMs: exp * 1_000 };
}

const isUuid = (value: unknown): value is string =>
  typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value);
