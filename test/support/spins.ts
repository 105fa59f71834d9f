// Spins for tests of the store: the wheel's own rule, and wheels whose outcome a test chooses.
import { randomUUID } from 'node:crypto';
import type { InstantOutcome, Play } from '../../persistence/instant.ts';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import { contribution, decideSpin, replaySpin, SPIN_RULES_VERSION, stakeRangeOf } from '../../rules/spin.ts';
import type { TestStore } from './store.ts';
import type { Report } from './worker.ts';

export const STAKE_MAX = stakeRangeOf('COINS').max;

/** A spin in COINS by the rules; `more` changes what a test is about. */
export function spin(playerId: string, stake: bigint, more: Partial<Play> = {}): Play {
  return {
    game: 'spin',
    rulesVersion: SPIN_RULES_VERSION,
    playerId,
    currency: 'COINS',
    stake,
    stakeMax: STAKE_MAX,
    clientSeed: null,
    requestId: randomUUID(),
    roomId: null,
    setup: {},
    decide(random) {
      const { payout, jackpotHit, segment, multiplier } = decideSpin(random, stake);
      return { payout, contribution: contribution(stake), jackpotHit, outcome: { segment, multiplier } };
    },
    ...more,
  };
}

/** A wheel that always ends so. */
export const always =
  ({ payout = 0n, contribution: part = 0n, jackpotHit = false }: Partial<InstantOutcome>) =>
  (): InstantOutcome => ({ payout, contribution: part, jackpotHit, outcome: { segment: 0 } });

export interface SpinRow {
  roundId: string;
  player: string;
  seed: string;
  nonce: number;
  clientSeed: string;
  stake: bigint;
  paid: bigint;
  outcome: { segment: number; multiplier?: number; pot?: string; prize?: string };
}

/** Every stored spin, in the order of player, seed and nonce. */
export const spinRows = (db: TestStore['db']): Promise<SpinRow[]> =>
  db.rows<SpinRow>(`
    select r.id as "roundId", s.player, r.seed, r.nonce, r.client_seeds ->> 0 as "clientSeed", s.amount as stake, s.paid, r.outcome
      from round r join round_stake s on s.round = r.id where r.game = 'spin' order by s.player, r.seed, r.nonce`);

/** What is wrong with stored spins when their seeds are played again by the rules; those of a test's own wheel are passed over. */
export async function replayFaults({ store, db }: TestStore): Promise<string[]> {
  const faults: string[] = [];
  for (const row of await spinRows(db)) {
    if (row.outcome.multiplier === undefined) continue;
    const proof = await store.history.proof(row.roundId);
    const serverSeed = proof?.serverSeed ?? (await shownSeed(store, db, row.seed));
    const random = drawStream({ serverSeed: serverSeedBytes(serverSeed), clientSeeds: [row.clientSeed], nonce: row.nonce });
    const again = replaySpin({ currency: 'COINS', stake: row.stake, pot: BigInt(row.outcome.pot ?? 0), random });
    const same =
      again.segment === row.outcome.segment &&
      again.payout + again.prize === row.paid &&
      String(again.prize) === (row.outcome.prize ?? '0');
    if (!same)
      faults.push(
        `round ${row.roundId}: ${JSON.stringify(row.outcome)} paid ${row.paid}, again ${again.segment} ${again.payout}`,
      );
  }
  return faults;
}

async function shownSeed(store: TestStore['store'], db: TestStore['db'], seedId: string): Promise<string> {
  const [row] = await db.rows<{ sealed: Uint8Array }>('select sealed from fairness_seed where id = $1', [seedId]);
  return Buffer.from(store.seeds.unseal(seedId, row!.sealed)).toString('hex');
}

export interface Spins {
  players: string[];
  /** Spins of each player, all at once. */
  each: number;
  stake: bigint;
  /** The requests to say, each by every player; null: new ones. */
  requestIds: string[] | null;
}

export type Spun = { roundId: string; payout: bigint; available: bigint; nonce: number; replayed: boolean } | { refused: string };

/** A worker's job: spins at once, and what each was answered. */
export async function playSpins(
  { store }: TestStore,
  { players, each, stake, requestIds }: Spins,
  _report: Report,
): Promise<Spun[]> {
  const requests = requestIds ?? Array.from({ length: each }, () => null);
  const plays = players.flatMap((playerId) => requests.map((id) => spin(playerId, stake, id ? { requestId: id } : {})));
  return Promise.all(
    plays.map((play) =>
      store.instant.play(play).then(
        ({ roundId, payout, balance, fairness, replayed }): Spun => ({
          roundId,
          payout,
          available: balance.available,
          nonce: fairness.nonce,
          replayed,
        }),
        (error: Error): Spun => ({ refused: error.message }),
      ),
    ),
  );
}
