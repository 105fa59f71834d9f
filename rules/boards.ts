/** What players are ranked by. */
export const BOARDS = ['winnings', 'battles', 'xp', 'ap'] as const;
export type Board = (typeof BOARDS)[number];

/** Calendar periods, UTC; weeks are ISO weeks. */
export const PERIODS = ['all', 'daily', 'weekly', 'monthly'] as const;
export type Period = (typeof PERIODS)[number];
