import { gearById } from '../../rules/equipment.ts';
import type { BattleReward, LootRoll } from '../../rules/battle-types.ts';
import { lootItem } from '../../rules/items.ts';
import { StepShown } from './check.tsx';
import { moment } from './replay-controls.tsx';
import { commitmentIn, type Fought, type StoredBattle, type Stood } from './replay-record.ts';
import { hrefOf } from './route.ts';
import { Amount, Face } from './ui.tsx';
import type { Step } from './verify.ts';

/** Who stood how at the end, and what it brought them. */
export function HowItEnded({ stored, fought, self }: { stored: StoredBattle; fought: Fought; self: string }) {
  const worked = fought.fighters.reduce((sum, { damage }) => sum + damage, 0);
  const won = fought.end?.outcome === 'won';
  return (
    <section class="panel" aria-label="How it ended">
      <h2>{won ? 'Won' : 'Lost'}</h2>
      <p class="quiet">
        After {moment(fought.ticks)}
        {won ? ', every wave cleared.' : `, in wave ${fought.waves.length} of ${stored.setup.definition.waves.length}.`}
      </p>
      <ul class="stood">
        {fought.fighters.map((fighter) => (
          <Part
            key={fighter.playerId}
            fighter={fighter}
            self={self}
            worked={worked}
            reward={fought.end?.rewards.find(({ playerId }) => playerId === fighter.playerId) ?? null}
          />
        ))}
      </ul>
    </section>
  );
}

interface PartProps {
  fighter: Stood;
  self: string;
  worked: number;
  reward: BattleReward | null;
}

function Part({ fighter: { playerId, name, bot, damage, defeated, fallen, left }, self, worked, reward }: PartProps) {
  const note = left ? 'left' : fallen ? 'down' : '';
  return (
    <li class={playerId === self ? 'own' : ''}>
      <Face id={playerId} name={name} bot={bot} />
      <div>
        <p>
          <b>{playerId === self ? 'You' : name}</b> {note !== '' && <small class="tag">{note}</small>}
        </p>
        <p class="small quiet figures">
          {damage.toLocaleString('en')} dealt, {worked === 0 ? 0 : Math.round((damage * 100) / worked)} %
          {defeated > 0 && `, ${defeated} felled`}
        </p>
      </div>
      {reward !== null && !bot && (
        <div class="stood-reward">
          <Amount amount={String(reward.coins)} /> <span class="figures">{reward.xp} XP</span>
          {reward.loot.map((find, index) => (
            <span key={index} class="loot" data-rarity={find.gear?.rarity ?? find.rarity}>
              {findName(find)}
            </span>
          ))}
        </div>
      )}
    </li>
  );
}

function findName({ rarity, pick, gear }: LootRoll): string {
  if (gear !== undefined && gear !== null) return gearById(gear.itemId)?.name ?? gear.itemId;
  return lootItem(rarity, pick).name;
}

/** What this browser has found, against what was recorded. */
export function Proven({ stored, fought }: { stored: StoredBattle; fought: Fought }) {
  const steps = stepsOf(stored, fought);
  const proven = steps.every(({ agrees }) => agrees !== false);
  return (
    <section class="proof" aria-label="The proof">
      <div class="verdict" role="status" data-verdict={String(proven)}>
        <h2>{proven ? 'Same end, proven' : 'This battle does not add up'}</h2>
        <p>
          {proven
            ? `Your browser fought all of it again in ${fought.tookMs < 1 ? 'less than a millisecond' : `${Math.round(fought.tookMs)} ms`}, from the seed that was promised before, and came to the very same end.`
            : 'Your browser came to another end. Keep the battle’s id and tell the house.'}
        </p>
      </div>
      <ol class="steps panel">
        {steps.map((step) => (
          <StepShown key={step.title} step={step} />
        ))}
      </ol>
      <p class="small">
        <a href={hrefOf('check', stored.roundId)}>Check the round’s promise by itself</a>
      </p>
    </section>
  );
}

function stepsOf(stored: StoredBattle, { end, ticks, words }: Fought): Step[] {
  const { roundId, rulesVersion, commitment, serverSeed, setup, inputs, outcome } = stored;
  const shown = commitmentIn(serverSeed);
  return [
    {
      title: 'The seed is the one promised before the fight',
      lines: [`SHA-256(${serverSeed}) = ${shown}`, `promised: ${commitment}`],
      agrees: shown === commitment,
    },
    {
      title: 'Every move fought again',
      lines: [
        `battle ${roundId}, party of ${setup.party.length}, rules version ${rulesVersion}`,
        `${inputs.length} moves and ${words.toLocaleString('en')} words of HMAC-SHA256(seed, ":0:block"), each where it was`,
        end === null ? `at tick ${ticks} a move stands that could not be made` : `${ticks} ticks of 50 ms, to the end`,
      ],
      agrees: end === null ? false : null,
    },
    {
      title: 'It ends when it ended, and as it ended',
      lines: [`here: ${end?.outcome ?? 'nothing'} at tick ${ticks}`, `recorded: ${outcome.outcome} at tick ${outcome.ticks}`],
      agrees: end?.outcome === outcome.outcome && ticks === outcome.ticks,
    },
    {
      title: 'Down to the last figure of everybody and everything',
      lines: [
        `digest here: ${end?.digest ?? 'none'}`,
        `recorded: ${outcome.digest}`,
        `fought again by the house: ${stored.digest ?? 'none'}`,
      ],
      agrees: end !== null && end.digest === outcome.digest,
    },
  ];
}
