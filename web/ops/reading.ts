import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Fault, query } from './ask.ts';
import { faultOf } from './words.ts';

export interface Read<T> {
  /** What was read last; stays while it is read again. */
  value: T | null;
  fault: Fault | null;
  busy: boolean;
  reload(): void;
}

/** Reads when drawn, when `path` changes and, with `everyMs`, again and again while the page is looked at. Path null: nothing. */
export function useRead<T>(path: string | null, { everyMs = null }: { everyMs?: number | null } = {}): Read<T> {
  return useReading<T>(path ?? '', path === null ? null : () => ask<T>(path), everyMs);
}

/** The same of anything else that is read; `key` says when it is another thing. */
export function useReading<T>(key: string, read: (() => Promise<T>) | null, everyMs: number | null = null): Read<T> {
  const [state, setState] = useState<{ key: string; value: T | null; fault: Fault | null }>({ key, value: null, fault: null });
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (read === null) return undefined;
    let here = true;
    setBusy(true);
    read()
      .then(
        (value) => here && setState({ key, value, fault: null }),
        (error: unknown) =>
          here && setState((old) => ({ key, value: old.key === key ? old.value : null, fault: faultOf(error) })),
      )
      .finally(() => here && setBusy(false));
    return () => void (here = false);
  }, [key, round, read === null]);
  const again = useRef(() => setRound((count) => count + 1));
  useEffect(() => {
    if (everyMs === null) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && again.current(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  const current = state.key === key;
  return { value: current ? state.value : null, fault: current ? state.fault : null, busy, reload: again.current };
}

export interface Pages<T> extends Read<{ items: T[]; nextCursor: string | null }> {
  items: T[];
  /** Null: there is none that way. */
  older: (() => void) | null;
  newer: (() => void) | null;
  number: number;
}

/** A list a page at a time; back is to where one came from. */
export function usePages<T>(path: string | null, asked: Record<string, string | number | null> = {}): Pages<T> {
  const base = path === null ? null : `${path}${query(asked)}`;
  const [trail, setTrail] = useState<{ base: string | null; cursors: string[] }>({ base, cursors: [] });
  const cursors = trail.base === base ? trail.cursors : [];
  const cursor = cursors.at(-1) ?? null;
  const read = useRead<{ items: T[]; nextCursor: string | null }>(
    path === null ? null : `${path}${query({ limit: 25, ...asked, cursor })}`,
  );
  const next = read.value?.nextCursor ?? null;
  return {
    ...read,
    items: read.value?.items ?? [],
    older: next === null ? null : () => setTrail({ base, cursors: [...cursors, next] }),
    newer: cursors.length === 0 ? null : () => setTrail({ base, cursors: cursors.slice(0, -1) }),
    number: cursors.length + 1,
  };
}
