// Figures of the last hours, kept in this process: enough to see that something has changed, and when. For longer there is
// `/metrics`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Store } from '../persistence/store.ts';

export const SAMPLE_MS = 15_000;
const HOURS = 6;
const SAMPLES_MAX = (HOURS * 3_600_000) / SAMPLE_MS;

export const SERIES = [
  'sockets',
  'seated',
  'rooms',
  'betsPerMinute',
  'requestsPerMinute',
  'failedPercent',
  'delayMs',
  'driftMinorUnits',
  'paymentsOpen',
] as const;
export type Series = (typeof SERIES)[number];
export type Sample = { at: Date } & Record<Series, number>;

export interface OpsFigures {
  /** One more sample. For the schedule, each `SAMPLE_MS`. */
  sample(): Promise<void>;
  /** An answer was given. */
  answered(status: number): void;
  /** Those taken after `since`, oldest first; null: all of them. */
  after(since: Date | null): Sample[];
  close(): void;
}

export interface Sampled {
  store: Pick<Store, 'desk' | 'audits'>;
  now(): Date;
  sockets(): number;
  /** Clients in rooms, and rooms, of this process. */
  seated(): number;
  rooms(): number;
}

/** Milliseconds between two looks at the event loop; what it finds includes them. */
const LOOK_MS = 10;

export function openFigures({ store, now, sockets, seated, rooms }: Sampled): OpsFigures {
  const samples: Sample[] = [];
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
  delay.enable();
  let [answers, failed] = [0, 0];
  let seq: bigint | null = null;
  let lastMs = now().getTime();

  return {
    async sample() {
      const at = now();
      const minutes = Math.max(1, at.getTime() - lastMs) / 60_000;
      const { bets, paymentsOpen, ...counted } = await store.desk.figures(seq);
      samples.push({
        at,
        sockets: sockets(),
        seated: seated(),
        rooms: rooms(),
        betsPerMinute: rounded(bets / minutes),
        requestsPerMinute: rounded(answers / minutes),
        failedPercent: answers === 0 ? 0 : rounded((failed / answers) * 100),
        delayMs: rounded(Math.max(0, delay.percentile(99) / 1e6 - LOOK_MS)),
        driftMinorUnits: Number(
          store.audits.latestDrift().reduce((sum, { posted, held }) => sum + size(posted) + size(held), 0n),
        ),
        paymentsOpen,
      });
      if (samples.length > SAMPLES_MAX) samples.shift();
      [answers, failed, seq, lastMs] = [0, 0, counted.seq, at.getTime()];
      delay.reset();
    },
    answered(status) {
      answers++;
      if (status >= 500) failed++;
    },
    after: (since) => samples.filter(({ at }) => since === null || at > since),
    close: () => void delay.disable(),
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const size = (value: bigint): bigint => (value < 0n ? -value : value);
