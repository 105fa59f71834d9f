// The rooms and routes the house opens with. A game from outside is one more entry in `rooms`.
import { BattleRoom } from '../rooms/battle.ts';
import { LeaderboardRoom } from '../rooms/leaderboard.ts';
import { HouseLobby } from '../rooms/lobby.ts';
import { QueueRoom } from '../rooms/queue.ts';
import { RouletteRoom } from '../rooms/roulette.ts';
import { SpinRoom } from '../rooms/spin.ts';
import { checkRouletteReturns } from '../rules/rtp.ts';
import { checkTable, SPIN_TABLE } from '../rules/spin.ts';
import type { RoomEntry } from './game-server.ts';

export { routes as houseRoutes } from '../http/routes.ts';

export const houseRooms: readonly RoomEntry[] = [
  { name: 'battle', room: BattleRoom, matchBy: ['battleId', 'free'], listed: true },
  {
    name: 'roulette',
    room: RouletteRoom,
    matchBy: ['stakeKey', 'seats', 'party', 'free'],
    listed: true,
    check: () => checkRouletteReturns(),
  },
  { name: 'spin', room: SpinRoom, matchBy: ['currency'], listed: true, check: () => checkTable(SPIN_TABLE) },
  { name: 'leaderboard', room: LeaderboardRoom, matchBy: ['board', 'period'] },
  { name: 'queue', room: QueueRoom, matchBy: ['queueKey'] },
  { name: 'lobby', room: HouseLobby },
];
