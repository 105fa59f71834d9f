import { useState } from 'preact/hooks';
import { itemById } from '../../rules/items.ts';
import { ask, freshKey } from './api.ts';
import type { BattleState, Finished } from './battle-view.ts';
import { refreshMe } from './me.ts';
import { hrefOf } from './route.ts';
import { Amount, Refusal, useDeed, useRead } from './ui.tsx';

interface Run {
  coins: string;
  xp: string;
  items: { item: string; quantity: number }[];
  shareBp: number;
  claimedAt: string | null;
}

export function Ended({
  state,
  finished,
  self,
  leave,
}: {
  state: BattleState;
  finished: Finished | null;
  self: string;
  leave: () => void;
}) {
  const own = useRead(() => ask<Run>(`/api/battles/runs/${state.roundId}`), `${state.roundId} ${finished !== null}`);
  const { busy, refusal, run } = useDeed();
  const [claimed, setClaimed] = useState(false);
  const reward = own.value ?? finished?.rewards.find(({ playerId }) => playerId === self) ?? null;
  const done = claimed || (own.value !== null && own.value.claimedAt !== null);
  const anything = reward !== null && (reward.coins !== '0' || reward.xp !== '0' || reward.items.length > 0);
  const claim = () =>
    run(async () => {
      await ask(`/api/battles/runs/${state.roundId}/claim-loot`, { body: {}, key: freshKey() });
      setClaimed(true);
      refreshMe();
    });
  return (
    <section class="panel stack ended" role="status" data-outcome={state.phase}>
      <h2>{state.phase === 'won' ? 'The stage is yours' : 'The curtain falls'}</h2>
      <p class="quiet">
        {state.phase === 'won' ? 'Every wave is cleared.' : `You came to wave ${state.wave} of ${state.waves}.`}
      </p>
      {reward !== null && anything && (
        <ul class="rewards">
          <li>
            <Amount amount={reward.coins} />
          </li>
          <li>{reward.xp} XP</li>
          {reward.items.map(({ item, quantity }, index) => (
            <li key={`${item}${index}`} class="loot" data-rarity={itemById(item)?.rarity}>
              {itemById(item)?.name ?? item}
              {quantity > 1 && ` × ${quantity}`}
            </li>
          ))}
          <li class="quiet">{(reward.shareBp / 100).toFixed(0)} % of the work</li>
        </ul>
      )}
      <div class="row">
        {anything && (
          <button type="button" class="button button-first" disabled={busy || done} onClick={claim}>
            {done ? 'Claimed' : 'Claim it'}
          </button>
        )}
        <button type="button" class="button" onClick={leave}>
          Another battle
        </button>
        <a class="button button-plain" href={hrefOf('replay', state.roundId)}>
          Watch it again, proven
        </a>
      </div>
      <Refusal code={refusal} />
    </section>
  );
}
