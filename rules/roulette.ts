// Russian roulette. A move is decided first, on a table it does not touch, and applied when its money is committed. Where the
// bullet is stays in a `Cylinder`, which is never part of what clients see.
import { isCurrency, stakeFits, type Currency, type StakeRange } from './currency.ts';
import type { Random } from './random.ts';
import { refuseUnless } from './refusal.ts';
import { BET_WINDOW_MS, settleBets, type BetSettlement, type BettingTable } from './roulette-bets.ts';

/** Stored with each round; a change to what a draw or a move means raises it. */
export const ROULETTE_RULES_VERSION = 1;
export const CHAMBERS = 6;
export const SEATS_MIN = 2;
export const SEATS_MAX = 6;
export const WATCHERS_MAX = 50;
/** From its beginning, bet window included; then the table pulls. */
export const TURN_MS = 15_000;
/** A dropped player's seat is theirs for so long; then they have left. */
export const RECONNECT_MS = 30_000;
/** From a player's asking to a house bot in each empty seat. */
export const QUEUE_BOT_MS = 3_000;
/** House bots by the order in which they sit down; one fewer than a table has seats. */
export const BOT_NAMES = ['Dusty', 'Marlowe', 'Ruby', 'Ivan', 'Odette'] as const;
/** The house's part of the pot; live config starts here. */
export const RAKE_BP = 400;
/** What a seat may cost, minor units. */
export const ROULETTE_STAKES: Partial<Record<Currency, StakeRange>> = {
  COINS: { min: 10n, max: 100_000n, step: 1n },
  KES: { min: 1_000n, max: 1_000_000n, step: 100n },
};

const BASIS_POINTS = 10_000n;
const NOBODY: ReadonlySet<string> = new Set();
/** House rule: a bot lets this pass after the bets have closed, so that people can follow. */
const BOT_PAUSE_MS = 900;
const BOT_PAUSES = 5;
const BOT_PAUSE_STEP_MS = 220;

export type RoulettePhase = BettingTable['phase'];

export interface Seat {
  name: string;
  /** Place at the table, 0 first. */
  order: number;
  alive: boolean;
  ready: boolean;
  connected: boolean;
  bot: boolean;
}

/** What the rules need of a table; `state/roulette.ts` and a plain object both fit. Keys of `seats` are player ids. */
export interface Table extends BettingTable {
  roundId: string;
  firstTurn: string;
  /** Epoch ms. */
  endsAt: number;
  /** Minor units, digits. */
  stake: string;
  pot: string;
  payout: string;
  rakeBp: number;
  capacity: number;
  watchers: number;
  winner: string;
  commitment: string;
  serverSeed: string;
  seats: Map<string, Seat>;
}

/** The secret of a round. It lives in the room alone, in no state, message or log. */
export interface Cylinder {
  /** Chamber with the bullet and chamber next under the hammer, both 0 … 5. */
  bullet: number;
  chamber: number;
  /** The round's stream, from which the next loading is drawn. */
  random: Random;
}

/** What a pull or a departure comes to, with all the money it moves. */
export interface Shot {
  cause: 'pull' | 'timeout' | 'leave';
  seatId: string;
  /** The pull due when it was decided, and the chambers left before it. */
  pullNo: number;
  chambersLeft: number;
  /** False for a departure off-turn: it uses no chamber. */
  fired: boolean;
  hit: boolean;
  /** Whether the seat is out after it: hit, or gone. */
  out: boolean;
  /** Id of the seat that pulls next, '' where the round ends. */
  next: string;
  winner: string | null;
  /** With a winner: the pot's two parts, minor units. */
  prize: { payout: bigint; rake: bigint } | null;
  /** Every bet that this decides or gives back. */
  bets: BetSettlement[];
}

/** Refuses `currency_unknown`, `stake_invalid`, and `join_invalid` for seats outside 2 … 6. */
export function checkTableOptions({ currency, stake, seats }: { currency: string; stake: bigint; seats: number }): void {
  refuseUnless(isCurrency(currency), 'currency_unknown');
  const range = ROULETTE_STAKES[currency];
  refuseUnless(range, 'currency_unknown');
  refuseUnless(stakeFits(stake, range), 'stake_invalid');
  refuseUnless(Number.isInteger(seats) && seats >= SEATS_MIN && seats <= SEATS_MAX, 'join_invalid');
}

/** Takes the next place. Refuses `round_over`, `round_open`, `already_seated`, `room_full`. */
export function sit(table: Table, seatId: string, seat: Seat): void {
  refuseUnless(table.phase !== 'over' && table.phase !== 'void', 'round_over');
  refuseUnless(table.phase === 'waiting', 'round_open');
  refuseUnless(!table.seats.has(seatId), 'already_seated');
  refuseUnless(table.seats.size < table.capacity, 'room_full');
  seat.order = 1 + Math.max(-1, ...[...table.seats.values()].map(({ order }) => order));
  table.seats.set(seatId, seat);
}

