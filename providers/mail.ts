// Mail by SMTP, through nodemailer. What is sent here has been kept by the house before, so a failure is only told.
import { createTransport } from 'nodemailer';

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

export function openMailer({ host, port, tls, user, password, from }: MailSettings): Mailer {
  const transport = createTransport({
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
  return {
    async send({ to, subject, text }) {
      // An address by itself, never a list that could hide another.
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
    },
    shown: null,
    close: () => transport.close(),
  };
}
