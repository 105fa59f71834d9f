// The house's time. State holds instants, so a clock that runs wrong here would draw every ring wrong; each reply's Date
// header says within a second what the house's clock showed, and many of them narrow that down.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';

/** House time less this device's, ms: known to lie between the two. */
let least = -Infinity;
let most = Infinity;

export const offsetMs = signal(0);

export const houseNow = (): number => Date.now() + offsetMs.value;

/** `sentAt` and `receivedAt` are this device's epoch ms. */
export function learnTime(dateHeader: string | null, { sentAt, receivedAt }: { sentAt: number; receivedAt: number }): void {
  const second = dateHeader === null ? NaN : Date.parse(dateHeader);
  if (Number.isNaN(second)) return;
  const low = second - receivedAt;
  const high = second + 1_000 - sentAt;
  // Bounds that exclude each other: one of the clocks was set.
  const fresh = low > most || high < least;
  least = fresh ? low : Math.max(least, low);
  most = fresh ? high : Math.min(most, high);
  offsetMs.value = Math.round(Math.min(Math.max(0, least), most));
}

/** Rerenders every `everyMs` while `running`, and gives the house's time. */
export function useHouseTime(everyMs: number, running = true): number {
  const [now, setNow] = useState(houseNow());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(houseNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, running]);
  return running ? Math.max(now, houseNow()) : now;
}

export const stillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
