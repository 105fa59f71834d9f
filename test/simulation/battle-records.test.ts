// Battles as they were stored under each version of the rules: whatever changes since, they end as they did.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { replayBattle } from '../../rules/battle-replay.ts';
import type { BattleReward } from '../../rules/battle-types.ts';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';

const records = suite('simulation/battle-records');

for (const version of [1, 2]) {
  const lines = readFileSync(new URL(`../fixtures/battles-${version}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  for (const line of lines) {
    const { serverSeed, setup, moves, outcome, rewards } = JSON.parse(line);
    const { battleId, definition, party } = setup;
    records(`a battle of version ${version} ends as it did: ${battleId}, ${party.length} fighters, ${outcome.outcome}`, () => {
      const random = drawStream({ serverSeed: serverSeedBytes(serverSeed), clientSeeds: [], nonce: 0 });
      const { rewards: again, ...end } = replayBattle({ definition, party, inputs: moves, random, version });
      assert.equal(end, outcome);
      assert.equal(again.map(withoutFigures), rewards.map(withoutFigures));
    });
  }
}

/** A piece of gear is rolled by rules of its own, after everything else: what it was rolled is kept with the reward. */
function withoutFigures({ loot, ...reward }: BattleReward) {
  return { ...reward, loot: loot.map(({ gear, ...find }) => ({ ...find, gear: gear && gear.rarity })) };
}

records.run();
