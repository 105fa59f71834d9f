// What changes something asks first: the question says what will be done and to whom, and why it is done where the log wants it.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Fault } from './ask.ts';
import { Faulty } from './parts.tsx';
import { faultOf } from './words.ts';

export interface ActProps {
  /** On the button: `Ban`. */
  label: string;
  /** The question: `Ban Ann?` */
  title: string;
  /** What a yes comes to. */
  children: ComponentChildren;
  /** It cannot be taken back, or it hits a person. */
  danger?: boolean;
  /** Whether a reason is asked for; it goes to the audit log or to a note. */
  reason?: 'needed' | 'welcome' | null;
  reasonMax?: number;
  /** Told at the reason: who reads it. */
  reasonHint?: string;
  disabled?: boolean;
  run: (reason: string) => Promise<unknown>;
  onDone: () => void;
}

export function Act({ label, danger = false, disabled = false, ...rest }: ActProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class={danger ? 'danger' : ''} disabled={disabled} onClick={() => setOpen(true)}>
        {label}
      </button>
      {open && <Question {...rest} label={label} danger={danger} onClose={() => setOpen(false)} />}
    </>
  );
}

interface QuestionProps extends Omit<ActProps, 'disabled'> {
  onClose: () => void;
}

function Question({ label, title, children, danger, reason = null, onClose, run, onDone, ...hints }: QuestionProps) {
  const { reasonMax = 500, reasonHint = 'Kept in the audit log.' } = hints;
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useId();
  const answer = (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    const given = new FormData(event.currentTarget as HTMLFormElement).get('reason');
    setBusy(true);
    setFault(null);
    run(typeof given === 'string' ? given.trim() : '')
      .then(
        () => {
          onClose();
          onDone();
        },
        (error: unknown) => setFault(faultOf(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={answer}>
        <div class="stack">{children}</div>
        {reason !== null && (
          <div class="field">
            <label for={field}>Reason{reason === 'welcome' && ' (if any)'}</label>
            <textarea id={field} name="reason" rows={2} maxLength={reasonMax} required={reason === 'needed'} />
            <small>{reasonHint}</small>
          </div>
        )}
        <Faulty fault={fault} />
        <div class="answers">
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class={danger ? 'danger-first' : 'first'} aria-disabled={busy}>
            {busy ? 'Doing it …' : label}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Escape and a click beside it close it; the focus goes back where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-inside stack">
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
