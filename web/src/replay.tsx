// A stored battle watched again: fought anew in this browser, at any speed, and proven to end as it did.
import { useMemo, useRef } from 'preact/hooks';
import { ask } from './api.ts';
import { Banner, Enemies, Fighters } from './arena-stage.tsx';
import { useFloats } from './battle-view.ts';
import { me } from './me.ts';
import { Reading } from './reading.tsx';
import { Controls, Scrub, useKeys } from './replay-controls.tsx';
import { YourBattles } from './replay-list.tsx';
import { Log } from './replay-log.tsx';
import { HowItEnded, Proven } from './replay-proof.tsx';
import { usePlayback } from './replay-playback.ts';
import { fightAgain, tapeOf, type Fought, type StoredBattle, type Tape } from './replay-record.ts';
import { hrefOf } from './route.ts';
import { useRead } from './ui.tsx';

export function Replay({ roundId }: { roundId: string | null }) {
  return roundId === null ? <YourBattles /> : <Watch key={roundId} roundId={roundId} />;
}

function Watch({ roundId }: { roundId: string }) {
  const stored = useRead(() => ask<StoredBattle>(`/api/battles/runs/${encodeURIComponent(roundId)}/replay`), roundId);
  return (
    <div class="replay">
      <div class="screen-title row apart">
        <h1>{stored.value?.setup.definition.name ?? 'Replay'}</h1>
        <a class="button" href={hrefOf('replay')}>
          All your battles
        </a>
      </div>
      <Reading of={stored} what="the battle">
        {(record) => <Again stored={record} />}
      </Reading>
    </div>
  );
}

/** Fought to its end at once, so that every moment of it is known before the first one is watched. */
function Again({ stored }: { stored: StoredBattle }) {
  const { tape, fought } = useMemo(() => {
    const made = tapeOf(stored);
    return { tape: made, fought: fightAgain(stored, made) };
  }, [stored]);
  return (
    <div class="replay-parts">
      {fought.ticks > 0 && <Theatre stored={stored} tape={tape} fought={fought} />}
      <Proven stored={stored} fought={fought} />
    </div>
  );
}

function Theatre({ stored, tape, fought }: { stored: StoredBattle; tape: Tape; fought: Fought }) {
  const { floats, rise } = useFloats();
  const playback = usePlayback({ stored, tape, fought, struck: rise });
  const player = useRef<HTMLElement>(null);
  useKeys(playback, player);
  const { state, tick, playing, done } = playback;
  const self = me.value?.id ?? '';
  return (
    <>
      <section
        ref={player}
        class="arena player"
        aria-label="The battle, watched again"
        data-tick={tick}
        data-end={fought.ticks}
        data-phase={state.phase}
      >
        <Banner key={playing ? 'on' : 'off'} state={state} />
        <div class="player-stage">
          <Enemies state={state} floats={floats} aimed={null} onAim={null} />
          {!playing && (tick === 0 || done) && (
            <button type="button" class="player-play" onClick={playback.toggle}>
              <svg viewBox="0 0 48 48" aria-hidden="true">
                <path d={done ? AGAIN : 'M18 12v24l19-12z'} />
              </svg>
              <span class="unseen">{done ? 'Watch it again' : 'Play'}</span>
            </button>
          )}
          {done && (
            <p class="player-end" role="status">
              {state.phase !== 'won'
                ? 'The curtain falls'
                : self in (state.fighters ?? {})
                  ? 'The stage is yours'
                  : 'The stage is theirs'}
            </p>
          )}
        </div>
        <Scrub playback={playback} fought={fought} />
        <Controls playback={playback} fought={fought} />
        <p class="small quiet controls-keys">
          Space plays and pauses, arrows go five seconds, comma and full stop one blow, digits choose the speed.
        </p>
        <Fighters state={state} self={self} floats={floats} />
      </section>
      <div class="replay-lower">
        <Log fought={fought} tick={tick} self={self} />
        <HowItEnded stored={stored} fought={fought} self={self} />
      </div>
    </>
  );
}

const AGAIN = 'M36 24a12 12 0 1 1-4-9M32 8v8h-8';
