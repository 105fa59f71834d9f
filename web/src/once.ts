// What moves value is asked for under a key. A try whose answer was lost is said again under the same one, so it is done once;
// a decided answer, a refusal among them, ends it, and the next try is another.
import { ask, freshKey } from './api.ts';
import { playerId } from './session.ts';
import { codeOf } from './words.ts';

const lost = new Map<string, string>();

/** Nobody knows yet what came of it. */
const UNDECIDED = new Set(['offline', 'unavailable', 'request_running', 'rate_limited']);

/** A POST of `body` to `path`. Throws Refused, as `ask` does. */
export async function once<T>(path: string, body: object = {}): Promise<T> {
  const what = `${playerId.value} ${path} ${JSON.stringify(body)}`;
  const key = lost.get(what) ?? freshKey();
  lost.set(what, key);
  try {
    const answer = await ask<T>(path, { body, key });
    lost.delete(what);
    return answer;
  } catch (error) {
    if (!UNDECIDED.has(codeOf(error))) lost.delete(what);
    throw error;
  }
}
