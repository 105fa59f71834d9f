// The settings of mail: a server and a sender, or none.
import { z } from 'zod';
import type { MailSettings } from '../providers/mail.ts';

export const MAIL_FORMAT = {
  MAIL_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'is the name of a mail server, such as smtp.example.com')
    .optional(),
  MAIL_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'is a port from 1 to 65535')
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535, 'is a port from 1 to 65535')
    .optional(),
  MAIL_TLS: z.enum(['starttls', 'implicit', 'off'], 'is starttls, implicit or off').default('starttls'),
  MAIL_USER: z.string().optional(),
  MAIL_PASSWORD: z.string().optional(),
  MAIL_FROM: z
    .string()
    .regex(/^[^<>\r\n]*<?[^\s<>@]+@[^\s<>@]+>?$/, 'is who mail comes from, such as Playhouse <play@example.com>')
    .optional(),
};

const PORTS = { starttls: 587, implicit: 465, off: 25 } as const;
const HERE = /^(localhost|127(\.\d+){3}|::1)$/;

/** What no single setting shows. */
export function mailMistakes(given: Record<string, string | undefined>): string[] {
  const { MAIL_HOST: host, MAIL_FROM: from, MAIL_USER: user, MAIL_PASSWORD: password } = given;
  const mistakes: string[] = [];
  if ((host === undefined) !== (from === undefined)) mistakes.push('MAIL_HOST and MAIL_FROM are set together or not at all');
  if ((user === undefined) !== (password === undefined))
    mistakes.push('MAIL_USER and MAIL_PASSWORD are set together or not at all');
  if (host === undefined && user !== undefined) mistakes.push('MAIL_USER needs MAIL_HOST');
  if (given.NODE_ENV === 'production' && host !== undefined && given.MAIL_TLS === 'off' && !HERE.test(host))
    mistakes.push('MAIL_TLS=off is for a mail server on this machine: links in mail are keys to accounts');
  return mistakes;
}

/** null: not set up. */
export function mailSettings(format: z.output<z.ZodObject<typeof MAIL_FORMAT>>): MailSettings | null {
  const { MAIL_HOST: host, MAIL_FROM: from, MAIL_TLS: tls } = format;
  if (host === undefined || from === undefined) return null;
  const login = { user: format.MAIL_USER ?? null, password: format.MAIL_PASSWORD ?? null };
  return { host, port: format.MAIL_PORT ?? PORTS[tls], tls, ...login, from };
}
