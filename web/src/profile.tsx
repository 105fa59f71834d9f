import { useState } from 'preact/hooks';
import { ask } from './api.ts';
import { summed, readKit, running, statsOfWorn, strengthOf, type Strength, type Strong, wornIn } from './gear.ts';
import { isGuest, levelProgress, loadMe, me, type Profile as Mine } from './me.ts';
import { Points } from './profile-points.tsx';
import { StaminaShown } from './profile-stamina.tsx';
import { XpSources } from './profile-xp.tsx';
import { Reading } from './reading.tsx';
import { hrefOf } from './route.ts';
import { tell } from './told.tsx';
import { Face, Field, Refusal, useDeed, useRead, valuesOf } from './ui.tsx';
import { houseNow } from './clock.ts';

export function Profile() {
  const read = useRead(() => Promise.all([readKit(), loadMe()]).then(([kit]) => kit), 'profile');
  const mine = me.value;
  return (
    <div class="profile">
      <Reading of={read} what="your profile">
        {({ inventory, pets }) => {
          if (mine?.stamina === undefined) return null;
          const worn = statsOfWorn(wornIn(inventory.items));
          const strength = strengthOf(mine as Strong, { worn, pets, effects: running(inventory.effects, houseNow()) });
          return (
            <>
              <Head mine={mine} />
              <div class="profile-columns">
                <Points mine={mine as Strong & Mine} strength={strength} />
                <div class="profile-side">
                  <StaminaShown stamina={mine.stamina} />
                  <Sources strength={strength} />
                  <XpSources />
                </div>
              </div>
            </>
          );
        }}
      </Reading>
    </div>
  );
}

function Head({ mine }: { mine: Mine }) {
  const [editing, setEditing] = useState(false);
  const { part, gained, needed } = levelProgress(mine.xp);
  const since = mine.createdAt === undefined ? null : new Date(mine.createdAt);
  return (
    <section class="profile-head" aria-label="You">
      <Face id={mine.id} name={mine.displayName} />
      <div>
        <h1>{mine.displayName}</h1>
        <p class="quiet small">
          {isGuest() ? 'A guest' : mine.email}
          {since !== null && `, here since ${since.toLocaleDateString('en', { day: 'numeric', month: 'long', year: 'numeric' })}`}
          {mine.timeZone !== undefined && `. Days begin at midnight in ${mine.timeZone.replaceAll('_', ' ')}.`}
        </p>
      </div>
      <div class="row">
        <button type="button" class="button" aria-expanded={editing} onClick={() => setEditing(!editing)}>
          Edit
        </button>
        <a class="button button-plain" href={hrefOf('account')}>
          Account
        </a>
      </div>
      {editing && <Edit mine={mine} onClose={() => setEditing(false)} />}
      <div class="profile-level">
        <div class="row apart">
          <span>
            Level <b>{mine.level}</b>
          </span>
          <span class="quiet small figures">
            {needed === null
              ? `${mine.xp} XP, the highest level`
              : `${gained.toLocaleString('en')} of ${needed.toLocaleString('en')} XP`}
          </span>
        </div>
        <div class="bar" role="progressbar" aria-label="To the next level" aria-valuenow={Math.round(part * 100)}>
          <i style={{ transform: `scaleX(${part})` }} />
        </div>
      </div>
    </section>
  );
}

const here = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

function Edit({ mine, onClose }: { mine: Mine; onClose: () => void }) {
  const { busy, refusal, run } = useDeed();
  const zones = [...new Set([mine.timeZone ?? 'UTC', here(), 'UTC', ...Intl.supportedValuesOf('timeZone')])];
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const { displayName = '', timeZone = '' } = valuesOf(event.currentTarget);
    run(async () => {
      await ask('/api/player/me', { method: 'PATCH', body: { displayName: displayName.trim(), timeZone } });
      await loadMe();
      onClose();
      tell('Saved.');
    });
  };
  return (
    <form class="profile-edit stack" onSubmit={save}>
      <Field label="Name" name="displayName" maxLength={32} value={mine.displayName} />
      <label class="field">
        <span>Time zone, in which your days begin</span>
        <select name="timeZone" defaultValue={mine.timeZone ?? 'UTC'}>
          {zones.map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
      </label>
      <Refusal code={refusal} />
      <div class="row">
        <button type="submit" class="button button-first" aria-disabled={busy}>
          Save
        </button>
        <button type="button" class="button" onClick={onClose}>
          Leave it so
        </button>
      </div>
    </form>
  );
}

/** Where the strength comes from. */
function Sources({ strength: { own, gear, pets, total } }: { strength: Strength }) {
  const before = summed([own, gear, pets]);
  const running = {
    attack: total.attack - before.attack,
    defence: total.defence - before.defence,
    hp: total.hp - before.hp,
    stamina: total.stamina - before.stamina,
  };
  const rows = [
    { name: 'Level and points', stats: own, to: null },
    { name: 'Gear', stats: gear, to: 'inventory' as const },
    { name: 'Pets', stats: pets, to: 'pets' as const },
    { name: 'Elixirs', stats: running, to: 'inventory' as const },
  ];
  return (
    <section class="panel" aria-label="Where your strength comes from">
      <h2>In battle</h2>
      <div class="table-wide">
        <table class="sources">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Attack</th>
              <th scope="col">Defence</th>
              <th scope="col">Health</th>
              <th scope="col">Stamina</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, stats, to }) => (
              <tr key={name}>
                <th scope="row">{to === null ? name : <a href={hrefOf(to)}>{name}</a>}</th>
                <td>{stats.attack}</td>
                <td>{stats.defence}</td>
                <td>{stats.hp}</td>
                <td>{stats.stamina}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">In all</th>
              <td>{total.attack}</td>
              <td>{total.defence}</td>
              <td>{total.hp}</td>
              <td>{total.stamina}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}
