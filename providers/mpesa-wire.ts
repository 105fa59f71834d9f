// Daraja's wire format, read: callbacks and answers are checked here, and what does not have their shape is null. Its
// numbers come as numbers or strings, its lists as lists or as their only item, its texts change; only codes count.
import type { PayoutResult, PayoutStatus, PushCallback } from '../rules/payments.ts';

type Fields = Record<string, unknown>;

/** The body of `CallBackURL`. */
export function readPushCallback(body: unknown): PushCallback | null {
  const callback = fields(fields(fields(body)?.Body)?.stkCallback);
  const checkoutId = idOf(callback?.CheckoutRequestID);
  const merchantId = idOf(callback?.MerchantRequestID);
  const code = codeOf(callback?.ResultCode);
  if (checkoutId === null || merchantId === null || code === null) return null;
  const items = named(fields(callback?.CallbackMetadata)?.Item, 'Name', 'Value');
  return {
    checkoutId,
    merchantId,
    code,
    amount: shillingsOf(items.get('Amount')),
    phone: phoneOf(items.get('PhoneNumber')),
    receipt: receiptOf(items.get('MpesaReceiptNumber')),
  };
}

/** The body of `ResultURL` of a payout. */
export function readPayoutResult(body: unknown): PayoutResult | null {
  const result = fields(fields(body)?.Result);
  const originatorId = idOf(result?.OriginatorConversationID);
  const conversationId = idOf(result?.ConversationID);
  const code = codeOf(result?.ResultCode);
  if (originatorId === null || conversationId === null || code === null) return null;
  const items = parametersOf(result);
  return {
    originatorId,
    conversationId,
    code,
    amount: shillingsOf(items.get('TransactionAmount')),
    phone: partyPhone(items.get('ReceiverPartyPublicName')),
    receipt: receiptOf(items.get('TransactionReceipt') ?? (code === '0' ? result?.TransactionID : null)),
  };
}

/** The body of `ResultURL` of a status query. */
export function readPayoutStatus(body: unknown): PayoutStatus | null {
  const result = fields(fields(body)?.Result);
  const code = codeOf(result?.ResultCode);
  if (code === null) return null;
  const items = parametersOf(result);
  const status = items.get('TransactionStatus');
  return {
    code,
    status: typeof status === 'string' && status.length <= ID_MAX ? status : null,
    originatorId: idOf(items.get('OriginatorConversationID')),
    conversationId: idOf(items.get('ConversationID')),
    amount: shillingsOf(items.get('Amount')),
    receipt: receiptOf(items.get('ReceiptNo')),
  };
}

export const fields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

const ID_MAX = 100;

/** Printable and short: it is going to be stored. */
export const idOf = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= ID_MAX && /^[\x21-\x7e]+$/.test(value) ? value : null;

/** '0' from 0, "0" or 0.0; letters stay as they are. */
export function codeOf(value: unknown): string | null {
  const code = typeof value === 'number' ? String(value) : value;
  return typeof code === 'string' && /^[\w.-]{1,32}$/.test(code) ? code : null;
}

const parametersOf = (result: Fields | null) => named(fields(result?.ResultParameters)?.ResultParameter, 'Key', 'Value');

/** By name, the first of each: a status result names the debit party twice, and the second is somebody else. */
function named(list: unknown, name: string, value: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const item of Array.isArray(list) ? list : [list]) {
    const key = fields(item)?.[name];
    if (typeof key === 'string' && !found.has(key)) found.set(key, fields(item)?.[value]);
  }
  return found;
}

const CENTS = 100n;

/** Whole shillings as minor units; a fraction is nothing this house ever asked for. */
function shillingsOf(value: unknown): bigint | null {
  const number = typeof value === 'string' && /^\d{1,9}(\.\d{1,2})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? BigInt(number) * CENTS : null;
}

function phoneOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\d{12}$/.test(text) ? text : null;
}

/** The number before the name: `254712345678 - ANN EXAMPLE`. The name is not ours to keep. */
function partyPhone(value: unknown): string | null {
  const [number] = typeof value === 'string' ? value.split(' - ') : [];
  return number !== undefined && /^[\d*\s]{3,32}$/.test(number) ? number.trim() : null;
}

const receiptOf = (value: unknown): string | null => (typeof value === 'string' && /^[A-Z0-9]{8,16}$/.test(value) ? value : null);
