/**
 * What is counted of a player. Boards rank some of them, achievements and quests ask for any; a subject that counts one more
 * thing adds its word here.
 */
export const COUNTERS = {
  winnings: 'Won in COINS, net, over settled rounds',
  rounds: 'Rounds played to their end',
  xp: 'XP earned',
  ap: 'AP earned',
  ap_spent: 'AP spent',
  battles: 'Battles won',
  battles_fought: 'Battles fought to their end',
  bosses: 'Bosses defeated',
  enemies: 'Enemies defeated',
  items_bought: 'Purchases in the shop',
  items_sold: 'Things sold',
  pets: 'Pets hatched',
  pets_fed: 'Meals given to pets',
  check_ins: 'Daily check-ins',
  streak_days: 'Days in a row, the longest',
  registered: 'Registered',
  verified: 'Address verified',
  mining_payouts: 'Mining payouts',
  mined: 'Mined, in AP',
  trades: 'Trades closed',
} as const;

export type Counter = keyof typeof COUNTERS;
