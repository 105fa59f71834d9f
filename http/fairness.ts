import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { clientSeed, currency, digits, instant, recorded, uuid } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const hex = z.string().regex(/^[\da-f]{64}$/);
const card = z.strictObject({ commitment: hex, nextCommitment: hex, clientSeed: z.string(), nonce: z.int() });

export const fairnessRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/fairness',
    who: 'player',
    scope: 'read:games',
    summary: 'The commitment to your current server seed and to the next, your client seed, and how many draws were made',
    answers: card,
    answer: ({ house, visitor }) => house.store.seeds.card(visitor.playerId),
  }),
  route({
    method: 'POST',
    path: '/api/fairness/rotate',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'Show the current server seed and go on with the next. Refuses round_open while a draw is under way',
    body: z.strictObject({ clientSeed }),
    answers: card.extend({ shown: z.strictObject({ commitment: hex, serverSeed: hex }) }),
    async answer({ house, visitor, body: { clientSeed }, key }) {
      const { answer, replayed } = await house.store.seeds.rotateOnce({ playerId: visitor.playerId, clientSeed, key });
      return firstOrAgain(answer, replayed);
    },
  }),
  route({
    method: 'GET',
    path: '/api/fairness/rounds/:id',
    who: 'anyone',
    summary: 'All that is needed to check a round, with nothing of ours. The server seed is null until it may be shown',
    params: z.strictObject({ id: uuid }),
    answers: z.strictObject({
      roundId: uuid,
      game: z.string(),
      rulesVersion: z.int(),
      state: z.string(),
      commitment: hex,
      serverSeed: hex.nullable(),
      clientSeeds: z.array(z.string()),
      nonce: z.int(),
      setup: recorded,
      moves: z.array(z.unknown()),
      outcome: recorded.nullable(),
      committedAt: instant.meta({ description: 'From when on the commitment was shown; no stake is older' }),
      openedAt: instant,
      endedAt: instant.nullable(),
      stakes: z.array(
        z.strictObject({
          stakeId: uuid,
          seat: z.string().nullable().meta({ description: 'Null for a spin' }),
          kind: z.string(),
          currency,
          amount: digits,
          paid: digits.nullable().meta({ description: 'Total return; null while open' }),
          state: z.enum(['open', 'settled', 'void']),
          at: instant,
        }),
      ),
    }),
    async answer({ house, params: { id } }) {
      const proof = await house.store.history.proof(id);
      refuseUnless(proof, 'not_found');
      return proof;
    },
  }),
];
