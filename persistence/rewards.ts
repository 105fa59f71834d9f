// What a round brought its players, kept until it is claimed, and what is counted of them.
import type { Thing } from '../rules/inventory.ts';
import type { Counter } from '../rules/counters.ts';
import { refundsIn } from './charges.ts';
import { countIn } from './deeds.ts';
import type { Posting } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type EntityManager, rowsIn } from './orm.ts';

/** A thing as a round keeps it; one of before there was gear says nothing of it. */
export type Kept = Omit<Thing, 'gear'> & Partial<Pick<Thing, 'gear'>>;

export interface Reward {
  playerId: string;
  coins: bigint;
  xp: bigint;
  items: readonly Kept[];
  /** Share of the work, hundredths of a percent. */
  shareBp: number;
  /** Whether it counts as one they fought; left out: it does. */
  fought?: boolean;
  won: boolean;
  /** Ended by this player's own blows; and bosses that the party ended. */
  enemies?: bigint;
  bosses?: bigint;
  /** What is left of the player's stamina, hundredths of a percent, from this instant on; without it: as it was. */
  stamina?: { leftBp: number; at: Date };
}

export interface Concluding {
  rewards?: readonly Reward[];
  /** Charges that had their effect; all others of the round are given back. */
  spent?: readonly string[];
}

/**
 * In the order of their ids, so that two rounds of the same players wait for each other one way only. Returns the refunds of what
 * was paid for nothing, to be posted with the end.
 */
export async function concludeIn(em: EntityManager, roundId: string, { rewards = [], spent }: Concluding): Promise<Posting[]> {
  const inOrder = rewards.toSorted((one, other) => (one.playerId < other.playerId ? -1 : 1));
  for (const { playerId, stamina } of inOrder)
    if (stamina) await rowsIn(em, TIRED, [stamina.leftBp, stamina.at.toISOString(), playerId]);
  const refunds = await refundsIn(em, roundId, spent);
  for (const reward of inOrder) await rewardIn(em, roundId, reward);
  for (const { playerId, coins, xp, items } of inOrder)
    if (coins > 0n || xp > 0n || items.length > 0) await notifyIn(em, { playerId, kind: 'loot_ready', data: { roundId } });
  return refunds;
}

const TIRED = `
  update player set stamina_tenths = least(stamina_max * 10, stamina_max::bigint * ? / 1000)::int, stamina_at = ?::timestamptz,
         version = version + 1
   where id = ?`;

async function rewardIn(em: EntityManager, roundId: string, reward: Reward): Promise<void> {
  const { playerId, coins, xp, items, shareBp, fought = true, won, enemies = 0n, bosses = 0n } = reward;
  const insert = 'insert into round_reward (round, player, coins, xp, items, share_bp) values (?, ?, ?, ?, ?::jsonb, ?)';
  await rowsIn(em, insert, [roundId, playerId, String(coins), String(xp), JSON.stringify(items), shareBp]);
  const deeds: [Counter, bigint][] = [
    ['battles_fought', fought ? 1n : 0n],
    ['battles', won ? 1n : 0n],
    ['bosses', bosses],
    ['enemies', enemies],
  ];
  const done = deeds.filter(([, amount]) => amount > 0n);
  await countIn(
    em,
    done.map(([counter, amount]) => ({ playerId, counter, amount })),
  );
}
