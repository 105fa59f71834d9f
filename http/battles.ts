import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { ACTION_NAMES } from '../rules/battle-figures.ts';
import { openReplay, type Replay } from '../rules/battle-replay.ts';
import type { BattleDefinition, PartyMember, TakenInput } from '../rules/battle-types.ts';
import { drawStream, serverSeedBytes } from '../rules/fairness.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { digits, instant, page, paged, pageOf, recorded, uuid } from './formats.ts';
import { called, reservation } from './games.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const battleId = z.string().regex(/^[a-z\d-]{1,64}$/);
const rarity = z.enum(['common', 'uncommon', 'rare', 'epic', 'legendary']);
const gear = z.strictObject({
  itemId: z.string(),
  rarity,
  level: z.int(),
  stats: z.strictObject({ attack: z.int(), defence: z.int(), hp: z.int(), stamina: z.int() }),
});
const item = z.strictObject({ item: z.string(), quantity: z.int(), gear: gear.nullable() });

const definition = z.strictObject({
  battleId,
  name: z.string(),
  levelRequired: z.int(),
  partyMin: z.int(),
  partyMax: z.int(),
  boss: z.boolean(),
  difficulty: z.enum(['easy', 'normal', 'hard', 'elite', 'legendary']),
  waves: z.int(),
  lateJoin: z.boolean().meta({ description: 'Whether a free place may be taken while the fight is on' }),
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
      const items = battles.map(
        ({ battleId, name, levelRequired, partyMin, partyMax, boss, difficulty, waves, lateJoin = false }) => {
          const open = visitor.level >= levelRequired;
          return { battleId, name, levelRequired, partyMin, partyMax, boss, difficulty, waves: waves.length, lateJoin, open };
        },
      );
      return { items };
    },
  }),
  route({
    method: 'POST',
    path: '/api/battles/:battleId/join',
    who: 'player',
    limit: 'join',
    summary: 'A seat reservation for a party that gathers. Refuses battle_unknown, level_short',
    params: z.strictObject({ battleId }),
    body: z.strictObject({
      late: z.boolean().default(false).meta({ description: 'Into a fight that is on, where one has a place free' }),
    }),
    answers: reservation,
    async answer({ house, visitor, params, body: { late } }) {
      const battle = await house.store.content.battle(params.battleId);
      refuseUnless(battle, 'battle_unknown');
      refuseUnless(visitor.level >= battle.levelRequired, 'level_short');
      return house.rooms.reserve('battle', { battleId: battle.battleId, ...(late && { late }) }, visitor);
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
    method: 'GET',
    path: '/api/battles/runs/:roundId/replay',
    who: 'player',
    limit: 'auth',
    summary:
      'A finished battle to watch again: seed, party and inputs. The server fights it again and says whether it ends in the same digest. Refuses round_open',
    params: z.strictObject({ roundId: uuid }),
    answers: z.strictObject({
      roundId: uuid,
      rulesVersion: z.int(),
      commitment: z.string(),
      serverSeed: z.string(),
      setup: recorded,
      inputs: z.array(z.unknown()),
      outcome: recorded,
      digest: z
        .string()
        .nullable()
        .meta({ description: 'Of the battle fought again; null where the record is no possible battle' }),
      same: z.boolean(),
    }),
    answer: ({ house, params }) => replayOf(house, params.roundId),
  }),
  route({
    method: 'POST',
    path: '/api/battles/runs/:roundId/act',
    who: 'player',
    limit: 'money',
    summary:
      'Strike, from your seat in a battle that is on. Refuses not_seated, action_cooling, stamina_short, target_unknown, fallen, round_over',
    params: z.strictObject({ roundId: uuid }),
    body: z.strictObject({ action: z.enum(ACTION_NAMES), targetId: z.string().min(1).max(16) }),
    answers: recorded,
    async answer({ house, visitor, params, body }) {
      const roomId = await house.store.history.roomOf(params.roundId);
      refuseUnless(roomId, 'round_over');
      return recorded.parse(await called(house, { roomId, move: 'act', visitor, args: body }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/battles/runs/:roundId/claim-loot',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'Take what a battle brought you, once. Refuses loot_none, loot_claimed, inventory_full',
    params: z.strictObject({ roundId: uuid }),
    body: z.strictObject({}),
    answers: z.strictObject({ roundId: uuid, coins: digits, xp: digits, items: z.array(item) }),
    async answer({ house, visitor, params: { roundId }, key }) {
      const { answer, replayed } = await house.store.battles.claimOnce({ playerId: visitor.playerId, roundId, key });
      return firstOrAgain(answer, replayed);
    },
  }),
];

async function replayOf(house: House, roundId: string) {
  const proof = await house.store.history.proof(roundId);
  refuseUnless(proof?.game === 'battle' && proof.state !== 'void', 'not_found');
  const { rulesVersion, commitment, serverSeed, setup, moves, outcome } = proof;
  refuseUnless(serverSeed !== null && outcome !== null, 'round_open');
  const digest = await digestAgain({ serverSeed, setup, moves, version: rulesVersion });
  return {
    roundId,
    rulesVersion,
    commitment,
    serverSeed,
    setup,
    inputs: moves,
    outcome,
    digest,
    same: digest === outcome.digest,
  };
}

/** Of the loop at a time: a long raid's replay lets what else is asked go between. */
const SLICE_MS = 4;

export interface Fought {
  serverSeed: string;
  setup: Record<string, unknown>;
  moves: unknown[];
  version: number;
}

/** Of a stored battle fought again, without keeping the loop; null where the record is no possible battle. */
export async function digestAgain({ serverSeed, setup, moves, version }: Fought): Promise<string | null> {
  try {
    const replay = openReplay({
      definition: setup.definition as BattleDefinition,
      party: setup.party as PartyMember[],
      inputs: moves as TakenInput[],
      random: drawStream({ serverSeed: serverSeedBytes(serverSeed), clientSeeds: [], nonce: 0 }),
      version,
    });
    while (!replay.done) {
      leapFor(replay, SLICE_MS);
      await setImmediate();
    }
    return replay.end().digest;
  } catch (error) {
    if (error instanceof Refusal || error instanceof RangeError) return null;
    throw error;
  }
}

function leapFor(replay: Replay, ms: number): void {
  const until = performance.now() + ms;
  while (!replay.done && performance.now() < until) replay.leap();
}
