// Daraja as the house meets it, on loopback: its wire format, its tokens that end one another, its error envelopes, and
// customers who do what a plan says. It checks every request as the real one does, and pays with nothing.
import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  payoutResult,
  pushCallback,
  receipt,
  type SandboxPayout,
  type SandboxPush,
  statusResult,
  taken,
  timeoutNotice,
} from './mpesa-bodies.ts';
import { type PayoutPlan, payoutPlanFor, type PushPlan, pushPlanFor } from './mpesa-plans.ts';

export type { SandboxPayout, SandboxPush };

export type MpesaSandbox = Awaited<ReturnType<typeof startMpesaSandbox>>;

/** What a customer answers with, by phone and shillings. */
export interface SandboxPlans {
  push?(order: { phone: string; shillings: number }): PushPlan;
  payout?(order: { phone: string; shillings: number }): PayoutPlan;
}

export const SANDBOX_ACCOUNT = {
  consumerKey: 'sandbox-key',
  consumerSecret: 'sandbox-secret',
  shortCode: '174379',
  passkey: 'sandbox-passkey',
  till: null,
  payoutShortCode: '600000',
  initiator: 'sandbox',
  initiatorPassword: 'Sandbox#1',
} as const;

export async function startMpesaSandbox(plans: SandboxPlans = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const daraja = new Daraja(plans, privateKey);
  const server = createServer((request, response) => void daraja.answer(request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate: Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })),
    /** What was taken, in order. */
    pushes: daraja.pushes,
    payouts: daraja.payouts,
    /** How often each path was asked, whatever was answered. */
    asked: daraja.asked,
    /** Callbacks that did not reach anyone or were not answered with 200. */
    undelivered: () => daraja.undelivered,
    /** Ends the token that is out, as another client of the same app would. */
    endToken: () => void (daraja.token = randomBytes(14).toString('hex')),
    /** Sends a callback of a test's own making; resolves with the status it was answered with. */
    deliver: (url: string, body: object) => daraja.deliver(url, body),
    close: async () => {
      daraja.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Fields = Record<string, unknown>;

class Daraja {
  readonly pushes: SandboxPush[] = [];
  readonly payouts: SandboxPayout[] = [];
  readonly asked = new Map<string, number>();
  undelivered = 0;
  token: string | null = null;
  readonly #plans: SandboxPlans;
  readonly #privateKey: KeyObject;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #throttled = new Set<string>();

  constructor(plans: SandboxPlans, privateKey: KeyObject) {
    this.#plans = plans;
    this.#privateKey = privateKey;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0]!;
    this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
    const body = await jsonOf(request);
    if (path === '/oauth/v1/generate') return this.#generate(request, response);
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      const code = path.startsWith('/mpesa/transactionstatus') ? '400.003.01' : '404.001.03';
      return fault(response, Number(code.slice(0, 3)), code, 'Invalid Access Token');
    }
    if (request.headers['content-type'] !== 'application/json' || body === null)
      return fault(response, 400, '400.002.02', 'Bad Request - Invalid BusinessShortCode');
    if (path === '/mpesa/stkpush/v1/processrequest') return this.#push(body, response);
    if (path === '/mpesa/stkpushquery/v1/query') return this.#query(body, response);
    if (path === '/mpesa/b2c/v3/paymentrequest') return this.#payout(body, response);
    if (path === '/mpesa/transactionstatus/v1/query') return this.#status(body, response);
    fault(response, 404, '404.001.01', 'Resource not found');
  }

  /** A callback, once; nobody says it again. Callers need not wait. */
  async deliver(url: string, body: object): Promise<number | null> {
    try {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      await answer.text();
      if (answer.status !== 200) this.undelivered++;
      return answer.status;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.undelivered++;
      return null;
    }
  }

  #generate(request: IncomingMessage, response: ServerResponse): void {
    const { consumerKey, consumerSecret } = SANDBOX_ACCOUNT;
    const wanted = `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}`;
    if (request.headers.authorization !== wanted) return fault(response, 400, '400.008.01', 'Invalid Authentication passed');
    this.token = randomBytes(14).toString('hex');
    send(response, 200, { access_token: this.token, expires_in: '3599' });
  }

  async #push(body: Fields, response: ServerResponse): Promise<void> {
    const wrong = wrongPush(body);
    if (wrong) return fault(response, 400, '400.002.02', `Bad Request - Invalid ${wrong}`);
    const order = { phone: String(body.PhoneNumber), shillings: Number(body.Amount) };
    const plan = this.#plans.push?.(order) ?? pushPlanFor(order.phone);
    if (plan.answer === 'refused') return fault(response, 400, '400.002.02', 'Bad Request - Invalid PhoneNumber');
    if (plan.answer === 'locked')
      return fault(response, 500, '500.001.1001', 'Unable to lock subscriber, a transaction is already in process');
    if (plan.answer === 'throttled' && this.#isFirst(`push ${order.phone}`)) return throttle(response);
    const number = this.pushes.length + 1;
    const push: SandboxPush = {
      ...order,
      plan,
      merchantId: `${number}-${randomBytes(4).toString('hex')}-1`,
      checkoutId: `ws_CO_${randomBytes(8).toString('hex')}`,
      reference: String(body.AccountReference),
      callbackUrl: String(body.CallBackURL),
      receipt: receipt(),
    };
    this.pushes.push(push);
    if (plan.callbackMs === 'early') await this.#callBack(push);
    if (plan.answer === 'dropped') response.destroy();
    else {
      send(response, 200, {
        MerchantRequestID: push.merchantId,
        CheckoutRequestID: push.checkoutId,
        ResponseCode: '0',
        ResponseDescription: 'Success. Request accepted for processing',
        CustomerMessage: 'Success. Request accepted for processing',
      });
    }
    if (plan.callbackMs !== 'early') this.#later(plan.callbackMs, () => this.#callBack(push));
  }

  async #callBack(push: SandboxPush): Promise<void> {
    for (let times = 0; times < push.plan.callbacks; times++) await this.deliver(push.callbackUrl, pushCallback(push));
  }

  #query(body: Fields, response: ServerResponse): void {
    const push = this.pushes.find(({ checkoutId }) => checkoutId === body.CheckoutRequestID);
    if (!push) return fault(response, 400, '400.002.02', 'Bad Request - Invalid CheckoutRequestID');
    const { query, resultCode } = push.plan;
    if (query === 'pending') return fault(response, 500, '500.001.1001', 'The transaction is being processed');
    if (query === 'overloaded') return fault(response, 500, '500.003.02', 'System is busy. Please try again in few minutes.');
    const code = query === 'truth' ? resultCode : query;
    send(response, 200, {
      ResponseCode: '0',
      ResponseDescription: 'The service request has been accepted successsfully',
      MerchantRequestID: push.merchantId,
      CheckoutRequestID: push.checkoutId,
      ResultCode: String(code),
      ResultDesc: code === 0 ? 'The service request is processed successfully.' : 'Request not completed',
    });
  }

  async #payout(body: Fields, response: ServerResponse): Promise<void> {
    const wrong = wrongPayout(body, this.#privateKey);
    if (wrong) return fault(response, 400, '400.002.02', `Bad Request - Invalid ${wrong}`);
    if (this.payouts.some(({ originatorId }) => originatorId === body.OriginatorConversationID))
      return fault(response, 500, '500.002.1001', 'Duplicate OriginatorConversationID');
    const order = { phone: String(body.PartyB), shillings: Number(body.Amount) };
    const plan = this.#plans.payout?.(order) ?? payoutPlanFor(order.phone);
    if (plan.answer === 'refused') return fault(response, 400, '400.002.02', 'Bad Request - Invalid PartyB');
    if (plan.answer === 'throttled' && this.#isFirst(`payout ${order.phone}`)) return throttle(response);
    const payout: SandboxPayout = {
      ...order,
      plan,
      originatorId: String(body.OriginatorConversationID),
      conversationId: `AG_${randomBytes(10).toString('hex')}`,
      resultUrl: String(body.ResultURL),
      timeoutUrl: String(body.QueueTimeOutURL),
      receipt: receipt(),
    };
    this.payouts.push(payout);
    if (plan.noticeMs === 'early') await this.#notify(payout);
    if (plan.answer === 'dropped') response.destroy();
    else if (plan.answer === 'failing') fault(response, 500, '500.003.1001', 'Internal Server Error');
    else send(response, 200, taken(payout));
    if (plan.noticeMs !== 'early') this.#later(plan.noticeMs, () => this.#notify(payout));
  }

  async #notify(payout: SandboxPayout): Promise<void> {
    const { notice, notices } = payout.plan;
    if (notice === 'none') return;
    const [url, body] =
      notice === 'result' ? [payout.resultUrl, payoutResult(payout)] : [payout.timeoutUrl, timeoutNotice(payout)];
    for (let times = 0; times < notices; times++) await this.deliver(url, body);
  }

  #status(body: Fields, response: ServerResponse): void {
    if (!sealedRight(body.SecurityCredential, this.#privateKey))
      return fault(response, 400, '400.002.02', 'Bad Request - Invalid SecurityCredential');
    const payout = this.payouts.find(({ originatorId }) => originatorId === body.OriginalConversationID);
    const conversationId = `AG_${randomBytes(10).toString('hex')}`;
    send(response, 200, {
      OriginatorConversationID: randomBytes(8).toString('hex'),
      ConversationID: conversationId,
      ResponseCode: '0',
      ResponseDescription: 'Accept the service request successfully.',
    });
    this.#later(0, () => this.deliver(String(body.ResultURL), statusResult(payout, conversationId)));
  }

  /** A phone is throttled once, so that another try gets through. */
  #isFirst(order: string): boolean {
    const first = !this.#throttled.has(order);
    this.#throttled.add(order);
    return first;
  }

  #later(ms: number, work: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void work();
    }, ms);
    this.#timers.add(timer);
  }
}

