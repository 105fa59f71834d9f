// What has been played, read back: a player's bets, figures per game, and the proof of any round.
import { commitmentOf } from '../rules/fairness.ts';
import type { Currency } from '../rules/currency.ts';
import { type Database, whole } from './orm.ts';
import type { Seeds } from './seeds.ts';

export interface BetRecord {
  id: string;
  roundId: string;
  game: string;
  kind: string;
  currency: Currency;
  amount: bigint;
  /** Total return; null while open. */
  paid: bigint | null;
  state: 'open' | 'settled' | 'void';
  /** Why a void round was void; else null. */
  reason: string | null;
  outcome: Record<string, unknown> | null;
  at: Date;
}

export interface GameFigures {
  game: string;
  currency: Currency;
  rounds: bigint;
  staked: bigint;
  paid: bigint;
  won: bigint;
  bestPaid: bigint;
}

/** All that a stranger needs to check a round; contract, "The draw, exactly". */
export interface Proof {
  roundId: string;
  game: string;
  rulesVersion: number;
  state: string;
  commitment: string;
  /** Hex; null until it may be shown: the round has ended, or its player has rotated. */
  serverSeed: string | null;
  clientSeeds: string[];
  nonce: number;
  setup: Record<string, unknown>;
  moves: unknown[];
  outcome: Record<string, unknown> | null;
  /** When the seed was stored, encrypted; its commitment was shown from then on, and never before. */
  committedAt: Date;
  openedAt: Date;
  endedAt: Date | null;
  stakes: ProofStake[];
}

/** What was put on a round, and when its hold was taken. */
export interface ProofStake {
  /** A side bet's `betId`. */
  stakeId: string;
  /** Null for a spin: who spun is nobody else's business. */
  seat: string | null;
  kind: string;
  currency: Currency;
  amount: bigint;
  /** Total return; null while open. */
  paid: bigint | null;
  state: 'open' | 'settled' | 'void';
  at: Date;
}

export type History = ReturnType<typeof openHistory>;

export function openHistory(db: Database, seeds: Seeds) {
  return {
    /** Newest first; `before` is the id of the last one seen. */
    async bets(
      playerId: string,
      { limit, before, game }: { limit: number; before: string | null; game: string | null },
    ): Promise<BetRecord[]> {
      const rows = await db.rows<BetRow>(BETS, [playerId, before, game, limit]);
      return rows.map((row) => ({ ...row, amount: whole(row.amount), paid: row.paid === null ? null : whole(row.paid) }));
    },

    async figures(playerId: string): Promise<GameFigures[]> {
      const rows = await db.rows<Record<keyof GameFigures, unknown>>(FIGURES, [playerId]);
      return rows.map((row) => ({
        game: row.game as string,
        currency: row.currency as Currency,
        rounds: whole(row.rounds),
        staked: whole(row.staked),
        paid: whole(row.paid),
        won: whole(row.won),
        bestPaid: whole(row.bestPaid),
      }));
    },

    /** Global figures, for `GET /api/stats`. Counts whole tables: keep the answer a few seconds. */
    async totals(): Promise<{ players: number; rounds: { game: string; rounds: number }[] }> {
      const [players] = await db.rows<{ count: unknown }>('select count(*) as count from player where deleted_at is null');
      const rounds = await db.rows<{ game: string; rounds: unknown }>(
        "select game, count(*) as rounds from round where state = 'settled' group by game order by game",
      );
      return { players: Number(players!.count), rounds: rounds.map((row) => ({ game: row.game, rounds: Number(row.rounds) })) };
    },

    /** The room that plays a round; null: no such round, or it is over. */
    async roomOf(roundId: string): Promise<string | null> {
      const [row] = await db.rows<{ room: string }>("select room from round where id = $1 and state in ('open', 'started')", [
        roundId,
      ]);
      return row?.room ?? null;
    },

    /** Null: no such round. The seed is checked against its commitment before it is shown. */
    async proof(roundId: string): Promise<Proof | null> {
      const [row] = await db.rows<ProofRow>(PROOF, [roundId]);
      if (!row) return null;
      const { sealed, seedId, shown, ...proof } = row;
      const stakes = await db.rows<ProofStakeRow>(PROOF_STAKES, [roundId]);
      return {
        ...proof,
        serverSeed: shown ? hex(seeds.unseal(seedId, sealed), row.commitment) : null,
        stakes: stakes.map((stake) => ({
          ...stake,
          amount: whole(stake.amount),
          paid: stake.paid === null ? null : whole(stake.paid),
        })),
      };
    },
  };
}

type BetRow = Omit<BetRecord, 'amount' | 'paid'> & { amount: unknown; paid: unknown };

const BETS = `
  select s.id, s.round as "roundId", r.game, s.kind, s.currency, s.amount, s.paid, s.state, r.void_reason as reason,
         case when r.ended_at is null then null else r.outcome end as outcome, s.at
    from round_stake s join round r on r.id = s.round
   where s.player = $1 and ($2::uuid is null or (s.at, s.id) < (select b.at, b.id from round_stake b where b.id = $2)) and ($3::text is null or r.game = $3)
   order by s.at desc, s.id desc limit $4`;

const FIGURES = `
  select r.game, s.currency, count(distinct s.round) as rounds, sum(s.amount)::bigint as staked, sum(s.paid)::bigint as paid,
         count(*) filter (where s.paid > s.amount) as won, max(s.paid) as "bestPaid"
    from round_stake s join round r on r.id = s.round
   where s.player = $1 and s.state = 'settled' group by r.game, s.currency order by r.game, s.currency`;

interface ProofRow extends Omit<Proof, 'serverSeed' | 'stakes'> {
  sealed: Uint8Array;
  seedId: string;
  shown: boolean;
}

const PROOF = `
  select r.id as "roundId", r.game, r.rules_version as "rulesVersion", r.state, r.commitment, r.client_seeds as "clientSeeds", r.nonce,
         r.setup, r.moves, case when r.ended_at is null then null else r.outcome end as outcome,
         coalesce(s.made_at, r.opened_at) as "committedAt", r.opened_at as "openedAt", r.ended_at as "endedAt",
         coalesce(r.sealed, s.sealed) as sealed, coalesce(s.id, r.id) as "seedId",
         case when r.seed is null then r.ended_at is not null else s.status = 'shown' end as shown
    from round r left join fairness_seed s on s.id = r.seed
   where r.id = $1`;

type ProofStakeRow = Omit<ProofStake, 'amount' | 'paid'> & { amount: unknown; paid: unknown };

const PROOF_STAKES = `
  select s.id as "stakeId", case when r.seed is null then s.seat end as seat, s.kind, s.currency, s.amount, s.paid, s.state, s.at
    from round_stake s join round r on r.id = s.round
   where s.round = $1 order by s.at, s.id`;

function hex(seed: Uint8Array, commitment: string): string {
  if (commitmentOf(seed) !== commitment) throw new Error('a stored seed does not match its commitment');
  return Buffer.from(seed).toString('hex');
}
