// Finished rounds of every kind, played on the real server, as a stranger is given them.
import { randomUUID } from 'node:crypto';
import { drawStream } from '../../rules/fairness.ts';
import { decideSpin } from '../../rules/spin.ts';
import { until, type Player, type TestServer } from './server.ts';
import { give } from './store.ts';

/** What GET /api/fairness/rounds/:id answers, as JSON. */
export type ProofJson = Record<string, any>;

const BET_WINDOW_MS = 4_000;
const TURN_MS = 15_000;
const coins = (amount: number) => ({ currency: 'COINS', amount: String(amount) });
const withKey = () => ({ 'idempotency-key': randomUUID() });

export const proofOf = async ({ url }: TestServer, roundId: string): Promise<ProofJson> =>
  (await (await fetch(`${url}/api/fairness/rounds/${roundId}`)).json()) as ProofJson;

/** The seed of the next player, or of the next table, is these bytes: the same rounds in every run. */
const SPIN_SEED = new Uint8Array(32).fill(1);
const TABLE_SEED = new Uint8Array(32).fill(11);
const CLIENT_SEEDS = ['ann', 'bob', 'cid', 'dan'];

/** The commitment a new player was shown before any bet, spins under it, and then their seed. */
export async function rotatedSpins(server: TestServer, { spins, seed = SPIN_SEED }: { spins: number; seed?: Uint8Array }) {
  const player = await server.register();
  server.seedScript.push(seed);
  const { commitment } = (await player.call('GET', '/api/fairness')).body as { commitment: string };
  const roundIds: string[] = [];
  for (let spin = 0; spin < spins; spin++) {
    const body = { stake: coins(20 + 20 * spin), clientSeed: spin % 2 === 0 ? 'lucky-7' : null };
    const { status, body: told } = await player.call('POST', '/api/games/spin-and-win/play', body, withKey());
    if (status !== 200) throw new Error(`a spin was answered ${status} ${JSON.stringify(told)}`);
    roundIds.push(told.roundId);
  }
  const hidden = await proofOf(server, roundIds[0]!);
  const { status } = await player.call('POST', '/api/fairness/rotate', { clientSeed: 'again' }, withKey());
  if (status !== 200) throw new Error(`rotating was answered ${status}`);
  return { commitment, hidden, proofs: await Promise.all(roundIds.map((roundId) => proofOf(server, roundId))) };
}

/** A player whose first spin hits the jackpot: the seed is looked for, and handed to the store to give out next. */
export async function jackpotSpin(server: TestServer): Promise<ProofJson> {
  for (let number = 0; ; number++) {
    const serverSeed = new Uint8Array(32).fill(7);
    new DataView(serverSeed.buffer).setUint32(0, number);
    if (!decideSpin(drawStream({ serverSeed, clientSeeds: ['lucky-7'], nonce: 0 }), 20n).jackpotHit) continue;
    const { proofs } = await rotatedSpins(server, { spins: 1, seed: serverSeed });
    return proofs[0]!;
  }
}

interface TableView {
  phase: string;
  turn: string;
  pullNo: number;
  chambersLeft: number;
  roundId: string;
  commitment: string;
}

/** Four without a socket play, bet on each pull they may, one leaves out of turn; and what was promised before they were ready. */
export async function playedTable(server: TestServer): Promise<{ commitment: string; proof: ProofJson }> {
  const players = await Promise.all(CLIENT_SEEDS.map((name) => server.register(name)));
  for (const { playerId } of players) await give(server.store, { playerId, currency: 'COINS', amount: 50_000n });
  server.seedScript.push(TABLE_SEED);
  const roomId = await seated(players);
  const ann = players[0]!;
  const look = async () => (await ann.call('GET', `/api/games/${roomId}/state`)).body as TableView;
  const { commitment } = await look();
  for (const [place, player] of players.entries()) await done(player, 'ready', { roomId, clientSeed: CLIENT_SEEDS[place] });
  for (let table = await look(); table.phase === 'turn'; table = await look()) {
    if (table.pullNo === 2) await leaveOutOfTurn(players, roomId, table);
    if (table.chambersLeft > 1) await betOnBoth(players, roomId, table);
    server.push(BET_WINDOW_MS);
    const onTurn = players.find(({ playerId }) => playerId === table.turn)!;
    const fired = await onTurn.call('POST', '/api/games/pull-trigger', { roomId, pullNo: table.pullNo });
    if (fired.status !== 200) server.push(TURN_MS);
    await until('the pull', async () => (await look()).pullNo !== table.pullNo || (await look()).phase !== 'turn');
  }
  return { commitment, proof: await proofOf(server, (await look()).roundId) };
}

