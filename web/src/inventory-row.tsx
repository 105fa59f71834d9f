import type { Slot } from '../../rules/equipment.ts';
import { ask } from './api.ts';
import { drinkLine, type Effect, isDrinkable, isPiece, type Owned, type Piece, SLOT_NAMES, STAT_NAMES, STATS } from './gear.ts';
import { ItemMark } from './gear-marks.tsx';
import { Badge, Change, Figures, Rarity } from './gear-parts.tsx';
import { digits } from './money.ts';
import { once } from './once.ts';
import { hrefOf } from './route.ts';
import { tell } from './told.tsx';
import { Refusal, useDeed } from './ui.tsx';
import { clockTime } from './until.tsx';

interface RowProps {
  owned: Owned;
  worn: ReadonlyMap<Slot, Piece>;
  level: number;
  look: (piece: Piece | null) => void;
  sell: () => void;
  changed: () => void;
}

export function InventoryRow({ owned, worn, level, look, sell, changed }: RowProps) {
  const { busy, refusal, run } = useDeed();
  const piece = isPiece(owned) ? owned : null;
  const on = piece !== null && piece.gear.slot !== null;
  const looking =
    piece === null
      ? {}
      : {
          onMouseEnter: () => look(piece),
          onMouseLeave: () => look(null),
          onFocusCapture: () => look(piece),
          onBlurCapture: () => look(null),
        };
  return (
    <li class="thing" data-item={owned.item} data-kind={owned.kind} data-worn={on} {...looking}>
      <Badge rarity={owned.rarity}>
        <ItemMark item={owned.item} />
      </Badge>
      <div class="thing-words">
        <h3>
          {owned.name}
          {owned.quantity > 1 && <span class="figures quiet"> × {owned.quantity}</span>} <Rarity rarity={owned.rarity} />
          {on && <span class="tag">worn</span>}
        </h3>
        {piece === null ? (
          <StackLines owned={owned} />
        ) : (
          <PieceLines piece={piece} against={worn.get(piece.gear.goesIn) ?? null} />
        )}
      </div>
      <div class="thing-deeds">
        {piece !== null && (
          <WearButton
            piece={piece}
            against={worn.get(piece.gear.goesIn) ?? null}
            level={level}
            busy={busy}
            run={run}
            changed={changed}
          />
        )}
        {isDrinkable(owned) && <DrinkButton owned={owned} busy={busy} run={run} changed={changed} />}
        {!on && (
          <button type="button" class="button button-plain" aria-label={`Sell ${owned.name}`} onClick={sell}>
            Sell
          </button>
        )}
        {piece !== null && piece.gear.roundId !== null && (
          <a
            class="button button-plain"
            href={hrefOf('check', piece.gear.roundId)}
            aria-label={`Check the draw of ${owned.name}`}
          >
            Check
          </a>
        )}
      </div>
      <Refusal code={refusal} />
    </li>
  );
}

function PieceLines({ piece: { gear }, against }: { piece: Piece; against: Piece | null }) {
  return (
    <>
      <p class="small">
        <span class="quiet">
          {SLOT_NAMES[gear.goesIn]}, level {gear.level}:{' '}
        </span>
        <Figures stats={gear.stats} />
      </p>
      {gear.slot === null && (
        <p class="small">
          {against === null ? (
            <span class="quiet">You wear nothing there.</span>
          ) : (
            <>
              <span class="quiet">Instead of your {against.name}, </span>
              <Change before={against.gear.stats} after={gear.stats} />
            </>
          )}
        </p>
      )}
    </>
  );
}

function StackLines({ owned }: { owned: Owned }) {
  return <p class="small quiet">{drinkLine(owned) ?? `Found in battle. The shop pays ${digits(owned.sale)} coins for one.`}</p>;
}

interface DeedProps {
  busy: boolean;
  run: (work: () => Promise<unknown>) => void;
  changed: () => void;
}

interface WearProps extends DeedProps {
  piece: Piece;
  /** What is worn in its place. */
  against: Piece | null;
  level: number;
}

/** Better in one thing and worse in none. */
function isUpgrade({ gear }: Piece, against: Piece | null): boolean {
  if (gear.slot !== null) return false;
  if (against === null) return true;
  const gains = STATS.map((stat) => gear.stats[stat] - against.gear.stats[stat]);
  return Math.min(...gains) >= 0 && Math.max(...gains) > 0;
}

function WearButton({ piece, against, level, busy, run, changed }: WearProps) {
  const { itemId, name, gear } = piece;
  const short = gear.level > level;
  const wear = () =>
    run(async () => {
      if (gear.slot === null) await ask(`/api/inventory/equip/${itemId}`, { body: {} });
      else await ask(`/api/inventory/unequip/${gear.slot}`, { body: {} });
      tell(gear.slot === null ? `You wear the ${name}.` : `You took off the ${name}.`);
      changed();
    });
  return (
    <button
      type="button"
      class={isUpgrade(piece, against) ? 'button button-first' : 'button'}
      disabled={short && gear.slot === null}
      aria-disabled={busy}
      aria-label={gear.slot === null ? `Wear ${name}${short ? `, from level ${gear.level} on` : ''}` : `Take off ${name}`}
      onClick={wear}
    >
      {gear.slot !== null ? 'Take off' : short ? `Level ${gear.level}` : 'Wear'}
    </button>
  );
}

interface Drunk {
  stamina: { points: number; max: number } | null;
  effect: Effect | null;
}

function DrinkButton({ owned: { itemId, name }, busy, run, changed }: DeedProps & { owned: Owned }) {
  const drink = () =>
    run(async () => {
      const { stamina, effect } = await once<Drunk>(`/api/inventory/use/${itemId}`);
      if (effect !== null) tell(`${name}: +${effect.percent} % ${STAT_NAMES[effect.stat]} until ${clockTime(effect.endsAt)}.`);
      else if (stamina !== null) tell(`${name}: your stamina is ${stamina.points} of ${stamina.max}.`);
      changed();
    });
  return (
    <button type="button" class="button" aria-disabled={busy} aria-label={`Drink ${name}`} onClick={drink}>
      Drink
    </button>
  );
}
