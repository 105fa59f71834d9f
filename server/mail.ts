// Mail as the settings want it, and the postman: takes from the outbox what is due, writes it, and lets it go.
import type { MailWay } from '../persistence/entrances.ts';
import { type DueMail, MAIL_TRIES_MAX } from '../persistence/mails.ts';
import type { Store } from '../persistence/store.ts';
import { type Mail, type Mailer, openMailer } from '../providers/mail.ts';
import { sandboxMailer } from '../providers/sandbox/mail.ts';
import type { Settings } from './config.ts';
import type { Log } from './house.ts';
import type { Job } from './schedule.ts';

/** Sent where there is a mail server, shown in development, else off. */
export const mailWay = ({ mail, environment }: Pick<Settings, 'mail' | 'environment'>): MailWay =>
  mail !== null ? 'sent' : environment === 'development' ? 'shown' : 'off';

/** null: switched off. */
export function openHouseMail(settings: Settings, log: Log): Mailer | null {
  if (settings.mail !== null) return openMailer(settings.mail);
  if (settings.environment !== 'development') return null;
  // The one log line with a token in it, and only where no mail leaves the machine.
  const told = ({ to, subject, text }: Mail) =>
    log.info('mail_shown', { to, subject, link: /https?:\S+/.exec(text)?.[0] ?? null });
  return sandboxMailer({ now: () => new Date(), told });
}

const MAIL_MS = 2_000;
const HOUR_MS = 3_600_000;

/** The postman's rounds, and what is swept of the ways in. */
export const entranceJobs = ({ store, mailer, site, log }: Omit<Posting, 'mailer'> & { mailer: Mailer | null }): Job[] => [
  ...(mailer === null ? [] : [{ name: 'mail', everyMs: MAIL_MS, run: () => sendMails({ store, mailer, site, log }) }]),
  { name: 'sweep_mails', everyMs: HOUR_MS, run: () => store.mails.sweep() },
  { name: 'sweep_email_tokens', everyMs: HOUR_MS, run: () => store.emailTokens.sweep() },
  { name: 'sweep_challenges', everyMs: HOUR_MS, run: () => store.walletChallenges.sweep() },
  { name: 'sweep_sign_in_proofs', everyMs: HOUR_MS, run: () => store.signInProofs.sweep() },
];

interface Posting {
  store: Store;
  mailer: Mailer;
  /** Where people reach the house. */
  site: string;
  log: Log;
}

const AT_ONCE = 20;

/** One round of the postman. A mail that was not taken stays in the outbox for its next turn. */
export async function sendMails(posting: Posting): Promise<number> {
  const { store, log } = posting;
  const { due, givenUp } = await store.mails.take(AT_ONCE);
  for (const mailId of givenUp) log.error('mail_given_up', { mailId, error: new Error(`not taken in ${MAIL_TRIES_MAX} tries`) });
  let sent = 0;
  for (const mail of due) if (await sendOne(mail, posting)) sent++;
  return sent;
}

async function sendOne(mail: DueMail, { store, mailer, site, log }: Posting): Promise<boolean> {
  try {
    await mailer.send(written(mail, site));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Its message repeats the address.
    log.warn('mail_not_taken', { mailId: mail.id, tries: mail.tries, code: 'code' in error ? String(error.code) : error.name });
    return false;
  }
  await store.mails.sent(mail.id);
  return true;
}

/** The token stands behind the #, which no server on the way is told, nor the next page visited. */
export function written({ kind, address, displayName, token }: Omit<DueMail, 'id' | 'tries'>, site: string): Mail {
  const link = `${site}/#${kind}=${token}`;
  if (kind === 'verify') {
    return {
      to: address,
      subject: 'Is this your address?',
      text: `Hello ${displayName},\n\nopen this within three days to show that this address is yours:\n\n${link}\n\nIf you made no account there, leave it: nothing will happen.\n`,
    };
  }
  return {
    to: address,
    subject: 'A new password',
    text: `Hello ${displayName},\n\nopen this within an hour to choose a new password:\n\n${link}\n\nIf you did not ask for it, leave it: your password stays as it is.\n`,
  };
}
