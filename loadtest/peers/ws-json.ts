// The second peer: rooms on plain `ws` that send their whole state as JSON to each client at every step, our rules on the
// same moves. As lean as such a server gets: one timer for all rooms, the text made once a room.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Action } from '../../rules/battle-types.ts';
import * as rules from '../../rules/battle.ts';
import { Refusal } from '../../rules/refusal.ts';
import { BENCH_BATTLE, BENCH_STATS, PARTY, STEP_MS } from '../battle-load.ts';
import { seeded } from '../simulate-battle.ts';
import { serveSide } from './side.ts';

interface JsonRoom {
  battle: rules.Battle;
  clients: WebSocket[];
}
interface JsonMove {
  id: number;
  action: Action;
  targetId: string;
}

const rooms = new Map<string, JsonRoom>();
const random = seeded(1);
const http = createServer();
const sockets = new WebSocketServer({ server: http });

sockets.on('connection', (socket, request) => {
  const [roomId = '', playerId = ''] = (request.url ?? '').slice(1).split('/');
  const room = rooms.get(roomId) ?? open(roomId);
  room.clients.push(socket);
  rules.joinBattle(room.battle, { playerId, name: 'Player', level: 1, bot: false, stats: BENCH_STATS });
  socket.on('message', (data: Buffer) =>
    socket.send(JSON.stringify(answer(room, playerId, JSON.parse(data.toString()) as JsonMove))),
  );
  if (room.clients.length === PARTY) rules.startBattle(room.battle, null);
});

function open(roomId: string): JsonRoom {
  const room = { battle: rules.createBattle(BENCH_BATTLE), clients: [] };
  rooms.set(roomId, room);
  return room;
}

function answer({ battle }: JsonRoom, playerId: string, { id, action, targetId }: JsonMove): object {
  try {
    return { id, answer: rules.queueInput(battle, playerId, { kind: 'act', action, targetId }) };
  } catch (error) {
    return { id, refused: error instanceof Refusal ? error.code : 'internal' };
  }
}

function step(): void {
  for (const { battle, clients } of rooms.values()) {
    rules.stepBattle(battle, random);
    const { fighters, enemies, ...view } = battle.view;
    const state = { ...view, fighters: Object.fromEntries(fighters), enemies: Object.fromEntries(enemies) };
    const text = Buffer.from(JSON.stringify(state));
    for (const client of clients) client.send(text, { binary: false });
  }
}

let stepping: NodeJS.Timeout | undefined;
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

serveSide(
  { port: (http.address() as AddressInfo).port, crowd: [] },
  {
    pause: () => clearInterval(stepping),
    resume: () => void (stepping = setInterval(step, STEP_MS)),
  },
);
