// A board, live: the first hundred for everybody, each player's own place for that player alone. Reads the boards again
// every second while somebody looks.
import { StateView } from '@colyseus/schema';
import { z } from 'zod';
import { BOARDS, type Board, PERIODS, type Period } from '../rules/boards.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { Visitor } from '../server/house.ts';
import { LeaderboardState, RankState, StandingState } from '../state/leaderboard.ts';
import { type Asked, type CheckedOptions, type Guest, HouseRoom } from './house-room.ts';

const JOIN = z.strictObject({ board: z.enum(BOARDS).default('winnings'), period: z.enum(PERIODS).default('all') });
const PAGE = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,7}$/)
    .nullable()
    .default(null),
});
const SHOWN = 100;
const NEIGHBOURS = 3;
const LOOK_MS = 1_000;
/** Places beyond the first hundred move unseen by the list itself: every so many looks each player's own is read anyway. */
const LOOKS_A_PLACE = 5;

interface Line {
  rank: number;
  playerId: string;
  displayName: string;
  score: bigint;
}

export class LeaderboardRoom extends HouseRoom<LeaderboardState> {
  override state = new LeaderboardState();
  #lookAt = 0;
  #looking = false;
  #looks = 0;

  static check(options: unknown, { method }: Asked): CheckedOptions {
    if (method === 'joinById') return {};
    const parsed = JOIN.safeParse(options ?? {});
    refuseUnless(parsed.success, 'join_invalid');
    return parsed.data;
  }

  override messages = {
    page: this.answer(PAGE, async (_client, { cursor }) => {
      const after = Number(cursor ?? 0);
      const lines = await this.house.store.leaderboards.page({ ...this.of(), limit: SHOWN, after });
      const items = lines.map((line) => ({ ...line, score: String(line.score) }));
      return { items, nextCursor: lines.length === SHOWN ? String(after + SHOWN) : null };
    }),
  };

  protected override async open({ board, period }: CheckedOptions): Promise<void> {
    refuseUnless(typeof board === 'string' && typeof period === 'string', 'room_unknown');
    this.maxClients = 500;
    this.state.board = board;
    this.state.period = period as Period;
    await this.look();
    this.startClock();
  }

  busy(): boolean {
    return false;
  }

  beat(now: number): void {
    if (now < this.#lookAt || this.#looking || this.clients.length === 0) return;
    this.#lookAt = now + LOOK_MS;
    this.#looking = true;
    this.look()
      .catch((error: unknown) => this.house.log.warn('board_not_read', { roomId: this.roomId, error }))
      .finally(() => (this.#looking = false));
  }

  protected override async arrive(client: Guest): Promise<void> {
    const { playerId } = client.auth.visitor;
    const standing = this.state.standings.get(playerId) ?? new StandingState();
    this.state.standings.set(playerId, standing);
    client.view = new StateView();
    client.view.add(standing);
    await this.place(playerId, standing);
  }

  protected override present(): void {
    // A dropped watcher changes nothing that others see.
  }

  protected override depart({ playerId }: Visitor): void {
    this.state.standings.delete(playerId);
  }

  protected override async voidRound(): Promise<void> {
    // No round is played here.
  }

  private of(): { board: Board; period: Period; now: Date } {
    return { board: this.state.board as Board, period: this.state.period as Period, now: this.house.now() };
  }

  private async look(): Promise<void> {
    const lines = await this.house.store.leaderboards.page({ ...this.of(), limit: SHOWN, after: 0 });
    const moved = show(this.state.top, lines);
    if (!moved && ++this.#looks % LOOKS_A_PLACE !== 0) return;
    for (const [playerId, standing] of this.state.standings) await this.place(playerId, standing);
    this.changed();
  }

  private async place(playerId: string, standing: StandingState): Promise<void> {
    const place = await this.house.store.leaderboards.standing(playerId, { ...this.of(), around: NEIGHBOURS });
    const was = standing.rank;
    if (standing.rank !== (place?.rank ?? 0)) standing.rank = place?.rank ?? 0;
    if (standing.score !== String(place?.score ?? 0)) standing.score = String(place?.score ?? 0);
    show(standing.neighbours, place ? [...place.above, ...place.below] : []);
    if (was !== 0 && was !== standing.rank)
      for (const client of this.clientsOf(playerId)) client.send('rank_changed', { rank: standing.rank, was });
  }
}

/** Brings a map of lines to `lines`, touching only what differs. True when anything did. */
function show(map: Map<string, RankState>, lines: readonly Line[]): boolean {
  let moved = false;
  const wanted = new Set(lines.map(({ playerId }) => playerId));
  for (const playerId of [...map.keys()]) {
    if (wanted.has(playerId)) continue;
    map.delete(playerId);
    moved = true;
  }
  for (const { rank, playerId, displayName, score } of lines) {
    const line = map.get(playerId);
    if (line?.rank === rank && line.score === String(score) && line.displayName === displayName) continue;
    moved = true;
    if (line) Object.assign(line, { rank, displayName, score: String(score) });
    else map.set(playerId, new RankState({ rank, playerId, displayName, score: String(score) }));
  }
  return moved;
}