/** Frees a seat before the start. Refuses `not_seated`, `round_open`; a seat of an ended round stays to be seen. */
export function standUp(table: Table, seatId: string): void {
  refuseUnless(table.seats.has(seatId), 'not_seated');
  refuseUnless(table.phase === 'waiting', 'round_open');
  table.seats.delete(seatId);
}

/** Says whether all are now ready. Refuses `not_seated`, `round_over`, `round_open`. */
export function readyUp(table: Table, seatId: string): boolean {
  const seat = table.seats.get(seatId);
  refuseUnless(seat, 'not_seated');
  refuseUnless(table.phase !== 'over' && table.phase !== 'void', 'round_over');
  refuseUnless(table.phase === 'waiting', 'round_open');
  seat.ready = true;
  return allReady(table);
}

/** Every seat taken and ready: the stakes may be held and the round started. */
export const allReady = ({ phase, seats, capacity }: Table): boolean =>
  phase === 'waiting' && seats.size === capacity && [...seats.values()].every(({ ready }) => ready);

/** Seat ids in the order in which they pull and in which client seeds are joined. */
export const seatOrder = ({ seats }: Table): string[] =>
  [...seats].sort(([, one], [, other]) => one.order - other.order).map(([seatId]) => seatId);

export interface Start {
  roundId: string;
  /** From the round's first draw. */
  random: Random;
  /** Epoch ms. */
  now: number;
  rakeBp?: number;
}

/** After the stakes' commit: draws who pulls first, then where the bullet is. Refuses `not_ready`. */
export function startRound(table: Table, { roundId, random, now, rakeBp = RAKE_BP }: Start): Cylinder {
  refuseUnless(allReady(table), 'not_ready');
  const order = seatOrder(table);
  table.roundId = roundId;
  table.firstTurn = order[random.below(order.length)]!;
  const cylinder = { bullet: random.below(CHAMBERS), chamber: 0, random };
  table.pot = `${BigInt(table.stake) * BigInt(order.length)}`;
  table.rakeBp = rakeBp;
  table.pullNo = 0;
  table.phase = 'turn';
  table.chambersLeft = CHAMBERS;
  openTurn(table, table.firstTurn, now);
  return cylinder;
}

/**
 * A pull by the seat whose turn it is; table and cylinder stay as they are. Refuses `not_seated`, `round_over`, `not_ready`
 * before the start, `not_your_turn`, `pull_stale` where `pullNo` is not the pull due, `bets_open`. `now` is epoch ms.
 */
export function decidePull(
  table: Table,
  cylinder: Cylinder,
  { seatId, pullNo, now }: { seatId: string; pullNo: number; now: number },
): Shot {
  refuseUnless(table.seats.has(seatId), 'not_seated');
  refuseUnless(table.phase !== 'over' && table.phase !== 'void', 'round_over');
  refuseUnless(table.phase === 'turn', 'not_ready');
  refuseUnless(table.turn === seatId, 'not_your_turn');
  refuseUnless(table.pullNo === pullNo, 'pull_stale');
  refuseUnless(now >= table.betsCloseAt, 'bets_open');
  return shoot(table, cylinder, 'pull');
}

/** Whether the table must now pull for the seat. `now` is epoch ms. */
export const turnIsUp = (table: Table, now: number): boolean => table.phase === 'turn' && now >= table.endsAt;

/** The table's pull for a seat that let its turn pass. */
export function decideTimeout(table: Table, cylinder: Cylinder): Shot {
  if (table.phase !== 'turn') throw new Error(`no turn to time out in phase ${table.phase}`);
  return shoot(table, cylinder, 'timeout');
}

/**
 * A seat leaves a running round. On its turn the table pulls, bet window or not, and the seat is out either way; off-turn no
 * chamber is used. Null where there is nothing to decide: no turn open, or the seat out already. Refuses `not_seated`.
 */
export function decideDeparture(table: Table, cylinder: Cylinder, seatId: string): Shot | null {
  const seat = table.seats.get(seatId);
  refuseUnless(seat, 'not_seated');
  if (table.phase !== 'turn' || !seat.alive) return null;
  return table.turn === seatId ? shoot(table, cylinder, 'leave') : stepOut(table, seatId);
}

/** After the commit: brings the table and the cylinder to where the shot says. `now` is epoch ms. */
export function applyShot(table: Table, cylinder: Cylinder, shot: Shot, now: number): void {
  if (table.phase !== 'turn' || shot.pullNo !== table.pullNo) throw new Error(`pull ${shot.pullNo} applied at ${table.pullNo}`);
  const seat = table.seats.get(shot.seatId)!;
  for (const { betId } of shot.bets) table.bets.delete(betId);
  if (shot.out) seat.alive = false;
  if (shot.cause === 'leave') seat.connected = false;
  if (shot.fired) {
    cylinder.chamber += 1;
    table.chambersLeft -= 1;
  }
  if (shot.winner !== null) return endRound(table, shot.winner, shot.prize!.payout);
  if (!shot.fired) return;
  if (shot.hit) reload(table, cylinder);
  openTurn(table, shot.next, now);
}

