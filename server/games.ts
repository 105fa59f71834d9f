// The rooms and routes the house opens with. A game from outside is one more entry in `rooms`.
import type { RoomEntry } from './game-server.ts';

export { routes as houseRoutes } from '../http/routes.ts';

export const houseRooms: readonly RoomEntry[] = [];
