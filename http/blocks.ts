import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { instant, page, paged, pageOf, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const block = z.strictObject({ playerId: uuid, displayName: z.string(), at: instant });

export const blockRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/player/blocks',
    who: 'player',
    summary: 'Whose chat you do not hear',
    query: paged(uuid),
    answers: page(block),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const rows = await house.store.chat.blocks(visitor.playerId, { limit: limit + 1, after: cursor });
      return pageOf(rows, limit, (block) => block.playerId);
    },
  }),
  route({
    method: 'POST',
    path: '/api/player/blocks',
    who: 'player',
    limit: 'money',
    summary: 'Hear nothing more of what a player says in any room; said again it is the same. Refuses not_found, limit_reached',
    body: z.strictObject({ playerId: uuid }),
    answers: block,
    answer: ({ house, visitor, body }) => house.store.chat.block(visitor.playerId, body.playerId),
  }),
  route({
    method: 'DELETE',
    path: '/api/player/blocks/:playerId',
    who: 'player',
    limit: 'money',
    summary: 'Hear them again. Refuses not_found',
    params: z.strictObject({ playerId: uuid }),
    answers: null,
    async answer({ house, visitor, params }) {
      refuseUnless(await house.store.chat.unblock(visitor.playerId, params.playerId), 'not_found');
    },
  }),
];
