// Coming in by what was proved: who it belongs to is signed in, or a new player made of it; a visitor who is signed in gets it
// linked instead. Of two who come at once with one proof of one stranger, one makes the player and the other finds them.
import type { Chain, SocialProvider } from '../rules/identity.ts';
import { Refusal } from '../rules/refusal.ts';
import type { Identities } from './identities.ts';
import type { Database, EntityManager } from './orm.ts';
import type { Players, SignedIn } from './players.ts';
import type { Sessions } from './sessions.ts';
import type { SignInProofs, Spent } from './sign-in-proofs.ts';
import type { Wallets } from './wallets.ts';

/** Somebody at a provider, proved. */
export interface ProvedPerson {
  provider: SocialProvider;
  subject: string;
  name: string;
  /** Of proofs that could be shown again; null: the provider sees to that. */
  spent: Spent | null;
}

/** A wallet that signed its challenge. */
export interface ProvedWallet {
  chain: Chain;
  address: string;
}

export interface Arrival {
  displayName: string;
  device: string;
}

export interface SignedInBy extends SignedIn {
  /** A player was made. */
  created: boolean;
}

interface ArrivalDeps {
  players: Players;
  sessions: Pick<Sessions, 'forgetPlayer'>;
  wallets: Wallets;
  identities: Identities;
  proofs: SignInProofs;
}

export type Arrivals = ReturnType<typeof openArrivals>;

export function openArrivals(db: Database, { players, sessions, wallets, identities, proofs }: ArrivalDeps) {
  const byPerson = ({ spent, ...person }: ProvedPerson): Way => ({
    spendIn: async (em) => (spent === null ? undefined : proofs.spendIn(em, spent)),
    findIn: (em) => identities.playerOfIn(em, person),
    linkIn: (em, playerId) => identities.linkIn(em, { ...person, playerId }),
  });
  const byWallet = ({ chain, address }: ProvedWallet): Way => ({
    spendIn: async () => undefined,
    findIn: async (em) => (await wallets.walletOfIn(em, address))?.playerId ?? null,
    linkIn: (em, playerId) => wallets.linkIn(em, { playerId, chain, address, proof: 'signature' }),
  });

  const signIn = async (way: Way, { displayName, device }: Arrival): Promise<SignedInBy> => {
    const enter = () =>
      db.transaction(async (em) => {
        await way.spendIn(em);
        const known = await way.findIn(em);
        const playerId = known ?? (await players.joinIn(em, displayName));
        if (known === null) await way.linkIn(em, playerId);
        return { ...(await players.signInIn(em, { playerId, device })), created: known === null };
      });
    return enter().catch((error: unknown) => (isTaken(error) ? enter() : Promise.reject(error)));
  };

  /** True: it was not theirs before. */
  const link = async (way: Way, playerId: string): Promise<boolean> => {
    const linked = await db.transaction(async (em) => {
      await way.spendIn(em);
      const made = await way.linkIn(em, playerId);
      await players.welcomeIn(em, playerId);
      return made;
    });
    sessions.forgetPlayer(playerId);
    return linked;
  };

  return {
    /** Refuses `proof_invalid` for a proof that was taken before, `account_banned`. */
    signInPerson: (person: ProvedPerson, arrival: Arrival) => signIn(byPerson(person), arrival),
    signInWallet: (wallet: ProvedWallet, arrival: Arrival) => signIn(byWallet(wallet), arrival),
    /** A guest is registered by it. Refuses `proof_invalid`, `identity_taken`. */
    linkPerson: (person: ProvedPerson, playerId: string) => link(byPerson(person), playerId),
    /** The same with `wallet_taken`, `limit_reached`. */
    linkWallet: (wallet: ProvedWallet, playerId: string) => link(byWallet(wallet), playerId),
  };
}

interface Way {
  spendIn(em: EntityManager): Promise<void>;
  findIn(em: EntityManager): Promise<string | null>;
  linkIn(em: EntityManager, playerId: string): Promise<boolean>;
}

const isTaken = (error: unknown): boolean =>
  error instanceof Refusal && (error.code === 'wallet_taken' || error.code === 'identity_taken');
