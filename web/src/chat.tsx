import { useEffect, useRef, useState } from 'preact/hooks';
import type { Seat } from './seat.ts';
import { Refusal, useDeed, valuesOf } from './ui.tsx';

export interface Said {
  playerId: string;
  name: string;
  text: string;
  /** Epoch ms or ISO, as the room sends it. */
  at: string | number;
}

const KEPT = 50;
const TEXT_MAX = 200;

/** What is said at a table, the last lines only: `say` is called with what the room broadcasts. */
export function useChat(): { lines: Said[]; say: (line: Said) => void } {
  const [lines, setLines] = useState<Said[]>([]);
  return { lines, say: (line) => setLines((known) => [...known.slice(1 - KEPT), line]) };
}

export function Chat({ lines, seat, self }: { lines: Said[]; seat: Seat<unknown>; self: string }) {
  const { busy, refusal, run } = useDeed();
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [lines.length]);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const { text = '' } = valuesOf(form);
    if (text.trim() === '') return;
    run(async () => {
      await seat.ask('chat', { text: text.trim() });
      form.reset();
    });
  }

  return (
    <section class="chat" aria-label="Chat">
      <ol ref={list} aria-live="polite">
        {lines.map(({ playerId, name, text, at }) => (
          <li key={`${playerId}${at}${text}`} class={playerId === self ? 'own' : ''}>
            <b>{name}</b> {text}
          </li>
        ))}
        {lines.length === 0 && <li class="quiet">Nobody has said anything yet.</li>}
      </ol>
      <form onSubmit={submit}>
        <input name="text" maxLength={TEXT_MAX} autocomplete="off" placeholder="Say something" aria-label="Say something" />
        <button type="submit" class="button" disabled={busy}>
          Say
        </button>
      </form>
      <Refusal code={refusal} />
    </section>
  );
}
