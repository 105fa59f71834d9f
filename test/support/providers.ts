import { openWalletChains } from '../../providers/wallets.ts';
import { ADVC } from '../../providers/wallet-proofs.ts';
import type { Providers } from '../../server/house.ts';

/** Every service outside the house switched off. */
export const noProviders = (): Providers => ({
  mpesa: null,
  mail: null,
  google: null,
  web3auth: null,
  discordSignIn: null,
  starknet: null,
  wallets: openWalletChains({ advc: ADVC, starknet: null }),
  mining: null,
  discord: null,
});
