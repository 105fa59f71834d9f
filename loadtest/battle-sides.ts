// The generator's half of the battle benchmark: starts each side pinned to a core of its own and fills its rooms.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { environmentWith } from '../server/config.ts';
import type { Driven } from './battle-drive.ts';
import { BENCH_BATTLE, PARTY, targetOf } from './battle-load.ts';
import type { SideTold } from './peers/side.ts';
import { attackBy, bytesRead, FRAME, readAnswer, takeSeat } from './wire.ts';

export const SIDES = ['playhouse', 'colyseus', 'ws-json'] as const;
export type SideName = (typeof SIDES)[number];

export interface BenchPlayer extends Driven {
  bytesRead(): number;
  /** Ticks named by the first and the last answer of a block, with when they came. */
  first: { tick: number; at: number } | null;
  last: { tick: number; at: number } | null;
}

export interface Side {
  name: SideName;
  pid: number;
  players: BenchPlayer[];
  tally: Tally;
  resume(): Promise<void>;
  pause(): Promise<void>;
  end(): void;
}

export interface Tally {
  accepted: number;
  refused: number;
  /** Milliseconds from a move's sending to its `attack` at another client of the room. */
  seenMs: number[];
}

const FILES: Record<SideName, string> = {
  playhouse: 'battle-house.ts',
  colyseus: 'peers/colyseus-room.ts',
  'ws-json': 'peers/ws-json.ts',
};
/** A side stands still between its blocks; V8 would take that for idleness and shrink its heap, to collect it in the next block. */
const FLAGS = ['--no-memory-reducer'];
const ROOMS_AT_ONCE = 12;
/** A fight begins with a pause; afterwards there is somebody to strike. */
const FIRST_WAVE_MS = 4_000;

export interface SideParts {
  name: SideName;
  players: number;
  /** Core for the server; null: wherever the system puts it. */
  core: number | null;
  /** Told how many rooms are full. */
  progress: (rooms: number) => unknown;
}

export async function openSide({ name, players, core, progress }: SideParts): Promise<Side> {
  const child = spawnPinned([...FLAGS, fileURLToPath(new URL(FILES[name], import.meta.url)), String(players)], core);
  const told = await Promise.race([heard<SideTold>(child, (said) => 'port' in said), stopped(child, name)]);
  const side: Side = {
    name,
    pid: child.pid!,
    players: [],
    tally: { accepted: 0, refused: 0, seenMs: [] },
    resume: async () => {
      child.kill('SIGCONT');
      await ask(child, 'resume');
    },
    pause: async () => {
      await ask(child, 'pause');
      child.kill('SIGSTOP');
    },
    end: () => {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    },
  };
  const fill = name === 'ws-json' ? fillJsonRoom : fillRoom;
  await ask(child, 'resume');
  let next = 0;
  const rooms = players / PARTY;
  const filler = async () => {
    while (next < rooms) {
      const room = next++;
      side.players.push(...(await fill(side, told, room)));
      progress(side.players.length / PARTY);
    }
  };
  await Promise.all(Array.from({ length: ROOMS_AT_ONCE }, filler));
  await sleep(FIRST_WAVE_MS);
  await side.pause();
  return side;
}

function spawnPinned(args: string[], core: number | null): ChildProcess {
  const command = core === null ? [process.execPath] : ['taskset', '-c', String(core), process.execPath];
  return spawn(command[0]!, [...command.slice(1), ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: environmentWith({ NODE_ENV: 'production' }),
  });
}

const stopped = async (child: ChildProcess, name: string): Promise<never> => {
  const [code] = (await once(child, 'exit')) as [number];
  throw new Error(`the ${name} server ended with ${code}`);
};

async function ask(child: ChildProcess, what: 'pause' | 'resume'): Promise<void> {
  const done = heard<{ done: string }>(child, (said) => 'done' in said);
  child.send(what);
  await done;
}

/** The next message of this kind; monitoring packages write to the same channel. */
function heard<Said>(child: ChildProcess, isMeant: (said: object) => boolean): Promise<Said> {
  return new Promise((resolve) => {
    child.on('message', function listen(said: object) {
      if (!isMeant(said)) return;
      child.off('message', listen);
      resolve(said as Said);
    });
  });
}

/** Four seats of one room, the last of which watches for the first one's blows. */
async function fillRoom(side: Side, { port, crowd }: SideTold, room: number): Promise<BenchPlayer[]> {
  const url = `http://127.0.0.1:${port}`;
  const party: (BenchPlayer & { start(): void })[] = [];
  let roomId: string | null = null;
  let needle: Buffer | null = null;
  for (let number = 0; number < PARTY; number++) {
    const who = crowd[room * PARTY + number] ?? null;
    const onFrame = (frame: Buffer) => {
      if (frame[0] === FRAME.response) return answered(side, player, readAnswer(frame));
      if (frame[0] === FRAME.data && number === PARTY - 1 && needle && frame.includes(needle)) seen(side, party[0]!);
    };
    const seat = await takeSeat({
      url,
      ...(roomId === null
        ? { method: 'create', name: 'battle', options: who ? { battleId: BENCH_BATTLE.battleId } : {} }
        : { method: 'joinById', name: roomId, options: {} }),
      token: who?.token ?? null,
      onFrame,
    });
    roomId ??= seat.roomId;
    const move = { action: 'quick', targetId: targetOf(number) };
    const player = {
      ...IDLE,
      act: () => seat.request('act', move),
      start: () => seat.request('start', {}),
      bytesRead: seat.bytesRead,
    };
    party.push(player);
    if (number === 0) needle = attackBy(who?.playerId ?? seat.sessionId);
  }
  party[0]!.start();
  return party;
}

const IDLE = { actedAt: 0, first: null, last: null } satisfies Partial<BenchPlayer>;

async function fillJsonRoom(side: Side, { port }: SideTold, room: number): Promise<BenchPlayer[]> {
  return Promise.all(
    Array.from({ length: PARTY }, (_, number) => jsonPlayer(side, `ws://127.0.0.1:${port}/${room}/p${room}-${number}`, number)),
  );
}

const ANSWER = Buffer.from('{"id"');

async function jsonPlayer(side: Side, url: string, number: number): Promise<BenchPlayer> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let sent = 0;
  const move = { action: 'quick', targetId: targetOf(number) };
  const player: BenchPlayer = {
    ...IDLE,
    act: () => socket.send(JSON.stringify({ id: ++sent, ...move })),
    bytesRead: () => bytesRead(socket),
  };
  socket.on('message', (data: Buffer) => {
    if (data.compare(ANSWER, 0, ANSWER.length, 0, ANSWER.length) !== 0) return;
    const { answer } = JSON.parse(data.toString()) as { answer?: { tick: number } };
    answered(side, player, { accepted: answer !== undefined, tick: answer?.tick ?? 0 });
  });
  await once(socket, 'open');
  return player;
}

function answered({ tally }: Side, player: BenchPlayer, { accepted, tick }: { accepted: boolean; tick: number }): void {
  if (!accepted) return void tally.refused++;
  tally.accepted++;
  player.last = { tick, at: performance.now() };
  player.first ??= player.last;
}

function seen({ tally }: Side, player: BenchPlayer): void {
  if (player.actedAt === 0) return;
  tally.seenMs.push(performance.now() - player.actedAt);
  player.actedAt = 0;
}
