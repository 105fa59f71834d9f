// Random legal inputs in every battle, over thousands of seeds: it ends once, nothing leaves its bounds, damage adds up, and
// the recorded inputs with the same stream end in the same digest.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { botParty, seeded } from '../../loadtest/simulate-battle.ts';
import { botInput } from '../../rules/battle-bot.ts';
import { BATTLES } from '../../rules/battle-content.ts';
import { ACTION_NAMES, BATTLE_TICKS_MAX, staminaAt } from '../../rules/battle-figures.ts';
import { digestOf, replayBattle } from '../../rules/battle-replay.ts';
import type { BattleEvent, BattleInput } from '../../rules/battle-types.ts';
import {
  createBattle,
  joinBattle,
  leaveBattle,
  queueInput,
  seatConnected,
  startBattle,
  stepBattle,
  type Battle,
} from '../../rules/battle.ts';
import type { Random } from '../../rules/random.ts';
import { Refusal } from '../../rules/refusal.ts';

const SEEDS = 3_000;

const simulation = suite('simulation/battle');

interface Played {
  battle: Battle;
  events: BattleEvent[];
  /** HP of all enemies that stood in earlier waves. */
  hpBefore: number;
}

/** Every third fighter's moves are a bot's, the others' are anyone's guess. */
function play(seed: number): Played {
  const guess = seeded(seed * 2 + 1);
  const stream = seeded(seed);
  const definition = { ...BATTLES[seed % BATTLES.length]!, lateJoin: guess.below(2) === 0 };
  const { partyMin, partyMax } = definition;
  const battle = createBattle(definition);
  for (const member of botParty(definition, partyMin + guess.below(partyMax - partyMin + 1))) {
    joinBattle(battle, { ...member, bot: guess.below(2) === 0 });
  }
  for (const playerId of battle.combatants.keys()) if (guess.below(10) === 0) seatConnected(battle, playerId, false);
  startBattle(battle, null);
  const played: Played = { battle, events: [], hpBefore: 0 };
  while (battle.view.phase === 'fighting') step(played, guess, stream);
  return played;
}

function step(played: Played, guess: Random, stream: Random): void {
  const { battle } = played;
  for (const { playerId, seat } of battle.combatants.values()) {
    const input = seat % 3 === 0 ? botInput(battle, playerId) : guess.below(30) === 0 ? guessed(battle, guess) : null;
    if (input) asFarAsAllowed(() => queueInput(battle, playerId, input));
    if (guess.below(4_000) === 0) asFarAsAllowed(() => leaveBattle(battle, playerId));
    if (guess.below(500) === 0) asFarAsAllowed(() => seatConnected(battle, playerId, guess.below(2) === 0));
  }
  if (guess.below(2_000) === 0) asFarAsAllowed(() => joinBattle(battle, lateMember(battle)));
  if (battle.tick + 1 < battle.dueTick) {
    assert.is(stepBattle(battle, stream).length, 0);
    return;
  }
  const { wave } = battle.view;
  const standing = [...battle.view.enemies.values()].reduce((sum, { hpMax }) => sum + hpMax, 0);
  played.events.push(...stepBattle(battle, stream));
  if (battle.view.wave > wave) played.hpBefore += standing;
  checkBounds(battle);
}

const lateMember = ({ definition, combatants }: Battle) => botParty(definition, combatants.size + 1).at(-1)!;

function guessed(battle: Battle, guess: Random): BattleInput {
  const kind = guess.below(20);
  if (kind === 0) return { kind: 'potion', hpPercent: guess.below(60), staminaPercent: guess.below(60) };
  if (kind === 1) return { kind: 'revive' };
  return {
    kind: 'act',
    action: ACTION_NAMES[guess.below(ACTION_NAMES.length)]!,
    targetId: `e${1 + guess.below(battle.enemiesMade + 1)}`,
  };
}

