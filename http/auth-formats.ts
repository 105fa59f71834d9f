// What several ways of signing in answer with.
import { z } from 'zod';
import { CHAINS, SOCIAL_PROVIDERS } from '../rules/identity.ts';
import { instant, uuid } from './formats.ts';

export const signedInPlayer = z.strictObject({
  id: uuid,
  displayName: z.string(),
  email: z.string().nullable(),
  roles: z.array(z.string()),
  level: z.int(),
  xp: z.string(),
});

export const tokens = z.strictObject({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.int().meta({ description: 'Seconds the access token lasts' }),
});

export const signedIn = tokens.extend({ player: signedInPlayer });

/** Without a token in the request: signed in. */
export const signedInBy = signedIn.extend({ created: z.boolean().meta({ description: 'A player was made' }) });

export const chain = z.enum(CHAINS);
export const socialProvider = z.enum(SOCIAL_PROVIDERS);

export const wallet = z.strictObject({
  chain,
  address: z.string(),
  proof: z.enum(['signature', 'donation']),
  linkedAt: instant,
});

export const identity = z.strictObject({ provider: socialProvider, name: z.string(), linkedAt: instant });
