// A list that is read a page at a time: its first page is read again when asked to, the further ones follow it.
import { useEffect, useState } from 'preact/hooks';
import type { Read } from './reading.tsx';
import { Refusal, useDeed, useRead } from './ui.tsx';

export interface PageOf<T> {
  items: T[];
  nextCursor: string | null;
}

export interface Paged<T> {
  first: Read<PageOf<T>>;
  /** Of all pages that were read. */
  items: T[];
  more: (() => void) | null;
  busy: boolean;
  refusal: string | null;
}

/** `read` is told the cursor of the page before; null: the first. */
export function usePaged<T>(read: (cursor: string | null) => Promise<PageOf<T>>, key: string): Paged<T> {
  const first = useRead(() => read(null), key);
  const [further, setFurther] = useState<PageOf<T>[]>([]);
  const { busy, refusal, run } = useDeed();
  // What follows an older first page may not follow the new one.
  useEffect(() => setFurther([]), [first.value]);
  const pages = first.value === null ? [] : [first.value, ...further];
  const next = pages.at(-1)?.nextCursor ?? null;
  const readOn = () => run(async () => setFurther([...further, await read(next)]));
  return { first, items: pages.flatMap(({ items }) => items), more: next === null ? null : readOn, busy, refusal };
}

export const withCursor = (path: string, cursor: string | null): string => (cursor === null ? path : `${path}&cursor=${cursor}`);

export function More({ of: { more, busy, refusal } }: { of: Paged<unknown> }) {
  return (
    <>
      <Refusal code={refusal} />
      {more !== null && (
        <button type="button" class="button button-plain button-wide" aria-disabled={busy} onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}
