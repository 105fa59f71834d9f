// What came of a deed, said where it is seen from any place of a screen, and read out. One at a time; the newest stays.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const told = signal<{ words: ComponentChildren; number: number } | null>(null);
let number = 0;

export function tell(words: ComponentChildren): void {
  number += 1;
  told.value = { words, number };
}

const SHOWN_MS = 9_000;

/** Drawn once, by the page. It stays as long as it is looked at. */
export function Told() {
  const [held, setHeld] = useState(false);
  const now = told.value;
  const clear = () => void (told.value = null);
  useEffect(() => {
    if (now === null || held) return;
    const timer = setTimeout(clear, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [now?.number, held]);
  useEffect(() => {
    addEventListener('hashchange', clear);
    return () => removeEventListener('hashchange', clear);
  }, []);
  return (
    <div
      class="told"
      role="status"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocusCapture={() => setHeld(true)}
      onBlurCapture={() => setHeld(false)}
    >
      {now !== null && (
        <div key={now.number} class="told-words">
          <div>{now.words}</div>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={clear}>
            ✕
          </button>
        </div>
      )}
    </div>
  );
}
