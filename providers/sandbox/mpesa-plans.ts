// How the sandbox's customers behave. In development the last two digits of the phone choose; a test hands in its own plans.

/** What becomes of a push. */
export interface PushPlan {
  /** What the request itself is told; `dropped` takes it and breaks the connection. */
  answer: 'accepted' | 'dropped' | 'refused' | 'throttled' | 'locked';
  /** 0: the customer pays. */
  resultCode: number | string;
  /** How often the callback is sent; 0 is never. */
  callbacks: number;
  /** Milliseconds from the answer to the callback; `early` is before the answer. */
  callbackMs: number | 'early';
  /** What a query says: the truth, `pending` for ever, or a result code whatever the truth is. */
  query: 'truth' | 'pending' | 'overloaded' | (string & {});
}

/** What becomes of a payout. */
export interface PayoutPlan {
  /** `failing` takes it and answers HTTP 500 all the same. */
  answer: 'accepted' | 'dropped' | 'failing' | 'refused' | 'throttled';
  resultCode: number | string;
  /** What is sent by itself: the result, the timeout notice, or nothing. */
  notice: 'result' | 'timeout' | 'none';
  noticeMs: number | 'early';
  /** How often the notice is sent. */
  notices: number;
  /** The result shows another originator id than the one sent, as in the provider's own samples. */
  strange: boolean;
  /** What a status query says of it; null: by the result code. */
  status: string | null;
}

export const PAYS: PushPlan = { answer: 'accepted', resultCode: 0, callbacks: 1, callbackMs: 1_500, query: 'truth' };
export const RECEIVES: PayoutPlan = {
  answer: 'accepted',
  resultCode: 0,
  notice: 'result',
  noticeMs: 1_500,
  notices: 1,
  strange: false,
  status: null,
};

/** By the last two digits of the phone; any other pays. */
const PUSHES: Readonly<Record<string, Partial<PushPlan>>> = {
  '01': { resultCode: 1032 },
  '02': { callbacks: 0 },
  '03': { callbacks: 2 },
  '04': { callbackMs: 200_000, query: '1037' },
  '05': { callbackMs: 'early' },
  '06': { callbacks: 0, query: '1032' },
  '07': { answer: 'throttled' },
  '08': { answer: 'dropped' },
  '09': { resultCode: 1 },
  '10': { resultCode: 2001 },
  '11': { callbacks: 0, resultCode: 1037 },
};

const PAYOUTS: Readonly<Record<string, Partial<PayoutPlan>>> = {
  '01': { resultCode: 2040 },
  '02': { notice: 'none' },
  '03': { notices: 2 },
  '05': { noticeMs: 'early' },
  '06': { strange: true },
  '07': { answer: 'throttled' },
  '08': { answer: 'dropped', notice: 'none' },
  '09': { notice: 'timeout' },
  '10': { answer: 'failing', notice: 'none' },
};

export const pushPlanFor = (phone: string): PushPlan => ({ ...PAYS, ...PUSHES[phone.slice(-2)] });
export const payoutPlanFor = (phone: string): PayoutPlan => ({ ...RECEIVES, ...PAYOUTS[phone.slice(-2)] });
