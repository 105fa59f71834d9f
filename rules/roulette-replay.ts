import type { Random } from './random.ts';
import {
  applyShot,
  CHAMBERS,
  decideDeparture,
  decidePull,
  decideTimeout,
  RAKE_BP,
  startRound,
  type Cylinder,
  type Seat,
  type Shot,
  type Table,
} from './roulette.ts';
import { applyBet, type BetSettlement, type SideBet } from './roulette-bets.ts';

/** One line of a round's record, in the order in which they were applied; plain JSON. */
export type RouletteMove =
  | { type: Shot['cause']; seatId: string; pullNo: number }
  /** Without the bettor's name, which is no part of the game. */
  | ({ type: 'bet' } & Omit<SideBet, 'name'>);

export interface RecordedRoulette {
  /** Seat ids in seat order. */
  seats: readonly string[];
  /** Each seat's, minor units. */
  stake: bigint;
  rakeBp?: number;
  moves: readonly RouletteMove[];
  /** From the round's first draw. */
  random: Random;
}

export interface RouletteOutcome {
  firstTurn: string;
  /** Null for a record that does not reach the end. */
  winner: string | null;
  prize: Shot['prize'];
  shots: Shot[];
  /** Of every bet of the round, in the order of settlement. */
  bets: BetSettlement[];
}

/** The same round again, from its record. Throws on a record that is no possible round. */
export function replayRoulette({ seats, stake, rakeBp = RAKE_BP, moves, random }: RecordedRoulette): RouletteOutcome {
  const table = plainTable({ seats, stake });
  const cylinder = startRound(table, { roundId: 'replay', random, now: 0, rakeBp });
  const shots: Shot[] = [];
  for (const move of moves) {
    if (move.type === 'bet') {
      applyBet(table, betOf(move));
      continue;
    }
    const shot = shotAgain(table, cylinder, move);
    applyShot(table, cylinder, shot, 0);
    shots.push(shot);
  }
  const last = shots.at(-1);
  return {
    firstTurn: table.firstTurn,
    winner: last?.winner ?? null,
    prize: last?.prize ?? null,
    shots,
    bets: shots.flatMap(({ bets }) => bets),
  };
}

/** As a move of the record. */
export const moveOf = ({ cause, seatId, pullNo }: Shot): RouletteMove => ({ type: cause, seatId, pullNo });
export const moveOfBet = ({ betId, playerId, kind, targetId, stake, pullNo }: SideBet): RouletteMove => ({
  type: 'bet',
  betId,
  playerId,
  kind,
  targetId,
  stake,
  pullNo,
});

/** A table of plain objects with every seat taken and ready. */
export function plainTable({ seats, stake }: { seats: readonly string[]; stake: bigint }): Table {
  return {
    roundId: '',
    phase: 'waiting',
    turn: '',
    firstTurn: '',
    pullNo: 0,
    betsCloseAt: 0,
    endsAt: 0,
    chambersLeft: CHAMBERS,
    stake: `${stake}`,
    pot: '0',
    payout: '0',
    rakeBp: RAKE_BP,
    capacity: seats.length,
    watchers: 0,
    winner: '',
    commitment: '',
    serverSeed: '',
    seats: new Map(seats.map((seatId, order) => [seatId, readySeat(seatId, order)])),
    bets: new Map(),
  };
}

const readySeat = (name: string, order: number): Seat => ({ name, order, alive: true, ready: true, connected: true, bot: false });

const betOf = ({ betId, playerId, kind, targetId, stake, pullNo }: Extract<RouletteMove, { type: 'bet' }>): SideBet => ({
  betId,
  playerId,
  name: '',
  kind,
  targetId,
  stake,
  pullNo,
});

function shotAgain(table: Table, cylinder: Cylinder, move: Exclude<RouletteMove, { type: 'bet' }>): Shot {
  const { type, seatId, pullNo } = move;
  const shot = decideAgain(table, cylinder, move);
  if (shot === null || shot.seatId !== seatId || shot.pullNo !== pullNo)
    throw new Error(`no ${type} of ${seatId} at pull ${pullNo}`);
  return shot;
}

function decideAgain(
  table: Table,
  cylinder: Cylinder,
  { type, seatId, pullNo }: Exclude<RouletteMove, { type: 'bet' }>,
): Shot | null {
  switch (type) {
    case 'pull':
      // When it came is no part of what it does: the record holds only pulls that were in time.
      return decidePull(table, cylinder, { seatId, pullNo, now: table.betsCloseAt });
    case 'timeout':
      return decideTimeout(table, cylinder);
    case 'leave':
      return decideDeparture(table, cylinder, seatId);
  }
}
