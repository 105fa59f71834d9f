import { useState } from 'preact/hooks';
import { ask } from './api.ts';
import type { Daily } from './daily-ladder.ts';
import { refreshMe } from './me.ts';
import { tell } from './told.tsx';
import { Refusal, useDeed, valuesOf } from './ui.tsx';

const inWords = (zone: string): string => zone.replaceAll('_', ' ');
const here = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** By whose clock the days begin, and another one. */
export function Zone({ card: { timeZone }, reload }: { card: Daily; reload: () => void }) {
  const [open, setOpen] = useState(false);
  const { busy, refusal, run } = useDeed();
  const device = here();
  const change = (zone: string) =>
    run(async () => {
      await ask('/api/player/me', { method: 'PATCH', body: { timeZone: zone } });
      tell(`Your days begin at midnight in ${inWords(zone)} from now on.`);
      setOpen(false);
      refreshMe();
      reload();
    });
  return (
    <section class="panel stack zone" aria-label="Your time zone">
      <div class="row apart">
        <p>
          Your days begin at midnight in <b>{inWords(timeZone)}</b>.
          {device !== timeZone && <span class="quiet"> Your device keeps the time of {inWords(device)}.</span>}
        </p>
        <div class="row">
          {device !== timeZone && (
            <button type="button" class="button" disabled={busy} onClick={() => change(device)}>
              Use {inWords(device)}
            </button>
          )}
          <button type="button" class="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Leave it' : 'Another one'}
          </button>
        </div>
      </div>
      {open && (
        <form
          class="row zone-form"
          onSubmit={(event) => {
            event.preventDefault();
            change(valuesOf(event.currentTarget).timeZone ?? timeZone);
          }}
        >
          <select name="timeZone" aria-label="Time zone" defaultValue={timeZone}>
            {[...new Set([timeZone, device, 'UTC', ...Intl.supportedValuesOf('timeZone')])].map((zone) => (
              <option key={zone} value={zone}>
                {inWords(zone)}
              </option>
            ))}
          </select>
          <button type="submit" class="button" disabled={busy}>
            Keep to it
          </button>
        </form>
      )}
      <p class="small quiet">Moving your clock about gains no day and loses none that you have had.</p>
      <Refusal code={refusal} />
    </section>
  );
}
