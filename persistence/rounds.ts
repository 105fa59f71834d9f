// Rounds that last: opened with a seed of their own, staked, moved, settled or void. Every game goes through here; nothing
// in it knows a game. Each method is one transaction, and the caller shows an outcome only after its promise has settled.
import type { Currency } from '../rules/currency.ts';
import { commitmentOf } from '../rules/fairness.ts';
import { Refusal, type RefusalCode, refuseUnless } from '../rules/refusal.ts';
import { refundsIn } from './charges.ts';
import { derivedId, uuid7 } from './ids.ts';
import { refusalOf } from './instant.ts';
import { type Ledger, type Posted, type Posting, systemAccount } from './ledger.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import type { Requests } from './requests.ts';
import { concludeIn, type Concluding, type Reward } from './rewards.ts';
import type { Seeds } from './seeds.ts';
import {
  accountIn,
  type Closing,
  closeStakes,
  countRoundIn,
  insertStakeIn,
  type OpenStake,
  openStakes,
  release,
  stakeIdOf,
} from './stakes.ts';

/** JSON that a game records: a move with its tick, an outcome. */
export type Recorded = Record<string, unknown>;

export interface OpenedRound {
  roundId: string;
  commitment: string;
  /** For the room's private fields only; it is shown by `proof` once the round has ended. */
  serverSeed: Uint8Array;
}

export interface SeatStake {
  seat: string;
  /** Null: a house bot, whose stake comes from the house. */
  playerId: string | null;
  amount: bigint;
}

export interface Bet {
  roundId: string;
  playerId: string;
  kind: string;
  currency: Currency;
  amount: bigint;
  details: Recorded;
  /** The player's key; the same key is one bet, and one answer. Null: it came without one. */
  requestId: string | null;
  /** What the player said, word for word; without it the bet itself. */
  said?: Recorded;
  /** The rule: asked when the key is new. May refuse, and then that is the key's answer. */
  check?: () => void;
}

/** A side bet that is on, and the player's balance after it. */
export interface Held {
  /** The round it is on: for a request said again, that of its first time. */
  roundId: string;
  betId: string;
  available: bigint;
  held: bigint;
}

/** A seat whose player may not or cannot stake, and why: `funds_short`, `limit_reached`, `self_excluded`. */
export interface ShortSeat {
  seat: string;
  code: RefusalCode;
}

export interface RoundEnd extends Concluding {
  outcome: Recorded;
  /** Total returns of seat stakes. With the rake they must equal what was staked. */
  payouts: readonly { seat: string; amount: bigint }[];
  rake: bigint;
  /** Whether the round counts for the `winnings` board. */
  counts: boolean;
}

export type { Reward };

export interface RoundMove {
  roundId: string;
  moves: readonly Recorded[];
  /** Side bets decided by this move: total return, 0 for a loss. */
  bets?: readonly { betId: string; paid: bigint }[];
  /** Side bets on something that does not happen: returned whole. */
  returned?: readonly string[];
  end?: RoundEnd | null;
}

export type Rounds = ReturnType<typeof openRounds>;

