import { refuseUnless } from './refusal.ts';

/** How long after a turn begins bets on its pull are taken. */
export const BET_WINDOW_MS = 4_000;
/** Minor units. */
export const BET_STAKE_MIN = 100n;
/** What the house may lose on one pull, minor units; live config starts here. */
export const EXPOSURE_MAX = 1_000_000n;
/** House rule: keeps what every client holds of a pull bounded. */
export const BETS_MAX = 200;

/** The part of each stake's fair return that is paid, basis points. */
const RETURN_BP = 9_600n;
const BASIS_POINTS = 10_000n;

export const BET_KINDS = ['survive', 'eliminated'] as const;
export type BetKind = (typeof BET_KINDS)[number];

/** As shown and recorded; `stake` in digits of minor units. */
export interface SideBet {
  betId: string;
  playerId: string;
  name: string;
  kind: BetKind;
  /** The seat whose pull is bet on. */
  targetId: string;
  stake: string;
  pullNo: number;
}

/** What betting needs of a table; `state/roulette.ts` and a plain object both fit. */
export interface BettingTable {
  phase: 'waiting' | 'turn' | 'over' | 'void';
  turn: string;
  pullNo: number;
  betsCloseAt: number;
  chambersLeft: number;
  bets: Map<string, SideBet>;
}

export interface BetOrder extends Omit<SideBet, 'stake'> {
  stake: bigint;
}

export interface BetSettlement {
  betId: string;
  playerId: string;
  stake: bigint;
  /** What the player is given: the return, the stake again, or 0. */
  payout: bigint;
  result: 'won' | 'lost' | 'returned';
}

export const betsAreOpen = (table: BettingTable, now: number): boolean => table.phase === 'turn' && now < table.betsCloseAt;

/**
 * Whether the house takes this bet; the table is untouched either way. Refuses `round_over`, `pull_stale` for any pull but
 * the one now due, `bets_closed`, `bet_invalid` for an unknown kind or a seat whose turn it is not, `stake_invalid` under
 * the least stake, `exposure_full`. `now` is epoch ms, `exposureMax` minor units.
 */
export function decideBet(
  table: BettingTable,
  order: BetOrder,
  { now, exposureMax = EXPOSURE_MAX }: { now: number; exposureMax?: bigint },
): SideBet {
  refuseUnless(table.phase !== 'over' && table.phase !== 'void', 'round_over');
  refuseUnless(table.phase === 'turn', 'bets_closed');
  refuseUnless(order.pullNo === table.pullNo, 'pull_stale');
  refuseUnless(betsAreOpen(table, now), 'bets_closed');
  refuseUnless(BET_KINDS.includes(order.kind) && order.targetId === table.turn, 'bet_invalid');
  refuseUnless(order.stake >= BET_STAKE_MIN, 'stake_invalid');
  const bet = { ...order, stake: `${order.stake}` };
  refuseUnless(table.bets.size < BETS_MAX, 'exposure_full');
  refuseUnless(exposureOf([...table.bets.values(), bet], table.chambersLeft) <= exposureMax, 'exposure_full');
  return bet;
}

/** After the hold's commit. A room hands in its schema's own object. */
export function applyBet(table: BettingTable, bet: SideBet): void {
  if (bet.pullNo !== table.pullNo || table.bets.has(bet.betId))
    throw new Error(`bet ${bet.betId} is not one for pull ${table.pullNo}`);
  table.bets.set(bet.betId, bet);
}

/** Total return of a bet that wins, stake included, minor units. With one chamber left there is no bet. */
export function betReturn(kind: BetKind, stake: bigint, chambersLeft: number): bigint {
  if (chambersLeft < 2) throw new RangeError(`no bet with ${chambersLeft} chambers left`);
  const chambers = BigInt(chambersLeft);
  const odds = kind === 'survive' ? { over: chambers, under: chambers - 1n } : { over: chambers, under: 1n };
  return (stake * RETURN_BP * odds.over) / (BASIS_POINTS * odds.under);
}

/** The most the house can lose on the pull, over both its outcomes, minor units; never below 0. */
export function exposureOf(bets: Iterable<SideBet>, chambersLeft: number): bigint {
  let stakes = 0n;
  const returns = { survive: 0n, eliminated: 0n };
  for (const { kind, stake } of bets) {
    stakes += BigInt(stake);
    returns[kind] += betReturn(kind, BigInt(stake), chambersLeft);
  }
  const worst = returns.survive > returns.eliminated ? returns.survive : returns.eliminated;
  return worst > stakes ? worst - stakes : 0n;
}

/** What each bet comes to. Only a pull decides; bets on one that does not happen (`fired` false) return. */
export function settleBets(
  bets: Iterable<SideBet>,
  { fired, hit, chambersLeft }: { fired: boolean; hit: boolean; chambersLeft: number },
): BetSettlement[] {
  const winning: BetKind = hit ? 'eliminated' : 'survive';
  return [...bets].map(({ betId, playerId, kind, stake: digits }) => {
    const stake = BigInt(digits);
    if (!fired) return { betId, playerId, stake, payout: stake, result: 'returned' };
    if (kind !== winning) return { betId, playerId, stake, payout: 0n, result: 'lost' };
    return { betId, playerId, stake, payout: betReturn(kind, stake, chambersLeft), result: 'won' };
  });
}
