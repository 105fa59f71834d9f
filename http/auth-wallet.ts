// Coming in by a wallet: the house says what to sign, and takes the signature once. Without a token in the request it signs in,
// with one the wallet is linked to who asks.
import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { chain, signedInBy } from './auth-formats.ts';
import { instant, recorded, uuid } from './formats.ts';
import { type Route, route } from './route.ts';
import { admitNewWay } from './session.ts';

const felt = z.string().regex(/^(0x[\da-fA-F]{1,64}|\d{1,77})$/, 'A field element, hex or decimal');

export const authWalletRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/auth/wallet/challenge',
    who: 'either',
    limit: 'auth',
    summary:
      'What a wallet is to sign, within 10 minutes. With a token of ours it will be linked, else it signs in. Refuses wallet_invalid',
    body: z.strictObject({ chain, address: z.string().min(1).max(100) }),
    answers: z.strictObject({
      challengeId: uuid,
      chain,
      address: z.string().meta({ description: 'In its one form: for evm with its capitals, for starknet with all its digits' }),
      purpose: z.enum(['sign_in', 'link']),
      message: z.string().meta({ description: 'advc: signmessage; evm: personal_sign (EIP-4361); starknet: see typedData' }),
      typedData: recorded.nullable().meta({ description: 'starknet: SNIP-12, revision 1' }),
      expiresAt: instant,
    }),
    async answer({ house, visitor, body }) {
      const { wallets } = house.providers;
      const address = wallets.canonical(body.chain, body.address);
      refuseUnless(address !== null, 'wallet_invalid');
      const asked = { chain: body.chain, address, visitor, site: house.settings.publicUrl, starknetChain: wallets.starknetChain };
      const { id, purpose, message, expiresAt } = await house.store.walletChallenges.open(asked);
      const typedData = body.chain === 'starknet' ? (JSON.parse(message) as Record<string, unknown>) : null;
      return { challengeId: id, chain: body.chain, address, purpose, message, typedData, expiresAt };
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/wallet/verify',
    who: 'either',
    limit: 'auth',
    summary:
      'Answer a challenge, once. Signs in as the player whose wallet it is, who is made if there is none, or links it to who asks (a guest is registered by it). Refuses challenge_invalid, proof_invalid, wallet_taken, limit_reached, account_banned, unavailable, and for operators totp_required, step_up_required',
    body: z.strictObject({
      challengeId: uuid,
      signature: z
        .union([z.string().min(1).max(200), z.array(felt).min(1).max(32)])
        .meta({ description: 'advc: base64; evm: 0x and 130 digits; starknet: field elements' }),
      publicKey: felt.nullable().default(null).meta({ description: 'Of a Starknet account that is not deployed yet' }),
    }),
    answers: z.union([signedInBy, z.strictObject({ linked: z.strictObject({ chain, address: z.string() }) })]),
    async answer({ house, visitor, body: { challengeId, signature, publicKey }, agent }) {
      const { store, providers } = house;
      if (visitor !== null) await admitNewWay(visitor, house);
      const { chain: of, address, message } = await store.walletChallenges.take(challengeId, visitor);
      const signed = await providers.wallets.signed({ chain: of, address, text: message, signature, publicKey });
      refuseUnless(signed !== 'unknown', 'unavailable');
      refuseUnless(signed === 'signed', 'proof_invalid');
      const wallet = { chain: of, address };
      if (visitor === null) return store.arrivals.signInWallet(wallet, { displayName: shortened(address), device: agent });
      await store.arrivals.linkWallet(wallet, visitor.playerId);
      return { linked: wallet };
    },
  }),
];

const shortened = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`;
