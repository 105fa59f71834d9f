// The battles the house offers. Figures of HP and attack were chosen by `loadtest/balance.ts` for bots of the required level.
import type { BattleDefinition } from './battle-types.ts';

export const BATTLES: readonly BattleDefinition[] = [
  {
    battleId: 'goblin-camp',
    name: 'Goblin camp',
    levelRequired: 1,
    partyMin: 1,
    partyMax: 4,
    boss: false,
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
    battleId: 'sunken-crypt',
    name: 'Sunken crypt',
    levelRequired: 30,
    partyMin: 1,
    partyMax: 4,
    boss: false,
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
    battleId: 'black-keep',
    name: 'Black keep',
    levelRequired: 60,
    partyMin: 1,
    partyMax: 4,
    boss: false,
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

/** What `use` knows: of a fighter's full HP and stamina, at this price in coins each time. */
export const POTIONS = {
  'small-health-potion': { name: 'Small health potion', hpPercent: 25, staminaPercent: 0, priceCoins: 30n },
  'large-health-potion': { name: 'Large health potion', hpPercent: 60, staminaPercent: 0, priceCoins: 100n },
  'stamina-draught': { name: 'Stamina draught', hpPercent: 0, staminaPercent: 50, priceCoins: 50n },
} as const;
export type PotionId = keyof typeof POTIONS;

export const isPotion = (itemId: string): itemId is PotionId => Object.hasOwn(POTIONS, itemId);

const byId = new Map(BATTLES.map((battle) => [battle.battleId, battle]));

export const battleById = (battleId: string): BattleDefinition | null => byId.get(battleId) ?? null;
