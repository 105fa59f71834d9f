import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { chain, wallet } from './auth-formats.ts';
import { instant, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const address = z.string().min(1).max(100);

export const walletsRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/wallets',
    who: 'player',
    summary: 'Your wallets, 20 at most; one is linked by /api/auth/wallet/challenge',
    answers: z.strictObject({ items: z.array(wallet) }),
    async answer({ house, visitor }) {
      const items = await house.store.wallets.list(visitor.playerId);
      return { items: items.map(({ playerId: _playerId, ...rest }) => rest) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/wallets/:chain/:address',
    who: 'player',
    limit: 'auth',
    summary: 'Unlink a wallet. Refuses wallet_invalid, not_found, last_way_in',
    params: z.strictObject({ chain, address }),
    answers: null,
    async answer({ house, visitor, params }) {
      const form = house.providers.wallets.canonical(params.chain, params.address);
      refuseUnless(form !== null, 'wallet_invalid');
      await house.store.wallets.unlink(visitor.playerId, { chain: params.chain, address: form });
    },
  }),
  route({
    method: 'GET',
    path: '/api/players/by-wallet/:address',
    who: 'player',
    summary: 'What anyone may know of the player whose wallet it is. Refuses wallet_invalid, not_found',
    params: z.strictObject({ address }),
    answers: z.strictObject({ id: uuid, displayName: z.string(), guest: z.boolean(), level: z.int(), createdAt: instant }),
    async answer({ house, params }) {
      const form = house.providers.wallets.canonicalAnywhere(params.address);
      refuseUnless(form !== null, 'wallet_invalid');
      const owned = await house.store.wallets.walletOf(form);
      refuseUnless(owned !== null, 'not_found');
      return house.store.players.publicProfile(owned.playerId);
    },
  }),
];