export function openRounds(db: Database, ledger: Ledger, seeds: Seeds, requests: Requests) {
  /** This process, as the one that answers for its open rounds. */
  const holder = uuid7();
  /** Rounds that were to be void and are not, with the reason: no other process looks after them while this one lives. */
  const owed = new Map<string, string>();

  async function voidRound(roundId: string, reason: string): Promise<boolean> {
    owed.set(roundId, reason);
    const done = await db.transaction((em) => voidIn(em, ledger, { roundId, reason }));
    owed.delete(roundId);
    return done;
  }

  return {
    holder,

    /** Before anything is staked: the seed is stored, encrypted, and its commitment may be shown. */
    async open({ game, roomId, rulesVersion }: { game: string; roomId: string; rulesVersion: number }): Promise<OpenedRound> {
      const roundId = uuid7();
      const serverSeed = seeds.fresh();
      const commitment = commitmentOf(serverSeed);
      await db.rows(OPEN, [roundId, game, roomId, rulesVersion, holder, seeds.seal(roundId, serverSeed), commitment]);
      return { roundId, commitment, serverSeed };
    },

    /**
     * Freezes the client seeds (in seat order) and holds every seat's stake, all or none. `short` names the seats whose
     * player can't pay; then nothing has happened.
     */
    async start(round: {
      roundId: string;
      clientSeeds: readonly string[];
      setup: Recorded;
      currency: Currency | null;
      stakes: readonly SeatStake[];
    }): Promise<{ short: ShortSeat[] }> {
      try {
        await db.transaction((em) => startIn(em, ledger, round));
        return { short: [] };
      } catch (error) {
        if (error instanceof SeatsShort) return { short: error.seats };
        throw error;
      }
    },

    /**
     * A side bet, held. Refuses what `check` does, `round_over`, `funds_short`, `limit_reached`, `request_reused`. Said again with
     * its key it is the same bet, also when its time is over.
     */
    async bet(bet: Bet): Promise<Held & { replayed: boolean }> {
      const { roundId, playerId, kind, currency, amount, details, requestId: key } = bet;
      const body = bet.said ?? { roundId, kind, currency, amount, details };
      const { answer, replayed } = await requests.once({ playerId, operation: 'bet', key, body }, (em) => {
        bet.check?.();
        return betIn(em, ledger, { ...bet, betId: derivedId(playerId, 'bet', key ?? uuid7()) });
      });
      return { ...toHeld(answer), replayed };
    },

    /** The first answer to a bet whose table is gone. Null: there was none. Throws what it was refused. */
    async betAgain({
      playerId,
      requestId: key,
      said: body,
    }: {
      playerId: string;
      requestId: string;
      said: Recorded;
    }): Promise<Held | null> {
      const answer = await requests.told<HeldJson>({ playerId, operation: 'bet', key, body });
      return answer && toHeld(answer);
    },

    /** A move, its outcome and its postings. Throws (and nothing has happened) when the round is not running. */
    move: (move: RoundMove): Promise<void> => db.transaction((em) => moveIn(em, ledger, move)),

    /** Returns every stake and bet, once. A round that has ended stays as it is. Where it fails, `voidAbandoned` tries again. */
    void: voidRound,

    /** Says that this process is alive. */
    beat: () => db.rows('insert into holder (id) values ($1) on conflict (id) do update set seen_at = now()', [holder]),

    /**
     * Voids the rounds of processes that have not been seen for `silentMs`, with `every` all but this one's, and those of this
     * one whose voiding has failed. Returns how many.
     */
    async voidAbandoned({ silentMs, every }: { silentMs: number; every: boolean }): Promise<number> {
      const rows = await db.rows<{ id: string }>(ABANDONED, [holder, every, silentMs / 1_000]);
      const failures: unknown[] = [];
      let voided = 0;
      // One round that cannot be voided must not keep the others' stakes.
      for (const [id, reason] of new Map([...rows.map(({ id }) => [id, 'interrupted'] as const), ...owed]))
        await voidRound(id, reason).then(
          (done) => done && voided++,
          (error: unknown) => failures.push(error),
        );
      if (failures.length > 0) throw failures[0];
      return voided;
    },
  };
}

class SeatsShort extends Error {
  readonly seats: ShortSeat[];
  constructor(seats: ShortSeat[]) {
    super('seats that may not stake');
    this.seats = seats;
  }
}

const OPEN = `
  insert into round (id, game, room, rules_version, holder, sealed, commitment, state) values ($1, $2, $3, $4, $5, $6, $7, 'open')`;

const ABANDONED = `
  select r.id from round r left join holder h on h.id = r.holder
   where r.holder is not null and r.holder <> $1 and ($2 or coalesce(h.seen_at, r.opened_at) < now() - make_interval(secs => $3::float8))
   order by r.id limit 1000`;

type Starting = Parameters<Rounds['start']>[0];