/** A table that fails between a bet and its pull: everything is given back. */
export async function voidTable(
  { store, player, url }: TestServer & { player: (coins: bigint) => Promise<string> },
  started = true,
) {
  const { roundId } = await store.rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 });
  if (started) {
    const seats = [await player(1_000n), await player(1_000n)];
    const setup = { seats, stake: '100', currency: 'COINS', rakeBp: 400 };
    const stakes = seats.map((seat) => ({ seat, playerId: seat, amount: 100n }));
    await store.rounds.start({ roundId, clientSeeds: seats, setup, currency: 'COINS', stakes });
    const bet = { roundId, playerId: seats[0]!, kind: 'survive', currency: 'COINS', amount: 200n, details: {} } as const;
    await store.rounds.bet({ ...bet, requestId: randomUUID() });
  }
  await store.rounds.void(roundId, 'failed');
  return (await (await fetch(`${url}/api/fairness/rounds/${roundId}`)).json()) as ProofJson;
}

/** A round of a game whose rules no checker has. */
export async function foughtBattle({ store, url }: TestServer): Promise<ProofJson> {
  const { roundId } = await store.rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  await store.rounds.start({ roundId, clientSeeds: [], setup: { battleId: 'goblin-camp' }, currency: null, stakes: [] });
  const end = { outcome: { outcome: 'won', ticks: 9, digest: '0' }, payouts: [], rake: 0n, counts: false };
  await store.rounds.move({ roundId, moves: [], end });
  return (await (await fetch(`${url}/api/fairness/rounds/${roundId}`)).json()) as ProofJson;
}

async function seated(players: readonly Player[]): Promise<string> {
  let roomId = '';
  for (const player of players) {
    const options = { stake: coins(150), seats: players.length };
    const { status, body } = await player.call('POST', '/api/games/join', { game: 'roulette', options, socket: false });
    if (status !== 200) throw new Error(`joining was answered ${status} ${JSON.stringify(body)}`);
    roomId = body.roomId;
  }
  return roomId;
}

async function leaveOutOfTurn(players: readonly Player[], roomId: string, { turn }: TableView): Promise<void> {
  const leaver = players.find(({ playerId }) => playerId !== turn)!;
  const { status } = await leaver.call('POST', '/api/games/leave', { roomId });
  if (status !== 204 && status !== 409) throw new Error(`leaving was answered ${status}`);
}

async function betOnBoth(players: readonly Player[], roomId: string, { turn, pullNo }: TableView): Promise<void> {
  for (const [place, kind] of (['survive', 'eliminated'] as const).entries()) {
    const body = { roomId, pullNo, kind, targetId: turn, stake: coins(101 + 6 * place) };
    const key = withKey();
    // Said twice under one key, as after a lost answer: one bet.
    for (const time of ['first', 'second']) {
      const { status, body: told } = await players[place]!.call('POST', '/api/games/place-bet', body, key);
      if (status !== 200) throw new Error(`a bet was answered ${status} the ${time} time: ${JSON.stringify(told)}`);
    }
  }
}

async function done(player: Player, move: string, body: object): Promise<void> {
  const { status, body: told } = await player.call('POST', `/api/games/${move}`, body);
  if (status >= 300) throw new Error(`${move} was answered ${status} ${JSON.stringify(told)}`);
}
