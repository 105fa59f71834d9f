// On the way to a provider and back: the asker keeps a secret, the provider and the address bar see its digest only. And what
// was proved once is not taken again.
import { createHash, randomBytes } from 'node:crypto';
import type { SocialProvider } from '../rules/identity.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { Visitor } from '../server/house.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

/** All follow from the secret. */
export interface SignInState {
  /** For the asker alone: shown again with what the provider gave. */
  state: string;
  /** Goes with the provider's address, and comes back from there. */
  sent: string;
  /** PKCE's, of RFC 7636. */
  verifier: string;
  /** Must stand in the id token. */
  nonce: string;
}

/** A proof that was taken, and when it would have run out by itself. */
export interface Spent {
  hash: Uint8Array;
  until: Date;
}

export type SignInProofs = ReturnType<typeof openSignInProofs>;

const STATE_MS = 600_000;

export function openSignInProofs(db: Database, { now }: { now(): Date }) {
  return {
    async openState(provider: SocialProvider, visitor: Visitor | null): Promise<SignInState> {
      const state = randomBytes(32).toString('base64url');
      const expiresAt = new Date(now().getTime() + STATE_MS);
      await db.rows('insert into sign_in_state (hash, provider, player, session, expires_at) values ($1, $2, $3, $4, $5)', [
        digest('kept', state),
        provider,
        visitor?.playerId ?? null,
        visitor?.sessionId ?? null,
        expiresAt,
      ]);
      return stateFrom(state);
    },

    /** Once, for who asked: refuses `proof_invalid` for another visitor, another provider, and after 10 minutes. */
    async takeState(
      state: string,
      { provider, visitor }: { provider: SocialProvider; visitor: Visitor | null },
    ): Promise<SignInState> {
      const asker = [visitor?.playerId ?? null, visitor?.sessionId ?? null];
      const [taken] = await db.rows<{ expiresAt: Date }>(TAKE, [digest('kept', state), provider, ...asker]);
      refuseUnless(taken && taken.expiresAt.getTime() > now().getTime(), 'proof_invalid');
      return stateFrom(state);
    },

    /** Inside the change that the proof is for. Refuses `proof_invalid` for one that was taken before. */
    async spendIn(em: EntityManager, { hash, until }: Spent): Promise<void> {
      const text = 'insert into spent_proof (hash, expires_at) values (?, ?) on conflict do nothing returning hash';
      const spent = await rowsIn(em, text, [Buffer.from(hash), until.toISOString()]);
      refuseUnless(spent.length === 1, 'proof_invalid');
    },

    /** For a schedule. What is forgotten here has long run out by itself. */
    async sweep(): Promise<void> {
      await db.rows('delete from sign_in_state where expires_at < $1', [now()]);
      await db.rows("delete from spent_proof where expires_at < $1::timestamptz - interval '1 hour'", [now()]);
    },
  };
}

const TAKE = `
  delete from sign_in_state
   where hash = $1 and provider = $2 and player is not distinct from $3::uuid and session is not distinct from $4::uuid
  returning expires_at as "expiresAt"`;

function stateFrom(state: string): SignInState {
  const derived = (what: string) => digest(what, state).toString('base64url');
  return { state, sent: derived('sent'), verifier: derived('verifier'), nonce: derived('nonce') };
}

const digest = (what: string, state: string): Buffer => createHash('sha256').update(`${what}:${state}`).digest();
