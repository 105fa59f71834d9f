// The house tells who has played for an hour how long it was and what it cost; the page says it once, whatever the room.
import { signal } from '@preact/signals';
import { digits, nameOf } from './money.ts';
import { hrefOf } from './route.ts';
import { Sheet } from './ui.tsx';

interface Check {
  minutes: number;
  /** Digits of minor units. */
  played: { currency: string; staked: string; returned: string }[];
}

const told = signal<Check | null>(null);

/** True where a message was this one, and so none of the room's game. */
export function heardReality(type: string, message: unknown): boolean {
  if (type !== 'reality_check') return false;
  told.value = message as Check;
  return true;
}

export function RealityCheck() {
  if (told.value === null) return null;
  const { minutes, played } = told.value;
  const done = () => void (told.value = null);
  return (
    <Sheet title="A look at the clock" onClose={done}>
      <div class="stack">
        <p>You have been here for {lasting(minutes)}.</p>
        <ul class="stack">
          {played.map(({ currency, staked, returned }) => (
            <li key={currency}>
              You staked {digits(staked, currency)} {nameOf(currency)} and {digits(returned, currency)} came back.
            </li>
          ))}
        </ul>
        <div class="row">
          <button type="button" class="button button-first" onClick={done}>
            Go on
          </button>
          <a class="button" href={hrefOf('account')} onClick={done}>
            Set limits or take a break
          </a>
        </div>
      </div>
    </Sheet>
  );
}

function lasting(minutes: number): string {
  if (minutes < 90) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return `${hours} hours`;
}
