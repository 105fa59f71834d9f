// The code of the second factor, asked for at the moment it is needed.
import { useState } from 'preact/hooks';
import { Dialog } from './act.tsx';
import { ask, codeAsked, type Fault } from './ask.ts';
import { Faulty } from './parts.tsx';
import { faultOf } from './words.ts';

export function StepUp() {
  const answer = codeAsked.value;
  const [fault, setFault] = useState<Fault | null>(null);
  if (answer === null) return null;
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const code = (event.currentTarget as HTMLFormElement).querySelector('input')!.value.trim();
    setFault(null);
    ask('/api/admin/step-up', { body: { code } }).then(
      () => answer(true),
      (error: unknown) => setFault(faultOf(error)),
    );
  };
  return (
    <Dialog title="It is you?" onClose={() => answer(false)}>
      <form class="stack" onSubmit={send}>
        <p>This act asks for your second factor. One code covers the next 15 minutes.</p>
        <CodeField />
        <Faulty fault={fault} />
        <div class="answers">
          <button type="button" onClick={() => answer(false)}>
            Do nothing
          </button>
          <button type="submit" class="first">
            Go on
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export const CodeField = () => (
  <label class="field">
    Code of your authenticator app, or a recovery code
    <input name="code" required autofocus minLength={6} maxLength={40} autocomplete="one-time-code" inputMode="text" />
  </label>
);
