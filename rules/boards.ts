/** What is ranked: `winnings` in COINS, `battles` won, `xp` and `ap` earned in the period. */
export const BOARDS = ['winnings', 'battles', 'xp', 'ap'] as const;
export type Board = (typeof BOARDS)[number];

export const isBoard = (word: string): word is Board => BOARDS.some((board) => board === word);

/** Calendar periods, UTC. */
export const PERIODS = ['all', 'daily', 'weekly', 'monthly'] as const;
export type Period = (typeof PERIODS)[number];
