// What is put on a round: seat stakes and side bets, each beside the transfer that holds it.
import type { Currency } from '../rules/currency.ts';
import { derivedId } from './ids.ts';
import { type Posting, systemAccount } from './ledger.ts';
import { type EntityManager, rowsIn, whole } from './orm.ts';

export interface OpenStake {
  id: string;
  player: string | null;
  seat: string;
  kind: string;
  currency: Currency;
  amount: bigint;
}

export async function openStakes(em: EntityManager, roundId: string): Promise<OpenStake[]> {
  const select =
    "select id, player, seat, kind, currency, amount from round_stake where round = ? and state = 'open' order by id";
  const rows = await rowsIn<Omit<OpenStake, 'amount'> & { amount: unknown }>(em, select, [roundId]);
  return rows.map((row) => ({ ...row, amount: whole(row.amount) }));
}

export async function accountIn(em: EntityManager, playerId: string, currency: Currency): Promise<number> {
  const [row] = await rowsIn<{ id: unknown }>(em, 'select id from ledger_account where owner = ? and currency = ?', [
    playerId,
    currency,
  ]);
  if (!row) throw new Error(`player ${playerId} has no ${currency} account`);
  return Number(whole(row.id));
}

export const stakeIdOf = (roundId: string, seat: string): string => derivedId(roundId, 'stake', seat);

export interface NewStake {
  id: string;
  roundId: string;
  /** Null: the house's bot. */
  playerId: string | null;
  seat: string;
  kind: string;
  currency: Currency;
  amount: bigint;
  details: Record<string, unknown>;
}

export async function insertStakeIn(em: EntityManager, stake: NewStake): Promise<void> {
  const { id, roundId, playerId, seat, kind, currency, amount, details } = stake;
  await rowsIn(em, STAKE, [id, roundId, playerId, seat, kind, currency, String(amount), JSON.stringify(details)]);
}

const STAKE = `
  insert into round_stake (id, round, player, seat, kind, currency, amount, state, details) values (?, ?, ?, ?, ?, ?, ?, 'open', ?::jsonb)`;

/** A player's hold is released; a bot's stake, which was a transfer, goes back by another. */
export const release = ({ id, player, currency, amount }: OpenStake): Posting =>
  player
    ? { id: derivedId(id, 'void'), op: 'void', ref: id, reason: 'refund' }
    : {
        id: derivedId(id, 'void'),
        op: 'move',
        debit: systemAccount('pot', currency),
        credit: systemAccount('house', currency),
        amount,
        reason: 'refund',
      };

export interface Closing {
  stake: OpenStake;
  paid: bigint;
  state: 'settled' | 'void';
}

export async function closeStakes(em: EntityManager, closings: readonly Closing[]): Promise<void> {
  for (const { stake, paid, state } of closings)
    await rowsIn(em, 'update round_stake set state = ?, paid = ?, ended_at = now() where id = ?', [
      state,
      String(paid),
      stake.id,
    ]);
}

/**
 * One deed a player for a round in which they had something at stake: in COINS, where its `winnings` count, what stakes and side
 * bets, those decided on the way too, won or lost; otherwise that it was played.
 */
export const countRoundIn = (em: EntityManager, roundId: string, { winnings }: { winnings: boolean }): Promise<unknown> =>
  rowsIn(em, ROUND_PLAYED, [winnings, roundId]);

const ROUND_PLAYED = `
  insert into score_event (board, player, amount)
    select case when p.won is null then 'rounds' else 'winnings' end, p.player, coalesce(p.won, 1)
      from (select player, sum(paid - amount) filter (where ?::boolean and currency = 'COINS') as won from round_stake
             where round = ? and state = 'settled' and player is not null group by player) p`;
