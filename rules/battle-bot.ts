import type { Battle, Combatant } from './battle.ts';
import type { Foe } from './battle-enemies.ts';
import { ACTIONS, BOT_PACE_TICKS, FINISHING_PERCENT, blow, fighterStats, staminaAt, standardPoints } from './battle-figures.ts';
import type { Action, BattleDefinition, BattleInput, PartyMember } from './battle-types.ts';
import { pointsAtLevel } from './levels.ts';

/** Saves up for an ultimate from this much stamina on. */
const SAVING_FROM = 35;
/** A blow seldom does less than this part of its figure. */
const SURE_PERCENT = 90;

/**
 * What a sensible player would ask of the next step, null for nothing yet. The same battle gives the same answer; only the
 * bot's own next look is kept. Guards fall before a boss, the weakest first, and each action is used where it is best.
 */
export function botInput(battle: Battle, playerId: string): BattleInput | null {
  const combatant = battle.combatants.get(playerId);
  const tick = battle.tick + 1;
  if (!combatant || tick < combatant.thinkTick || battle.view.phase !== 'fighting') return null;
  combatant.thinkTick = tick + BOT_PACE_TICKS;
  if (combatant.shown.fallen || tick < combatant.readyTick || combatant.asked.has('act')) return null;
  const foe = chooseFoe(battle.foes);
  if (!foe) return null;
  const action = chooseAction(combatant, foe, tick);
  return action === null ? null : { kind: 'act', action, targetId: foe.enemyId };
}

function chooseFoe(foes: Foe[]): Foe | null {
  let chosen: Foe | null = null;
  for (const foe of foes) {
    if (
      !chosen ||
      (chosen.shown.boss && !foe.shown.boss) ||
      (chosen.shown.boss === foe.shown.boss && foe.shown.hp < chosen.shown.hp)
    ) {
      chosen = foe;
    }
  }
  return chosen;
}

function chooseAction(combatant: Combatant, foe: Foe, tick: number): Action | null {
  const stamina = staminaAt(combatant.shown, tick);
  const { hp, hpMax } = foe.shown;
  const finishing = hp * 100 <= hpMax * FINISHING_PERCENT;
  const damage = (action: Action): number => {
    const { armourPercent, perMille, finishingPerMille } = ACTIONS[action];
    const scale = finishing ? finishingPerMille : perMille;
    return Math.floor(blow({ attack: combatant.stats.attack, defence: foe.defence, armourPercent, perMille: scale }) / 1000);
  };
  const ready = (action: Action): boolean => tick >= combatant.cool[action];
  const able = (action: Action): boolean => ready(action) && stamina >= ACTIONS[action].stamina;

  for (const action of ['quick', 'normal'] as const) {
    if (able(action) && damage(action) * SURE_PERCENT >= hp * 100) return action;
  }
  if (finishing && able('critical') && damage('normal') * 2 < hp) return 'critical';
  if (ready('ultimate') && hp > damage('critical')) {
    if (able('ultimate')) return 'ultimate';
    if (stamina >= SAVING_FROM) return null;
  }
  const steady: Action = damage('power') * ACTIONS.normal.stamina > damage('normal') * ACTIONS.power.stamina ? 'power' : 'normal';
  return able(steady) ? steady : null;
}

/** A house bot for a seat of this battle: of the level it asks, its points spent the standard way. */
export function botMember({ levelRequired }: BattleDefinition, number: number): PartyMember {
  const stats = fighterStats(levelRequired, standardPoints(pointsAtLevel(levelRequired)));
  return { playerId: `bot-${number}`, name: BOT_NAMES[(number - 1) % BOT_NAMES.length]!, level: levelRequired, bot: true, stats };
}

const BOT_NAMES = ['Brann', 'Sable', 'Odo', 'Wren', 'Tarn', 'Isolde', 'Garm', 'Pell', 'Rook', 'Thistle'];
