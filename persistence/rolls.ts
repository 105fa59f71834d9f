// Draws outside a game (an egg, a piece of gear): from the player's own provable seed, one nonce each, kept as a finished
// round, so that `GET /api/fairness/rounds/:id` and every checker shows them like any spin.
import { drawStream } from '../rules/fairness.ts';
import type { Random } from '../rules/random.ts';
import { uuid7 } from './ids.ts';
import { type EntityManager, rowsIn } from './orm.ts';
import type { Seeds } from './seeds.ts';

export interface Roll<Outcome> {
  playerId: string;
  /** One word: `egg`, `gear`. */
  game: string;
  rulesVersion: number;
  /** What the rules need besides the seed to draw it again, JSON. */
  setup: Record<string, unknown>;
  /** The rule, pure. Its result is public, JSON, and stored with the roll. */
  decide(random: Random): Outcome;
}

export interface Rolled<Outcome> {
  roundId: string;
  outcome: Outcome;
  fairness: { commitment: string; clientSeed: string; nonce: number };
}

export type Rolls = ReturnType<typeof openRolls>;

export function openRolls(seeds: Seeds) {
  return {
    /**
     * Draws inside a wider change, which keeps the player's seed locked until it ends: take locks of things before it, and
     * post to the ledger after it. Call `drawn(playerId)` once the change has ended, either way.
     */
    async drawIn<Outcome extends Record<string, unknown>>(em: EntityManager, roll: Roll<Outcome>): Promise<Rolled<Outcome>> {
      const { playerId, game, rulesVersion, setup, decide } = roll;
      const { id, serverSeed, commitment, clientSeed, nonce } = await seeds.lockedIn(em, playerId);
      const outcome = decide(drawStream({ serverSeed, clientSeeds: [clientSeed], nonce }));
      const roundId = uuid7();
      await rowsIn(em, 'update fairness_seed set nonce = nonce + 1 where id = ?', [id]);
      const values = [roundId, game, rulesVersion, id, commitment, JSON.stringify([clientSeed]), nonce];
      await rowsIn(em, KEEP, [...values, JSON.stringify(setup), JSON.stringify(outcome)]);
      return { roundId, outcome, fairness: { commitment, clientSeed, nonce } };
    },

    /** The seed that the process remembers has another nonce now. */
    drawn: (playerId: string): void => seeds.forget(playerId),

    /** A player without seeds gets them here, before a change that draws: they are made in a transaction of their own. */
    ready: async (playerId: string): Promise<void> => void (await seeds.current(playerId)),
  };
}

const KEEP = `
  insert into round (id, game, rules_version, seed, commitment, client_seeds, nonce, state, setup, outcome, ended_at)
    values (?, ?, ?, ?, ?, ?::jsonb, ?, 'settled', ?::jsonb, ?::jsonb, now())`;
