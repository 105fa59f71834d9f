// Seasons for tests: a plan with a little of everything, and players who may hand things in.
import type { SeasonPlan } from '../../rules/season.ts';
import type { TestStore } from './store.ts';

export const HOUR_MS = 3_600_000;
export const EVIDENCE = 'https://example.com/shot.png';

/** Ore waits for a review, herbs count at once; bronze at 50, silver at 100, gold at 1,000. From an hour ago to a day on. */
export function winter({ now }: { now(): Date }, more: Partial<SeasonPlan> = {}): SeasonPlan {
  const from = now().getTime();
  return {
    name: 'Winter',
    startsAt: new Date(from - HOUR_MS),
    endsAt: new Date(from + 24 * HOUR_MS),
    items: [
      { itemId: 'ore', name: 'Iron ore', points: 10n, quantityMax: 100, automatic: false },
      { itemId: 'herb', name: 'Herb', points: 1n, quantityMax: 1_000, automatic: true },
    ],
    ranks: [
      { rankId: 'bronze', name: 'Bronze', threshold: 50n, prizes: [{ kind: 'currency', currency: 'COINS', amount: 500n }] },
      {
        rankId: 'silver',
        name: 'Silver',
        threshold: 100n,
        prizes: [
          { kind: 'currency', currency: 'GEMS', amount: 7n },
          { kind: 'item', item: 'potion_minor', quantity: 3 },
          { kind: 'discord_role', roleId: '1234', name: 'Silver' },
        ],
      },
      { rankId: 'gold', name: 'Gold', threshold: 1_000n, prizes: [] },
    ],
    ...more,
  };
}

/** The address of a player is verified, as a mailed link would. */
export const verify = ({ db }: Pick<TestStore, 'db'>, playerId: string): Promise<unknown> =>
  db.rows('update player set verified_at = now() where id = $1', [playerId]);
