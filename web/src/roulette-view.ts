// What the table's state says, in plain objects, and what the page makes of it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { stillness } from './clock.ts';

export interface RouletteSeat {
  name: string;
  order: number;
  alive: boolean;
  ready: boolean;
  connected: boolean;
  bot: boolean;
}

export interface RouletteBet {
  betId: string;
  playerId: string;
  name: string;
  kind: 'survive' | 'eliminated';
  targetId: string;
  stake: string;
  pullNo: number;
}

export interface RouletteState {
  roundId: string;
  phase: 'waiting' | 'turn' | 'over' | 'void';
  turn: string;
  firstTurn: string;
  pullNo: number;
  betsCloseAt: number;
  endsAt: number;
  chambersLeft: number;
  currency: string;
  stake: string;
  pot: string;
  rakeBp: number;
  capacity: number;
  seats?: Record<string, RouletteSeat>;
  bets?: Record<string, RouletteBet>;
  watchers: number;
  commitment: string;
  serverSeed: string;
  winner: string;
  payout: string;
}

export type PlacedSeat = RouletteSeat & { id: string };

export const seatsOf = ({ seats = {} }: RouletteState): PlacedSeat[] =>
  Object.entries(seats)
    .map(([id, seat]) => ({ ...seat, id }))
    .sort((one, other) => one.order - other.order);

export const nameAt = ({ seats }: RouletteState, id: string): string => seats?.[id]?.name ?? '';

/** The pull being looked at: the cylinder turns, then it clicks or bangs. */
export interface Shot {
  pullNo: number;
  seatId: string;
  hit: boolean;
  stage: 'turning' | 'told';
}

/** Short of a bot's pause between two pulls, so that no pull is skipped on the screen. */
const TURNING_MS = 620;
const TOLD_MS = 1_500;

/**
 * The state as it is shown: where a pull has happened the old state stays while the cylinder turns. The house has decided
 * long before; this is for the eye.
 */
export function useSuspense(
  state: RouletteState,
  hits: ReadonlyMap<string, boolean>,
): { shown: RouletteState; shot: Shot | null } {
  const [shown, setShown] = useState(state);
  const [shot, setShot] = useState<Shot | null>(null);
  const latest = useRef(state);
  const turning = useRef(false);
  latest.current = state;
  useEffect(() => {
    if (turning.current) return;
    const fired = shotBetween(shown, state, hits);
    if (fired === null || stillness()) {
      setShown(state);
      if (fired !== null) setShot({ ...fired, stage: 'told' });
      return;
    }
    turning.current = true;
    setShot({ ...fired, stage: 'turning' });
    setTimeout(() => {
      turning.current = false;
      setShot({ ...fired, stage: 'told' });
      setShown(latest.current);
    }, TURNING_MS);
  }, [state]);
  useEffect(() => {
    if (shot?.stage !== 'told') return;
    const timer = setTimeout(() => setShot(null), TOLD_MS);
    return () => clearTimeout(timer);
  }, [shot]);
  return { shown, shot };
}

/** A pull's name among those the table called out. */
export const shotKey = (roundId: string, pullNo: number): string => `${roundId}/${pullNo}`;

/** A pull between two states: the seat that was on turn, and whether it was hit. A seat may be out without, by leaving. */
function shotBetween(
  before: RouletteState,
  after: RouletteState,
  hits: ReadonlyMap<string, boolean>,
): Omit<Shot, 'stage'> | null {
  if (before.phase !== 'turn' || before.roundId !== after.roundId || after.phase === 'void') return null;
  const moved = after.pullNo !== before.pullNo || (after.phase === 'over' && after.chambersLeft !== before.chambersLeft);
  if (!moved) return null;
  const seatId = before.turn;
  return {
    pullNo: before.pullNo,
    seatId,
    hit: hits.get(shotKey(before.roundId, before.pullNo)) ?? after.seats?.[seatId]?.alive === false,
  };
}
