// The battles the house offers. Figures of HP and attack were chosen by `loadtest/balance.ts` for bots of the required level.
import { BOSS_KINDS, DIFFICULTIES, ENEMY_KINDS, STAGE_PERCENTS } from './battle-figures.ts';
import type { BattleDefinition, BossKind, Difficulty, EnemyKind, StageDeed, WaveDefinition } from './battle-types.ts';
import { wholeFrom } from './counters.ts';
import { LEVEL_MAX } from './levels.ts';

export const BATTLES: readonly BattleDefinition[] = [
  {
    battleId: 'goblin-camp',
    name: 'Goblin camp',
    levelRequired: 1,
    partyMin: 1,
    partyMax: 4,
    boss: false,
    lateJoin: true,
    difficulty: 'easy',
    waves: [
      { count: 3, kinds: ['goblin'], boss: null },
      { count: 4, kinds: ['goblin', 'wolf'], boss: null },
      { count: 5, kinds: ['goblin', 'wolf', 'archer'], boss: null },
    ],
    hpPerMille: 419,
    blowPerMille: [193, 338, 488, 621],
  },
  {
    battleId: 'goblin-king',
    name: 'The goblin king',
    levelRequired: 1,
    partyMin: 1,
    partyMax: 2,
    boss: true,
    difficulty: 'easy',
    waves: [
      { count: 3, kinds: ['goblin', 'archer'], boss: null },
      { count: 1, kinds: ['goblin', 'archer'], boss: 'goblin_king' },
    ],
    hpPerMille: 491,
    blowPerMille: [162, 280],
  },
  {
    battleId: 'wolf-pass',
    name: 'Wolf pass',
    levelRequired: 10,
    partyMin: 1,
    partyMax: 4,
    boss: false,
    lateJoin: true,
    difficulty: 'normal',
    waves: [
      { count: 3, kinds: ['wolf'], boss: null },
      { count: 4, kinds: ['wolf', 'archer'], boss: null },
      { count: 5, kinds: ['wolf', 'orc', 'archer'], boss: null },
    ],
    hpPerMille: 741,
    blowPerMille: [268, 500, 709, 927],
  },
  {
    battleId: 'war-camp',
    name: 'War camp',
    levelRequired: 10,
    partyMin: 1,
    partyMax: 4,
    boss: false,
    lateJoin: true,
    difficulty: 'normal',
    waves: [
      { count: 3, kinds: ['imp', 'orc'], boss: null },
      { count: 4, kinds: ['orc', 'shaman'], boss: null },
      { count: 4, kinds: ['brute', 'shaman', 'imp'], boss: null },
    ],
    hpPerMille: 473,
    blowPerMille: [416, 744, 923, 1239],
  },
  {
    battleId: 'ogre-chief',
    name: 'The ogre chief',
    levelRequired: 10,
    partyMin: 1,
    partyMax: 3,
    boss: true,
    difficulty: 'normal',
    waves: [
      { count: 3, kinds: ['orc', 'goblin'], boss: null },
      { count: 1, kinds: ['orc'], boss: 'ogre_chief' },
    ],
    hpPerMille: 444,
    blowPerMille: [184, 322, 432],
  },
  {
    battleId: 'warlord-raid',
    name: 'Raid: the warlord',
    levelRequired: 10,
    partyMin: 4,
    partyMax: 8,
    boss: true,
    difficulty: 'hard',
    waves: [
      { count: 5, kinds: ['orc', 'archer', 'shaman'], boss: null },
      { count: 2, kinds: ['orc', 'shaman'], boss: 'warlord' },
    ],
    stages: [['guards'], ['sweep'], ['frenzy']],
    hpPerMille: 226,
    blowPerMille: [555, 644, 752, 842, 939],
  },
  {
    battleId: 'sunken-crypt',
    name: 'Sunken crypt',
    levelRequired: 30,
    partyMin: 1,
    partyMax: 4,
    boss: false,
    lateJoin: true,
    difficulty: 'hard',
    waves: [
      { count: 3, kinds: ['wraith', 'archer'], boss: null },
      { count: 3, kinds: ['wraith', 'knight'], boss: null },
      { count: 4, kinds: ['knight', 'troll', 'archer'], boss: null },
    ],
    hpPerMille: 419,
    blowPerMille: [411, 767, 1079, 1360],
  },
  {
    battleId: 'stone-golem',
    name: 'The stone golem',
    levelRequired: 30,
    partyMin: 1,
    partyMax: 4,
    boss: true,
    difficulty: 'hard',
    waves: [
      { count: 3, kinds: ['knight', 'orc'], boss: null },
      { count: 1, kinds: ['knight'], boss: 'stone_golem' },
    ],
    hpPerMille: 238,
    blowPerMille: [273, 482, 662, 834],
  },
  {
    battleId: 'hydra-raid',
    name: 'Raid: the hydra',
    levelRequired: 30,
    partyMin: 5,
    partyMax: 10,
    boss: true,
    difficulty: 'legendary',
    waves: [
      { count: 6, kinds: ['imp', 'brute', 'shaman'], boss: null },
      { count: 3, kinds: ['brute', 'shaman'], boss: 'hydra' },
    ],
    stages: [['guards'], ['sweep', 'guards'], ['sweep', 'frenzy']],
    hpPerMille: 69,
    blowPerMille: [834, 954, 1091, 1169, 1310, 1395],
  },
  {
    battleId: 'black-keep',
    name: 'Black keep',
    levelRequired: 60,
    partyMin: 1,
    partyMax: 4,
    boss: false,
    lateJoin: true,
    difficulty: 'elite',
    waves: [
      { count: 3, kinds: ['knight', 'archer'], boss: null },
      { count: 3, kinds: ['troll', 'wraith'], boss: null },
      { count: 4, kinds: ['knight', 'troll', 'wraith', 'archer'], boss: null },
    ],
    hpPerMille: 224,
    blowPerMille: [586, 1071, 1492, 1858],
  },
  {
    battleId: 'ember-rift',
    name: 'Ember rift',
    levelRequired: 60,
    partyMin: 1,
    partyMax: 4,
    boss: false,
    lateJoin: true,
    difficulty: 'elite',
    waves: [
      { count: 4, kinds: ['imp', 'wraith'], boss: null },
      { count: 3, kinds: ['brute', 'shaman'], boss: null },
      { count: 4, kinds: ['imp', 'brute', 'shaman', 'wraith'], boss: null },
    ],
    hpPerMille: 306,
    blowPerMille: [321, 574, 785, 985],
  },
  {
    battleId: 'lich',
    name: 'The lich',
    levelRequired: 60,
    partyMin: 1,
    partyMax: 4,
    boss: true,
    difficulty: 'elite',
    waves: [
      { count: 3, kinds: ['wraith', 'knight'], boss: null },
      { count: 2, kinds: ['wraith'], boss: 'lich' },
    ],
    hpPerMille: 242,
    blowPerMille: [208, 369, 498, 623],
  },
  {
    battleId: 'dragon-raid',
    name: 'Raid: the dragon',
    levelRequired: 60,
    partyMin: 5,
    partyMax: 10,
    boss: true,
    difficulty: 'legendary',
    waves: [
      { count: 6, kinds: ['knight', 'troll', 'wraith', 'archer'], boss: null },
      { count: 3, kinds: ['knight', 'wraith'], boss: 'dragon' },
    ],
    hpPerMille: 72,
    blowPerMille: [799, 931, 1056, 1177, 1294, 1430],
  },
];

