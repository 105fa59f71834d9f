// Who listens hears each notification once and in order, whatever process it was committed on.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type NotificationKind, notifyIn, type Notification } from '../../persistence/notifications.ts';
import { Follower, type Listener } from '../../server/follower.ts';
import { until } from '../support/server.ts';
import { memoryStore } from '../support/store.ts';

const { db, store, player, crowd, close } = await memoryStore();
const warned: string[] = [];
const log = {
  info: () => undefined,
  warn: (event: string) => void warned.push(event),
  error: (event: string) => void warned.push(event),
};

const tell = (playerId: string, count = 1, kind: NotificationKind = 'level_up') =>
  db.transaction(async (em) => {
    for (let n = 0; n < count; n++) await notifyIn(em, { playerId, kind, data: { n } });
  });

interface Heard {
  began: [no: number, missed: boolean][];
  numbers: number[];
}

function listen(
  follower: Follower,
  playerId: string,
  after: number | null,
  told?: Listener['told'],
): Heard & { stop: () => void } {
  const heard: Heard = { began: [], numbers: [] };
  const stop = follower.follow({
    playerId,
    after,
    began: (no, missed) => void heard.began.push([no, missed]),
    told: (notice) => {
      heard.numbers.push(notice.no);
      told?.(notice);
    },
  });
  return { ...heard, stop };
}

const follower = (notifications: Pick<typeof store.notifications, 'news'> = store.notifications) =>
  new Follower({ notifications, log, everyMs: 20 });
const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

const notices = suite('server/notices');

notices('someone new hears what comes from now on, the very first notification too', async () => {
  const [ann, bob] = [await player(), await player()];
  await tell(ann, 2);
  const following = follower();
  const [one, other] = [listen(following, ann, null), listen(following, bob, null)];
  await until('both to have begun', () => one.began.length === 1 && other.began.length === 1);
  assert.equal([one.began, other.began], [[[2, false]], [[0, false]]]);
  await tell(ann);
  await tell(bob, 2);
  await until('what was told', () => one.numbers.length === 1 && other.numbers.length === 2);
  assert.equal([one.numbers, other.numbers], [[3], [1, 2]]);
  following.close();
});

notices('listeners of one player who are not equally far each hear what they lack, once and in order', async () => {
  const ann = await player();
  await tell(ann, 250);
  const following = follower();
  const heard = [0, 120, 250, null].map((after) => listen(following, ann, after));
  await until('all of it', () => heard[0]!.numbers.length === 250 && heard[1]!.numbers.length === 130);
  await tell(ann, 5);
  await until('the last', () => heard.every(({ numbers }) => numbers.at(-1) === 255));
  assert.equal(
    heard.map(({ numbers }) => numbers),
    [upTo(1, 255), upTo(121, 255), upTo(251, 255), upTo(251, 255)],
  );
  assert.equal(
    heard.map(({ began }) => began),
    [[[0, false]], [[120, false]], [[250, false]], [[250, false]]],
  );
  following.close();
});

notices('one who comes while the database is asked misses nothing', async () => {
  const ann = await player();
  await tell(ann, 3);
  let asking = 0;
  let answer = () => undefined as void;
  const held = new Promise<void>((resolve) => (answer = resolve));
  const following = follower({
    news: async (...asked) => {
      const news = await store.notifications.news(...asked);
      if (++asking === 1) await held;
      return news;
    },
  });
  const first = listen(following, ann, 2);
  const late = listen(following, ann, 0);
  await tell(ann);
  answer();
  await until('both to be there', () => first.numbers.at(-1) === 4 && late.numbers.at(-1) === 4);
  assert.equal(
    [first.numbers, late.numbers],
    [
      [3, 4],
      [1, 2, 3, 4],
    ],
  );
  following.close();
});

notices('a number that is not kept any more, too far back or never given out begins anew at the newest', async () => {
  const [ann, bob] = [await player(), await player()];
  await tell(ann, 501);
  await tell(bob, 10);
  await db.rows('delete from notification where player = $1 and no <= 4', [bob]);
  const following = follower();
  const heard = [listen(following, ann, 0), listen(following, ann, 900), listen(following, bob, 3), listen(following, bob, 4)];
  await until('all to have begun', () => heard.every(({ began }) => began.length === 1));
  assert.equal(
    heard.map(({ began }) => began[0]),
    [
      [501, true],
      [501, true],
      [10, true],
      [4, false],
    ],
  );
  await tell(ann);
  await until('what comes then', () => heard[0]!.numbers.length === 1);
  assert.equal([heard[0]!.numbers, heard[1]!.numbers, heard[2]!.numbers, heard[3]!.numbers], [[502], [502], [], upTo(5, 10)]);
  following.close();
});

notices('one who stops hears no more, and a listener that throws takes nothing from the others', async () => {
  const ann = await player();
  const following = follower();
  const broken = listen(following, ann, 0, () => {
    throw new Error('as asked');
  });
  const [stays, goes] = [listen(following, ann, 0), listen(following, ann, 0)];
  await tell(ann);
  await until('the first', () => stays.numbers.length === 1 && goes.numbers.length === 1);
  goes.stop();
  await tell(ann);
  await until('the second', () => stays.numbers.length === 2 && broken.numbers.length === 2);
  assert.equal(goes.numbers, [1]);
  assert.equal(warned.splice(0), ['notice_not_told', 'notice_not_told']);
  following.close();
});

notices('a database that does not answer is asked again, and nothing is lost', async () => {
  const ann = await player();
  let down = true;
  const following = follower({
    news: (...asked) => (down ? Promise.reject(new Error('as asked')) : store.notifications.news(...asked)),
  });
  const heard = listen(following, ann, 0);
  await tell(ann, 2);
  await until('a warning', () => warned.length > 1);
  down = false;
  await until('both', () => heard.numbers.length === 2);
  assert.ok(warned.splice(0).every((event) => event === 'notices_not_read'));
  following.close();
});

notices('however many listen, each hears, and no statement asks for more than 500 of them', async () => {
  const players = await crowd(1_203, 0n);
  const sizes: number[] = [];
  const following = follower({
    news: (asked, limit) => {
      sizes.push(asked.length);
      return store.notifications.news(asked, limit);
    },
  });
  const heard = players.map((playerId) => listen(following, playerId, null));
  await until('all to have begun', () => heard.every(({ began }) => began.length === 1));
  for (const index of [0, 600, 1_202]) await tell(players[index]!);
  await until('three to hear', () => heard.filter(({ numbers }) => numbers.length === 1).length === 3);
  assert.ok(Math.max(...sizes) <= 500, String(sizes));
  following.close();
});

notices('nobody listening, nothing is asked', async () => {
  const ann = await player();
  let asked = 0;
  const following = follower({ news: (...args) => (asked++, store.notifications.news(...args)) });
  const { stop, began } = listen(following, ann, null);
  await until('a beginning', () => began.length === 1);
  stop();
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(asked, before);
});

notices('a notification comes as it was written', async () => {
  const ann = await player();
  const following = follower();
  const heard: Notification[] = [];
  listen(following, ann, 0, (notice) => heard.push(notice));
  await db.transaction((em) =>
    notifyIn(em, { playerId: ann, kind: 'payment_changed', data: { amount: '100', deep: [1, null] } }),
  );
  await until('it', () => heard.length === 1);
  const [{ at, ...rest }] = heard as [Notification];
  assert.equal(rest, { no: 1, kind: 'payment_changed', data: { amount: '100', deep: [1, null] } });
  assert.ok(Math.abs(at.getTime() - Date.now()) < 60_000);
  following.close();
});

notices.after(close);
notices.run();
