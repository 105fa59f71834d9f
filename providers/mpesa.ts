// Safaricom's Daraja, over fetch. It moves nothing by itself: it says what an answer proves. What was not answered, or not
// in a known way, is `unknown`, because the other side may well have done it.
import { constants, createPublicKey, type KeyObject, publicEncrypt, X509Certificate } from 'node:crypto';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { PayoutAnswer, PushAnswer, PushStatus } from '../rules/payments.ts';
import { codeOf, fields, idOf } from './mpesa-wire.ts';

export interface MpesaSettings {
  /** `https://api.safaricom.co.ke`, or a sandbox. */
  baseUrl: string;
  /** Money that is not money: a sandbox's. */
  sandbox: boolean;
  consumerKey: string;
  consumerSecret: string;
  shortCode: string;
  passkey: string;
  /** A till's number for CustomerBuyGoodsOnline; null: the short code is a paybill. */
  till: string | null;
  payoutShortCode: string;
  initiator: string;
  initiatorPassword: string;
  /** The environment's X.509 certificate (PEM or DER), or a public key in PEM. */
  certificate: Buffer;
  /** Where callbacks may come from: addresses, or networks such as 196.201.214.0/24. */
  callbackSources: readonly string[];
}

/** A push, as the customer's phone will show it. */
export interface Push {
  phone: string;
  /** Minor units, whole shillings. */
  amount: bigint;
  /** 12 letters and digits at most. */
  reference: string;
  callbackUrl: string;
}

export interface Payout {
  originatorId: string;
  phone: string;
  amount: bigint;
  resultUrl: string;
  timeoutUrl: string;
}

/** Where all processes find the one token: a new one ends the one before, whoever holds it. */
export interface TokenShelf {
  current(): Promise<string | null>;
  /** The token after `stale`: another process's, or one made by `make` by one process at a time. */
  /** null: nobody got one in time. */
  renew(stale: string | null, make: () => Promise<{ token: string; seconds: number }>): Promise<string | null>;
}

export type Mpesa = ReturnType<typeof openMpesa>;

const CALL_MS = 30_000;
const TOKEN_MS = 8_000;

