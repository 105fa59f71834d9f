import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Action, BattleEvent } from '../../rules/battle-types.ts';
import { enemyName } from './arena-stage.tsx';
import { moment } from './replay-controls.tsx';
import type { Fought, Happening } from './replay-record.ts';

/** So many of the newest lines are drawn. */
const LINES_MAX = 80;

interface Line {
  tick: number;
  words: ComponentChildren;
  matters: boolean;
  tone: '' | 'gain' | 'loss';
}

/** What has happened up to now, newest first. */
export function Log({ fought, tick, self }: { fought: Fought; tick: number; self: string }) {
  const [all, setAll] = useState(false);
  const lines = useMemo(() => fought.happenings.flatMap(linesWith(namesIn(fought, self))), [fought, self]);
  const told = lines.filter((line) => line.tick <= tick && (all || line.matters));
  return (
    <section class="panel replay-log" aria-label="What happened so far">
      <div class="row apart">
        <h2>What happened</h2>
        <div class="row" role="group" aria-label="How much is told">
          <button type="button" class="chip" aria-pressed={!all} onClick={() => setAll(false)}>
            What mattered
          </button>
          <button type="button" class="chip" aria-pressed={all} onClick={() => setAll(true)}>
            Every blow
          </button>
        </div>
      </div>
      {told.length === 0 && <p class="quiet">Nothing yet.</p>}
      <ol tabIndex={0} aria-label="The newest first">
        {told
          .slice(-LINES_MAX)
          .toReversed()
          .map(({ tick: at, words, tone }, index) => (
            <li key={told.length - index} class={tone}>
              <span class="figures quiet">{moment(at)}</span>
              <span>{words}</span>
            </li>
          ))}
      </ol>
    </section>
  );
}

interface Names {
  fighter: (id: string) => string;
  enemy: (id: string) => string;
}

function namesIn({ fighters, kinds }: Fought, self: string): Names {
  const names = new Map(fighters.map(({ playerId, name }) => [playerId, name]));
  return {
    fighter: (id) => (id === self ? 'You' : (names.get(id) ?? 'Somebody')),
    enemy: (id) => enemyName(kinds.get(id) ?? id),
  };
}

const linesWith =
  (names: Names) =>
  (happening: Happening): Line[] => {
    const { tick } = happening;
    if ('wave' in happening) return [{ tick, words: <b>Wave {happening.wave}</b>, matters: true, tone: '' }];
    if ('event' in happening) return eventLines(happening.event, names).map((line) => ({ tick, ...line }));
    const { playerId, input } = happening.taken;
    const deed = DEEDS[input.kind];
    if (deed === undefined) return [];
    return [{ tick, words: `${names.fighter(playerId)} ${deed}`, matters: true, tone: '' }];
  };

/** Blows are told by what came of them. Written so that they fit “You” as well as a name. */
const DEEDS: Record<string, string> = {
  potion: 'took a potion',
  revive: 'rose again',
  drop: 'lost the connection',
  back: 'came back',
  leave: 'left',
  join: 'joined the fight',
};

const BLOWS: Record<Action | 'strike', string> = {
  quick: 'Quick',
  normal: 'Strike',
  power: 'Power',
  critical: 'Finish',
  ultimate: 'Ultimate',
  strike: 'strikes',
};

const articleOf = (name: string): string => (/^[AEIOU]/.test(name) ? 'an' : 'a');

function eventLines(event: Extract<Happening, { event: BattleEvent }>['event'], { fighter, enemy }: Names): Omit<Line, 'tick'>[] {
  if (event.type === 'wave_cleared') return [{ words: `Wave ${event.wave} was cleared`, matters: true, tone: 'gain' }];
  if (event.type === 'enemy_defeated')
    return [
      {
        words: `${fighter(event.by)} felled ${event.boss ? 'the' : articleOf(enemyName(event.kind))} ${enemyName(event.kind)}`,
        matters: true,
        tone: 'gain',
      },
    ];
  if (event.type === 'mended')
    return [{ words: `${enemy(event.by)} mended ${enemy(event.to)} by ${event.hp}`, matters: false, tone: 'loss' }];
  const { by, from, to, action, damage, critical, fatal } = event;
  const [who, whom] = by === 'fighter' ? [fighter(from), enemy(to)] : [enemy(from), fighter(to)];
  const blow: Omit<Line, 'tick'> = {
    words: (
      <>
        {who} <span class="quiet">{by === 'fighter' ? BLOWS[action] : ''} →</span> {whom} <b class="figures">{damage}</b>
        {critical && ' critical'}
      </>
    ),
    matters: false,
    tone: '',
  };
  if (by === 'fighter' || !fatal) return [blow];
  return [blow, { words: `${whom} fell to ${enemy(from)}`, matters: true, tone: 'loss' }];
}
