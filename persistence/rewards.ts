// What a round brought a player, kept until it is claimed.
import { countIn } from './deeds.ts';
import { type EntityManager, rowsIn } from './orm.ts';

export interface Reward {
  playerId: string;
  coins: bigint;
  xp: bigint;
  items: readonly { item: string; quantity: number }[];
  /** Share of the work, hundredths of a percent. */
  shareBp: number;
  won: boolean;
}

export async function rewardIn(
  em: EntityManager,
  roundId: string,
  { playerId, coins, xp, items, shareBp, won }: Reward,
): Promise<void> {
  const insert = 'insert into round_reward (round, player, coins, xp, items, share_bp) values (?, ?, ?, ?, ?::jsonb, ?)';
  await rowsIn(em, insert, [roundId, playerId, String(coins), String(xp), JSON.stringify(items), shareBp]);
  const fought = { playerId, counter: 'battles_fought', amount: 1n } as const;
  await countIn(em, won ? [fought, { playerId, counter: 'battles', amount: 1n }] : [fought]);
}
