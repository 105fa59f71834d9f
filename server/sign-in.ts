// Signing in elsewhere, as the settings want it: the providers' own, a sandbox on loopback in development, or none.
import { openDiscordSignIn, openIdTokens, subjectOfGoogle, subjectOfWeb3Auth } from '../providers/social.ts';
import { SANDBOX_CLIENT, type SocialSandbox, startSocialSandbox } from '../providers/sandbox/social.ts';
import { openStarknet } from '../providers/starknet.ts';
import { ADVC } from '../providers/wallet-proofs.ts';
import { openWalletChains } from '../providers/wallets.ts';
import type { Settings } from './config.ts';
import type { Providers } from './house.ts';

export type SignInProviders = Pick<Providers, 'google' | 'web3auth' | 'discordSignIn' | 'starknet' | 'wallets'>;

export interface HouseSignIn {
  providers: SignInProviders;
  close(): Promise<void>;
}

const now = () => new Date();

export async function openHouseSignIn(settings: Settings): Promise<HouseSignIn> {
  const { google, web3auth, discord } = settings.signIn;
  const whole = google !== null && web3auth !== null && discord !== null;
  const sandbox = settings.environment === 'development' && !whole ? await startSocialSandbox({ now }) : null;
  const { starknet: node } = settings.signIn;
  const starknet = node.rpcUrl !== null || settings.environment === 'development' ? openStarknet(node) : null;
  return {
    providers: {
      google: googleOf(settings, sandbox),
      web3auth: web3authOf(settings, sandbox),
      discordSignIn: discordOf(settings, sandbox),
      starknet,
      wallets: openWalletChains({ advc: ADVC, starknet }),
    },
    close: async () => sandbox?.close(),
  };
}

/** Where browsers come back to: the page itself, which reads what is in its address. */
const redirectUrlOf = ({ publicUrl }: Settings): string => `${publicUrl}/`;

/** Google has signed tokens under both of its names. */
const GOOGLE_ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

function googleOf(settings: Settings, sandbox: SocialSandbox | null): Providers['google'] {
  const { google } = settings.signIn;
  const shared = { algorithm: 'RS256', subjectOf: subjectOfGoogle, redirectUrl: redirectUrlOf(settings) } as const;
  if (google !== null) {
    const issuers = GOOGLE_ISSUERS.map((issuer) => ({ issuer, jwksUrl: google.jwksUrl }));
    const authorizeUrl = 'https://accounts.google.com/o/oauth2/v2/auth';
    return openIdTokens({ ...shared, issuers, audiences: google.clientIds, authorizeUrl }, { now });
  }
  if (sandbox === null) return null;
  const issuers = [issuerOf(sandbox, 'google')];
  return openIdTokens(
    { ...shared, issuers, audiences: [SANDBOX_CLIENT.id], authorizeUrl: `${sandbox.url}/google/authorize` },
    { now },
  );
}

function web3authOf(settings: Settings, sandbox: SocialSandbox | null): Providers['web3auth'] {
  const { web3auth } = settings.signIn;
  const shared = {
    algorithm: 'ES256',
    subjectOf: subjectOfWeb3Auth,
    authorizeUrl: null,
    redirectUrl: redirectUrlOf(settings),
  } as const;
  if (web3auth !== null) {
    const issuers = [
      { issuer: 'https://api-auth.web3auth.io', jwksUrl: web3auth.socialJwksUrl },
      { issuer: 'https://authjs.web3auth.io', jwksUrl: web3auth.walletJwksUrl },
    ];
    return openIdTokens({ ...shared, issuers, audiences: [web3auth.clientId] }, { now });
  }
  if (sandbox === null) return null;
  const issuers = [issuerOf(sandbox, 'web3auth'), issuerOf(sandbox, 'web3auth-wallet')];
  return openIdTokens({ ...shared, issuers, audiences: [SANDBOX_CLIENT.id] }, { now });
}

const issuerOf = ({ url }: SocialSandbox, name: string) => ({ issuer: `${url}/${name}`, jwksUrl: `${url}/${name}/jwks` });

function discordOf(settings: Settings, sandbox: SocialSandbox | null): Providers['discordSignIn'] {
  const { discord } = settings.signIn;
  const redirectUrl = redirectUrlOf(settings);
  if (discord !== null) return openDiscordSignIn({ ...discord, redirectUrl, baseUrl: 'https://discord.com' });
  if (sandbox === null) return null;
  const { id: clientId, secret: clientSecret } = SANDBOX_CLIENT;
  return openDiscordSignIn({ clientId, clientSecret, redirectUrl, baseUrl: `${sandbox.url}/discord` });
}
