// A battle being watched: where it stands, how fast it goes, and how to get to any moment of it. Going back begins it again,
// which takes no longer than a blink.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Battle } from '../../rules/battle.ts';
import type { Replay } from '../../rules/battle-replay.ts';
import { TICK_MS, type Attack, type BattleState } from './battle-view.ts';
import type { Fought, StoredBattle, Tape } from './replay-record.ts';

/** `Infinity`: as fast as this browser can. */
export const SPEEDS = [1, 2, 5, 20, Infinity] as const;
export type Speed = (typeof SPEEDS)[number];

export interface Playback {
  tick: number;
  state: BattleState;
  playing: boolean;
  speed: Speed;
  done: boolean;
  toggle(): void;
  setSpeed(speed: Speed): void;
  /** To a tick; what happens to be playing goes on from there. */
  seek(tick: number): void;
  /** To the next moment at which something happened, or to the one before, and stands there. */
  step(by: 1 | -1): void;
}

interface Watching {
  stored: StoredBattle;
  tape: Tape;
  fought: Fought;
  /** Told each blow as it is struck; not those passed over, nor at full speed. */
  struck: (blow: Attack) => void;
}

/** Of a frame, what a fight at full speed may take, ms. */
const FRAME_MS = 10;
/** A frame that comes later than this, from a tab that slept, does not make up for all of it. */
const LATE_MS_MAX = 250;

export function usePlayback({ stored, tape, fought, struck }: Watching): Playback {
  const replay = useRef<Replay | null>(null);
  const now = (replay.current ??= tape.open());
  const [, draw] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>(1);
  const shown = useRef(struck);
  shown.current = struck;
  const moments = useMemo(() => [...new Set([0, ...fought.happenings.map(({ tick }) => tick), fought.ticks])], [fought]);

  const seek = (tick: number) => {
    const to = Math.min(Math.max(0, Math.round(tick)), fought.ticks);
    if (replay.current!.tick > to) replay.current = tape.open();
    const from = replay.current!;
    while (from.tick < to) from.step();
    draw((count) => count + 1);
  };
  const over = () => replay.current!.tick >= fought.ticks;
  const toggle = () => {
    if (!playing && over()) seek(0);
    setPlaying(!playing);
  };
  const step = (by: 1 | -1) => {
    setPlaying(false);
    const tick = replay.current!.tick;
    seek((by === 1 ? moments.find((moment) => moment > tick) : moments.findLast((moment) => moment < tick)) ?? tick);
  };

  useEffect(() => {
    if (!playing) return;
    return eachFrame((ms) => {
      run(replay.current!, { ms, speed, end: fought.ticks, struck: (blow) => shown.current(blow) });
      draw((count) => count + 1);
      if (!over()) return true;
      setPlaying(false);
      return false;
    });
  }, [playing, speed]);

  return { tick: now.tick, state: shownOf(now.battle, stored), playing, speed, done: over(), toggle, setSpeed, seek, step };
}

interface Run {
  ms: number;
  speed: Speed;
  /** The tick to stop at: past it, a record that was tampered with throws. */
  end: number;
  struck: (blow: Attack) => void;
}

/** Parts of a tick that a frame was too short for are kept for the next. */
const spare = new WeakMap<Replay, number>();

function run(replay: Replay, { ms, speed, end, struck }: Run): void {
  if (speed === Infinity) {
    const until = performance.now() + FRAME_MS;
    while (replay.tick < end && performance.now() < until) replay.step();
    return;
  }
  const due = (spare.get(replay) ?? 0) + (Math.min(ms, LATE_MS_MAX) * speed) / TICK_MS;
  spare.set(replay, due % 1);
  const to = Math.min(end, replay.tick + Math.floor(due));
  while (replay.tick < to) for (const event of replay.step()) if (event.type === 'attack') struck(event);
}

/** Asks again as long as `tell` says so. Gives what ends it. */
function eachFrame(tell: (ms: number) => boolean): () => void {
  let last = performance.now();
  let frame = requestAnimationFrame(function next(at) {
    const ms = Math.max(0, at - last);
    last = at;
    if (tell(ms)) frame = requestAnimationFrame(next);
  });
  return () => cancelAnimationFrame(frame);
}

/** The same words that a live room's state has. */
function shownOf({ view }: Battle, { roundId, commitment }: StoredBattle): BattleState {
  const { battleId, phase, wave, waves, leader } = view;
  const fighters = Object.fromEntries([...view.fighters].map(([id, fighter]) => [id, { ...fighter }]));
  const enemies = Object.fromEntries([...view.enemies].map(([id, enemy]) => [id, { ...enemy }]));
  return { roundId, battleId, phase, wave, waves, leader, startsAt: 0, startedAt: 0, commitment, fighters, enemies };
}