/** A round that failed: the store gives every open stake and bet back. */
export function voidRound(table: Table): void {
  table.phase = 'void';
  closeTurn(table);
}

/**
 * The same table again: those still there keep their seats, with those in `keep` who have dropped and may come back, and a
 * new commitment is shown. Refuses `round_open`.
 */
export function clearTable(
  table: Table,
  { commitment, keep = NOBODY }: { commitment: string; keep?: ReadonlySet<string> },
): void {
  refuseUnless(table.phase !== 'turn', 'round_open');
  for (const [seatId, { connected }] of table.seats) if (!connected && !keep.has(seatId)) table.seats.delete(seatId);
  for (const seat of table.seats.values()) {
    seat.alive = true;
    seat.ready = seat.bot;
  }
  closeTurn(table);
  table.phase = 'waiting';
  table.roundId = '';
  table.firstTurn = '';
  table.pullNo = 0;
  table.chambersLeft = CHAMBERS;
  table.pot = '0';
  table.winner = '';
  table.payout = '0';
  table.commitment = commitment;
  table.serverSeed = '';
}

/** The pot's two parts, minor units: ⌊pot·rakeBp/10000⌋ to the house, the rest to the winner. */
export function splitPot(pot: bigint, rakeBp: number): { payout: bigint; rake: bigint } {
  const rake = (pot * BigInt(rakeBp)) / BASIS_POINTS;
  return { payout: pot - rake, rake };
}

/** Epoch ms at which a bot whose turn it is pulls: some time after the bets, never the same twice running. */
export const botPullsAt = (table: Table): number => table.betsCloseAt + botTurnMs(table.pullNo);
export const botTurnMs = (pullNo: number): number => BOT_PAUSE_MS + (pullNo % BOT_PAUSES) * BOT_PAUSE_STEP_MS;

function shoot(table: Table, cylinder: Cylinder, cause: Shot['cause']): Shot {
  const hit = cylinder.chamber === cylinder.bullet;
  return shotOf(table, { cause, seatId: table.turn, fired: true, hit, out: hit || cause === 'leave' });
}

function stepOut(table: Table, seatId: string): Shot {
  return shotOf(table, { cause: 'leave', seatId, fired: false, hit: false, out: true });
}

function shotOf(table: Table, what: Pick<Shot, 'cause' | 'seatId' | 'fired' | 'hit' | 'out'>): Shot {
  const { pullNo, chambersLeft } = table;
  const alive = seatOrder(table).filter((seatId) => table.seats.get(seatId)!.alive && !(what.out && seatId === what.seatId));
  const winner = alive.length === 1 ? alive[0]! : null;
  const over = winner !== null;
  return {
    ...what,
    pullNo,
    chambersLeft,
    next: over ? '' : what.fired ? seatAfter(table, alive) : table.turn,
    winner,
    prize: over ? splitPot(BigInt(table.pot), table.rakeBp) : null,
    // A departure off-turn leaves the pull due, and the bets on it, as they were, unless it ends the round.
    bets: what.fired || over ? settleBets(table.bets.values(), { ...what, chambersLeft }) : [],
  };
}

/** The first of `alive` past the seat whose turn it is, going round. */
function seatAfter(table: Table, alive: string[]): string {
  const place = table.seats.get(table.turn)!.order;
  return alive.find((seatId) => table.seats.get(seatId)!.order > place) ?? alive[0]!;
}

function reload(table: Table, cylinder: Cylinder): void {
  cylinder.bullet = cylinder.random.below(CHAMBERS);
  cylinder.chamber = 0;
  table.chambersLeft = CHAMBERS;
}

function openTurn(table: Table, seatId: string, now: number): void {
  table.turn = seatId;
  table.pullNo += 1;
  table.betsCloseAt = now + betWindowMs(table);
  table.endsAt = now + TURN_MS;
}

/** None with one chamber left, which nobody may bet on, nor where one player is alone with seated bots. */
function betWindowMs({ chambersLeft, watchers, seats }: Table): number {
  const people = watchers + [...seats.values()].filter(({ bot, alive, connected }) => !bot && (alive || connected)).length;
  return chambersLeft > 1 && people > 1 ? BET_WINDOW_MS : 0;
}

function endRound(table: Table, winner: string, payout: bigint): void {
  table.phase = 'over';
  table.winner = winner;
  table.payout = `${payout}`;
  closeTurn(table);
}

function closeTurn(table: Table): void {
  table.turn = '';
  table.betsCloseAt = 0;
  table.endsAt = 0;
  table.bets.clear();
}
