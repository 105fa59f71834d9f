// What a wallet is asked to sign. A challenge is for one address, one purpose and one asker; it is gone once it is answered,
// rightly or not.
import { randomBytes } from 'node:crypto';
import { CHALLENGE_MS, type Chain, challengeText, type Purpose } from '../rules/identity.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { Visitor } from '../server/house.ts';
import { uuid7 } from './ids.ts';
import type { Database } from './orm.ts';

export interface Challenge {
  id: string;
  chain: Chain;
  address: string;
  purpose: Purpose;
  /** What is to be signed, word for word. */
  message: string;
  expiresAt: Date;
}

export interface Asking {
  chain: Chain;
  /** In its chain's one form. */
  address: string;
  /** Who asks; null: nobody yet, who wants to sign in. */
  visitor: Visitor | null;
  /** Where people reach the house. */
  site: string;
  /** SN_MAIN, or a network for tests. */
  starknetChain: string;
}

export type WalletChallenges = ReturnType<typeof openWalletChallenges>;

export function openWalletChallenges(db: Database, { now }: { now(): Date }) {
  return {
    /** For a visitor the wallet will be linked, else it signs in. */
    async open({ visitor, ...asked }: Asking): Promise<Challenge> {
      const issuedAt = now();
      const purpose = visitor === null ? 'sign_in' : 'link';
      const expiresAt = new Date(issuedAt.getTime() + CHALLENGE_MS);
      const nonce = `n${randomBytes(NONCE_BYTES).toString('hex')}`;
      const message = challengeText({ ...asked, purpose, playerId: visitor?.playerId ?? null, nonce, issuedAt, expiresAt });
      const id = uuid7();
      const { chain, address } = asked;
      const asker = [visitor?.playerId ?? null, visitor?.sessionId ?? null];
      await db.rows(OPEN, [id, chain, address, purpose, ...asker, message, expiresAt]);
      return { id, chain, address, purpose, message, expiresAt };
    },

    /** Refuses `challenge_invalid` for one that is none, is too old, was answered, or was another's. */
    async take(id: string, visitor: Visitor | null): Promise<Challenge> {
      const asker = [visitor?.playerId ?? null, visitor?.sessionId ?? null];
      const [taken] = await db.rows<Challenge>(TAKE, [id, ...asker]);
      refuseUnless(taken && taken.expiresAt.getTime() > now().getTime(), 'challenge_invalid');
      return taken;
    },

    /** For a schedule. */
    async sweep(): Promise<void> {
      await db.rows('delete from wallet_challenge where expires_at < $1', [now()]);
    },
  };
}

const NONCE_BYTES = 12;

const OPEN = `
  insert into wallet_challenge (id, chain, address, purpose, player, session, message, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`;

const TAKE = `
  delete from wallet_challenge where id = $1 and player is not distinct from $2::uuid and session is not distinct from $3::uuid
  returning id, chain, address, purpose, message, expires_at as "expiresAt"`;
