import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/**
 * A row that goes away under the focus hands it to the row that takes its place, or to the list itself, which needs
 * tabIndex −1: who plays by keyboard never starts again at the top of the page.
 */
export function useKeptFocus(list: RefObject<HTMLElement | null>): void {
  const place = useRef<number | null>(null);
  useEffect(() => {
    const shown = list.current;
    if (shown === null) return;
    const into = ({ target }: FocusEvent) => void (place.current = rowOf(shown, target as Element));
    // Removing what has the focus may say that it left, too: then it is not in the page any more.
    const out = ({ target, relatedTarget }: FocusEvent) =>
      queueMicrotask(() => {
        if (relatedTarget === null && (target as Element).isConnected) place.current = null;
      });
    const away = ({ target }: FocusEvent) => {
      if (!shown.contains(target as Node)) place.current = null;
    };
    shown.addEventListener('focusin', into);
    shown.addEventListener('focusout', out);
    document.addEventListener('focusin', away);
    return () => {
      shown.removeEventListener('focusin', into);
      shown.removeEventListener('focusout', out);
      document.removeEventListener('focusin', away);
    };
  }, []);
  useLayoutEffect(() => {
    const shown = list.current;
    if (shown === null || place.current === null || document.activeElement !== document.body) return;
    const row = shown.children[Math.min(place.current, shown.children.length - 1)];
    const next = row?.querySelector<HTMLElement>('button:not(:disabled), a, select') ?? shown;
    next.focus({ preventScroll: true });
  });
}

function rowOf(list: HTMLElement, inside: Element): number | null {
  const index = [...list.children].findIndex((row) => row.contains(inside));
  return index === -1 ? null : index;
}
