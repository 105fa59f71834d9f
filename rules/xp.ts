/**
 * Every source of XP, on one level curve, with the most it brings a player in a day (UTC). What is over the cap is lost, so
 * that no source can be farmed; null has a limit of its own: a battle's loot waits until it is claimed, an achievement is
 * reached once, a quest is one of three.
 */
export const XP_SOURCES = {
  battle: { name: 'Battles won', dailyMax: null },
  achievement: { name: 'Achievements', dailyMax: null },
  quest: { name: 'Quests', dailyMax: null },
  check_in: { name: 'Daily check-in', dailyMax: 1_000n },
  mining: { name: 'Mining payouts', dailyMax: 2_000n },
  season: { name: 'Season submissions', dailyMax: 2_000n },
  trade: { name: 'Trading', dailyMax: 500n },
} as const satisfies Record<string, { name: string; dailyMax: bigint | null }>;

export type XpSource = keyof typeof XP_SOURCES;

/** How much of `xp` counts, after `earned` from the same source that day. */
export function xpWithin(source: XpSource, { earned, xp }: { earned: bigint; xp: bigint }): bigint {
  const { dailyMax } = XP_SOURCES[source];
  if (dailyMax === null) return xp;
  const left = dailyMax > earned ? dailyMax - earned : 0n;
  return xp < left ? xp : left;
}