export function openMpesa(
  settings: MpesaSettings,
  tokens: TokenShelf,
  { now, callMs = CALL_MS }: { now(): Date; callMs?: number },
) {
  const { baseUrl, shortCode, passkey } = settings;
  const credential = sealer(settings);
  const sources = sourcesOf(settings.callbackSources);
  const call = (path: string, body: object) =>
    callWithToken({ url: baseUrl + path, body, tokens, make: () => newToken(settings), ms: callMs });
  const signed = () => {
    const Timestamp = kenyanTimestamp(now());
    return { BusinessShortCode: shortCode, Password: pushPassword({ shortCode, passkey, timestamp: Timestamp }), Timestamp };
  };

  return {
    sandbox: settings.sandbox,
    /** Whether a callback may come from `address`. */
    allows: (address: string): boolean => isIP(address) !== 0 && sources.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),

    /** Asks a phone to pay. There is no key against repeats: what is `unknown` may have been shown. */
    async push({ phone, amount, reference, callbackUrl }: Push): Promise<PushAnswer> {
      const told = await call('/mpesa/stkpush/v1/processrequest', {
        ...signed(),
        TransactionType: settings.till === null ? 'CustomerPayBillOnline' : 'CustomerBuyGoodsOnline',
        Amount: Number(amount / CENTS),
        PartyA: phone,
        PartyB: settings.till ?? shortCode,
        PhoneNumber: phone,
        CallBackURL: callbackUrl,
        AccountReference: reference,
        TransactionDesc: 'Deposit',
      });
      const checkoutId = idOf(told.body?.CheckoutRequestID);
      const merchantId = idOf(told.body?.MerchantRequestID);
      if (accepts(told) && checkoutId !== null && merchantId !== null) return { kind: 'accepted', checkoutId, merchantId };
      // The merchant or the subscriber cannot now. Should that be wrong, a callback still credits; for a payout it proves nothing.
      return told.code === UNABLE ? { kind: 'refused', code: codeIn(told) } : notAccepted(told);
    },

    /** What became of a push. A failure said here has been seen to be wrong. */
    async pushStatus(checkoutId: string): Promise<PushStatus> {
      const told = await call('/mpesa/stkpushquery/v1/query', { ...signed(), CheckoutRequestID: checkoutId });
      if (told.kind === 'answer' && told.code === UNABLE && /process/i.test(told.text)) return { kind: 'pending' };
      if (!accepts(told) || idOf(told.body?.CheckoutRequestID) !== checkoutId) return { kind: 'unknown', code: codeIn(told) };
      const code = codeOf(told.body?.ResultCode);
      if (code === null) return { kind: 'unknown', code: 'shape' };
      if (code === STILL_PROCESSING) return { kind: 'pending' };
      return code === '0' ? { kind: 'paid', merchantId: idOf(told.body?.MerchantRequestID) } : { kind: 'failed', code };
    },

    /** Pays out. The same `originatorId` is never paid twice. */
    async pay({ originatorId, phone, amount, resultUrl, timeoutUrl }: Payout): Promise<PayoutAnswer> {
      const told = await call('/mpesa/b2c/v3/paymentrequest', {
        OriginatorConversationID: originatorId,
        InitiatorName: settings.initiator,
        SecurityCredential: credential(),
        CommandID: 'BusinessPayment',
        Amount: Number(amount / CENTS),
        PartyA: settings.payoutShortCode,
        PartyB: phone,
        Remarks: 'Withdrawal',
        QueueTimeOutURL: timeoutUrl,
        ResultURL: resultUrl,
      });
      const conversationId = idOf(told.body?.ConversationID);
      if (accepts(told) && conversationId !== null) return { kind: 'accepted', conversationId };
      return told.kind === 'answer' && told.code === DUPLICATE ? { kind: 'duplicate' } : notAccepted(told);
    },

    /** Asks what became of a payout; the answer comes to `resultUrl`. False: the question was not taken. */
    async askPayout({ originatorId, resultUrl, timeoutUrl }: Omit<Payout, 'phone' | 'amount'>): Promise<boolean> {
      return accepts(
        await call('/mpesa/transactionstatus/v1/query', {
          Initiator: settings.initiator,
          SecurityCredential: credential(),
          CommandID: 'TransactionStatusQuery',
          OriginalConversationID: originatorId,
          PartyA: settings.payoutShortCode,
          IdentifierType: '4',
          ResultURL: resultUrl,
          QueueTimeOutURL: timeoutUrl,
          Remarks: 'Status',
        }),
      );
    },
  };
}

const CENTS = 100n;
const DUPLICATE = '500.002.1001';
const STILL_PROCESSING = '4999';
/** Nothing was taken; it may be said again later. */
const BUSY = new Set(['500.003.02', '500.003.03', '00.002.1001']);
/** A field or an endpoint is wrong: saying it again would be refused again. */
const REFUSED = /^(400\.00[0-9]\.0[0-9]|404\.00[1-3]\.01|405\.001)$/;
const UNABLE = '500.001.1001';
const TOKEN_REFUSED = new Set(['404.001.03', '404.001.04', '401.002.01', '401.003.01', '400.003.01']);

/** What came back, or did not. */
type Told =
  | { kind: 'answer'; status: number; body: Record<string, unknown> | null; code: string; text: string }
  /** No connection was made, so nothing was sent. */
  | { kind: 'unreached'; body: null; code: string }
  | { kind: 'lost'; body: null; code: string };

const accepts = (told: Told): boolean => told.kind === 'answer' && told.status === 200 && codeOf(told.body?.ResponseCode) === '0';

const codeIn = (told: Told): string => (told.kind === 'answer' && told.code === '' ? `http_${told.status}` : told.code);

/** Only what the provider is known to say before it takes anything counts as not taken. */
function notAccepted(told: Told): { kind: 'refused' | 'busy' | 'unknown'; code: string } {
  const code = codeIn(told);
  if (told.kind === 'unreached') return { kind: 'busy', code };
  if (told.kind === 'lost') return { kind: 'unknown', code };
  if (TOKEN_REFUSED.has(told.code) || told.status === 401 || told.status === 429 || BUSY.has(told.code))
    return { kind: 'busy', code };
  if (REFUSED.test(told.code) && told.status >= 400 && told.status < 500) return { kind: 'refused', code };
  return { kind: 'unknown', code };
}

