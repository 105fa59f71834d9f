import { useState } from 'preact/hooks';
import { AccountWays, whoWords } from './account-ways.tsx';
import { ask, freshKey } from './api.ts';
import { Limits } from './limits.tsx';
import { isGuest, logOut, me, upgrade } from './me.ts';
import { ago, Field, Refusal, Sheet, shortened, useDeed, useRead, valuesOf } from './ui.tsx';

export function Account({ onClose }: { onClose: () => void }) {
  const { busy, run } = useDeed();
  const mine = me.value;
  return (
    <Sheet title={mine?.displayName ?? 'Your account'} onClose={onClose}>
      {mine !== null && <p class="quiet">{whoWords()}</p>}
      {mine !== null && mine.email === null && <Upgrade />}
      <AccountWays />
      <Limits />
      <Seeds />
      <Devices />
      <section class="stack">
        <h3>A second player</h3>
        <p class="quiet small">To try a table by yourself, open another tab that has a player of its own.</p>
        <a class="button" href="?second" target="_blank" rel="opener">
          Open a second tab
        </a>
      </section>
      <section>
        <button type="button" class="button" disabled={busy} onClick={() => run(logOut)}>
          Log out
        </button>
      </section>
    </Sheet>
  );
}

function Upgrade() {
  const { busy, refusal, run } = useDeed();
  const [done, setDone] = useState(false);
  if (done) return <p role="status">You are registered now. Welcome.</p>;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const { email = '', password = '', displayName = '' } = valuesOf(event.currentTarget);
    run(async () => {
      await upgrade({ email, password, displayName: displayName.trim() });
      setDone(true);
    });
  }

  return (
    <section>
      <h3>{isGuest() ? 'Keep this account' : 'Add an email and a password'}</h3>
      <p class="quiet small">
        {isGuest()
          ? 'Everything you have stays, you get 900 coins more, and you can sit with other people.'
          : 'One more way in, which needs nobody else.'}
      </p>
      <form class="stack" onSubmit={submit}>
        <Field label="Name" name="displayName" minLength={2} maxLength={32} value={me.value?.displayName ?? ''} />
        <Field label="Email" name="email" type="email" autocomplete="email" maxLength={254} />
        <Field label="Password" name="password" type="password" autocomplete="new-password" minLength={8} />
        <Refusal code={refusal} />
        <button type="submit" class="button button-first" disabled={busy}>
          {isGuest() ? 'Register' : 'Add them'}
        </button>
      </form>
    </section>
  );
}

export interface Fairness {
  commitment: string;
  nextCommitment: string;
  clientSeed: string;
  nonce: number;
}

/** The seeds of the player's own spins, eggs and gear; a table or a battle has one of its own. */
function Seeds() {
  const seeds = useRead(() => ask<Fairness>('/api/fairness'), 'fairness');
  const { busy, refusal, run } = useDeed();

  function rotate(event: SubmitEvent): void {
    event.preventDefault();
    const { clientSeed = '' } = valuesOf(event.currentTarget);
    run(async () => {
      await ask('/api/fairness/rotate', { body: clientSeed === '' ? {} : { clientSeed }, key: freshKey() });
      seeds.reload();
    });
  }

  if (seeds.value === null) return <Refusal code={seeds.refusal} />;
  const { commitment, nextCommitment, clientSeed, nonce } = seeds.value;
  return (
    <section class="stack">
      <h3>Your seeds: the wheel, eggs and gear</h3>
      <dl class="seeds">
        <dt>House, promised</dt>
        <dd class="mono" title={commitment}>
          {shortened(commitment)}
        </dd>
        <dt>Next, promised</dt>
        <dd class="mono" title={nextCommitment}>
          {shortened(nextCommitment)}
        </dd>
        <dt>Yours</dt>
        <dd class="mono">{clientSeed}</dd>
        <dt>Draws with these</dt>
        <dd>{nonce}</dd>
      </dl>
      <form class="row" onSubmit={rotate}>
        <input
          name="clientSeed"
          aria-label="A client seed of your own"
          placeholder="A seed of your own (optional)"
          pattern="[A-Za-z0-9_\-]{1,64}"
          autocomplete="off"
        />
        <button type="submit" class="button" disabled={busy}>
          Rotate and reveal
        </button>
      </form>
      <Refusal code={refusal} />
    </section>
  );
}

interface Device {
  id: string;
  device: string;
  createdAt: string;
  usedAt: string;
  current: boolean;
}

function Devices() {
  const devices = useRead(() => ask<{ items: Device[] }>('/api/auth/sessions'), 'sessions');
  const { busy, refusal, run } = useDeed();
  const end = (id: string) =>
    run(async () => {
      await ask(`/api/auth/sessions/${id}`, { method: 'DELETE' });
      devices.reload();
    });
  return (
    <section>
      <h3>Where you are logged in</h3>
      <Refusal code={devices.refusal ?? refusal} />
      <ul class="rounds">
        {(devices.value?.items ?? []).map(({ id, device, usedAt, current }) => (
          <li key={id}>
            <span>
              {browserOf(device)} <small class="quiet">{current ? 'this device' : ago(usedAt)}</small>
            </span>
            {current ? (
              <span />
            ) : (
              <button type="button" class="button button-plain" disabled={busy} onClick={() => end(id)}>
                Log out
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A user agent in two words; each browser also names the ones it descends from, so the order matters. */
function browserOf(agent: string): string {
  const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((name) => agent.includes(name));
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux'].find((name) => agent.includes(name));
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' };
  return browser === undefined
    ? agent.slice(0, 40) || 'Unknown device'
    : `${names[browser] ?? browser}${system ? ` on ${system}` : ''}`;
}
