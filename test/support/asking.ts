// Requests that move value, said many times at once under one key: here, and as a job in another process.
import { Refusal } from '../../rules/refusal.ts';
import { spin } from './spins.ts';
import type { TestStore } from './store.ts';

/** Whatever a request of this operation needs besides its key. */
export type Request =
  | { operation: 'spin' | 'rotate'; playerId: string }
  | { operation: 'bet' | 'claim'; playerId: string; roundId: string };

export interface Asking {
  requests: Request[];
  key: string;
  /** How often each is said, all at once. */
  times: number;
}

/** What one caller was told, as text: an answer in full, or the refusal's code. */
export interface Heard {
  said: string;
  replayed: boolean;
}

/** By request, then by caller. */
export function askAtOnce({ store }: Pick<TestStore, 'store'>, { requests, key, times }: Asking): Promise<Heard[][]> {
  const ask = (request: Request) => Promise.all(Array.from({ length: times }, () => heard(answerOf(store, request, key))));
  return Promise.all(requests.map(ask));
}

async function answerOf(store: TestStore['store'], request: Request, key: string): Promise<{ replayed: boolean } & object> {
  const { playerId } = request;
  switch (request.operation) {
    case 'spin':
      return store.instant.play(spin(playerId, 20n, { requestId: key }));
    case 'rotate':
      return store.seeds.rotateOnce({ playerId, clientSeed: null, key });
    case 'claim':
      return store.battles.claimOnce({ playerId, roundId: request.roundId, key });
    case 'bet': {
      const bet = { kind: 'survive', currency: 'COINS', amount: 100n, details: { pullNo: 1 } } as const;
      return store.rounds.bet({ roundId: request.roundId, playerId, ...bet, requestId: key });
    }
  }
}

export async function heard(answer: Promise<{ replayed: boolean } & object>): Promise<Heard> {
  try {
    const { replayed, ...said } = await answer;
    return { said: JSON.stringify(said, (_name, value) => (typeof value === 'bigint' ? String(value) : value)), replayed };
  } catch (error) {
    if (error instanceof Refusal) return { said: error.code, replayed: false };
    throw error;
  }
}
