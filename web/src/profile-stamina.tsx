import { STAMINA_PERIOD_MS, staminaGrown, staminaPoints } from '../../rules/levels.ts';
import { useHouseTime } from './clock.ts';
import { lasting } from './until.tsx';

interface Stamina {
  points: number;
  max: number;
  since: string;
}

/** Grown by the page itself from the instant that the house named. */
export function StaminaShown({ stamina }: { stamina: Stamina }) {
  const since = { tenths: stamina.points * 10, max: stamina.max, atMs: new Date(stamina.since).getTime() };
  const now = useHouseTime(1_000, stamina.points < stamina.max);
  const grown = staminaGrown(since, now);
  const points = staminaPoints(grown);
  const periods = Math.ceil((stamina.max * 10 - grown.tenths) / stamina.max);
  const left = grown.atMs + periods * STAMINA_PERIOD_MS - now;
  return (
    <section class="panel" aria-label="Stamina">
      <div class="row apart">
        <h2>Stamina</h2>
        <p class="small quiet">
          {points >= stamina.max ? (
            'Full'
          ) : (
            <>
              Full in <span class="figures">{lasting(left)}</span>
            </>
          )}
        </p>
      </div>
      <div class="stamina" role="progressbar" aria-label="Stamina" aria-valuenow={points} aria-valuemax={stamina.max}>
        <i style={{ transform: `scaleX(${points / stamina.max})` }} />
        <span class="figures">
          {points} of {stamina.max}
        </span>
      </div>
      <p class="quiet small">A tenth comes back every ten seconds, whether you are here or not.</p>
    </section>
  );
}
