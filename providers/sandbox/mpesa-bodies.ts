// What the sandbox says, word for word in the provider's shapes, oddities included.
import { randomBytes } from 'node:crypto';
import type { PayoutPlan, PushPlan } from './mpesa-plans.ts';

export interface SandboxPush {
  checkoutId: string;
  merchantId: string;
  phone: string;
  shillings: number;
  reference: string;
  callbackUrl: string;
  receipt: string;
  plan: PushPlan;
}

export interface SandboxPayout {
  originatorId: string;
  conversationId: string;
  phone: string;
  shillings: number;
  resultUrl: string;
  timeoutUrl: string;
  receipt: string;
  plan: PayoutPlan;
}

/** `more` puts other values in place, for words that no honest provider would say. */
export function pushCallback(
  push: SandboxPush,
  more: { amount?: number; phone?: string; checkoutId?: string; receipt?: string; code?: number | string } = {},
): object {
  const { amount = push.shillings, phone = push.phone, checkoutId = push.checkoutId, code = push.plan.resultCode } = more;
  const result = { MerchantRequestID: push.merchantId, CheckoutRequestID: checkoutId, ResultCode: code };
  if (code !== 0) return { Body: { stkCallback: { ...result, ResultDesc: '[STK_CB - ]Request cancelled by user' } } };
  const Item = [
    { Name: 'Balance' },
    { Name: 'MpesaReceiptNumber', Value: more.receipt ?? push.receipt },
    { Name: 'Amount', Value: amount },
    { Name: 'TransactionDate', Value: 20261121102115 },
    { Name: 'PhoneNumber', Value: Number(phone) },
  ];
  return {
    Body: {
      stkCallback: { ...result, ResultDesc: 'The service request is processed successfully.', CallbackMetadata: { Item } },
    },
  };
}

export function payoutResult(
  payout: SandboxPayout,
  more: { amount?: number; phone?: string; conversationId?: string; receipt?: string; code?: number | string } = {},
): object {
  const {
    amount = payout.shillings,
    phone = payout.phone,
    conversationId = payout.conversationId,
    code = payout.plan.resultCode,
  } = more;
  const OriginatorConversationID = payout.plan.strange ? `${randomBytes(6).toString('hex')}-1` : payout.originatorId;
  const head = { ResultType: 0, ResultCode: code, OriginatorConversationID, ConversationID: conversationId };
  const ReferenceData = { ReferenceItem: { Key: 'QueueTimeoutURL', Value: 'https://internal' } };
  if (code !== 0) return { Result: { ...head, ResultDesc: 'Failed', TransactionID: 'XXX0000000', ReferenceData } };
  const TransactionID = more.receipt ?? payout.receipt;
  const ResultParameter = [
    { Key: 'TransactionAmount', Value: amount },
    { Key: 'TransactionReceipt', Value: TransactionID },
    { Key: 'ReceiverPartyPublicName', Value: `${phone} - ANN EXAMPLE` },
    { Key: 'TransactionCompletedDateTime', Value: '21.11.2026 10:21:15' },
    { Key: 'B2CRecipientIsRegisteredCustomer', Value: 'Y' },
  ];
  return { Result: { ...head, ResultDesc: 'Processed', TransactionID, ResultParameters: { ResultParameter }, ReferenceData } };
}

export const timeoutNotice = ({ originatorId, conversationId }: SandboxPayout): object => ({
  Result: {
    ResultType: 1,
    ResultCode: '1037',
    ResultDesc: 'Request timed out',
    OriginatorConversationID: originatorId,
    ConversationID: conversationId,
    TransactionID: '',
  },
});

export function statusResult(payout: SandboxPayout | undefined, ConversationID: string): object {
  const head = {
    ResultType: 0,
    OriginatorConversationID: randomBytes(8).toString('hex'),
    ConversationID,
    TransactionID: receipt(),
  };
  if (!payout) return { Result: { ...head, ResultCode: 2001, ResultDesc: 'The transaction was not found' } };
  const status = payout.plan.status ?? (payout.plan.resultCode === 0 ? 'Completed' : 'Declined');
  const ResultParameter = [
    { Key: 'DebitPartyName', Value: '600000 - PLAYHOUSE' },
    { Key: 'DebitPartyName', Value: `${payout.phone} - ANN EXAMPLE` },
    { Key: 'OriginatorConversationID', Value: payout.originatorId },
    { Key: 'ConversationID', Value: payout.conversationId },
    { Key: 'TransactionStatus', Value: status },
    { Key: 'Amount', Value: `${payout.shillings}.00` },
    { Key: 'ReceiptNo', Value: payout.receipt },
  ];
  return { Result: { ...head, ResultCode: 0, ResultDesc: 'Processed', ResultParameters: { ResultParameter } } };
}

export const taken = ({ conversationId, originatorId }: SandboxPayout): object => ({
  ConversationID: conversationId,
  OriginatorConversationID: originatorId,
  ResponseCode: '0',
  ResponseDescription: 'Accept the service request successfully.',
});

/** Ten letters and digits, as the real ones. */
export const receipt = (): string => `SB${randomBytes(4).toString('hex').toUpperCase()}`;
