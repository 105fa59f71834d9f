// What the house does by the clock. A job that is still running is not started again; one that fails is logged and
// tried at its next time.
import type { Store } from '../persistence/store.ts';
import type { HouseCashier } from './cashier.ts';
import type { Log } from './house.ts';
import { remindPlayers } from './rooms.ts';

export interface Job {
  name: string;
  everyMs: number;
  run(): Promise<unknown>;
}

export interface Schedule {
  /** Starts no more jobs and waits for those that run. */
  stop(): Promise<void>;
}

const BEAT_MS = 2_000;
const SWEEP_MS = 3_000;
/** Boards move within this of what they count. */
const FOLD_MS = 1_000;
/** Whoever has passed a goal that is new, an operator's, has it within this. */
const UNLOCK_MS = 5_000;
/** A process unseen for this long is taken for dead, and its players get their stakes back. */
export const SILENT_MS = 10_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What is old enough to go is looked for this often: no day goes without, however often the process starts anew. */
const OLD_MS = 6 * 3_600_000;

export const houseJobs = (store: Store): Job[] => [
  { name: 'beat', everyMs: BEAT_MS, run: () => store.rounds.beat() },
  { name: 'void_abandoned', everyMs: SWEEP_MS, run: () => store.rounds.voidAbandoned({ silentMs: SILENT_MS, every: false }) },
  { name: 'fold_scores', everyMs: FOLD_MS, run: () => store.deeds.fold() },
  { name: 'award_achievements', everyMs: FOLD_MS, run: () => store.achievements.award() },
  { name: 'tell_quests', everyMs: FOLD_MS, run: () => store.quests.tell() },
  { name: 'tell_eggs', everyMs: FOLD_MS, run: () => store.pets.tell() },
  { name: 'sweep_achievements', everyMs: UNLOCK_MS, run: () => store.achievements.sweep() },
  { name: 'sweep_counters', everyMs: OLD_MS, run: () => store.counters.sweep() },
  { name: 'sweep_quests', everyMs: OLD_MS, run: () => store.quests.sweep() },
  { name: 'reality_check', everyMs: MINUTE_MS, run: () => remindPlayers({ store, now: new Date() }) },
  { name: 'expire_corrections', everyMs: MINUTE_MS, run: () => store.corrections.expire() },
  { name: 'sweep_xp_days', everyMs: OLD_MS, run: () => store.stats.sweep() },
  { name: 'sweep_rounds', everyMs: OLD_MS, run: () => store.rounds.sweep() },
  { name: 'sweep_sessions', everyMs: OLD_MS, run: () => store.sessions.sweep() },
  { name: 'sweep_notifications', everyMs: OLD_MS, run: () => store.notifications.sweep() },
  { name: 'sweep_sign_in_tries', everyMs: OLD_MS, run: () => store.players.sweep() },
];

const PAYMENTS_MS = 5_000;
const PAYERS_KEPT_MS = 90 * DAY_MS;

export const paymentJobs = ({ cashier, store, log }: { cashier: HouseCashier; store: Store; log: Log }): Job[] => [
  { name: 'payments', everyMs: PAYMENTS_MS, run: () => cashier.round() },
  { name: 'payments_report', everyMs: OLD_MS, run: () => reportPayments(store, log) },
  { name: 'forget_payers', everyMs: OLD_MS, run: () => store.payments.forgetPeople(new Date(Date.now() - PAYERS_KEPT_MS)) },
  { name: 'sweep_payment_refusals', everyMs: OLD_MS, run: () => store.payments.forgetRefusals() },
  { name: 'sweep_provider_tokens', everyMs: OLD_MS, run: () => store.providerTokens.sweep() },
];

async function reportPayments(store: Store, log: Log): Promise<void> {
  const { clearing, deposits, withdrawals, held, states, differences } = await store.payments.report(null);
  const line = {
    clearing: String(clearing),
    deposits: String(deposits),
    withdrawals: String(withdrawals),
    held: String(held),
    states,
  };
  log.info('payments_report', line);
  for (const { what, paymentId, ours, theirs } of differences)
    log.warn('payments_differ', {
      what,
      paymentId,
      ours: ours === null ? null : String(ours),
      theirs: theirs === null ? null : String(theirs),
    });
}

export function startSchedule(jobs: readonly Job[], log: Log): Schedule {
  const running = new Map<string, Promise<void>>();
  const timers = jobs.map((job) =>
    setInterval(() => {
      if (!running.has(job.name))
        running.set(
          job.name,
          once(job, log).finally(() => running.delete(job.name)),
        );
    }, job.everyMs),
  );
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}

async function once(job: Job, log: Log): Promise<void> {
  try {
    await job.run();
  } catch (error) {
    log.error('job_failed', { job: job.name, error });
  }
}
