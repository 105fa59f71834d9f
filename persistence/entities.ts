import { Player, PlayerLogin, Session } from './account.ts';

/** Every entity of the house; one line each. What moves (postings, stakes, ranks) is plain SQL and not listed. */
export const entities = [Player, PlayerLogin, Session];
