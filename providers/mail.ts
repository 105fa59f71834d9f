// Mail by SMTP, through nodemailer. What is sent here has been kept by the house before, so a failure is only told.
import type { Transporter } from 'nodemailer';

export interface MailSettings {
  host: string;
  port: number;
  /** `starttls`: plain at first, and not at all without it. `off`: for a server on this machine. */
  tls: 'starttls' | 'implicit' | 'off';
  user: string | null;
  password: string | null;
  /** Playhouse <play@example.com> */
  from: string;
}

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** A mail server, or what stands for one. */
export interface Mailer {
  /** Throws when it was not taken. */
  send(mail: Mail): Promise<void>;
  /** The last mails, newest first, for who develops; null: they have left the house. */
  shown: (() => readonly (Mail & { at: Date })[]) | null;
  close(): void;
}

const CALL_MS = 10_000;

export function openMailer(settings: MailSettings): Mailer {
  // With the first mail: loading what speaks SMTP would be a tenth of every start.
  let transport: Promise<Transporter> | null = null;
  return {
    async send({ to, subject, text }) {
      transport ??= transportTo(settings);
      // An address by itself, never a list that could hide another.
      await (await transport).sendMail({ from: settings.from, to: { name: '', address: to }, subject, text });
    },
    shown: null,
    close: () => void transport?.then((open) => open.close()),
  };
}

async function transportTo({ host, port, tls, user, password }: MailSettings): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    ...(user !== null && password !== null ? { auth: { user, pass: password } } : {}),
    connectionTimeout: CALL_MS,
    greetingTimeout: CALL_MS,
    socketTimeout: 3 * CALL_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
