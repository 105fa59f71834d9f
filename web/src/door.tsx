import { useState } from 'preact/hooks';
import { doorWay } from './door-way.ts';
import { DoorWays } from './door-ways.tsx';
import { Forgot } from './forgot.tsx';
import { logIn, playAsGuest, register } from './me.ts';
import { Field, Refusal, useDeed, useRead, valuesOf } from './ui.tsx';
import { readWays } from './ways.ts';

export function Door() {
  const [way, setWay] = useState(doorWay.value);
  const ways = useRead(readWays, 'ways').value;
  const { busy, refusal, run, clear } = useDeed();
  const turnTo = (to: typeof way) => {
    setWay(to);
    clear();
  };

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const { email = '', password = '', displayName = '' } = valuesOf(event.currentTarget);
    run(() => (way === 'register' ? register({ email, password, displayName: displayName.trim() }) : logIn({ email, password })));
  }

  return (
    <main class="door">
      <header class="door-head">
        <div class="footlights" aria-hidden="true">
          {[0, 0.4, 0.8, 1.2, 1.6].map((delay) => (
            <i key={delay} style={{ animationDelay: `${delay}s` }} />
          ))}
        </div>
        <h1>Playhouse</h1>
        <p>Four rooms, open all night. Every round can be checked, down to the last draw.</p>
      </header>
      <button type="button" class="button button-first button-wide" disabled={busy} onClick={() => run(playAsGuest)}>
        Play as a guest
      </button>
      <div class="or">or with an account</div>
      <DoorWays ways={ways} />
      <section class="panel stack">
        <div class="tabs" role="group" aria-label="Account">
          {WAYS.map(({ name, label }) => (
            <button key={name} type="button" class="chip" aria-pressed={way === name} onClick={() => turnTo(name)}>
              {label}
            </button>
          ))}
        </div>
        {way === 'forgot' ? (
          <Forgot mail={ways?.mail ?? 'sent'} onBack={() => turnTo('login')} />
        ) : (
          <form class="stack" onSubmit={submit}>
            {way === 'register' && (
              <Field label="What shall we call you?" name="displayName" autocomplete="nickname" minLength={2} maxLength={32} />
            )}
            <Field label="Email" name="email" type="email" autocomplete="email" maxLength={254} />
            <Field
              label="Password"
              name="password"
              type="password"
              autocomplete={way === 'register' ? 'new-password' : 'current-password'}
              {...(way === 'register' ? { minLength: 8 } : {})}
            />
            <Refusal code={refusal} />
            <button type="submit" class="button button-wide" disabled={busy}>
              {way === 'register' ? 'Register and play' : 'Log in'}
            </button>
            {way === 'login' && ways !== null && ways.mail !== 'off' && (
              <button type="button" class="button button-plain button-wide" onClick={() => turnTo('forgot')}>
                Forgot your password?
              </button>
            )}
          </form>
        )}
      </section>
    </main>
  );
}

const WAYS = [
  { name: 'register', label: 'Register' },
  { name: 'login', label: 'Log in' },
] as const;
