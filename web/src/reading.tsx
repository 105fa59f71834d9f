import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import { sentenceFor } from './words.ts';

/** What `useRead` gives. */
export interface Read<T> {
  value: T | null;
  refusal: string | null;
  reload: () => void;
}

interface ReadingProps<T> {
  of: Read<T>;
  /** As in "Reading …". */
  what: string;
  children: (value: T) => ComponentChild;
}

/** A part of a screen from its first read on: waiting, refused with a way to try again, there, or there as it last was. */
export function Reading<T>({ of: { value, refusal, reload }, what, children }: ReadingProps<T>) {
  useEffect(() => {
    addEventListener('online', reload);
    return () => removeEventListener('online', reload);
  }, []);
  if (value === null && refusal === null) return <Waiting what={what} />;
  if (value === null)
    return (
      <div class="presence presence-gone" role="alert" data-code={refusal}>
        <p>{sentenceFor(refusal!)}</p>
        <button type="button" class="button" onClick={reload}>
          Try again
        </button>
      </div>
    );
  return (
    <>
      {refusal !== null && (
        <p class="stale" role="status" data-code={refusal}>
          <span>{refusal === 'offline' ? 'No connection to the house: this is how it last was.' : sentenceFor(refusal)}</span>
          <button type="button" class="chip" onClick={reload}>
            Try again
          </button>
        </p>
      )}
      {children(value)}
    </>
  );
}

function Waiting({ what }: { what: string }) {
  return (
    <div class="waiting" role="status" aria-busy="true">
      <span class="unseen">Reading {what} …</span>
      <i />
      <i />
      <i />
    </div>
  );
}