const byId = new Map(BATTLES.map((battle) => [battle.battleId, battle]));

export const battleById = (battleId: string): BattleDefinition | null => byId.get(battleId) ?? null;

const PARTY_MAX = 10;
const WAVES_MAX = 20;
const ENEMIES_MAX = 30;
/** Ten thousand times the usual. */
const PER_MILLE_MAX = 10_000_000;
const STAGE_DEEDS: readonly StageDeed[] = ['guards', 'sweep', 'frenzy'];

/** A row as a battle: an operator may have written it. Null: it is none; the others are fought all the same. */
export function battleFrom(battleId: string, data: unknown): BattleDefinition | null {
  if (!/^[a-z0-9_-]{1,64}$/.test(battleId) || !isRecord(data) || typeof data.name !== 'string' || data.name === '') return null;
  const { name, boss, difficulty, lateJoin, stages } = data;
  const levelRequired = numberFrom(data.levelRequired, { from: 1, to: LEVEL_MAX });
  const partyMin = numberFrom(data.partyMin, { from: 1, to: PARTY_MAX });
  const partyMax = numberFrom(data.partyMax, { from: partyMin ?? 1, to: PARTY_MAX });
  const hpPerMille = numberFrom(data.hpPerMille, { from: 1, to: PER_MILLE_MAX });
  if (levelRequired === null || partyMin === null || partyMax === null || hpPerMille === null) return null;
  const blowPerMille = listFrom(data.blowPerMille, { from: partyMax - partyMin + 1, to: PARTY_MAX }, (blow) =>
    numberFrom(blow, { from: 1, to: PER_MILLE_MAX }),
  );
  const waves = listFrom(data.waves, { from: 1, to: WAVES_MAX }, waveFrom);
  if (!blowPerMille || !waves || !isDifficulty(difficulty) || boss !== (waves.at(-1)!.boss !== null)) return null;
  const deeds = stages === undefined ? undefined : listFrom(stages, { from: 0, to: STAGE_PERCENTS.length }, stageFrom);
  if (deeds === null || (lateJoin !== undefined && typeof lateJoin !== 'boolean')) return null;
  const wave = { boss, difficulty, waves, hpPerMille, blowPerMille };
  const may = { ...(lateJoin !== undefined && { lateJoin }), ...(deeds && { stages: deeds }) };
  return { battleId, name, levelRequired, partyMin, partyMax, ...wave, ...may };
}

