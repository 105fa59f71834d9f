// Purchases at once: here, and as a job in another process.
import type { Asked } from '../../persistence/shop.ts';
import type { TestStore } from './store.ts';
import { heard, type Heard } from './asking.ts';

export interface Shopping {
  purchases: Asked[];
  /** How often each is said, all at once. */
  times: number;
}

/** What each caller was told, in the order of the purchases. */
export function shopAtOnce({ store }: Pick<TestStore, 'store'>, { purchases, times }: Shopping): Promise<Heard[]> {
  const said = purchases.flatMap((asked) => Array.from({ length: times }, () => asked));
  return Promise.all(said.map((asked) => heard(store.shop.purchase(asked))));
}
