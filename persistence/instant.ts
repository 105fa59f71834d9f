// Whole rounds of instant games: nonce, stake, draw, payout, round and score in one committed statement, many players a flush.
// The outcome is decided before the commit, from the seed and the nonce that the commit must still find unchanged.
import type { Currency } from '../rules/currency.ts';
import { drawStream } from '../rules/fairness.ts';
import type { Random } from '../rules/random.ts';
import { Refusal } from '../rules/refusal.ts';
import { Flusher } from './flusher.ts';
import { derivedId, uuid7 } from './ids.ts';
import { type Balance, type Ledger, type Posting, jackpotAccount, postingJson, systemAccount } from './ledger.ts';
import { type Database, rowsIn, whole } from './orm.ts';
import type { CurrentSeed, Seeds } from './seeds.ts';

export interface Play {
  game: string;
  rulesVersion: number;
  playerId: string;
  currency: Currency;
  stake: bigint;
  /** The highest stake of this game and currency: a jackpot hit pays pot · stake / stakeMax. */
  stakeMax: bigint;
  /** Null: the player's own from before. */
  clientSeed: string | null;
  /** The player's key for this request: the same key is answered once and for all. */
  requestId: string;
  roomId: string | null;
  /** What the rules need besides the seed to replay the round, JSON. */
  setup: Record<string, unknown>;
  /** The rule: pure, called again when another draw came first. */
  decide(random: Random): InstantOutcome;
}

export interface InstantOutcome {
  payout: bigint;
  /** Part of the stake that goes to the jackpot. */
  contribution: bigint;
  jackpotHit: boolean;
  /** Public, JSON; stored with the round. */
  outcome: Record<string, unknown>;
}

export interface Played {
  roundId: string;
  outcome: Record<string, unknown>;
  /** Total return, jackpot prize included. */
  payout: bigint;
  prize: bigint | null;
  balance: Balance;
  fairness: { commitment: string; clientSeed: string; nonce: number };
  replayed: boolean;
}

export type Instant = ReturnType<typeof openInstant>;

/** Draws of one player in two processes at once pass each other over; who lost this often draws under the seed's lock. */
const TRIES_MAX = 2;

export function openInstant(db: Database, ledger: Ledger, seeds: Seeds) {
  const flusher = new Flusher<PlayRow, PlayAnswer>({
    run: async (batch) =>
      (await db.rows<{ answers: PlayAnswer[] }>('select round_play($1::json) as answers', [JSON.stringify(batch)]))[0]!.answers,
    keys: ({ id, seed }) => [id, seed],
  });

  async function playOnce(play: Play): Promise<Played> {
    const account = await ledger.accountOf(play.playerId, play.currency);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const seed = await seeds.current(play.playerId);
      const drawn = draw(play, { account, seed });
      const answer = await flusher.add(drawn.row).catch((error: unknown) => {
        seeds.forget(play.playerId);
        throw error;
      });
      if (answer[0] === null) Object.assign(seed, { nonce: seed.nonce + 1, clientSeed: drawn.fairness.clientSeed });
      if (answer[0] !== 'nonce_moved') return ended(play, drawn, answer);
      seeds.forget(play.playerId);
    }
    return playLocked(play, account);
  }

  /** The seed cannot move while it is locked; others of the same player wait. */
  async function playLocked(play: Play, account: number): Promise<Played> {
    const [drawn, answer] = await db.transaction(async (em) => {
      const under = draw(play, { account, seed: await seeds.lockedIn(em, play.playerId) });
      const [row] = await rowsIn<{ answers: PlayAnswer[] }>(em, 'select round_play(?::json) as answers', [
        JSON.stringify([under.row]),
      ]);
      return [under, row!.answers[0]!] as const;
    });
    seeds.forget(play.playerId);
    return ended(play, drawn, answer);
  }

  async function ended(
    play: Play,
    { row, decided, fairness }: Drawn,
    [what, free, held, pot, prize]: PlayAnswer,
  ): Promise<Played> {
    if (what === 'known') return replay(play);
    if (what !== null) throw refusalOf(what);
    return {
      roundId: row.round,
      outcome: prize === null ? decided.outcome : { ...decided.outcome, pot: String(pot), prize: String(prize) },
      payout: decided.payout + BigInt(prize ?? 0),
      prize: prize === null ? null : BigInt(prize),
      balance: { currency: play.currency, available: BigInt(free!), held: BigInt(held!) },
      fairness,
      replayed: false,
    };
  }

  /** The first answer again: from the rows it left. */
  async function replay(play: Play): Promise<Played> {
    const [row] = await db.rows<ReplayRow>(REPLAY, [requestOf(play), prizeOf(play)]);
    if (!row || row.memo !== fingerprint(play)) throw new Refusal('request_reused');
    if (row.refused) throw refusalOf(row.refused);
    const prize = typeof row.outcome.prize === 'string' ? BigInt(row.outcome.prize) : null;
    return {
      roundId: row.round,
      outcome: row.outcome,
      payout: whole(row.paid),
      prize,
      balance: { currency: play.currency, available: whole(row.prize_free ?? row.free), held: whole(row.held) },
      fairness: { commitment: row.commitment, clientSeed: row.client_seeds[0] ?? '', nonce: row.nonce },
      replayed: true,
    };
  }

  return {
    /** One whole round. Refuses what the ledger refuses (`funds_short`), `request_reused`, `unavailable`. */
    play: (asked: Play): Promise<Played> => seeds.inTurn(asked.playerId, () => playOnce(asked)),
  };
}

