import { useState } from 'preact/hooks';
import { POINT, type SpentPoints } from '../../rules/battle-figures.ts';
import { withEffects } from '../../rules/items.ts';
import { START_ATTACK, START_DEFENCE, START_HP, START_STAMINA } from '../../rules/levels.ts';
import { RESPEC_GEMS } from '../../rules/stats.ts';
import { Confirm, HowMany } from './confirm.tsx';
import { STAT_NAMES, STATS, type Stat, type Strength, type Strong, summed } from './gear.ts';
import { Totals } from './gear-parts.tsx';
import { loadMe, type Profile } from './me.ts';
import { availableOf, digits } from './money.ts';
import { once } from './once.ts';
import { tell } from './told.tsx';
import { Amount, Refusal, useDeed } from './ui.tsx';

const NONE: SpentPoints = { attack: 0, defence: 0, hp: 0, stamina: 0 };

const WORTH: Record<Stat, string> = {
  attack: 'What each blow begins with',
  defence: 'Half of it comes off each blow you take',
  hp: 'How much you can take',
  stamina: 'What blows cost; it comes back by itself',
};

type Whole = Strong & Profile;

/** Points are laid out first, seen in the totals, and spent in one go. */
export function Points({ mine, strength }: { mine: Whole; strength: Strength }) {
  const { busy, refusal, run } = useDeed();
  const [laid, setLaid] = useState<SpentPoints>(NONE);
  const [asking, setAsking] = useState(false);
  const free = mine.statPoints ?? 0;
  const sum = STATS.reduce((all, stat) => all + laid[stat], 0);
  const after = strengthened(strength, laid);
  const spend = () =>
    run(async () => {
      await once('/api/player/allocate-stats', laid);
      setLaid(NONE);
      await loadMe();
      tell(sum === 1 ? 'One point spent.' : `${sum} points spent.`);
    });
  return (
    <section class="panel points" aria-label="Strength and points">
      <div class="row apart">
        <h2>Strength</h2>
        <p class="points-free" role="status">
          {free === 0 ? (
            <span class="quiet small">No points to spend. Each level brings three.</span>
          ) : (
            <>
              <b class="figures">{free - sum}</b> {free - sum === 1 ? 'point' : 'points'} to spend
            </>
          )}
        </p>
      </div>
      <Totals strength={strength} after={sum === 0 ? null : after} />
      {free > 0 && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            spend();
          }}
        >
          <ul class="point-rows">
            {STATS.map((stat) => (
              <li key={stat}>
                <span>
                  <b>{capital(STAT_NAMES[stat])}</b>
                  <small class="quiet">
                    +{POINT[stat]} a point. {WORTH[stat]}
                  </small>
                </span>
                <HowMany
                  label={`Points on ${STAT_NAMES[stat]}`}
                  min={0}
                  max={laid[stat] + free - sum}
                  value={laid[stat]}
                  onValue={(points) => setLaid({ ...laid, [stat]: points })}
                />
              </li>
            ))}
          </ul>
          <Refusal code={refusal} />
          <div class="row">
            <button type="submit" class="button button-first" disabled={sum === 0} aria-disabled={busy}>
              {sum === 0 ? 'Lay out points' : sum === 1 ? 'Spend 1 point' : `Spend ${sum} points`}
            </button>
            {sum > 0 && (
              <button type="button" class="button button-plain" onClick={() => setLaid(NONE)}>
                Clear
              </button>
            )}
          </div>
          <p class="quiet small">Until you spend them, a battle counts them as spread over all four, most on attack.</p>
        </form>
      )}
      {spentOf(mine) > 0 && (
        <p class="row apart respec">
          <span class="quiet small">{spentOf(mine)} points are spent.</span>
          <button type="button" class="button button-plain" onClick={() => setAsking(true)}>
            Take them back for <Amount amount={RESPEC_GEMS} currency="GEMS" />
          </button>
        </p>
      )}
      {asking && <Respec points={spentOf(mine)} onClose={() => setAsking(false)} />}
    </section>
  );
}

function Respec({ points, onClose }: { points: number; onClose: () => void }) {
  const { busy, refusal, run } = useDeed();
  const short = availableOf('GEMS') < RESPEC_GEMS;
  const take = () =>
    run(async () => {
      await once('/api/player/respec');
      await loadMe();
      onClose();
      tell(`${points} points are yours to spend again.`);
    });
  return (
    <Confirm
      title="Take every point back?"
      yes={`Take them back for ${digits(RESPEC_GEMS, 'GEMS')} gems`}
      off={short}
      busy={busy}
      refusal={refusal ?? (short ? 'funds_short' : null)}
      onYes={take}
      onClose={onClose}
    >
      <p>
        All {points} points come back, and your attack, defence, health and stamina go back to where they began. You have{' '}
        <Amount amount={availableOf('GEMS')} currency="GEMS" />.
      </p>
    </Confirm>
  );
}

const spentOf = ({ attack, defence, health, stamina }: Whole): number =>
  (attack - START_ATTACK) / POINT.attack +
  (defence - START_DEFENCE) / POINT.defence +
  (health - START_HP) / POINT.hp +
  (stamina.max - START_STAMINA) / POINT.stamina;

function strengthened({ own, gear, pets, effects }: Strength, laid: SpentPoints): Strength {
  const added = Object.fromEntries(STATS.map((stat) => [stat, laid[stat] * POINT[stat]])) as Record<Stat, number>;
  const stronger = summed([own, added]);
  return { own: stronger, gear, pets, effects, total: withEffects(summed([stronger, gear, pets]), effects) };
}

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
