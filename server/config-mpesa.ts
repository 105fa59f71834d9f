// The settings of M-Pesa: all of them, or none.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { type MpesaSettings, publicKeyIn } from '../providers/mpesa.ts';

export interface MpesaAccount extends MpesaSettings {
  /** Where the provider reaches us; null: at the public address. */
  callbackUrl: string | null;
}

/** The provider's published addresses. */
const SOURCES =
  '196.201.214.200,196.201.214.206,196.201.214.207,196.201.214.208,196.201.213.114,196.201.213.44,' +
  '196.201.212.127,196.201.212.138,196.201.212.129,196.201.212.136,196.201.212.74,196.201.212.69';

const shortCode = z.string().regex(/^\d{5,7}$/, 'is a short code of 5 to 7 digits');

export const MPESA_FORMAT = {
  MPESA_ENVIRONMENT: z.enum(['sandbox', 'production'], 'is sandbox or production').default('sandbox'),
  MPESA_CONSUMER_KEY: z.string().optional(),
  MPESA_CONSUMER_SECRET: z.string().optional(),
  MPESA_SHORT_CODE: shortCode.optional(),
  MPESA_PASSKEY: z.string().optional(),
  MPESA_TILL: shortCode.optional(),
  MPESA_PAYOUT_SHORT_CODE: shortCode.optional(),
  MPESA_INITIATOR: z.string().optional(),
  MPESA_INITIATOR_PASSWORD: z.string().optional(),
  MPESA_CERTIFICATE: z.string().transform(certificateAt).optional(),
  MPESA_CALLBACK_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'is the address that M-Pesa calls back, without a path',
    )
    .transform((text) => new URL(text).origin)
    .optional(),
  MPESA_CALLBACK_SOURCES: z
    .string()
    .transform((list) => list.split(',').map((source) => source.trim()))
    .pipe(
      z.array(z.string().refine(isSource, 'is a list of addresses or networks with commas between, such as 196.201.214.0/24')),
    )
    .default(SOURCES.split(',')),
};

function certificateAt(file: string, context: z.RefinementCtx<string>): Buffer {
  try {
    const bytes = readFileSync(file);
    publicKeyIn(bytes);
    return bytes;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    context.addIssue({ code: 'custom', message: 'is the file of the certificate that M-Pesa gives out, and it cannot be read' });
    return z.NEVER;
  }
}

function isSource(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  return family !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}

const NEEDED = [
  'MPESA_CONSUMER_KEY',
  'MPESA_CONSUMER_SECRET',
  'MPESA_SHORT_CODE',
  'MPESA_PASSKEY',
  'MPESA_INITIATOR',
  'MPESA_INITIATOR_PASSWORD',
  'MPESA_CERTIFICATE',
] as const;

/** What no single setting shows. */
export function mpesaMistakes(given: Record<string, string | undefined>): string[] {
  const missing = NEEDED.filter((name) => given[name] === undefined);
  if (missing.length === NEEDED.length) return [];
  const mistakes = missing.map((name) => `${name} is required where M-Pesa is set up`);
  if (given.NODE_ENV !== 'production') return mistakes;
  if (given.MPESA_ENVIRONMENT !== 'production')
    mistakes.push("MPESA_ENVIRONMENT is production in production: a sandbox's money is none");
  if (!(given.MPESA_CALLBACK_URL ?? given.PUBLIC_URL ?? '').startsWith('https:'))
    mistakes.push('MPESA_CALLBACK_URL, or PUBLIC_URL without it, begins with https: M-Pesa calls nothing else');
  return mistakes;
}

/** null: not set up. */
export function mpesaAccount(format: z.output<z.ZodObject<typeof MPESA_FORMAT>>): MpesaAccount | null {
  const { MPESA_CONSUMER_KEY: consumerKey, MPESA_CONSUMER_SECRET: consumerSecret, MPESA_CERTIFICATE: certificate } = format;
  const { MPESA_SHORT_CODE: code, MPESA_PASSKEY: passkey } = format;
  const { MPESA_INITIATOR: initiator, MPESA_INITIATOR_PASSWORD: initiatorPassword } = format;
  if (!consumerKey || !consumerSecret || !certificate || !code || !passkey || !initiator || !initiatorPassword) return null;
  const real = format.MPESA_ENVIRONMENT === 'production';
  return {
    baseUrl: real ? 'https://api.safaricom.co.ke' : 'https://sandbox.safaricom.co.ke',
    sandbox: !real,
    consumerKey,
    consumerSecret,
    shortCode: code,
    passkey,
    till: format.MPESA_TILL ?? null,
    payoutShortCode: format.MPESA_PAYOUT_SHORT_CODE ?? code,
    initiator,
    initiatorPassword,
    certificate,
    callbackSources: format.MPESA_CALLBACK_SOURCES,
    callbackUrl: format.MPESA_CALLBACK_URL ?? null,
  };
}
