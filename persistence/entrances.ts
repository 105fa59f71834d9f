// Every way in, put together: passwords, wallets, identities elsewhere, and the mail that shows whose an address is.
import { openAdmin } from './admin.ts';
import { openArrivals } from './arrivals.ts';
import { openEmailTokens } from './email-tokens.ts';
import { openErasure } from './erasure.ts';
import { openIdentities } from './identities.ts';
import { openMails } from './mails.ts';
import { type Grants, openNewcomers } from './newcomers.ts';
import type { Database } from './orm.ts';
import type { Passwords } from './passwords.ts';
import { openPlayers } from './players.ts';
import { openRoles } from './roles.ts';
import type { Sessions } from './sessions.ts';
import { openSignInProofs } from './sign-in-proofs.ts';
import { openWalletChallenges } from './wallet-challenges.ts';
import { type Linked, openWallets } from './wallets.ts';

/** What becomes of mail: none is sent, it is shown to who develops, or it leaves the house. */
export type MailWay = 'off' | 'shown' | 'sent';

export interface EntranceDeps {
  now(): Date;
  passwords: Passwords;
  sessions: Sessions;
  rootAdminEmail: string | null;
  mail: MailWay;
  /** Told of each wallet that becomes a player's, inside that change. */
  linked: readonly Linked[];
}

export function openEntrances(db: Database, ledger: Grants, { mail, linked, ...deps }: EntranceDeps) {
  const { now, sessions } = deps;
  const emailTokens = openEmailTokens(db, ledger, deps);
  const mails = openMails(db, emailTokens, { now, off: mail === 'off' });
  const mailed = mail === 'sent';
  const newcomers = openNewcomers(ledger, { now, mails, mailed });
  const players = {
    ...openPlayers(db, { ...deps, mails, newcomers }),
    ...openRoles(db, { ...deps, mailed, join: newcomers.join }),
    ...openAdmin(db, deps),
    ...openErasure(db, deps),
  };
  const wallets = openWallets(db, { now, linked });
  const identities = openIdentities(db, { now });
  const signInProofs = openSignInProofs(db, { now });
  const walletChallenges = openWalletChallenges(db, { now });
  const arrivals = openArrivals(db, { players, sessions, wallets, identities, proofs: signInProofs });
  return { players, wallets, walletChallenges, identities, signInProofs, arrivals, mails, emailTokens };
}
