// What the page shows to somebody who came by a mailed link, or back from an account elsewhere.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from './api.ts';
import { doorWay } from './door-way.ts';
import { endErrand, type Errand } from './errand.ts';
import { loadMe, me, refreshMe, welcome } from './me.ts';
import { go } from './route.ts';
import { close, playerId } from './session.ts';
import { comeBack, SOCIAL_NAMES } from './social.ts';
import { Field, Refusal, useDeed, valuesOf } from './ui.tsx';
import { Refused } from './words.ts';

export function ErrandScreen({ errand }: { errand: Errand }) {
  return (
    <main class="door">
      <p class="wordmark" aria-hidden="true">
        Play<b>house</b>
      </p>
      {errand.kind === 'verify' && <Verify token={errand.token} />}
      {errand.kind === 'reset' && <Reset token={errand.token} />}
      {errand.kind === 'social' && <Back errand={errand} />}
      {errand.kind === 'refused' && <Ended title="You were not signed in" code={errand.code} />}
    </main>
  );
}

/** The way on has the focus, so that Enter is enough. */
function GoOn({ words = 'Go on', onGo = endErrand }: { words?: string; onGo?: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <button type="button" class="button button-first button-wide" ref={button} onClick={onGo}>
      {words}
    </button>
  );
}

function Card({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="panel stack errand" aria-live="polite">
      <h1>{title}</h1>
      {children}
    </section>
  );
}

const Ended = ({ title, code, children = null }: { title: string; code: string; children?: ComponentChildren }) => (
  <Card title={title}>
    <Refusal code={code} />
    {children}
    <GoOn />
  </Card>
);

const Again = ({ onAgain }: { onAgain: () => void }) => (
  <button type="button" class="button button-wide" onClick={onAgain}>
    Try again
  </button>
);

const Busy = ({ title, words }: { title: string; words: string }) => (
  <Card title={title}>
    <p role="status">
      <span class="pulse" /> {words}
    </p>
  </Card>
);

/** Only these leave the link as good as it was. */
const PASSING = new Set(['offline', 'unavailable', 'rate_limited', 'internal']);

function Verify({ token }: { token: string }) {
  const { refusal, run } = useDeed();
  const [address, setAddress] = useState<string | null>(null);
  const verify = () =>
    run(async () => {
      try {
        setAddress((await ask<{ email: string }>('/api/auth/verify', { body: { token }, open: true })).email);
        if (playerId.value !== null) refreshMe();
      } catch (error) {
        // An answer that was lost: the link has done its work.
        if (playerId.value !== null) await loadMe().catch(() => undefined);
        if (error instanceof Refused && error.code === 'link_invalid' && me.value?.verifiedAt) setAddress(me.value.email);
        else throw error;
      }
    });
  useEffect(verify, [token]);
  if (address !== null)
    return (
      <Card title="Your address is confirmed">
        <p>
          <b>{address}</b> is yours now, and what waited for it has been paid out.
        </p>
        <GoOn words={playerId.value === null ? 'Log in' : 'Go on'} onGo={toDoor} />
      </Card>
    );
  if (refusal === null) return <Busy title="One moment" words="Confirming your address …" />;
  return (
    <Ended title="Not confirmed" code={refusal}>
      {PASSING.has(refusal) ? (
        <Again onAgain={verify} />
      ) : (
        <p class="small quiet">A new link can be sent to you from your account; it ends the ones before.</p>
      )}
    </Ended>
  );
}

function toDoor(): void {
  doorWay.value = 'login';
  endErrand();
}

function Reset({ token }: { token: string }) {
  const { busy, refusal, run } = useDeed();
  const [done, setDone] = useState(false);
  if (done)
    return (
      <Card title="Your password is changed">
        <p>Every device was logged out, this one too. Log in with the new password.</p>
        <GoOn words="Log in" onGo={toDoor} />
      </Card>
    );

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const { password = '' } = valuesOf(event.currentTarget);
    run(async () => {
      await ask('/api/auth/reset', { body: { token, password }, open: true });
      me.value = null;
      close();
      setDone(true);
    });
  }

  return (
    <Card title="A new password">
      {refusal === 'link_invalid' ? (
        <>
          <Refusal code={refusal} />
          <GoOn
            words="Send me another link"
            onGo={() => {
              doorWay.value = 'forgot';
              me.value = null;
              close();
              endErrand();
            }}
          />
        </>
      ) : (
        <form class="stack" onSubmit={submit}>
          <Field
            label="New password"
            name="password"
            type="password"
            autocomplete="new-password"
            minLength={8}
            hint="8 characters at least. Every device is logged out."
          />
          <Refusal code={refusal} />
          <button type="submit" class="button button-first button-wide" disabled={busy}>
            Change it
          </button>
          <button type="button" class="button button-plain button-wide" onClick={endErrand}>
            Leave it as it is
          </button>
        </form>
      )}
    </Card>
  );
}

function Back({ errand: { provider, proof, state, playerId: linksTo } }: { errand: Errand & { kind: 'social' } }) {
  const { refusal, run } = useDeed();
  const [linked, setLinked] = useState<string | null>(null);
  const name = SOCIAL_NAMES[provider];
  useEffect(
    () =>
      run(async () => {
        // Somebody else has signed in here meanwhile: it is not theirs.
        if (linksTo !== null && linksTo !== playerId.value) throw new Refused('sign_in_foreign');
        const back = await comeBack({ provider, state, ...proof, open: linksTo === null });
        if ('linked' in back) {
          setLinked(back.linked.name);
          refreshMe();
        } else {
          welcome(back);
          endErrand();
        }
      }),
    [state],
  );
  const toAccount = () => {
    endErrand();
    go('account');
  };
  if (linked !== null)
    return (
      <Card title={`${name} is linked`}>
        <p>
          You can sign in as <b>{linked}</b> there from now on.
        </p>
        <GoOn words="To your account" onGo={toAccount} />
      </Card>
    );
  if (refusal === null) return <Busy title={name} words={linksTo === null ? 'Signing you in …' : 'Linking it to you …'} />;
  return <Ended title={linksTo === null ? 'You were not signed in' : 'Nothing was linked'} code={refusal} />;
}