interface Drawn {
  row: PlayRow;
  decided: InstantOutcome;
  fairness: Played['fairness'];
}

/** What the round would be under this seed and nonce; whether it is, the commit decides. */
function draw(play: Play, { account, seed }: { account: number; seed: CurrentSeed }): Drawn {
  const { serverSeed, commitment, nonce } = seed;
  const clientSeed = play.clientSeed ?? seed.clientSeed;
  const decided = play.decide(drawStream({ serverSeed, clientSeeds: [clientSeed], nonce }));
  const row = rowOf(play, { account, seed, clientSeed, decided });
  return { row, decided, fairness: { commitment, clientSeed, nonce } };
}

type PlayRow = ReturnType<typeof rowOf>;
type PlayAnswer = [what: string | null, free: number | null, held: number | null, pot: number | null, prize: number | null];

const requestOf = ({ playerId, game, requestId }: Play): string => derivedId(playerId, game, requestId);
const prizeOf = (play: Play): string => derivedId(requestOf(play), 'jackpot');
/** Two requests under one key are the same request when these words agree. */
const fingerprint = ({ currency, stake, clientSeed }: Play): string => derivedId(currency, String(stake), clientSeed ?? '');

function rowOf(play: Play, drawn: { account: number; seed: CurrentSeed; clientSeed: string; decided: InstantOutcome }) {
  const { account, seed, clientSeed, decided } = drawn;
  const posting: Posting = {
    id: requestOf(play),
    op: 'move',
    debit: account,
    credit: systemAccount('house', play.currency),
    amount: play.stake,
    back: decided.payout,
    cut: decided.contribution,
    cutTo: jackpotAccount(play.currency), // always named, so that a hit finds the jackpot's row locked
    reason: play.game,
    memo: fingerprint(play),
    play: 'stake',
  };
  return {
    ...postingJson(posting),
    id: posting.id,
    prize_id: prizeOf(play),
    hit: decided.jackpotHit,
    stake_max: Number(play.stakeMax),
    player: play.playerId,
    round: uuid7(),
    game: play.game,
    room: play.roomId,
    rules_version: play.rulesVersion,
    currency: play.currency,
    seed: seed.id,
    commitment: seed.commitment,
    client_seed: clientSeed,
    nonce: seed.nonce,
    setup: play.setup,
    outcome: decided.outcome,
  };
}

const REFUSED = ['funds_short', 'limit_reached', 'real_money_off', 'request_reused', 'self_excluded'] as const;

/** A ledger's no that a player may meet; any other is our bug. */
export function refusalOf(code: string): Error {
  const known = REFUSED.find((refusal) => refusal === code);
  return known ? new Refusal(known) : new Error(`the ledger refused: ${code}`);
}

interface ReplayRow {
  memo: string;
  refused: string | null;
  free: unknown;
  held: unknown;
  prize_free: unknown;
  round: string;
  paid: unknown;
  outcome: Record<string, unknown>;
  commitment: string;
  client_seeds: string[];
  nonce: number;
}

const REPLAY = `
  select t.memo, t.refused, t.debit_free as free, t.debit_held as held, p.credit_free as prize_free,
         r.id as round, s.paid, r.outcome, r.commitment, r.client_seeds, r.nonce
    from ledger_transfer t
    left join ledger_transfer p on p.id = $2
    left join round_stake s on s.id = t.id
    left join round r on r.id = s.round
   where t.id = $1`;
