// Battles with real clients, made so small that they begin, are won and are lost within a few steps.
import type { BattleDefinition } from '../../rules/battle-types.ts';
import { type Player, refusedWith, seen, type TestServer, until } from './server.ts';
import { listen, type Sitter } from './table.ts';

const ONE_GOBLIN = { count: 1, kinds: ['goblin'], boss: null } as const;
const small = (battleId: string, more: Partial<BattleDefinition> = {}): BattleDefinition => ({
  battleId,
  name: battleId,
  levelRequired: 1,
  partyMin: 1,
  partyMax: 2,
  boss: false,
  difficulty: 'easy',
  waves: [ONE_GOBLIN],
  hpPerMille: 1,
  blowPerMille: [1, 1, 1, 1],
  ...more,
});

/** `frail` falls to any blow; `stout` outlives every blow and hardly strikes; `deadly` outlives them and fells at one stroke. */
const BATTLES: readonly BattleDefinition[] = [
  small('frail'),
  small('stout', { hpPerMille: 10_000_000 }),
  small('deadly', { hpPerMille: 10_000_000, blowPerMille: [10_000_000, 10_000_000] }),
  small('for-two', { partyMin: 2, blowPerMille: [1] }),
  small('crowded', { partyMax: 4 }),
  small('open', { lateJoin: true }),
  small('open-stout', { lateJoin: true, hpPerMille: 10_000_000, blowPerMille: [1, 1, 1], partyMax: 3 }),
];

export async function addBattles({ db }: TestServer): Promise<void> {
  for (const battle of BATTLES)
    await db.rows("insert into content (kind, id, data) values ('battle', $1, $2::jsonb)", [
      battle.battleId,
      JSON.stringify(battle),
    ]);
}

/** All in one lobby, in this order; all see each other. `options` go to the first, who makes the room. */
export async function gather(players: readonly Player[], battleId: string): Promise<Sitter[]> {
  const party: Sitter[] = [];
  for (const player of players) {
    const room = party[0]
      ? await player.client.joinById(party[0].room.roomId, {})
      : await player.client.create('battle', { battleId });
    party.push(listen(player, room));
    await until('the fighter', () => party.every(({ room: other }) => seen(other).fighters?.[player.playerId]));
  }
  return party;
}

const PAUSE_MS = 3_000;

/** The leader starts, and the first wave comes. */
export async function fight(server: TestServer, party: readonly Sitter[]): Promise<void> {
  await party[0]!.room.request('start', {});
  server.push(PAUSE_MS);
  await until('the wave', () => party.every(({ room }) => !room.connection.isOpen || seen(room).wave === 1));
}

/** Half a second on, once the fight is that far and this fighter may act again: what the room says to the blow. */
export async function strikeNext(server: TestServer, sitter: Sitter, action: string): Promise<string> {
  server.push(500);
  for (;;) {
    const told = await refusedWith(strike(sitter, action));
    if (told !== 'action_cooling') return told;
    await new Promise((resolve) => setTimeout(resolve, 50)); // slower than the bound on messages
  }
}

export const foeOf = ({ room }: Sitter): string => Object.keys(seen(room).enemies)[0]!;
export const strike = (sitter: Sitter, action = 'quick') => sitter.room.request('act', { action, targetId: foeOf(sitter) });
