// The first peer: a Colyseus room as its own guide has it, with our rules on the same moves. No sign-in, no checked
// payloads, no limits, no log, no record of the round; a timer for its steps and one for its patches.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Client, defineRoom, defineServer, Room } from '@colyseus/core';
import { WebSocketTransport } from '@colyseus/ws-transport';
import type { BattleInput } from '../../rules/battle-types.ts';
import * as rules from '../../rules/battle.ts';
import { Refusal } from '../../rules/refusal.ts';
import { BattleState, EnemyState, FighterState } from '../../state/battle.ts';
import { BENCH_BATTLE, BENCH_STATS, PARTY, STEP_MS } from '../battle-load.ts';
import { seeded } from '../simulate-battle.ts';
import { serveSide } from './side.ts';

type Act = Extract<BattleInput, { kind: 'act' }>;
interface Ask {
  reject(reason: { code: string }): unknown;
}

const rooms = new Set<BareBattleRoom>();

class BareBattleRoom extends Room<{ state: BattleState }> {
  override state = new BattleState();
  override maxClients = PARTY;
  override patchRate: number | null = STEP_MS;
  #random = seeded(1);
  #battle = rules.createBattle(BENCH_BATTLE, {
    view: this.state,
    fighter: (fields) => new FighterState(fields),
    enemy: (fields) => new EnemyState(fields),
  });

  override messages = {
    start: () => {
      rules.startBattle(this.#battle, null);
      this.run();
      return {};
    },
    act: (client: Client, { action, targetId }: Act, ask: Ask) => {
      try {
        return rules.queueInput(this.#battle, client.sessionId, { kind: 'act', action, targetId });
      } catch (error) {
        return ask.reject({ code: error instanceof Refusal ? error.code : 'internal' });
      }
    },
  };

  override onCreate(): void {
    rooms.add(this);
  }

  override onJoin(client: Client): void {
    rules.joinBattle(this.#battle, { playerId: client.sessionId, name: 'Player', level: 1, bot: false, stats: BENCH_STATS });
  }

  run(): void {
    this.patchRate = STEP_MS;
    this.setTimestep(() => {
      for (const event of rules.stepBattle(this.#battle, this.#random)) this.broadcast(event.type, event);
    }, STEP_MS);
  }

  rest(): void {
    this.patchRate = null;
    this.setTimestep();
  }
}

const http = createServer();
const server = defineServer({
  greet: false,
  gracefullyShutdown: false,
  transport: new WebSocketTransport({ server: http }),
  rooms: { battle: defineRoom(BareBattleRoom) },
});
await server.listen(0, '127.0.0.1');

serveSide(
  { port: (http.address() as AddressInfo).port, crowd: [] },
  {
    pause: () => rooms.forEach((room) => room.rest()),
    // Rooms that people opened are never in step with each other.
    resume: () => [...rooms].forEach((room, index) => setTimeout(() => room.run(), (index * STEP_MS) / rooms.size)),
  },
);
