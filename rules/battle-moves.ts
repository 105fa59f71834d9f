// What an input does in the step that takes it. It was checked when it was asked for; what may have changed since is that the
// target fell to an earlier input of the same step.
import type { Battle, Combatant } from './battle.ts';
import { fadeThreat, passStage, type Foe } from './battle-enemies.ts';
import {
  ACTIONS,
  FINISHING_PERCENT,
  POTION_COOLDOWN_TICKS,
  RECOVERY_TICKS,
  REVIVE_HP_PERCENT,
  SECOND_WIND_PERCENT,
  STAGE_PERCENTS,
  blow,
  staminaAt,
  struck,
} from './battle-figures.ts';
import { enter } from './battle-party.ts';
import { TICKS_PER_SECOND, type BattleEvent, type BattleInput, type Fighter } from './battle-types.ts';
import type { Random } from './random.ts';

export function takeInput(
  battle: Battle,
  { playerId, input }: { playerId: string; input: BattleInput },
  random: Random,
  events: BattleEvent[],
): void {
  if (input.kind === 'join') return enter(battle, input.member);
  const combatant = battle.combatants.get(playerId)!;
  const { shown } = combatant;
  switch (input.kind) {
    case 'act':
      return act(battle, combatant, input, random, events);
    case 'potion':
      if (shown.fallen) events.push({ type: 'lapsed', playerId, input });
      else drink(combatant, input, battle.tick);
      return;
    case 'revive':
      if (combatant.left) events.push({ type: 'lapsed', playerId, input });
      else rise(combatant, battle.tick);
      return;
    case 'drop':
      shown.connected = false;
      return;
    case 'back':
      shown.connected = !combatant.left;
      return;
    case 'leave':
      return depart(battle, combatant);
  }
}

/** Everyone standing regains this much of their HP. */
export function regain({ combatants }: Battle, percent: number): void {
  for (const { shown } of combatants.values()) {
    if (!shown.fallen && shown.hp < shown.hpMax) shown.hp = Math.min(shown.hpMax, shown.hp + share(shown.hpMax, percent));
  }
}

/** Falls, and is no one's target any more. */
export function fall(battle: Battle, { shown, seat }: Combatant): void {
  shown.hp = 0;
  shown.fallen = true;
  for (const foe of battle.foes) foe.threat[seat] = 0;
}

function act(
  battle: Battle,
  combatant: Combatant,
  input: BattleInput & { kind: 'act' },
  random: Random,
  events: BattleEvent[],
): void {
  const { playerId, shown, stats } = combatant;
  const foe = battle.foes.find(({ enemyId }) => enemyId === input.targetId);
  if (!foe || shown.fallen) return void events.push({ type: 'lapsed', playerId, input });

  const { stamina, perMille, finishingPerMille, armourPercent, cooldownTicks } = ACTIONS[input.action];
  spendStamina(shown, stamina, battle.tick);
  combatant.readyTick = battle.tick + RECOVERY_TICKS;
  combatant.cool[input.action] = battle.tick + cooldownTicks;

  const finishing = foe.shown.hp * 100 <= foe.shown.hpMax * FINISHING_PERCENT;
  const scale = finishing ? finishingPerMille : perMille;
  const plain = blow({ attack: stats.attack, defence: foe.defence, armourPercent, perMille: scale });
  const { damage, critical } = struck(plain, random);
  const dealt = Math.min(damage, foe.shown.hp);
  foe.shown.hp -= dealt;
  shown.damage += dealt;
  fadeThreat(foe, battle.tick);
  foe.threat[combatant.seat]! += dealt;
  const fatal = foe.shown.hp === 0;
  events.push({
    type: 'attack',
    by: 'fighter',
    from: playerId,
    to: foe.enemyId,
    action: input.action,
    damage: dealt,
    critical,
    fatal,
  });
  if (fatal) defeat(battle, foe, playerId, events);
  else if (foe.shown.boss) passStages(battle, foe, random, events);
}

function defeat(battle: Battle, foe: Foe, by: string, events: BattleEvent[]): void {
  battle.combatants.get(by)!.defeated++;
  battle.foes.splice(battle.foes.indexOf(foe), 1);
  regain(battle, SECOND_WIND_PERCENT);
  events.push({ type: 'enemy_defeated', enemyId: foe.enemyId, kind: foe.shown.kind, boss: foe.shown.boss, by });
}

/** One blow may take a boss through more than one stage. */
function passStages(battle: Battle, foe: Foe, random: Random, events: BattleEvent[]): void {
  const { shown } = foe;
  while (shown.stage < STAGE_PERCENTS.length && shown.hp * 100 <= shown.hpMax * STAGE_PERCENTS[shown.stage]!) {
    shown.stage++;
    regain(battle, SECOND_WIND_PERCENT);
    passStage(battle, foe, random, events);
  }
}

/** `staminaSince` stays on the last tick that gave a whole point, so no part of one is lost. */
function spendStamina(shown: Fighter, points: number, tick: number): void {
  const now = staminaAt(shown, tick);
  const ticksAPoint = Math.max(1, Math.floor(TICKS_PER_SECOND / shown.staminaPerSecond));
  shown.staminaSince = now === shown.staminaMax ? tick : tick - ((tick - shown.staminaSince) % ticksAPoint);
  shown.stamina = now - points;
}

function drink(combatant: Combatant, { hpPercent, staminaPercent }: BattleInput & { kind: 'potion' }, tick: number): void {
  const { shown } = combatant;
  combatant.potionTick = tick + POTION_COOLDOWN_TICKS;
  shown.hp = Math.min(shown.hpMax, shown.hp + share(shown.hpMax, hpPercent));
  if (staminaPercent === 0) return;
  spendStamina(shown, 0, tick);
  shown.stamina = Math.min(shown.staminaMax, shown.stamina + share(shown.staminaMax, staminaPercent));
}

function rise(combatant: Combatant, tick: number): void {
  const { shown } = combatant;
  combatant.revives++;
  combatant.readyTick = tick + RECOVERY_TICKS;
  shown.fallen = false;
  shown.hp = Math.max(1, share(shown.hpMax, REVIVE_HP_PERCENT));
}

function depart(battle: Battle, combatant: Combatant): void {
  combatant.left = true;
  combatant.shown.connected = false;
  fall(battle, combatant);
}

const share = (whole: number, percent: number): number => Math.floor((whole * percent) / 100);
