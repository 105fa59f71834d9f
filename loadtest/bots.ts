// Bots that play the four rooms with the SDK a client of ours uses: they look at the room's state a few times a second, make the
// move that is theirs, and come back for another round.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import type { BattleState } from '../state/battle.ts';
import type { RouletteState } from '../state/roulette.ts';

export const ROOMS = ['battle', 'roulette', 'spin', 'leaderboard'] as const;
export type RoomName = (typeof ROOMS)[number];

export interface BotAccount {
  playerId: string;
  accessToken: string;
}

/** What all bots saw together. */
export interface Tally {
  joined: number;
  /** Milliseconds of every answer since the last look, refusals included. */
  answersMs: number[];
  answered: number;
  refused: Map<string, number>;
  /** Rounds or battles seen to their end, by each bot. */
  finished: number;
  messages: number;
  /** Neither an answer nor a refusal: what should not happen. */
  failed: string[];
}

export const newTally = (): Tally => ({
  joined: 0,
  answersMs: [],
  answered: 0,
  refused: new Map(),
  finished: 0,
  messages: 0,
  failed: [],
});

interface Seat {
  room: Room;
  playerId: string;
  ask(type: string, payload: object): Promise<void>;
}

interface Game {
  options: object;
  /** Between two looks. */
  lookMs: number;
  /** Makes a move if one is due. `over`: the bot leaves and joins again. */
  look(seat: Seat): Promise<'goes on' | 'over'>;
}

const STAKE = { currency: 'COINS', amount: '10' };
const SPIN_STAKE = { currency: 'COINS', amount: '20' };
const PARTY = 4;

const GAMES: Record<RoomName, Game> = {
  battle: { options: { battleId: 'goblin-camp' }, lookMs: 1_000, look: lookAtBattle },
  roulette: { options: { stake: STAKE, seats: 2 }, lookMs: 400, look: lookAtRoulette },
  spin: { options: { currency: 'COINS' }, lookMs: 1_000, look: lookAtSpin },
  leaderboard: { options: { board: 'winnings', period: 'all' }, lookMs: 2_000, look: lookAtBoard },
};

/** Plays until `stopped`. A refusal is part of the game; anything else ends this bot and is told in `tally.failed`. */
export async function playBot(
  { url, name, account, tally }: { url: string; name: RoomName; account: BotAccount; tally: Tally },
  stopped: AbortSignal,
): Promise<void> {
  const client = new Client(url);
  client.auth.token = account.accessToken;
  try {
    while (!stopped.aborted) await playRoom({ client, name, account, tally }, stopped);
  } catch (error) {
    if (!stopped.aborted) tally.failed.push(error instanceof Error ? error.message : String(error));
  }
}

async function playRoom(
  { client, name, account, tally }: { client: Client; name: RoomName; account: BotAccount; tally: Tally },
  stopped: AbortSignal,
): Promise<void> {
  const { options, lookMs, look } = GAMES[name];
  const room = await client.joinOrCreate(name, options);
  tally.joined++;
  room.onMessage('*', () => void tally.messages++);
  const seat = { room, playerId: account.playerId, ask: asker(room, tally) };
  await sleep(Math.random() * lookMs);
  while (!stopped.aborted) {
    if (!room.connection.isOpen) throw new Error('the server closed the connection');
    if ((await look(seat)) === 'over') {
      tally.finished++;
      break;
    }
    await sleep(lookMs);
  }
  await room.leave();
  tally.joined--;
}

function asker(room: Room, tally: Tally): Seat['ask'] {
  return async (type, payload) => {
    const began = performance.now();
    try {
      await room.request(type, payload);
      tally.answered++;
    } catch (error) {
      const code = (error as { reason?: { code?: string } }).reason?.code;
      if (code === undefined || code === 'internal') throw error;
      tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1);
    }
    tally.answersMs.push(performance.now() - began);
  };
}

async function lookAtBattle({ room, playerId, ask }: Seat): Promise<'goes on' | 'over'> {
  const { phase, leader, fighters, enemies } = room.state as BattleState;
  if (phase === 'won' || phase === 'lost') return 'over';
  if (phase === 'lobby' && leader === playerId && fighters.size === PARTY) await ask('start', {});
  if (phase !== 'fighting' || fighters.get(playerId)?.fallen !== false) return 'goes on';
  const target = [...enemies.entries()].find(([, enemy]) => enemy.hp > 0);
  if (target) await ask('act', { action: 'normal', targetId: target[0] });
  return 'goes on';
}

async function lookAtRoulette({ room, playerId, ask }: Seat): Promise<'goes on' | 'over'> {
  const { phase, turn, pullNo, seats, betsCloseAt } = room.state as RouletteState;
  const own = seats?.get(playerId);
  if (!own || phase === 'over' || phase === 'void') return 'over';
  if (phase === 'waiting' && !own.ready) await ask('ready', {});
  if (phase !== 'turn') return 'goes on';
  if (turn === playerId && Date.now() >= betsCloseAt) await ask('pull', { pullNo });
  else if (Date.now() < betsCloseAt && Math.random() < 0.05)
    await ask('bet', { pullNo, kind: 'survive', targetId: turn, stake: { currency: 'COINS', amount: '100' } });
  return 'goes on';
}

async function lookAtSpin({ ask }: Seat): Promise<'goes on'> {
  await ask('spin', { stake: SPIN_STAKE });
  return 'goes on';
}

async function lookAtBoard({ ask }: Seat): Promise<'goes on'> {
  await ask('page', { cursor: String(Math.floor(Math.random() * 5) * 20) });
  return 'goes on';
}
