// The REST door with M-Pesa behind it: a real client, a real sandbox on loopback, customers who do as a test says.
import * as assert from 'uvu/assert';
import type { PaymentRow } from '../../persistence/payments-rows.ts';
import { openMpesa } from '../../providers/mpesa.ts';
import { startMpesaSandbox } from '../../providers/sandbox/mpesa.ts';
import { SANDBOX_ACCOUNT, type SandboxPlans } from '../../providers/sandbox/mpesa.ts';
import { PAYS, type PayoutPlan, type PushPlan, RECEIVES } from '../../providers/sandbox/mpesa-plans.ts';
import type { PaymentState } from '../../rules/payments.ts';
import { openCashier } from '../../server/cashier.ts';
import { newKey, openRest, type Rest, type RestOptions, type SignedIn, type Told } from './rest.ts';
import { until } from './server.ts';
import { give, type TestStore } from './store.ts';

/** An operator at the terminal. */
export const BY = { actorId: null, terminal: 'ann' };
export const PHONE = '254708374149';
/** A busy machine may pause for seconds. */
const PATIENCE_MS = 30_000;

export type Till = Awaited<ReturnType<typeof openTill>>;

export interface TillOptions extends RestOptions {
  /** A sandbox that another till has opened. */
  sandbox?: Awaited<ReturnType<typeof startMpesaSandbox>>;
  sources?: readonly string[];
  callMs?: number;
}

export async function openTill({ sandbox: given, sources = ['127.0.0.1'], callMs = 20_000, ...options }: TillOptions = {}) {
  const plan: { push: Partial<PushPlan>; payout: Partial<PayoutPlan> } = { push: {}, payout: {} };
  const plans: SandboxPlans = {
    push: () => ({ ...PAYS, callbackMs: 0, ...plan.push }),
    payout: () => ({ ...RECEIVES, noticeMs: 0, ...plan.payout }),
  };
  const sandbox = given ?? (await startMpesaSandbox(plans));
  const rest = await openRest({ settings: { realMoney: true }, ...options });
  const { store, house } = rest;
  const account = {
    ...SANDBOX_ACCOUNT,
    baseUrl: sandbox.url,
    sandbox: true,
    certificate: sandbox.certificate,
    callbackSources: sources,
  };
  const mpesa = openMpesa(account, store.providerTokens.shelf('mpesa:test'), { now: rest.clock.now, callMs });
  const cashier = openCashier({ store, mpesa, callbackUrl: rest.url, log: house.log });
  house.providers = { ...house.providers, mpesa };
  house.cashier = cashier;
  const state = async (player: SignedIn, paymentId: string) => (await store.payments.one(player.id, paymentId)).state;

  return {
    ...rest,
    sandbox,
    mpesa,
    cashier,
    /** What customers do from now on; what is not named they do as they should, at once. */
    customers: (push: Partial<PushPlan>, payout: Partial<PayoutPlan> = {}) => void Object.assign(plan, { push, payout }),
    deposit: (player: SignedIn, shillings: number, more: { key?: string; phone?: string } = {}) =>
      ask(rest, '/api/payments/deposit', player, { shillings, ...more }),
    withdraw: (player: SignedIn, shillings: number, more: { key?: string; phone?: string } = {}) =>
      ask(rest, '/api/payments/withdraw', player, { shillings, ...more }),
    payment: (player: SignedIn, paymentId: string): Promise<PaymentRow> => store.payments.one(player.id, paymentId),
    /** Waits until the payment is in that state. */
    becomes: (player: SignedIn, paymentId: string, wanted: PaymentState) =>
      until(`the payment to be ${wanted}`, async () => (await state(player, paymentId)) === wanted, PATIENCE_MS),
    state,
    /** Whole shillings, free and held. */
    shillings: (player: SignedIn) => shillingsOf(rest, player),
    give: (player: SignedIn, shillings: number) =>
      give(store, { playerId: player.id, currency: 'KES', amount: BigInt(shillings) * 100n }),
    /** Time goes by, and the schedule comes round. */
    async later(ms: number) {
      rest.clock.pass(ms);
      return cashier.round();
    },
    async close() {
      await cashier.close();
      if (!given) await sandbox.close();
      await rest.close();
    },
  };
}

async function ask(
  rest: Rest,
  path: string,
  player: SignedIn,
  { shillings, key = newKey(), phone = PHONE }: { shillings: number; key?: string; phone?: string },
): Promise<Told & { id: string }> {
  const body = { amount: { currency: 'KES', amount: String(shillings * 100) }, phone };
  const told = await rest.ask('POST', path, { token: player.accessToken, key, body });
  return { ...told, id: String(told.json.id) };
}

async function shillingsOf({ store }: TestStore, player: SignedIn): Promise<[free: number, held: number]> {
  const { available, held } = await store.ledger.balance(player.id, 'KES');
  return [Number(available) / 100, Number(held) / 100];
}

/** The books are right: every balance the sum of its entries, the clearing account what was paid in less what was paid out. */
export async function booksAreRight(
  { store }: Pick<TestStore, 'store'>,
  { inReview = 0 }: { inReview?: number } = {},
): Promise<void> {
  assert.equal((await store.ledger.verify()).differences, []);
  const { clearing, deposits, withdrawals, differences } = await store.payments.report(null);
  assert.is(clearing, deposits - withdrawals);
  assert.equal(
    differences.map(({ what }) => what),
    Array.from({ length: inReview }, () => 'needs_review'),
  );
}
