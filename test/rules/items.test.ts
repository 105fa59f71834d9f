import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Effect, EFFECT_SECONDS_MAX, effectAfter, ITEM_RARITIES, ITEMS, lootItem, withEffects } from '../../rules/items.ts';

const items = suite('rules/items');
const NOW = new Date('2026-11-21T12:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
const elixir = (percent: number, seconds = 1_800) => ({ stat: 'attack' as const, percent, seconds });
const running = (percent: number, seconds: number): Effect => ({ stat: 'attack', percent, endsAt: later(seconds) });

items('loot is never something to drink, and a roll’s item stays what it was', () => {
  for (const rarity of ITEM_RARITIES)
    for (let pick = 0; pick < 10; pick++) {
      const { potion, elixir: drunk } = lootItem(rarity, pick);
      assert.equal([potion, drunk], [null, null]);
    }
  const named = ITEM_RARITIES.map((rarity) => [0, 1, 2].map((pick) => lootItem(rarity, pick).itemId));
  assert.equal(named, [
    ['goblin_ear', 'wolf_pelt', 'iron_shard'],
    ['orc_tusk', 'archer_string', 'orc_tusk'],
    ['troll_heart', 'knight_crest', 'troll_heart'],
    ['golem_core', 'wraith_silk', 'golem_core'],
    ['dragon_scale', 'dragon_scale', 'dragon_scale'],
  ]);
  assert.is(new Set(ITEMS.map(({ itemId }) => itemId)).size, ITEMS.length);
});

items('an elixir begins an effect, the same strength lengthens it, a stronger one replaces it', () => {
  assert.equal(effectAfter(null, elixir(10), NOW), running(10, 1_800));
  assert.equal(effectAfter(running(10, 600), elixir(10), NOW), running(10, 2_400));
  assert.equal(effectAfter(running(10, 600), elixir(20), NOW), running(20, 1_800));
  assert.equal(effectAfter(running(20, -1), elixir(10), NOW), running(10, 1_800), 'what has ended counts for nothing');
});

items('what would bring nothing is not drunk: a weaker one, or one that would last too long', () => {
  assert.is(effectAfter(running(20, 1), elixir(10), NOW), null);
  assert.is(effectAfter(running(10, EFFECT_SECONDS_MAX - 1_799), elixir(10), NOW), null);
  assert.equal(effectAfter(running(10, EFFECT_SECONDS_MAX - 1_800), elixir(10), NOW), running(10, EFFECT_SECONDS_MAX));
});

items('effects add their percent of the fighter as it is, each once', () => {
  const stats = { attack: 105, defence: 9, hp: 200, stamina: 100 };
  const both = [
    { stat: 'attack' as const, percent: 10 },
    { stat: 'defence' as const, percent: 10 },
  ];
  assert.equal(withEffects(stats, both), { attack: 115, defence: 9, hp: 200, stamina: 100 });
  assert.equal(stats.attack, 105);
});

items.run();
