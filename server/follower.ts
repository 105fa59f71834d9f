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
/** Who is further behind reads the inbox instead. */
const REPLAY_MAX = 500;

interface Following {
  listener: Listener;
  after: number | null;
  began: boolean;
}

export class Follower {
  readonly #parts: Required<FollowerParts>;
  readonly #following = new Set<Following>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;
  #again = false;

  constructor(parts: FollowerParts) {
    this.#parts = { everyMs: LOOK_MS, ...parts };
  }

  /** Returns the way to stop. */
  follow(listener: Listener): () => void {
    const following = { listener, after: listener.after, began: false };
    this.#following.add(following);
    this.#timer ??= setInterval(() => this.look(), this.#parts.everyMs).unref();
    this.look();
    return () => {
      this.#following.delete(following);
      if (this.#following.size === 0) this.close();
    };
  }

  /** Someone has come, or something was committed: no need to wait for the clock. */
  look(): void {
    this.#again = true;
    if (!this.#looking) void this.#lookUntilDone();
  }

  close(): void {
    this.#following.clear();
    clearInterval(this.#timer ?? undefined);
    this.#timer = null;
  }

  async #lookUntilDone(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#again && this.#following.size > 0) {
        this.#again = false;
        // Who comes while the database is asked is not among those it was asked about.
        const asked = [...this.#following];
        this.#tell(asked, await this.#parts.notifications.news(questions(asked), NEWS_MAX));
      }
    } catch (error) {
      this.#parts.log.warn('notices_not_read', { error });
    }
    this.#looking = false;
  }

  #tell(asked: readonly Following[], answers: readonly News[]): void {
    const news = new Map(answers.map((answer) => [keyOf(answer), answer]));
    for (const following of asked) {
      if (!this.#following.has(following)) continue;
      try {
        this.#tellOne(following, news.get(keyOf(questionOf(following))) ?? null);
      } catch (error) {
        this.#parts.log.error('notice_not_told', { playerId: following.listener.playerId, error });
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
    if (news !== null && following.after! < news.last) this.#again = true;
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