export async function startIn(
  em: EntityManager,
  ledger: Ledger,
  { roundId, clientSeeds, setup, currency, stakes }: Starting,
): Promise<void> {
  const round = await lockRound(em, roundId);
  if (round.state !== 'open') throw new Error(`round ${roundId} is ${round.state}, not open`);
  const started = "update round set state = 'started', client_seeds = ?::jsonb, setup = ?::jsonb where id = ?";
  await rowsIn(em, started, [JSON.stringify(clientSeeds), JSON.stringify(setup), roundId]);
  if (currency === null || stakes.length === 0) return;
  const holds: Posting[] = [];
  for (const { seat, playerId, amount } of stakes) {
    const id = stakeIdOf(roundId, seat);
    await insertStakeIn(em, { id, roundId, playerId, seat, kind: 'stake', currency, amount, details: {} });
    holds.push(
      playerId
        ? {
            id,
            op: 'hold',
            debit: await accountIn(em, playerId, currency),
            credit: systemAccount('pot', currency),
            amount,
            reason: round.game,
            play: 'stake',
          }
        : {
            id,
            op: 'move',
            debit: systemAccount('house', currency),
            credit: systemAccount('pot', currency),
            amount,
            reason: 'bot_stake',
          },
    );
  }
  const posted = await ledger.postIn(em, holds);
  const short = stakes.flatMap(({ seat }, index) => {
    const { refused } = posted[index]!;
    if (refused === null) return [];
    const no = refusalOf(refused);
    if (!(no instanceof Refusal)) throw no;
    return [{ seat, code: no.code }];
  });
  if (short.length > 0) throw new SeatsShort(short);
}

type HeldJson = Record<keyof Held, string>;
const toHeld = (json: HeldJson): Held => ({ ...json, available: BigInt(json.available), held: BigInt(json.held) });

async function betIn(em: EntityManager, ledger: Ledger, bet: Bet & { betId: string }): Promise<HeldJson> {
  const { betId, roundId, playerId, kind, currency, amount, details } = bet;
  const round = await lockRound(em, roundId);
  refuseUnless(round.state === 'started', 'round_over');
  const hold = {
    debit: await accountIn(em, playerId, currency),
    credit: systemAccount('house', currency),
    amount,
    play: 'stake',
  } as const;
  const [posted] = await ledger.postIn(em, [{ id: betId, op: 'hold', ...hold, reason: 'side_bet' }]);
  if (posted!.refused) throw refusalOf(posted!.refused);
  await insertStakeIn(em, { id: betId, roundId, playerId, seat: playerId, kind, currency, amount, details });
  return { roundId, betId, available: String(posted!.free), held: String(posted!.held) };
}

async function moveIn(
  em: EntityManager,
  ledger: Ledger,
  { roundId, moves, bets = [], returned = [], end = null }: RoundMove,
): Promise<void> {
  const round = await lockRound(em, roundId);
  if (round.state !== 'started') throw new Refusal('round_over');
  const stakes = await openStakes(em, roundId);
  const postings: Posting[] = [];
  const closings: Closing[] = [];
  for (const { betId, paid } of bets) {
    const bet = stakes.find(({ id }) => id === betId);
    if (!bet) throw new Error(`bet ${betId} is not open in round ${roundId}`);
    postings.push({ id: derivedId(betId, 'post'), op: 'post', ref: betId, amount: bet.amount, back: paid, reason: 'side_bet' });
    closings.push({ stake: bet, paid, state: 'settled' });
  }
  for (const betId of returned) {
    const bet = stakes.find(({ id }) => id === betId);
    if (!bet) throw new Error(`bet ${betId} is not open in round ${roundId}`);
    postings.push(release(bet));
    closings.push({ stake: bet, paid: bet.amount, state: 'void' });
  }
  if (end) await endIn(em, { round, stakes, end, postings, closings });
  if (end) postings.push(...(await concludeIn(em, roundId, end)));
  await closeStakes(em, closings);
  if (end) await countRoundIn(em, roundId, { winnings: end.counts });
  if (end) await rowsIn(em, END, [JSON.stringify(moves), JSON.stringify(end.outcome), roundId]);
  else await rowsIn(em, 'update round set moves = moves || ?::jsonb where id = ?', [JSON.stringify(moves), roundId]);
  allDone(await ledger.postIn(em, postings), roundId);
}

