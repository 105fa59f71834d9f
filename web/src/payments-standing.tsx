import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { ask } from './api.ts';
import { countries, declare, type RealMoney } from './payments-read.ts';
import { Refusal, useDeed, valuesOf } from './ui.tsx';

/** What is still asked of somebody before they play for real money. What they say of themselves, they say once. */
export function HowItStands({ card: { missing, birthDate, country }, reload }: { card: RealMoney; reload: () => void }) {
  return (
    <section class="panel stack" aria-label="Before you play for shillings">
      <h2>Before you play for shillings</h2>
      <ol class="season-ranks">
        <Step done={!missing.includes('age') && !missing.includes('country')} title="How old you are, and where you live">
          {(missing.includes('age') || missing.includes('country')) &&
            (birthDate === null || country === null ? (
              <Who birthDate={birthDate} country={country} reload={reload} />
            ) : (
              <p class="small">By what you said, shillings are not for you here.</p>
            ))}
        </Step>
        <Step done={!missing.includes('limits')} title="How much you pay in at most">
          {missing.includes('limits') && <Limits reload={reload} />}
        </Step>
        <Step done={!missing.includes('phone')} title="A phone that is yours">
          {missing.includes('phone') && <p class="small quiet">Shown by a first deposit from it, of any size.</p>}
        </Step>
      </ol>
    </section>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: ComponentChildren }) {
  return (
    <li data-reached={done}>
      <b>{title}</b>
      <span class="small well">{done ? 'done' : ''}</span>
      <div>{children}</div>
    </li>
  );
}

interface WhoProps {
  birthDate: string | null;
  country: string | null;
  reload: () => void;
}

function Who({ birthDate, country, reload }: WhoProps) {
  const { busy, refusal, run } = useDeed();
  const all = useMemo(countries, []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const said = valuesOf(event.currentTarget);
    run(async () => {
      await declare({
        ...(birthDate === null ? { birthDate: said.birthDate ?? '' } : {}),
        ...(country === null ? { country: said.country ?? '' } : {}),
      });
      reload();
    });
  };
  return (
    <form class="stack" onSubmit={submit}>
      {birthDate === null && (
        <label class="field">
          <span>Born on</span>
          <input type="date" name="birthDate" required min="1900-01-01" autocomplete="bday" />
        </label>
      )}
      {country === null && (
        <label class="field">
          <span>You live in</span>
          <select name="country" required autocomplete="country">
            <option value="">Choose a country</option>
            {all.map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Refusal code={refusal} />
      <button type="submit" class="button" aria-disabled={busy}>
        So it is
      </button>
      <p class="small quiet">It cannot be said differently later.</p>
    </form>
  );
}

function Limits({ reload }: { reload: () => void }) {
  const { busy, refusal, run } = useDeed();
  const set = (event: SubmitEvent): void => {
    event.preventDefault();
    const { shillings = '' } = valuesOf(event.currentTarget);
    run(async () => {
      const limits = [{ currency: 'KES', kind: 'deposit', period: 'day', amount: `${shillings}00` }];
      await ask('/api/safety/limits', { method: 'PUT', body: { limits } });
      reload();
    });
  };
  const decline = () =>
    run(async () => {
      await declare({ declineLimits: true });
      reload();
    });
  return (
    <form class="limit-form" onSubmit={set}>
      <span>At most KSh</span>
      <input name="shillings" inputMode="numeric" pattern="[1-9]\d{0,8}" required aria-label="Shillings a day" />
      <span>a day</span>
      <button type="submit" class="button" aria-disabled={busy}>
        Set
      </button>
      <button type="button" class="button button-plain" aria-disabled={busy} onClick={decline}>
        I want no limit
      </button>
      <Refusal code={refusal} />
    </form>
  );
}
