// Wallets that live in the browser. Ethereum's announce themselves (EIP-6963) or sit at window.ethereum (EIP-1193); Starknet's
// sit at window.starknet and names that begin so.
import { useEffect, useState } from 'preact/hooks';
import { Refused } from './words.ts';
import type { Challenge, Signature } from './wallet-proof.ts';
import type { Chain } from './ways.ts';

export interface BrowserWallet {
  id: string;
  name: string;
  /** A data: address of a picture. */
  icon: string | null;
  chain: Chain;
  /** Refused, as `sign`, with `wallet_declined` or `wallet_silent`. */
  address(): Promise<string>;
  sign(challenge: Challenge): Promise<Signature>;
}

/** Ethereum's name what they want `method`, Starknet's `type`. */
type Asked = ({ method: string } | { type: string }) & { params?: unknown };

interface Provider {
  request(asked: Asked): Promise<unknown>;
}

interface Announced {
  info: { uuid: string; name: string; icon: string };
  provider: Provider;
}

/** Those that are there, and those that come while it is looked at. */
export function useBrowserWallets(chains: readonly Chain[]): BrowserWallet[] {
  const [announced, setAnnounced] = useState<Announced[]>([]);
  useEffect(() => {
    const hear = (event: Event) => {
      const { detail } = event as CustomEvent<Announced>;
      setAnnounced((known) => (known.some(({ info }) => info.uuid === detail.info.uuid) ? known : [...known, detail]));
    };
    addEventListener('eip6963:announceProvider', hear);
    dispatchEvent(new Event('eip6963:requestProvider'));
    return () => removeEventListener('eip6963:announceProvider', hear);
  }, []);
  const found = [...(chains.includes('evm') ? ethereum(announced) : []), ...(chains.includes('starknet') ? starknet() : [])];
  return found.filter(({ id }, index) => found.findIndex((other) => other.id === id) === index);
}

function ethereum(announced: readonly Announced[]): BrowserWallet[] {
  if (announced.length > 0)
    return announced.map(({ info, provider }) => ethereumWallet(provider, { id: info.uuid, name: info.name, icon: info.icon }));
  const only: unknown = Reflect.get(window, 'ethereum');
  return isProvider(only) ? [ethereumWallet(only, { id: 'ethereum', name: 'Ethereum wallet', icon: null })] : [];
}

function ethereumWallet(provider: Provider, { id, name, icon }: Pick<BrowserWallet, 'id' | 'name' | 'icon'>): BrowserWallet {
  let chosen = '';
  return {
    id,
    name,
    icon: pictureOf(icon),
    chain: 'evm',
    async address() {
      chosen = firstOf(await answered(provider, { method: 'eth_requestAccounts' }));
      return chosen;
    },
    async sign({ message }) {
      const hex = [...new TextEncoder().encode(message)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      const signature = await answered(provider, { method: 'personal_sign', params: [`0x${hex}`, chosen] });
      if (typeof signature !== 'string') throw new Refused('wallet_silent');
      return { signature };
    },
  };
}

function starknet(): BrowserWallet[] {
  return Object.keys(window)
    .filter((key) => /^starknet(_|$)/.test(key))
    .map((key): unknown => Reflect.get(window, key))
    .filter(isProvider)
    .map((provider) => {
      const { id, name, icon } = provider as Provider & { id?: unknown; name?: unknown; icon?: unknown };
      return {
        id: `starknet ${typeof id === 'string' ? id : 'wallet'}`,
        name: typeof name === 'string' ? name : 'Starknet wallet',
        icon: pictureOf(icon),
        chain: 'starknet' as const,
        address: async () => firstOf(await answered(provider, { type: 'wallet_requestAccounts' })),
        async sign({ typedData }: Challenge) {
          const signature = await answered(provider, { type: 'wallet_signTypedData', params: typedData });
          if (!Array.isArray(signature)) throw new Refused('wallet_silent');
          return { signature: signature.map(String), publicKey: await undeployedKey(provider) };
        },
      };
    });
}

/** The key of an account that is not on the chain yet: wallets deploy with it as the salt. Null: it is there. */
async function undeployedKey(provider: Provider): Promise<string | null> {
  try {
    const told = (await provider.request({ type: 'wallet_deploymentData' })) as { salt?: unknown } | null;
    return typeof told?.salt === 'string' ? told.salt : null;
  } catch {
    return null;
  }
}

const isProvider = (value: unknown): value is Provider =>
  typeof value === 'object' && value !== null && typeof (value as Provider).request === 'function';

const pictureOf = (icon: unknown): string | null => (typeof icon === 'string' && icon.startsWith('data:image/') ? icon : null);

function firstOf(accounts: unknown): string {
  const [first] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
  if (typeof first !== 'string') throw new Refused('wallet_silent');
  return first;
}

/** 4001, Starknet's 113, and words that say so: the person said no. */
async function answered(provider: Provider, asked: Asked): Promise<unknown> {
  try {
    return await provider.request(asked);
  } catch (error) {
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
    const declined = code === 4001 || code === 113 || /reject|refuse|denied|cancel/i.test(String(message));
    throw new Refused(declined ? 'wallet_declined' : 'wallet_silent');
  }
}
