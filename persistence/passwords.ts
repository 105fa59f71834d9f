// Passwords: what is taken as one, and bcrypt one at a time, since four at once already delay the rooms' next step.
import bcrypt from 'bcrypt';
import { Refusal, refuseUnless } from '../rules/refusal.ts';

export type Passwords = ReturnType<typeof openPasswords>;

const CHARACTERS_MIN = 8;
/** bcrypt reads no further, so a longer password would be cut without a word. */
const BYTES_MAX = 72;
const WAITING_MAX = 32;

/** `cost`: bcrypt rounds as a power of two, 4 to 15. Every method refuses `unavailable` while too many wait. */
export function openPasswords({ cost }: { cost: number }) {
  const alone = oneAtATime(WAITING_MAX);
  const nobodys = bcrypt.genSaltSync(cost) + '.'.repeat(31);

  return {
    /** Refuses `password_weak` and `password_too_long`. */
    async hash(password: string): Promise<string> {
      const text = written(password);
      refuseUnless(Array.from(text).length >= CHARACTERS_MIN, 'password_weak');
      refuseUnless(Buffer.byteLength(text) <= BYTES_MAX, 'password_too_long');
      return alone(() => bcrypt.hash(text, cost));
    },

    /** Takes as long where there is no hash to compare with. */
    async matches(password: string, hash: string | null): Promise<boolean> {
      const text = written(password);
      const same = await alone(() => bcrypt.compare(text, hash ?? nobodys));
      return same && hash !== null && Buffer.byteLength(text) <= BYTES_MAX;
    },
  };
}

/** One accent typed on two keyboards is one password (NIST SP 800-63B, 5.1.1.2). */
const written = (password: string): string => password.normalize('NFKC');

function oneAtATime(waitingMax: number) {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting > waitingMax) throw new Refusal('unavailable');
    waiting++;
    const turn = last.then(work).finally(() => waiting--);
    last = turn.catch(() => undefined); // the next in line does not care how this one ended
    return turn;
  };
}
