import { useEffect, useRef } from 'preact/hooks';
import { useHouseTime } from './clock.ts';

const SECOND_MS = 1_000;

/** `0:42`, `12:05`, `3 h 07 min`, `2 d 4 h`. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND_MS));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600)];
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  return `${minutes}:${two(seconds % 60)}`;
}

const two = (number: number): string => String(number).padStart(2, '0');

/** `14:05`, in the reader's own time; with the day where it is another one. */
export function clockTime(at: string | number | Date, now = Date.now()): string {
  const date = new Date(at);
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return date.toLocaleString('en', {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    ...(sameDay ? {} : { weekday: 'short' }),
  });
}

/** What is left until an instant, drawn by the page itself; `onOver` once, when it has come. */
export function Until({ at, onOver }: { at: string | number; onOver?: () => void }) {
  const end = new Date(at).getTime();
  const left = end - useHouseTime(SECOND_MS);
  const over = left <= 0;
  const said = useRef(over);
  useEffect(() => {
    if (over && !said.current) onOver?.();
    said.current = over;
  }, [over]);
  return (
    <time class="figures" dateTime={new Date(end).toISOString()}>
      {lasting(left)}
    </time>
  );
}
