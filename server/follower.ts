// What players are told, live: one follower a process asks the database for news of those alone who listen here, so any
// number of processes may do it. A number is committed after all lower ones of its player: nothing is missed, nothing said twice.
import type { News, NewsAsked, Notification, Notifications } from '../persistence/notifications.ts';
import type { Log } from './house.ts';

/** Whoever listens for one player. */
export interface Listener {
  playerId: string;
  /** The newest number it has; null: whatever comes from now on. */
  after: number | null;
  /** Before all else: it is told what comes after `no`. `missed`, then or later: what lay before that is not to be had here. */
  began(no: number, missed: boolean): void;
  told(notice: Notification): void;
}

export interface FollowerParts {
  notifications: Pick<Notifications, 'news'>;
  log: Log;
  /** Between two looks at the database, ms. */
  everyMs?: number;
}

/** From a commit on any process to those who listen. */
const LOOK_MS = 1_000;
/** Of one player in one look. */
const NEWS_MAX = 100;
const PLAYERS_AT_ONCE = 500;
/** Who is further behind reads the inbox instead. */
const REPLAY_MAX = 500;

interface Following {
  listener: Listener;
  after: number | null;
  began: boolean;
}

export class Follower {
  readonly #parts: Required<FollowerParts>;
  readonly #byPlayer = new Map<string, Set<Following>>();
  /** Whose news are to be asked for. */
  #due = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(parts: FollowerParts) {
    this.#parts = { everyMs: LOOK_MS, ...parts };
  }

  /** Returns the way to stop. */
  follow(listener: Listener): () => void {
    const { playerId, after } = listener;
    const following = { listener, after, began: false };
    this.#byPlayer.set(playerId, (this.#byPlayer.get(playerId) ?? new Set()).add(following));
    this.#timer ??= setInterval(() => this.#lookAtAll(), this.#parts.everyMs).unref();
    this.look(playerId);
    return () => this.#leave(following);
  }

  /** There may be news of this player: no need to wait for the clock. */
  look(playerId: string): void {
    if (!this.#byPlayer.has(playerId)) return;
    this.#due.add(playerId);
    if (!this.#looking) void this.#lookUntilDone();
  }

  close(): void {
    this.#byPlayer.clear();
    clearInterval(this.#timer ?? undefined);
    this.#timer = null;
  }

  #leave(following: Following): void {
    const { playerId } = following.listener;
    const others = this.#byPlayer.get(playerId);
    others?.delete(following);
    if (others?.size === 0) this.#byPlayer.delete(playerId);
    if (this.#byPlayer.size === 0) this.close();
  }

  #lookAtAll(): void {
    for (const playerId of this.#byPlayer.keys()) this.#due.add(playerId);
    if (!this.#looking) void this.#lookUntilDone();
  }

  async #lookUntilDone(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#due.size > 0) {
        // Who comes while the database is asked is not among those it was asked about.
        const asked = this.#takeDue();
        if (asked.length > 0) this.#tell(asked, await this.#parts.notifications.news(questions(asked), NEWS_MAX));
        // The embedded database answers in this thread: others have their turn between two statements.
        if (this.#due.size > 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.#parts.log.warn('notices_not_read', { error });
    }
    this.#looking = false;
  }

  #takeDue(): Following[] {
    const players = [...this.#due].slice(0, PLAYERS_AT_ONCE);
    for (const playerId of players) this.#due.delete(playerId);
    return players.flatMap((playerId) => [...(this.#byPlayer.get(playerId) ?? [])]);
  }

  #tell(asked: readonly Following[], answers: readonly News[]): void {
    const news = new Map(answers.map((answer) => [keyOf(answer), answer]));
    for (const following of asked) {
      const { playerId } = following.listener;
      if (!this.#byPlayer.get(playerId)?.has(following)) continue;
      try {
        this.#tellOne(following, news.get(keyOf(questionOf(following))) ?? null);
      } catch (error) {
        this.#parts.log.error('notice_not_told', { playerId, error });
      }
    }
  }

  #tellOne(following: Following, news: News | null): void {
    const { listener, after } = following;
    if (news !== null && isLost(news)) return this.#begin(following, news.last, after !== null);
    if (!following.began) this.#begin(following, after ?? news!.last, false);
    for (const notice of news?.items ?? []) {
      following.after = notice.no;
      listener.told(notice);
    }
    if (news !== null && following.after! < news.last) this.#due.add(listener.playerId);
  }

  #begin(following: Following, no: number, missed: boolean): void {
    following.after = no;
    following.began = true;
    following.listener.began(no, missed);
  }
}

function questions(asked: readonly Following[]): NewsAsked[] {
  return [...new Map(asked.map(questionOf).map((one) => [keyOf(one), one])).values()];
}

const questionOf = ({ listener: { playerId }, after }: Following): NewsAsked => ({ playerId, after });

const keyOf = ({ playerId, after }: NewsAsked): string => `${playerId} ${after}`;

/** Whether what came next is not kept any more, too much, or was never numbered so. */
function isLost({ after, last, items }: News): boolean {
  return after === null || last < after || last - after > REPLAY_MAX || items[0]?.no !== after + 1;
}
