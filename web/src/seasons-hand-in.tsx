import { useState } from 'preact/hooks';
import { evidenceRight } from '../../rules/season.ts';
import { HowMany } from './confirm.tsx';
import { isGuest, me } from './me.ts';
import { digits } from './money.ts';
import { once } from './once.ts';
import { hrefOf } from './route.ts';
import type { Season, Submission } from './seasons-read.ts';
import { tell } from './told.tsx';
import { Refusal, useDeed } from './ui.tsx';

/** Something is handed in with a link to what shows that it is so. */
export function HandIn({ season, changed }: { season: Season; changed: () => void }) {
  const { busy, refusal, run } = useDeed();
  const [itemId, setItemId] = useState(season.items[0]?.itemId ?? '');
  const [quantity, setQuantity] = useState(1);
  const [evidence, setEvidence] = useState('');
  const item = season.items.find((one) => one.itemId === itemId) ?? season.items[0];
  if (item === undefined) return null;
  const most = Math.min(quantity, item.quantityMax);
  const points = digits(BigInt(item.points) * BigInt(most));

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run(async () => {
      const handed = { itemId: item.itemId, quantity: most, evidence: evidence.trim() };
      const { state } = await once<Submission>('/api/seasons/current/submissions', handed);
      tell(
        state === 'approved'
          ? `${most} × ${item.name}: ${points} points are yours.`
          : `${most} × ${item.name} was handed in. It counts once somebody has looked at it.`,
      );
      setQuantity(1);
      setEvidence('');
      changed();
    });
  };

  return (
    <section class="panel" aria-label="Hand in">
      <h2>Hand in</h2>
      {me.value?.verifiedAt === null ? (
        <Unverified />
      ) : (
        <form class="stack" onSubmit={submit}>
          <label class="field">
            <span>What</span>
            <select value={item.itemId} onChange={({ currentTarget }) => setItemId(currentTarget.value)}>
              {season.items.map(({ itemId: id, name, points: each }) => (
                <option key={id} value={id}>
                  {name}, {digits(each)} each
                </option>
              ))}
            </select>
          </label>
          <div class="row">
            <HowMany label="How many" value={most} max={item.quantityMax} onValue={setQuantity} />
            <span class="quiet small">at most {item.quantityMax.toLocaleString('en')} at once</span>
          </div>
          <label class="field">
            <span>A link that shows it</span>
            <input
              type="url"
              name="evidence"
              required
              maxLength={500}
              placeholder="https://"
              autocomplete="off"
              value={evidence}
              onInput={({ currentTarget }) => {
                setEvidence(currentTarget.value);
                const right = currentTarget.value === '' || evidenceRight(currentTarget.value.trim());
                currentTarget.setCustomValidity(right ? '' : 'A link that begins with https:// and names a site.');
              }}
            />
            <small>A screenshot or a recording, where anybody may see it.</small>
          </label>
          <Refusal code={refusal} />
          <button type="submit" class="button button-first button-wide" aria-disabled={busy}>
            Hand in for {points} {points === '1' ? 'point' : 'points'}
          </button>
          <p class="small quiet">
            {item.automatic ? 'This counts at once.' : 'A member of the house looks at it before it counts.'}
          </p>
        </form>
      )}
    </section>
  );
}

const Unverified = () => (
  <p>
    {isGuest() ? 'Guests watch. ' : 'Your email address is not confirmed yet. '}
    <a href={hrefOf('account')}>{isGuest() ? 'Register, and confirm your address,' : 'Confirm it in your account'}</a> to hand
    something in.
  </p>
);