function waveFrom(data: unknown): WaveDefinition | null {
  if (!isRecord(data)) return null;
  const { boss } = data;
  const count = numberFrom(data.count, { from: boss === null ? 1 : 0, to: ENEMIES_MAX });
  const kinds = listFrom(data.kinds, { from: 1, to: ENEMIES_MAX }, (kind) => (isEnemy(kind) ? kind : null));
  if (count === null || !kinds || (boss !== null && !isBoss(boss))) return null;
  return { count, kinds, boss };
}

const stageFrom = (data: unknown): StageDeed[] | null =>
  listFrom(data, { from: 0, to: STAGE_DEEDS.length }, (deed) => STAGE_DEEDS.find((known) => known === deed) ?? null);

const isRecord = (data: unknown): data is Record<string, unknown> => typeof data === 'object' && data !== null;
const isDifficulty = (data: unknown): data is Difficulty => typeof data === 'string' && Object.hasOwn(DIFFICULTIES, data);
const isEnemy = (data: unknown): data is EnemyKind => typeof data === 'string' && Object.hasOwn(ENEMY_KINDS, data);
const isBoss = (data: unknown): data is BossKind => typeof data === 'string' && Object.hasOwn(BOSS_KINDS, data);

/** Every one of them, or null. */
function listFrom<One>(
  data: unknown,
  { from, to }: { from: number; to: number },
  one: (data: unknown) => One | null,
): One[] | null {
  if (!Array.isArray(data) || data.length < from || data.length > to) return null;
  const list = data.map(one);
  return list.includes(null) ? null : (list as One[]);
}

function numberFrom(value: unknown, { from, to }: { from: number; to: number }): number | null {
  const whole = wholeFrom(value, { from: BigInt(from), to: BigInt(to) });
  return whole === null ? null : Number(whole);
}
