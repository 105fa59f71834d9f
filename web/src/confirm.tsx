// A question over the page that names what a yes comes to. Escape and a tap beside it are a no; the focus goes back where it was.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Refusal } from './ui.tsx';

interface ConfirmProps {
  title: string;
  yes: ComponentChildren;
  busy: boolean;
  refusal: string | null;
  /** A yes cannot be said as things stand. */
  off?: boolean;
  onYes: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

export function Confirm({ title, yes, busy, refusal, off = false, onYes, onClose, children }: ConfirmProps) {
  const answer = (event: SubmitEvent) => {
    event.preventDefault();
    onYes();
  };
  return (
    <Modal title={title} onClose={onClose}>
      <form class="stack" onSubmit={answer}>
        {children}
        <Refusal code={refusal} />
        <div class="row confirm-answers">
          <button type="button" class="button" onClick={onClose}>
            No, thank you
          </button>
          <button type="submit" class="button button-first" disabled={off} aria-disabled={busy}>
            {yes}
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface ModalProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A small panel in the middle of the page. */
export function Modal({ title, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      // A dialog that is taken away, rather than closed, gives the focus to nobody.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="confirm-inside stack">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface HowManyProps {
  label: string;
  value: number;
  max: number;
  onValue: (value: number) => void;
}

/** A whole number from 1: typed, by arrow keys, or a step at a time. */
export function HowMany({ label, value, max, onValue, min = 1 }: HowManyProps & { min?: number }) {
  const within = (wanted: number) => onValue(Math.min(max, Math.max(min, Math.trunc(wanted) || min)));
  return (
    <div class="how-many" role="group" aria-label={label}>
      <button
        type="button"
        class="chip"
        aria-label={`${label}: one fewer`}
        disabled={value <= min}
        onClick={() => within(value - 1)}
      >
        −
      </button>
      <input
        type="number"
        inputMode="numeric"
        aria-label={label}
        min={min}
        max={max}
        value={value}
        onInput={({ currentTarget }) => within(currentTarget.valueAsNumber)}
      />
      <button
        type="button"
        class="chip"
        aria-label={`${label}: one more`}
        disabled={value >= max}
        onClick={() => within(value + 1)}
      >
        +
      </button>
    </div>
  );
}