const END = `
  update round set moves = moves || ?::jsonb, outcome = ?::jsonb, state = 'settled', ended_at = now(), holder = null where id = ?`;

interface Ending {
  round: LockedRound;
  stakes: readonly OpenStake[];
  end: RoundEnd;
  postings: Posting[];
  closings: Closing[];
}

/** Every seat stake goes to the pot, and the pot to whom the rules name, less the rake. */
async function endIn(em: EntityManager, { round, stakes, end, postings, closings }: Ending): Promise<void> {
  const decided = new Set(closings.map(({ stake }) => stake.id));
  const seats = stakes.filter(({ id, kind }) => kind === 'stake' && !decided.has(id));
  // Held, but never shown: the answer of its commit was lost on the way to the table. No pull decides it any more.
  for (const bet of stakes.filter(({ id, kind }) => kind !== 'stake' && !decided.has(id))) {
    postings.push(release(bet));
    closings.push({ stake: bet, paid: bet.amount, state: 'void' });
  }
  const pot = seats.reduce((sum, { amount }) => sum + amount, 0n);
  const paid = end.payouts.reduce((sum, { amount }) => sum + amount, end.rake);
  if (pot !== paid) throw new Error(`round ${round.id} holds ${pot} and would pay ${paid}`);
  const paidSeats = new Set(end.payouts.map(({ seat }) => seat));
  const known =
    paidSeats.size === end.payouts.length && [...paidSeats].every((seat) => seats.some((stake) => stake.seat === seat));
  if (!known || end.rake < 0n) throw new Error(`round ${round.id} would pay a seat that is none, or twice, or a rake below zero`);
  for (const stake of seats) {
    const payout = end.payouts.find(({ seat }) => seat === stake.seat)?.amount ?? 0n;
    if (stake.player)
      postings.push({ id: derivedId(stake.id, 'post'), op: 'post', ref: stake.id, amount: stake.amount, reason: round.game });
    closings.push({ stake, paid: payout, state: 'settled' });
    if (payout === 0n) continue;
    const credit = stake.player ? await accountIn(em, stake.player, stake.currency) : systemAccount('house', stake.currency);
    const debit = systemAccount('pot', stake.currency);
    postings.push({
      id: derivedId(stake.id, 'payout'),
      op: 'move',
      debit,
      credit,
      amount: payout,
      reason: 'payout',
      play: 'payout',
    });
  }
  const currency = seats[0]?.currency;
  if (end.rake > 0n && currency) {
    const way = { debit: systemAccount('pot', currency), credit: systemAccount('rake', currency) };
    postings.push({ id: derivedId(round.id, 'rake'), op: 'move', ...way, amount: end.rake, reason: 'rake' });
  }
}

async function voidIn(
  em: EntityManager,
  ledger: Ledger,
  { roundId, reason }: { roundId: string; reason: string },
): Promise<boolean> {
  const round = await lockRound(em, roundId);
  if (round.state === 'settled' || round.state === 'void') return false;
  const stakes = await openStakes(em, roundId);
  const postings = [...stakes.map(release), ...(await refundsIn(em, roundId))];
  const closings = stakes.map((stake) => ({ stake, paid: stake.amount, state: 'void' as const }));
  await closeStakes(em, closings);
  await rowsIn(em, "update round set state = 'void', void_reason = ?, ended_at = now(), holder = null where id = ?", [
    reason,
    roundId,
  ]);
  allDone(await ledger.postIn(em, postings), roundId);
  return true;
}

function allDone(posted: readonly Posted[], roundId: string): void {
  const refused = posted.find((answer) => answer.refused);
  if (refused) throw new Error(`round ${roundId}: the ledger refused ${refused.refused}`);
}

interface LockedRound {
  id: string;
  game: string;
  state: 'open' | 'started' | 'settled' | 'void';
}

async function lockRound(em: EntityManager, roundId: string): Promise<LockedRound> {
  const [round] = await rowsIn<LockedRound>(em, 'select id, game, state from round where id = ? for no key update', [roundId]);
  if (!round) throw new Error(`round ${roundId} is unknown`);
  return round;
}
