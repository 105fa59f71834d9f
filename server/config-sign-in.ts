// The settings of signing in elsewhere: Google, Web3Auth and Discord, and the node that is asked about Starknet's accounts.
import { z } from 'zod';

export interface SignInSettings {
  /** null, as with the others: the sandbox in development, switched off in production. */
  google: { clientIds: readonly string[]; jwksUrl: string } | null;
  web3auth: { clientId: string; socialJwksUrl: string; walletJwksUrl: string } | null;
  discord: { clientId: string; clientSecret: string } | null;
  /** `rpcUrl` null: in development only accounts that are not deployed can sign; in production none. */
  starknet: { rpcUrl: string | null; chainId: string };
}

const address = (words: string) =>
  z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), words);

const keysAt = address('is the address of a set of keys, such as https://www.googleapis.com/oauth2/v3/certs');

export const SIGN_IN_FORMAT = {
  GOOGLE_CLIENT_IDS: z
    .string()
    .transform((list) => list.split(',').map((id) => id.trim()))
    .pipe(z.array(z.string().min(1, 'is a list of client ids with commas between')))
    .optional(),
  GOOGLE_JWKS_URL: keysAt.default('https://www.googleapis.com/oauth2/v3/certs'),
  WEB3AUTH_CLIENT_ID: z.string().optional(),
  WEB3AUTH_JWKS_URL: keysAt.default('https://api-auth.web3auth.io/jwks'),
  WEB3AUTH_WALLET_JWKS_URL: keysAt.default('https://authjs.web3auth.io/jwks'),
  DISCORD_CLIENT_ID: z
    .string()
    .regex(/^\d{1,20}$/, 'is the number of an application')
    .optional(),
  DISCORD_CLIENT_SECRET: z.string().optional(),
  STARKNET_RPC_URL: address('is the address of a node, such as https://starknet.example/rpc').optional(),
  STARKNET_CHAIN_ID: z.enum(['SN_MAIN', 'SN_SEPOLIA'], 'is SN_MAIN or SN_SEPOLIA').default('SN_MAIN'),
};

const KEYS = ['GOOGLE_JWKS_URL', 'WEB3AUTH_JWKS_URL', 'WEB3AUTH_WALLET_JWKS_URL'] as const;

/** What no single setting shows. */
export function signInMistakes(given: Record<string, string | undefined>): string[] {
  const mistakes: string[] = [];
  if (given.DISCORD_CLIENT_SECRET !== undefined && given.DISCORD_CLIENT_ID === undefined)
    mistakes.push('DISCORD_CLIENT_SECRET needs DISCORD_CLIENT_ID');
  if (given.NODE_ENV !== 'production') return mistakes;
  for (const name of [...KEYS, 'STARKNET_RPC_URL'])
    if (given[name] !== undefined && !given[name].startsWith('https:'))
      mistakes.push(`${name} begins with https: whoever stands between could sign in as anybody`);
  return mistakes;
}

export function signInSettings(format: z.output<z.ZodObject<typeof SIGN_IN_FORMAT>>): SignInSettings {
  const { GOOGLE_CLIENT_IDS: clientIds, WEB3AUTH_CLIENT_ID: web3auth } = format;
  const { DISCORD_CLIENT_ID: discordId, DISCORD_CLIENT_SECRET: discordSecret } = format;
  return {
    google: clientIds === undefined ? null : { clientIds, jwksUrl: format.GOOGLE_JWKS_URL },
    web3auth:
      web3auth === undefined
        ? null
        : {
            clientId: web3auth,
            socialJwksUrl: format.WEB3AUTH_JWKS_URL,
            walletJwksUrl: format.WEB3AUTH_WALLET_JWKS_URL,
          },
    discord: discordId === undefined || discordSecret === undefined ? null : { clientId: discordId, clientSecret: discordSecret },
    starknet: { rpcUrl: format.STARKNET_RPC_URL ?? null, chainId: format.STARKNET_CHAIN_ID },
  };
}