interface TokenCall {
  url: string;
  body: object;
  tokens: TokenShelf;
  make: () => Promise<{ token: string; seconds: number }>;
  ms: number;
}

/** A refused token is replaced once: another process's new one has ended it, or its hour is over. */
async function callWithToken({ url, body, tokens, make, ms }: TokenCall): Promise<Told> {
  const token = (await tokens.current()) ?? (await renewed(tokens, null, make));
  if (token === null) return NO_TOKEN;
  const told = await post(url, body, { token, ms });
  if (!tokenRefused(told)) return told;
  const next = await renewed(tokens, token, make);
  return next === null ? NO_TOKEN : post(url, body, { token: next, ms });
}

const NO_TOKEN: Told = { kind: 'unreached', body: null, code: 'no_token' };

async function renewed(tokens: TokenShelf, stale: string | null, make: TokenCall['make']): Promise<string | null> {
  try {
    return await tokens.renew(stale, make);
  } catch (error) {
    if (error instanceof NoToken) return null;
    throw error;
  }
}

const tokenRefused = (told: Told): boolean => told.kind === 'answer' && (told.status === 401 || TOKEN_REFUSED.has(told.code));

/** The provider gave no token, so nothing was sent to it. */
export class NoToken extends Error {
  override readonly name = 'NoToken';
}

async function newToken({ baseUrl, consumerKey, consumerSecret }: MpesaSettings): Promise<{ token: string; seconds: number }> {
  const basic = Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64');
  const headers = { authorization: `Basic ${basic}` };
  const told = await told200(`${baseUrl}/oauth/v1/generate?grant_type=client_credentials`, { headers }, TOKEN_MS);
  const token = told.body?.access_token;
  const seconds = Number(told.body?.expires_in);
  if (typeof token !== 'string' || token === '' || !(seconds > 0)) throw new NoToken(`no token: ${codeIn(told)}`);
  return { token, seconds };
}

const post = (url: string, body: object, { token, ms }: { token: string; ms: number }): Promise<Told> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return told200(url, { method: 'POST', headers, body: JSON.stringify(body) }, ms);
};

const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

async function told200(url: string, init: RequestInit, ms: number): Promise<Told> {
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(ms) });
    const body = bodyOf(await response.text());
    const code = codeOf(body?.errorCode) ?? '';
    const text = typeof body?.errorMessage === 'string' ? body.errorMessage : '';
    return { kind: 'answer', status: response.status, body, code, text };
  } catch (error) {
    const code = causeOf(error);
    return { kind: UNREACHED.has(code) ? 'unreached' : 'lost', body: null, code };
  }
}

function bodyOf(text: string): Record<string, unknown> | null {
  try {
    return fields(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `fetch` hides the system's word in its cause; several addresses tried give several. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  return first instanceof Error ? first.name : 'unknown';
}

/** base64(short code + passkey + timestamp), nothing between. */
export const pushPassword = ({
  shortCode,
  passkey,
  timestamp,
}: {
  shortCode: string;
  passkey: string;
  timestamp: string;
}): string => Buffer.from(shortCode + passkey + timestamp).toString('base64');

const EAT_MS = 3 * 3_600_000;

/** YYYYMMDDHHmmss in Kenya: UTC+3, never summer time. */
export const kenyanTimestamp = (at: Date): string =>
  new Date(at.getTime() + EAT_MS).toISOString().replaceAll(/\D/g, '').slice(0, 14);

/** RSA with PKCS#1 v1.5 of the initiator's password; different each time. */
function sealer({ certificate, initiatorPassword }: MpesaSettings): () => string {
  const key = publicKeyIn(certificate);
  return () => publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(initiatorPassword)).toString('base64');
}

/** Throws what node:crypto throws for something that is neither. */
export const publicKeyIn = (bytes: Buffer): KeyObject =>
  bytes.includes('PUBLIC KEY') ? createPublicKey(bytes) : new X509Certificate(bytes).publicKey;

function sourcesOf(sources: readonly string[]): BlockList {
  const list = new BlockList();
  for (const source of sources) {
    const [address = '', bits] = source.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
