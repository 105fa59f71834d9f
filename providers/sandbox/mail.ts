import type { Mail, Mailer } from '../mail.ts';

const KEPT_MAX = 50;

/** Mail that goes nowhere: the last of it can be read at /dev/mail. */
export function sandboxMailer({ now, told }: { now(): Date; told(mail: Mail): void }): Mailer {
  const mails: (Mail & { at: Date })[] = [];
  return {
    async send(mail) {
      mails.unshift({ ...mail, at: now() });
      mails.length = Math.min(mails.length, KEPT_MAX);
      told(mail);
    },
    shown: () => mails,
    close: () => undefined,
  };
}