/** The field that Daraja would name, or null. */
function wrongPush(body: Fields): string | null {
  const { shortCode, passkey } = SANDBOX_ACCOUNT;
  const timestamp = String(body.Timestamp);
  if (String(body.BusinessShortCode) !== shortCode) return 'BusinessShortCode';
  if (!/^20\d{12}$/.test(timestamp)) return 'Timestamp';
  if (body.Password !== Buffer.from(shortCode + passkey + timestamp).toString('base64')) return 'Password';
  if (!Number.isInteger(Number(body.Amount)) || Number(body.Amount) < 1 || Number(body.Amount) > 250_000) return 'Amount';
  if (!/^254[17]\d{8}$/.test(String(body.PhoneNumber)) || body.PartyA !== body.PhoneNumber) return 'PhoneNumber';
  if (!/^[A-Za-z0-9]{1,12}$/.test(String(body.AccountReference))) return 'AccountReference';
  if (typeof body.TransactionDesc === 'string' && body.TransactionDesc.length > 13) return 'TransactionDesc';
  return urlRight(body.CallBackURL) ? null : 'CallBackURL';
}

function wrongPayout(body: Fields, privateKey: KeyObject): string | null {
  if (!/^\w{1,40}$/.test(String(body.OriginatorConversationID))) return 'OriginatorConversationID';
  if (body.InitiatorName !== SANDBOX_ACCOUNT.initiator) return 'InitiatorName';
  if (!sealedRight(body.SecurityCredential, privateKey)) return 'SecurityCredential';
  if (!Number.isInteger(Number(body.Amount)) || Number(body.Amount) < 10 || Number(body.Amount) > 250_000) return 'Amount';
  if (!/^254[17]\d{8}$/.test(String(body.PartyB))) return 'PartyB';
  if (typeof body.Remarks !== 'string' || body.Remarks.length < 2) return 'Remarks';
  return urlRight(body.ResultURL) && urlRight(body.QueueTimeOutURL) ? null : 'ResultURL';
}

/** The real one wants HTTPS too; on loopback there is none. */
const urlRight = (url: unknown): boolean =>
  typeof url === 'string' && URL.canParse(url) && !/mpesa|safaricom|exe|cmd|sql|query/i.test(new URL(url).pathname);

function sealedRight(credential: unknown, key: KeyObject): boolean {
  const sealed = Buffer.from(String(credential), 'base64');
  if (sealed.length !== 256) return false;
  return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, sealed).toString() === SANDBOX_ACCOUNT.initiatorPassword;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const fault = (response: ServerResponse, status: number, errorCode: string, errorMessage: string): void =>
  send(response, status, { requestId: randomBytes(6).toString('hex'), errorCode, errorMessage });

const throttle = (response: ServerResponse): void => fault(response, 500, '500.003.02', 'Spike arrest violation');

async function jsonOf(request: IncomingMessage): Promise<Fields | null> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  try {
    return JSON.parse(Buffer.concat(parts).toString()) as Fields;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
