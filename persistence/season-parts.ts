import type { Prize } from '../rules/season.ts';
import type { Ledger } from './ledger.ts';
import { whole } from './orm.ts';
import type { Requests } from './requests.ts';

export interface SeasonDeps {
  ledger: Ledger;
  requests: Requests;
  now(): Date;
}

/** As they are stored: amounts as digits. */
export const prizesFrom = (stored: unknown): Prize[] =>
  (stored as (Prize & { amount?: unknown })[]).map((prize) =>
    prize.kind === 'currency' ? { ...prize, amount: whole(prize.amount) } : prize,
  );
