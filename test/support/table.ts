// A roulette table with real clients round it, and seeds that make its rounds go as a test wants.
import { createHash } from 'node:crypto';
import type { Room } from '@colyseus/sdk';
import { drawStream } from '../../rules/fairness.ts';
import { CHAMBERS } from '../../rules/roulette.ts';
import type { Limits, RoomEntry } from '../../server/game-server.ts';
import { type Player, seen, startServer, type TestServer, until } from './server.ts';
import { stillClock } from './store.ts';

/** The real server with a house clock that moves only when it is pushed: no window closes because a machine is busy. */
export async function startStill(
  limits: Partial<Limits> = {},
  rooms?: readonly RoomEntry[],
  overrides: Parameters<typeof startServer>[0] = {},
): Promise<TestServer> {
  const clock = stillClock(new Date().toISOString());
  return { ...(await startServer({ now: clock.now, ...overrides }, limits, rooms)), push: (ms) => (clock.pass(ms), undefined) };
}

export interface Sitter {
  player: Player;
  room: Room;
  /** What was broadcast or sent to it, in order. */
  told: { type: string; message: any }[];
  /** Close codes of its socket. */
  left: number[];
}

/** A server seed under which the seat at place `first` begins and the first cylinder has its bullet in chamber `bullet`, both from 0. */
export function seedFor(clientSeeds: readonly string[], { first = 0, bullet }: { first?: number; bullet: number }): Uint8Array {
  for (let number = 0; ; number++) {
    const serverSeed = new Uint8Array(createHash('sha256').update(`seed ${number}`).digest());
    const random = drawStream({ serverSeed, clientSeeds, nonce: 0 });
    if (random.below(clientSeeds.length) === first && random.below(CHAMBERS) === bullet) return serverSeed;
  }
}

/** Keeps what a room tells. */
export function listen(player: Player, room: Room): Sitter {
  const sitter: Sitter = { player, room, told: [], left: [] };
  room.onMessage('*', (type, message) => void sitter.told.push({ type: String(type), message }));
  room.onLeave((code) => void sitter.left.push(code));
  return sitter;
}

export const coins = (amount: number | bigint) => ({ currency: 'COINS', amount: String(amount) });

let stakes = 10;
/** A stake no other table of this file has, so that nobody else is led there. */
export const ownStake = (): ReturnType<typeof coins> => coins(stakes++);

/** Everyone at one table, in this order; all see each other. */
export async function sitDown(
  players: readonly Player[],
  { seats = players.length, stake = ownStake(), game = 'roulette' } = {},
): Promise<Sitter[]> {
  const sitters: Sitter[] = [];
  for (const player of players) {
    sitters.push(listen(player, await player.client.joinOrCreate(game, { stake, seats })));
    await until('the seat', () => sitters.every(({ room }) => room.state && seen(room).seats?.[player.playerId]));
  }
  return sitters;
}

export const clientSeedOf = (place: number): string => `seat-${place}`;

/** All ready with client seeds `seat-0`, `seat-1` …; resolves when everybody sees the first turn. */
export async function begin(sitters: readonly Sitter[]): Promise<void> {
  for (const [place, { room }] of sitters.entries()) await room.request('ready', { clientSeed: clientSeedOf(place) });
  await until('the first turn', () => sitters.every(({ room }) => seen(room).phase === 'turn'));
}

/** A table whose first round begins at place `first` with the bullet in chamber `bullet`. */
export async function beginWith(
  server: TestServer,
  players: readonly Player[],
  {
    stake = ownStake(),
    game = 'roulette',
    ...wanted
  }: { first?: number; bullet: number; stake?: ReturnType<typeof coins>; game?: string },
): Promise<Sitter[]> {
  server.seedScript.push(
    seedFor(
      players.map((_, place) => clientSeedOf(place)),
      wanted,
    ),
  );
  const sitters = await sitDown(players, { stake, game });
  await begin(sitters);
  return sitters;
}

export const turnOf = (sitters: readonly Sitter[]): Sitter =>
  sitters.find(({ player, room }) => seen(room).turn === player.playerId)!;

/** Whoever's turn it is pulls, the bets being closed first; resolves when everybody has seen it. */
export async function pullOnce(server: TestServer, sitters: readonly Sitter[]): Promise<any> {
  const { room } = turnOf(sitters);
  const { pullNo } = seen(room);
  server.push(4_000);
  const answer = await room.request('pull', { pullNo });
  await until('the pull', () =>
    sitters.every(({ room: other }) => !other.connection.isOpen || seen(other).phase !== 'turn' || seen(other).pullNo > pullNo),
  );
  return answer;
}

export async function playOut(server: TestServer, sitters: readonly Sitter[]): Promise<void> {
  while (seen(sitters[0]!.room).phase === 'turn') await pullOnce(server, sitters);
}

export const heard = (sitter: Sitter, type: string): any[] =>
  sitter.told.filter((line) => line.type === type).map(({ message }) => message);

/** Everybody who is still there leaves. */
export const goAway = (sitters: readonly Sitter[]): Promise<unknown> =>
  Promise.all(sitters.map(async ({ room }) => room.connection.isOpen && (await room.leave())));
