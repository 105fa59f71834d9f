import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BOARD_REWARDS,
  boardReward,
  type ClosingPeriod,
  FINAL_MAX,
  periodEnd,
  periodKey,
  periodOf,
  PERIODS,
} from '../../rules/boards.ts';

const boards = suite('rules/boards');

boards('a period ends where the next one begins, at the edges of days, ISO weeks, months and years', () => {
  const DAY_MS = 86_400_000;
  for (const period of PERIODS) {
    for (let day = Date.UTC(2023, 11, 20); day < Date.UTC(2029, 0, 10); day += DAY_MS / 2) {
      const at = new Date(day);
      const end = periodEnd(period, at);
      assert.is(periodOf(periodKey(period, at)), period);
      if (period === 'all') {
        assert.is(end, null);
        continue;
      }
      assert.ok(end!.getTime() > day);
      assert.is(periodKey(period, new Date(end!.getTime() - 1)), periodKey(period, at), at.toISOString());
      assert.is.not(periodKey(period, end!), periodKey(period, at), at.toISOString());
    }
  }
});

boards('a higher place never earns less, each band begins after the one before, and the last is the last that is kept', () => {
  for (const [period, bands] of Object.entries(BOARD_REWARDS) as [ClosingPeriod, (typeof BOARD_REWARDS)[ClosingPeriod]][]) {
    assert.is(bands.at(-1)!.to, FINAL_MAX);
    for (let rank = 2; rank <= FINAL_MAX + 1; rank++) {
      const [better, worse] = [rank - 1, rank].map((place) => boardReward(period, { rank: place, score: 1n }));
      assert.ok(better!.coins >= worse!.coins && better!.gems >= worse!.gems, `${period} ${rank}`);
    }
    assert.equal(boardReward(period, { rank: 1, score: 1n }), { coins: bands[0]!.coins, gems: bands[0]!.gems });
    for (const nothing of [
      { rank: FINAL_MAX + 1, score: 5n },
      { rank: 1, score: 0n },
      { rank: 1, score: -5n },
    ])
      assert.equal(boardReward(period, nothing), { coins: 0n, gems: 0n });
  }
});

boards.run();
