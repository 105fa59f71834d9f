import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { TICK_MS } from './battle-view.ts';
import { SPEEDS, type Playback, type Speed } from './replay-playback.ts';
import type { Fought } from './replay-record.ts';

/** `0:42`. */
export function moment(tick: number): string {
  const seconds = Math.floor((tick * TICK_MS) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const waveAt = (tick: number, { waves }: Fought): number => waves.filter((from) => from <= tick).length;

interface PlayerProps {
  playback: Playback;
  fought: Fought;
}

/** A line from the first tick to the last; marks say where a wave came on and where somebody fell. */
export function Scrub({ playback: { tick, seek }, fought }: PlayerProps) {
  const { ticks, waves, happenings } = fought;
  const at = (of: number) => ({ left: `${(100 * of) / ticks}%` });
  const falls = happenings.flatMap((one) =>
    'event' in one && one.event.type === 'attack' && one.event.by === 'enemy' && one.event.fatal ? [one.tick] : [],
  );
  return (
    <div class="scrub">
      <div class="scrub-line">
        <input
          type="range"
          aria-label="Moment of the battle"
          aria-valuetext={`${moment(tick)} of ${moment(ticks)}, wave ${waveAt(tick, fought)}`}
          min={0}
          max={ticks}
          value={tick}
          style={{ '--part': `${(100 * tick) / ticks}%` }}
          onInput={({ currentTarget }) => seek(Number(currentTarget.value))}
        />
        <span class="scrub-marks" aria-hidden="true">
          {waves.map((from) => (
            <i key={from} class="mark-wave" style={at(from)} />
          ))}
          {falls.map((from, index) => (
            <i key={`f${index}`} class="mark-fall" style={at(from)} />
          ))}
        </span>
      </div>
      <span class="figures small quiet">
        {moment(tick)} / {moment(ticks)}
      </span>
    </div>
  );
}

export function Controls({ playback, fought }: PlayerProps) {
  const { tick, playing, speed, done, toggle, step, seek, setSpeed } = playback;
  const { waves, ticks } = fought;
  const before = waves.findLast((from) => from < tick - GRACE_TICKS) ?? 0;
  const after = waves.find((from) => from > tick) ?? ticks;
  return (
    <div class="controls">
      <div class="controls-row" role="group" aria-label="Playing">
        <IconButton name="Wave before" draw="M14 7v10l-7-5zM21 7v10l-7-5zM5 7v10" off={tick === 0} onClick={() => seek(before)} />
        <IconButton name="Blow before" draw="M15 6v12l-9-6zM18 6v12" off={tick === 0} onClick={() => step(-1)} />
        <button type="button" class="button button-first controls-play" aria-keyshortcuts="k" onClick={toggle}>
          <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <path d={playing ? 'M8 6v12M16 6v12' : 'M8 5v14l11-7z'} />
          </svg>
          {playing ? 'Pause' : done ? 'Again' : 'Play'}
        </button>
        <IconButton name="Next blow" draw="M9 6v12l9-6zM6 6v12" off={done} onClick={() => step(1)} />
        <IconButton name="Next wave" draw="M10 7v10l7-5zM3 7v10l7-5zM19 7v10" off={done} onClick={() => seek(after)} />
      </div>
      <div class="controls-row" role="group" aria-label="Speed">
        {SPEEDS.map((to, index) => (
          <button
            key={to}
            type="button"
            class="chip"
            aria-pressed={to === speed}
            aria-label={to === Infinity ? 'As fast as possible' : `${to} times`}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => setSpeed(to)}
          >
            {nameOf(to)}
          </button>
        ))}
      </div>
      <div class="controls-row" role="group" aria-label="Go to">
        {waves.map((from, index) => (
          <button
            key={from}
            type="button"
            class="chip"
            aria-current={waveAt(tick, fought) === index + 1 && !done ? 'step' : undefined}
            onClick={() => seek(from)}
          >
            Wave {index + 1}
          </button>
        ))}
        <button type="button" class="chip" aria-current={done ? 'step' : undefined} onClick={() => seek(ticks)}>
          End
        </button>
      </div>
    </div>
  );
}

const nameOf = (speed: Speed): string => (speed === Infinity ? 'Max' : `${speed}×`);

/** Going back while a wave has just begun goes to the one before it. */
const GRACE_TICKS = 20;

function IconButton({ name, draw, off, onClick }: { name: string; draw: string; off: boolean; onClick: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label={name} title={name} disabled={off} onClick={onClick}>
      <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
        <path d={draw} />
      </svg>
    </button>
  );
}

const STRIDE_TICKS = 100;

/** As films are watched: space or K plays, arrows go 5 s, commas and points a blow, digits choose the speed. */
export function useKeys({ toggle, seek, step, setSpeed, tick }: Playback, player: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const deeds: Record<string, () => void> = {
      k: toggle,
      ' ': toggle,
      ArrowLeft: () => seek(tick - STRIDE_TICKS),
      ArrowRight: () => seek(tick + STRIDE_TICKS),
      ',': () => step(-1),
      '.': () => step(1),
      Home: () => seek(0),
    };
    SPEEDS.forEach((speed, index) => (deeds[String(index + 1)] = () => setSpeed(speed)));
    const press = (event: KeyboardEvent) => {
      const { key, target, altKey, ctrlKey, metaKey } = event;
      if (altKey || ctrlKey || metaKey || !(target instanceof Element) || !deeds[key]) return;
      const elsewhere = target !== document.body && !player.current?.contains(target);
      // What has the focus keeps the keys that are its own.
      const its = target.matches('button, a, select')
        ? [' ']
        : target.matches('input')
          ? ['ArrowLeft', 'ArrowRight', 'Home', ' ']
          : [];
      if (elsewhere || its.includes(key)) return;
      event.preventDefault();
      deeds[key]();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
