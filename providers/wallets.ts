// The chains whose wallets the house knows: how an address is written, and whether it signed.
import type { Chain } from '../rules/identity.ts';
import { type Starknet, starknetAddress } from './starknet.ts';
import { type CoinNetwork, coinAddress, evmAddress, signedByCoin, signedByEvm } from './wallet-proofs.ts';

export interface WalletSigned {
  chain: Chain;
  address: string;
  /** The challenge, word for word. */
  text: string;
  /** Base64 of 65 bytes; 0x and 65 bytes; or Starknet's list of field elements. */
  signature: string | readonly string[];
  /** Of a Starknet account that is not deployed yet. */
  publicKey: string | null;
}

export type WalletChains = ReturnType<typeof openWalletChains>;

/** `starknet` null: its wallets cannot be checked, so there are none. */
export function openWalletChains({ advc, starknet }: { advc: CoinNetwork; starknet: Starknet | null }) {
  const canonical: Record<Chain, (address: string) => string | null> = {
    advc: (address) => coinAddress(address, advc),
    evm: evmAddress,
    starknet: (address) => (starknet === null ? null : starknetAddress(address)),
  };
  const chains: Chain[] = starknet === null ? ['advc', 'evm'] : ['advc', 'evm', 'starknet'];

  return {
    chains,
    /** What Starknet's typed data names; of no matter where it is switched off. */
    starknetChain: starknet?.chainId ?? 'SN_MAIN',

    /** The one form an address has on its chain; null: it is none there. */
    canonical: (chain: Chain, address: string): string | null => canonical[chain](address),

    /** The same for an address of whatever chain it is one of. */
    canonicalAnywhere: (address: string): string | null =>
      chains.map((chain) => canonical[chain](address)).find((form) => form !== null) ?? null,

    /** `unknown`: a chain was asked and did not say. */
    async signed({ chain, signature, publicKey, ...signed }: WalletSigned): Promise<'signed' | 'not_signed' | 'unknown'> {
      if (chain === 'starknet') {
        if (starknet === null || typeof signature === 'string') return 'not_signed';
        return starknet.signed({ ...signed, signature, publicKey });
      }
      if (typeof signature !== 'string') return 'not_signed';
      const right = chain === 'advc' ? signedByCoin({ ...signed, signature }, advc) : signedByEvm({ ...signed, signature });
      return right ? 'signed' : 'not_signed';
    },
  };
}
