// Achievements as data: what is counted, from where on it is one, and what it brings, once. An operator's row in `content`
// counts as one of these.
import { type Counter, type Goal, goalFrom, type Measure, wholeFrom } from './counters.ts';

export const TIERS = ['bronze', 'silver', 'gold', 'platinum', 'diamond'] as const;
export type Tier = (typeof TIERS)[number];

export interface Achievement extends Goal {
  achievementId: string;
  name: string;
  tier: Tier;
  /** 10 to 5,000. */
  ap: bigint;
  gems: bigint;
  xp: bigint;
}

/** What a tier brings: AP 10 to 5,000 (rules.md), gems and XP beside it (house rule). */
const REWARDS: Record<Tier, Pick<Achievement, 'ap' | 'gems' | 'xp'>> = {
  bronze: { ap: 10n, gems: 0n, xp: 20n },
  silver: { ap: 50n, gems: 5n, xp: 50n },
  gold: { ap: 250n, gems: 10n, xp: 150n },
  platinum: { ap: 1_000n, gems: 25n, xp: 400n },
  diamond: { ap: 5_000n, gems: 100n, xp: 1_000n },
};

/** Winnings are a balance that also falls: of them the most at once counts; of days in a row the longest row. */
const MEASURED: Partial<Record<Counter, Measure>> = { winnings: 'best', streak_days: 'best' };

export const ACHIEVEMENTS: readonly Achievement[] = [
  ...series('registered', [['bronze', 1n, 'Welcome']]),
  ...series('verified', [['silver', 1n, 'Known by name']]),
  ...series('rounds', [
    ['bronze', 10n, 'Warming up'],
    ['silver', 100n, 'A regular'],
    ['gold', 1_000n, 'At home here'],
    ['platinum', 10_000n, 'Part of the furniture'],
  ]),
  // The most won in one round, net.
  ...series('winnings', [
    ['bronze', 500n, 'A good round'],
    ['silver', 5_000n, 'A great round'],
    ['gold', 50_000n, 'A round to tell of'],
  ]),
  ...series('battles', [
    ['bronze', 1n, 'First blood'],
    ['silver', 25n, 'Fighter'],
    ['gold', 250n, 'Veteran'],
    ['platinum', 2_500n, 'Warlord'],
  ]),
  ...series('bosses', [
    ['silver', 1n, 'Giant slayer'],
    ['gold', 25n, 'Boss hunter'],
    ['platinum', 250n, 'Bane of bosses'],
  ]),
  ...series('enemies', [
    ['bronze', 100n, 'Hundred down'],
    ['silver', 1_000n, 'Thousand down'],
    ['gold', 25_000n, 'One-player army'],
  ]),
  ...series('pets', [
    ['bronze', 1n, 'A friend'],
    ['silver', 10n, 'A pack'],
    ['gold', 50n, 'A menagerie'],
  ]),
  ...series('streak_days', [
    ['bronze', 7n, 'A week in a row'],
    ['silver', 30n, 'A month in a row'],
    ['gold', 90n, 'A season in a row'],
    ['diamond', 365n, 'A year in a row'],
  ]),
  ...series('quests', [
    ['bronze', 5n, 'On an errand'],
    ['silver', 50n, 'Dependable'],
    ['gold', 500n, 'Quest keeper'],
  ]),
  ...series('mining_payouts', [
    ['bronze', 1n, 'First shovel'],
    ['silver', 50n, 'Steady shaft'],
    ['gold', 500n, 'Deep shaft'],
    ['platinum', 5_000n, 'Mountain mover'],
  ]),
  ...series('mined', [
    ['bronze', 100n, 'Pan of gold'],
    ['silver', 1_000n, 'Cart of gold'],
    ['gold', 10_000n, 'Vein of gold'],
    ['diamond', 100_000n, 'Mother lode'],
  ]),
  ...series('mined', [
    ['silver', 100n, 'A nugget', 'best'],
    ['gold', 1_000n, 'A great nugget', 'best'],
  ]),
  ...series('ap_spent', [
    ['bronze', 100n, 'Customer'],
    ['silver', 1_000n, 'Good customer'],
    ['gold', 10_000n, 'Patron'],
    ['platinum', 100_000n, 'Benefactor'],
  ]),
  ...series('podiums', [
    ['gold', 1n, 'On the podium'],
    ['platinum', 10n, 'At home on the podium'],
  ]),
  ...series('trades', [
    ['bronze', 10n, 'Apprentice trader'],
    ['silver', 100n, 'Trader'],
    ['gold', 1_000n, 'Floor trader'],
    ['platinum', 10_000n, 'Market maker'],
  ]),
];

type Step = [tier: Tier, threshold: bigint, name: string, measure?: Measure];

function series(counter: Counter, steps: readonly Step[]): Achievement[] {
  return steps.map(([tier, threshold, name, measure = MEASURED[counter] ?? 'sum']) => ({
    achievementId: `${counter}-${measure === 'sum' ? '' : `${measure}-`}${threshold}`.replaceAll('_', '-'),
    name,
    tier,
    counter,
    measure,
    threshold,
    ...REWARDS[tier],
  }));
}

const AP_MIN = 10n;
const AP_MAX = 5_000n;
const GEMS_MAX = 10_000n;
const XP_MAX = 100_000n;

/** A row as an achievement. Null: it is none, or an operator has retired it; nothing else stops for it. */
export function achievementFrom(achievementId: string, data: unknown): Achievement | null {
  if (typeof data !== 'object' || data === null) return null;
  const row = data as Record<string, unknown>;
  const goal = goalFrom(row);
  const tier = TIERS.find((known) => known === row.tier);
  const [ap, gems, xp] = [
    wholeFrom(row.ap, { from: AP_MIN, to: AP_MAX }),
    wholeFrom(row.gems ?? 0, { from: 0n, to: GEMS_MAX }),
    wholeFrom(row.xp ?? 0, { from: 0n, to: XP_MAX }),
  ];
  if (!goal || !tier || ap === null || gems === null || xp === null) return null;
  if (typeof row.name !== 'string' || row.name === '' || row.retired === true) return null;
  return { achievementId, name: row.name, tier, ...goal, ap, gems, xp };
}
