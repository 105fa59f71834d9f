// The parts every screen is made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Seat } from './seat.ts';
import { digits, nameOf } from './money.ts';
import { codeOf, sentenceFor } from './words.ts';

/** Does `work` once at a time; what the house refuses is shown by `refusal` until the next try. */
export function useDeed(): {
  busy: boolean;
  refusal: string | null;
  run: (work: () => Promise<unknown>) => void;
  clear: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const running = useRef(false);
  return {
    busy,
    refusal,
    clear: () => setRefusal(null),
    run(work) {
      if (running.current) return;
      running.current = true;
      setBusy(true);
      setRefusal(null);
      work()
        .catch((error: unknown) => setRefusal(codeOf(error)))
        .finally(() => {
          running.current = false;
          setBusy(false);
        });
    },
  };
}

/** Reads once when drawn and again when `key` changes. */
export function useRead<T>(read: () => Promise<T>, key: string): { value: T | null; refusal: string | null; reload: () => void } {
  const [state, setState] = useState<{ value: T | null; refusal: string | null }>({ value: null, refusal: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let here = true;
    read().then(
      (value) => here && setState({ value, refusal: null }),
      (error: unknown) => here && setState(({ value }) => ({ value, refusal: codeOf(error) })),
    );
    return () => void (here = false);
  }, [key, round]);
  return { ...state, reload: () => setRound((count) => count + 1) };
}

export function Refusal({ code }: { code: string | null }) {
  if (code === null) return null;
  return (
    <p class="refusal" role="alert" data-code={code}>
      {sentenceFor(code)}
    </p>
  );
}

export function Amount({ amount, currency = 'COINS' }: { amount: string | bigint; currency?: string }) {
  return (
    <span class="amount">
      <Coin currency={currency} />
      <span class="figures">{digits(amount, currency)}</span>
      <span class="unseen"> {nameOf(currency)}</span>
    </span>
  );
}

export function Coin({ currency }: { currency: string }) {
  if (currency === 'GEMS')
    return (
      <svg class="coin gem" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M4 2h8l3 4-7 8-7-8z" />
      </svg>
    );
  if (currency === 'AP')
    return (
      <svg class="coin bolt" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M9 1 3 9h4l-1 6 7-9H8z" />
      </svg>
    );
  if (currency !== 'COINS') return <span class="coin-code">{currency}</span>;
  return (
    <svg class="coin" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7" />
      <circle class="hole" cx="8" cy="8" r="2.2" />
    </svg>
  );
}

/** A person's mark: the first letter in a colour of their own. House bots are marked as such. */
export function Face({ id, name, bot = false }: { id: string; name: string; bot?: boolean }) {
  return (
    <span class={bot ? 'face face-bot' : 'face'} style={{ '--hue': String(hueOf(id)) }} aria-hidden="true">
      {bot ? <BotMark /> : (name.trim()[0] ?? '?').toUpperCase()}
    </span>
  );
}

const BotMark = () => (
  <svg viewBox="0 0 16 16">
    <path d="M8 1.5v2M3.5 5h9v7h-9zM6 8v1.4M10 8v1.4M2 8v2M14 8v2" fill="none" stroke="currentColor" stroke-width="1.3" />
  </svg>
);

function hueOf(id: string): number {
  let sum = 7;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}

export function Field(props: {
  label: string;
  name: string;
  type?: 'text' | 'email' | 'password';
  autocomplete?: string;
  hint?: string;
  minLength?: number;
  maxLength?: number;
  value?: string;
}) {
  const { label, hint, value, type = 'text', ...rest } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <input required {...({ type, ...rest } as object)} {...(value === undefined ? {} : { defaultValue: value })} />
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

/** The values of a form's fields by name. */
export function valuesOf(form: EventTarget | null): Record<string, string> {
  return Object.fromEntries(
    [...new FormData(form as HTMLFormElement)].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]),
  );
}

/** Says where a room is when it is not simply here. */
export function Presence({ seat }: { seat: Seat<unknown> }) {
  const status = seat.status.value;
  if (status === 'here') return null;
  if (status === 'joining') return <p class="presence">Taking you in …</p>;
  if (status === 'reconnecting')
    return (
      <p class="presence presence-lost" role="status">
        <span class="pulse" /> Reconnecting … your seat is kept for 30 seconds.
      </p>
    );
  return (
    <div class="presence presence-gone" role="alert" data-code={seat.refusal.value}>
      <p>{sentenceFor(seat.refusal.value ?? 'offline')}</p>
      <button type="button" class="button" onClick={() => seat.again()}>
        Try again
      </button>
    </div>
  );
}

/** A panel over the page; Escape and a tap beside it close it, and the focus goes back where it was. */
export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="sheet-inside">
        <header>
          <h2>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function ago(at: string | number | Date, now = Date.now()): string {
  const seconds = Math.max(0, (now - new Date(at).getTime()) / 1_000);
  if (seconds < 60) return 'just now';
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return new Date(at).toLocaleDateString('en', { day: 'numeric', month: 'short' });
}

export const shortened = (hex: string): string => (hex.length > 20 ? `${hex.slice(0, 10)}…${hex.slice(-6)}` : hex);
