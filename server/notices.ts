// What players are told, live, on this process: rooms subscribe, pages hold streams, and one follower serves them all.
import type { Store } from '../persistence/store.ts';
import { Follower } from './follower.ts';
import type { Log, Notices } from './house.ts';
import { type StreamLimits, Streams } from './streams.ts';

export interface NoticesParts {
  store: Pick<Store, 'notifications' | 'sessions' | 'embedded'>;
  log: Log;
  limits?: Partial<StreamLimits>;
  times?: Partial<StreamTimes>;
}

/** All ms. */
export interface StreamTimes {
  /** Between two looks at the database. */
  look: number;
  /** Between two looks at the sessions of those who hold streams. */
  check: number;
  /** Between two signs of life: nobody on the way takes a stream for dead. */
  beat: number;
}

const LIMITS: StreamLimits = { aPlayer: 3, anAddress: 200, inAll: 5_000 };
const TIMES: StreamTimes = { look: 1_000, check: 5_000, beat: 15_000 };

/** With one process all is heard as it is committed; looking is for what a bug would have kept quiet. */
const EMBEDDED_LOOK_MS = 5_000;

export function openNotices({ store, log, limits, times: wanted }: NoticesParts): Notices {
  const times = { ...TIMES, ...(store.embedded && { look: EMBEDDED_LOOK_MS }), ...wanted };
  const follower = new Follower({ notifications: store.notifications, log, everyMs: times.look });
  const streams = new Streams({ ...LIMITS, ...limits });

  const unhear = store.notifications.told((playerId) => follower.look(playerId));

  async function check(): Promise<void> {
    const ids = streams.sessionIds();
    if (ids.length === 0) return;
    const over = new Set(await store.sessions.over(ids));
    streams.dismiss(({ visitor }) => over.has(visitor.sessionId));
  }

  const checking = () => void check().catch((error: unknown) => log.warn('streams_not_checked', { error }));
  const timers = [setInterval(checking, times.check), setInterval(() => streams.beat(), times.beat)];
  for (const timer of timers) timer.unref();

  return {
    subscribe: (playerId, tell) => follower.follow({ playerId, after: null, began: () => undefined, told: tell }),

    open(stream) {
      const remove = streams.add(stream);
      const unfollow = follower.follow({
        playerId: stream.visitor.playerId,
        after: stream.after,
        began: (last, missed) => stream.send({ id: last, event: missed ? 'reset' : 'ready', data: { last } }),
        told: (notice) => stream.send({ id: notice.no, event: notice.kind, data: { ...notice } }),
      });
      return () => {
        unfollow();
        remove();
      };
    },

    say(playerId, event, dataOf) {
      const listening = streams.of(playerId);
      if (listening.length === 0) return;
      const data = dataOf();
      for (const stream of listening) stream.send({ id: null, event, data });
    },
    dismiss: (who) =>
      streams.dismiss(({ visitor }) =>
        'playerId' in who ? visitor.playerId === who.playerId : visitor.sessionId === who.sessionId,
      ),
    streams: () => streams.size,
    close() {
      unhear();
      for (const timer of timers) clearInterval(timer);
      streams.close();
      follower.close();
    },
  };
}
