import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from './api.ts';
import { Field, Refusal, useDeed, valuesOf } from './ui.tsx';
import type { Ways } from './ways.ts';

/** The answer is the same whether somebody has that address or not. */
export function Forgot({ mail, onBack }: { mail: Ways['mail']; onBack: () => void }) {
  const { busy, refusal, run } = useDeed();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const words = useRef<HTMLParagraphElement>(null);
  useEffect(() => words.current?.focus(), [sentTo]);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const { email = '' } = valuesOf(event.currentTarget);
    run(async () => {
      await ask('/api/auth/forgot', { body: { email }, open: true });
      setSentTo(email);
    });
  }

  if (sentTo !== null)
    return (
      <div class="stack" role="status">
        <p ref={words} tabIndex={-1}>
          If <b>{sentTo}</b> has an account here, a link to a new password is on its way. It is good for an hour.
        </p>
        {mail === 'shown' && <DevMail />}
        <button type="button" class="button button-wide" onClick={onBack}>
          Back to log in
        </button>
      </div>
    );
  return (
    <form class="stack" onSubmit={submit}>
      <p class="quiet small">Say your address, and a link to a new password is mailed to you.</p>
      <Field label="Email" name="email" type="email" autocomplete="email" maxLength={254} />
      <Refusal code={refusal} />
      <button type="submit" class="button button-first button-wide" disabled={busy}>
        Send the link
      </button>
      <button type="button" class="button button-plain button-wide" onClick={onBack}>
        Back to log in
      </button>
    </form>
  );
}

export const DevMail = () => (
  <p class="small quiet">
    This server is for development and sends none: <a href="dev/mail">read the mail here</a>.
  </p>
);
