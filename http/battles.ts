import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { digits, instant, page, paged, pageOf, uuid } from './formats.ts';
import { reservation } from './games.ts';
import { type Route, route } from './route.ts';

const battleId = z.string().regex(/^[a-z\d-]{1,64}$/);
const item = z.strictObject({ item: z.string(), quantity: z.int() });

const definition = z.strictObject({
  battleId,
  name: z.string(),
  levelRequired: z.int(),
  partyMin: z.int(),
  partyMax: z.int(),
  boss: z.boolean(),
  difficulty: z.enum(['easy', 'normal', 'hard', 'elite', 'legendary']),
  waves: z.int(),
  open: z.boolean().meta({ description: 'Whether your level is high enough' }),
});

const run = z.strictObject({
  roundId: uuid,
  battleId: z.string(),
  state: z.enum(['open', 'started', 'settled', 'void']),
  outcome: z.string().nullable(),
  coins: digits,
  xp: digits,
  items: z.array(item),
  shareBp: z.int(),
  claimedAt: instant.nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
});

export const battleRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/battles/available',
    who: 'player',
    summary: 'The battles there are, by level',
    answers: z.strictObject({ items: z.array(definition) }),
    async answer({ house, visitor }) {
      const battles = await house.store.content.battles();
      const items = battles.map(({ battleId, name, levelRequired, partyMin, partyMax, boss, difficulty, waves }) => {
        const open = visitor.level >= levelRequired;
        return { battleId, name, levelRequired, partyMin, partyMax, boss, difficulty, waves: waves.length, open };
      });
      return { items };
    },
  }),
  route({
    method: 'POST',
    path: '/api/battles/:battleId/join',
    who: 'player',
    limit: 'money',
    summary: 'A seat reservation for a party that gathers. Refuses battle_unknown, level_short',
    params: z.strictObject({ battleId }),
    body: z.strictObject({}),
    answers: reservation,
    async answer({ house, visitor, params }) {
      const battle = await house.store.content.battle(params.battleId);
      refuseUnless(battle, 'battle_unknown');
      refuseUnless(visitor.level >= battle.levelRequired, 'level_short');
      return house.rooms.reserve('battle', { battleId: battle.battleId }, visitor);
    },
  }),
  route({
    method: 'GET',
    path: '/api/battles/history',
    who: 'player',
    summary: 'Your battles, newest first',
    query: paged(uuid),
    answers: page(run),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const rows = await house.store.battles.history(visitor.playerId, { limit: limit + 1, before: cursor });
      return pageOf(rows, limit, ({ roundId }) => roundId);
    },
  }),
  route({
    method: 'GET',
    path: '/api/battles/runs/:roundId',
    who: 'player',
    summary: 'One of your battles. Refuses not_found for a battle you had no part in',
    params: z.strictObject({ roundId: uuid }),
    answers: run,
    async answer({ house, visitor, params }) {
      const found = await house.store.battles.run(visitor.playerId, params.roundId);
      refuseUnless(found, 'not_found');
      return found;
    },
  }),
  route({
    method: 'POST',
    path: '/api/battles/runs/:roundId/claim-loot',
    who: 'player',
    limit: 'money',
    summary: 'Take what a battle brought you, once. Refuses loot_none, loot_claimed',
    params: z.strictObject({ roundId: uuid }),
    body: z.strictObject({}),
    answers: z.strictObject({ roundId: uuid, coins: digits, xp: digits, items: z.array(item) }),
    answer: ({ house, visitor, params }) => house.store.battles.claim(visitor.playerId, params.roundId),
  }),
];