function asFarAsAllowed(move: () => unknown): void {
  try {
    move();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function checkBounds({ view, tick }: Battle): void {
  for (const fighter of view.fighters.values()) {
    const { hp, hpMax, fallen, stamina, staminaMax, staminaSince } = fighter;
    const now = staminaAt(fighter, tick);
    const fine = Number.isSafeInteger(hp) && hp >= 0 && hp <= hpMax && fallen === (hp === 0);
    if (!fine) assert.unreachable(`hp ${hp} of ${hpMax}, fallen ${fallen}`);
    if (!(stamina >= 0 && now >= stamina && now <= staminaMax && staminaSince <= tick))
      assert.unreachable(`stamina ${stamina}, ${now}`);
  }
  for (const { hp, hpMax } of view.enemies.values()) {
    if (!(Number.isSafeInteger(hp) && hp >= 0 && hp <= hpMax)) assert.unreachable(`enemy hp ${hp} of ${hpMax}`);
  }
}

function checkEnd({ battle, events, hpBefore }: Played): void {
  const { view, tick, rewards, combatants } = battle;
  assert.ok(tick <= BATTLE_TICKS_MAX);
  const finished = events.filter((event) => event.type === 'finished');
  assert.equal(finished, [{ type: 'finished', outcome: view.phase, rewards }]);
  assert.is(events.at(-1), finished[0]);

  const dealt = [...view.fighters.values()].reduce((sum, { damage }) => sum + damage, 0);
  const missing = [...view.enemies.values()].reduce((sum, { hp, hpMax }) => sum + hpMax - hp, hpBefore);
  const mended = events.reduce((sum, event) => sum + (event.type === 'mended' ? event.hp : 0), 0);
  assert.is(dealt, missing + mended);
  const told = events.reduce((sum, event) => sum + (event.type === 'attack' && event.by === 'fighter' ? event.damage : 0), 0);
  assert.is(told, dealt);

  const defeated = events.filter(({ type }) => type === 'enemy_defeated').length;
  assert.is(view.phase === 'won', view.wave === view.waves && defeated === battle.enemiesMade);
  assert.equal(
    rewards.map(({ playerId }) => playerId),
    [...combatants.values()].filter(({ left }) => !left).map(({ playerId }) => playerId),
  );
  for (const { coins, xp } of rewards)
    assert.ok(Number.isSafeInteger(coins) && coins >= 0 && Number.isSafeInteger(xp) && xp >= 0);
}

simulation(`${SEEDS} battles of random legal moves end once, keep their bounds, and replay to the same digest`, () => {
  const outcomes = new Set<string>();
  const digests = new Set<string>();
  let late = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const played = play(seed);
    checkEnd(played);
    const { battle } = played;
    const { outcome, ticks, digest, rewards } = replayBattle({
      definition: battle.definition,
      party: battle.party,
      inputs: structuredClone(battle.taken),
      random: seeded(seed),
      version: battle.version,
    });
    assert.equal([outcome, ticks, digest], [battle.view.phase, battle.tick, digestOf(battle)], `seed ${seed}`);
    assert.equal(rewards, battle.rewards);
    outcomes.add(outcome);
    if (battle.taken.some(({ input }) => input.kind === 'join')) late++;
    digests.add(digest);
  }
  assert.ok(late > SEEDS / 20, `${late} came late`);
  assert.is(outcomes.size, 2);
  assert.is(digests.size, SEEDS);
});

simulation('another stream, or one input less, ends in another digest', () => {
  const { battle } = play(12);
  const record = {
    definition: battle.definition,
    party: battle.party,
    inputs: battle.taken,
    random: seeded(12),
    version: battle.version,
  };
  assert.is(replayBattle(record).digest, digestOf(battle));
  const others = [
    { ...record, random: seeded(13) },
    { ...record, random: seeded(12), inputs: battle.taken.filter((_, index) => index !== 3) },
    { ...record, random: seeded(12), inputs: battle.taken.toReversed() },
    {
      ...record,
      random: seeded(12),
      inputs: [...battle.taken, { tick: battle.tick + 1, playerId: 'bot-1', input: { kind: 'back' } as const }],
    },
  ];
  for (const other of others) {
    let digest: string | null = null;
    try {
      ({ digest } = replayBattle(other));
    } catch (error) {
      assert.ok(error instanceof Refusal || error instanceof RangeError);
    }
    assert.is.not(digest, digestOf(battle));
  }
});

simulation.run();
