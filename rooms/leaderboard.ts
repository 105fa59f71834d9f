// A board, live: the first hundred for everybody, each player's own place for that player alone. Looks every second, while
// somebody is there, whether the board has moved, and reads it again only then. Whoever is here hears their own news at once.
import { StateView } from '@colyseus/schema';
import { z } from 'zod';
import { BOARDS, type Board, periodEnd, PERIODS, type Period } from '../rules/boards.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { Notice, Visitor } from '../server/house.ts';
import { LeaderboardState, RankState, StandingState } from '../state/leaderboard.ts';
import { type Asked, type CheckedOptions, type Guest, HouseRoom } from './house-room.ts';

const JOIN = z.strictObject({ board: z.enum(BOARDS).default('winnings'), period: z.enum(PERIODS).default('all') });
const PAGE = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,9}$/)
    .nullable()
    .default(null),
});
const SHOWN = 100;
const NEIGHBOURS = 3;
const LOOK_MS = 1_000;
/** So many players' places are read by one statement. */
const PLACES_AT_ONCE = 100;

interface Line {
  rank: number;
  playerId: string;
  displayName: string;
  score: bigint;
}

interface Place {
  rank: number;
  score: bigint;
  above: Line[];
  below: Line[];
}

export class LeaderboardRoom extends HouseRoom<LeaderboardState> {
  override state = new LeaderboardState();
  #lookAt = 0;
  #looking = false;
  /** Of the board as it is shown. */
  #version = '';
  /** The ways to stop listening for each player's news. */
  #news = new Map<string, () => void>();

  static check(options: unknown, { method }: Asked): CheckedOptions {
    if (method === 'joinById') return {};
    const parsed = JOIN.safeParse(options ?? {});
    refuseUnless(parsed.success, 'join_invalid');
    return parsed.data;
  }

  override messages = {
    page: this.answer(PAGE, async (_client, { cursor }) => {
      const after = Number(cursor ?? 0);
      const { items } = await this.house.store.leaderboards.page({ ...this.of(), limit: SHOWN + 1, after });
      return {
        items: items.slice(0, SHOWN).map((line) => ({ ...line, score: String(line.score) })),
        nextCursor: items.length > SHOWN ? String(after + SHOWN) : null,
      };
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
    this.listen(playerId);
    const standing = this.state.standings.get(playerId) ?? new StandingState();
    this.state.standings.set(playerId, standing);
    client.view = new StateView();
    client.view.add(standing);
    this.place(playerId, standing, (await this.placesOf([playerId])).get(playerId));
  }

  protected override present(): void {
    // A dropped watcher changes nothing that others see.
  }

  protected override depart({ playerId }: Visitor): void {
    this.state.standings.delete(playerId);
    this.unlisten(playerId);
  }

  override async onDispose(): Promise<void> {
    for (const playerId of this.#news.keys()) this.unlisten(playerId);
    await super.onDispose();
  }

  protected override async voidRound(): Promise<void> {
    // No round is played here.
  }

  private listen(playerId: string): void {
    if (this.#news.has(playerId)) return;
    const tell = ({ at, ...notice }: Notice) => {
      this.notify(playerId, notice.kind, { ...notice, at: at.getTime() });
      if (this.clientsOf(playerId).length === 0 && !this.mayComeBack(playerId)) this.unlisten(playerId);
    };
    this.#news.set(playerId, this.house.notices.subscribe(playerId, tell));
  }

  private unlisten(playerId: string): void {
    this.#news.get(playerId)?.();
    this.#news.delete(playerId);
  }

  private of(): { board: Board; period: Period; now: Date } {
    return { board: this.state.board as Board, period: this.state.period as Period, now: this.house.now() };
  }

  private async look(): Promise<void> {
    const asked = this.of();
    const version = await this.house.store.leaderboards.version(asked);
    if (version === this.#version) return;
    const { items } = await this.house.store.leaderboards.page({ ...asked, limit: SHOWN, after: 0 });
    const endsAt = periodEnd(asked.period, asked.now)?.toISOString() ?? '';
    if (this.state.endsAt !== endsAt) this.state.endsAt = endsAt;
    show(this.state.top, items);
    const players = [...this.state.standings.keys()];
    for (let from = 0; from < players.length; from += PLACES_AT_ONCE) {
      const some = players.slice(from, from + PLACES_AT_ONCE);
      const places = await this.placesOf(some);
      for (const playerId of some) {
        const standing = this.state.standings.get(playerId);
        if (standing) this.place(playerId, standing, places.get(playerId));
      }
    }
    this.#version = version;
    this.changed();
  }

  private placesOf(playerIds: string[]): Promise<Map<string, Place>> {
    return this.house.store.leaderboards.standings(playerIds, { ...this.of(), around: NEIGHBOURS });
  }

  private place(playerId: string, standing: StandingState, place: Place | undefined): void {
    const was = standing.rank;
    if (standing.rank !== (place?.rank ?? 0)) standing.rank = place?.rank ?? 0;
    if (standing.score !== String(place?.score ?? 0)) standing.score = String(place?.score ?? 0);
    show(standing.neighbours, place ? [...place.above, ...place.below] : []);
    // Who was on the board of the period before is not told of having left it.
    if (was !== 0 && place && was !== place.rank)
      for (const client of this.clientsOf(playerId)) client.send('rank_changed', { rank: place.rank, was });
  }
}

/** Brings a map of lines to `lines`, touching only what differs. */
function show(map: Map<string, RankState>, lines: readonly Line[]): void {
  const wanted = new Set(lines.map(({ playerId }) => playerId));
  for (const playerId of [...map.keys()]) if (!wanted.has(playerId)) map.delete(playerId);
  for (const { rank, playerId, displayName, score } of lines) {
    const line = map.get(playerId);
    if (line?.rank === rank && line.score === String(score) && line.displayName === displayName) continue;
    if (line) Object.assign(line, { rank, displayName, score: String(score) });
    else map.set(playerId, new RankState({ rank, playerId, displayName, score: String(score) }));
  }
}
