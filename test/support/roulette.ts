import { scripted } from '../../rules/random.ts';
import { Refusal } from '../../rules/refusal.ts';
import { applyShot, decidePull, startRound, type Cylinder, type Table } from '../../rules/roulette.ts';
import { applyBet, decideBet, type BetOrder } from '../../rules/roulette-bets.ts';
import { plainTable } from '../../rules/roulette-replay.ts';

export const NOON = Date.parse('2026-01-01T12:00:00Z');
export const NAMES = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];
export const AFTER_BETS = NOON + 4_000;

/** Started at noon: the first draw names the first seat, the second loads the bullet, the rest load it again. */
export function started({ seats, draws, stake = 100n }: { seats: number; draws: number[]; stake?: bigint }) {
  const table = plainTable({ seats: NAMES.slice(0, seats), stake });
  const cylinder = startRound(table, { roundId: 'round', random: scripted(...draws), now: NOON });
  return { table, cylinder };
}

export function pullNow(table: Table, cylinder: Cylinder, now = table.betsCloseAt) {
  const shot = decidePull(table, cylinder, { seatId: table.turn, pullNo: table.pullNo, now });
  applyShot(table, cylinder, shot, now);
  return shot;
}

export const order = (table: Table, change: Partial<BetOrder> = {}): BetOrder => ({
  betId: 'bet',
  playerId: 'wes',
  name: 'Wes',
  kind: 'survive',
  targetId: table.turn,
  stake: 100n,
  pullNo: table.pullNo,
  ...change,
});

export function bet(table: Table, change: Partial<BetOrder> = {}) {
  const taken = decideBet(table, order(table, change), { now: NOON });
  applyBet(table, taken);
  return taken;
}

export const plain = (table: Table, { bullet, chamber }: Cylinder) => structuredClone({ table, bullet, chamber });
export const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;
