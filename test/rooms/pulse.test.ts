import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BEAT_MS, type Beating, Pulse } from '../../rooms/pulse.ts';
import { until } from '../support/server.ts';

const pulse = suite('rooms/pulse');

interface Counted extends Beating {
  beats: number[];
  failed: string[];
}

function counted(beat: (now: number) => void = () => undefined): Counted {
  const room: Counted = {
    beats: [],
    failed: [],
    beat(now) {
      room.beats.push(performance.now());
      beat(now);
    },
    fail: (what) => void room.failed.push(what),
  };
  return room;
}

pulse('every room has as many beats as any other, at the rate of the clock', async () => {
  const loop = new Pulse(() => 7);
  const rooms = Array.from({ length: 12 }, () => counted((now) => assert.is(now, 7)));
  const began = performance.now();
  for (const room of rooms) loop.add(room);
  await until('twenty beats', () => rooms.every(({ beats }) => beats.length >= 20));
  const took = performance.now() - began;
  const counts = rooms.map(({ beats }) => beats.length);
  for (const room of rooms) loop.remove(room);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `beats: ${counts.join()}`);
  assert.ok(took > 18 * BEAT_MS, `20 beats took ${took} ms`);
  assert.equal(
    rooms.flatMap(({ failed }) => failed),
    [],
  );
});

pulse('rooms have their turns one after the other, not all in one go', async () => {
  const loop = new Pulse(() => 0);
  const order: number[] = [];
  let other = 0;
  const rooms = Array.from({ length: 10 }, (_, index) => counted(() => void order.push(index, other)));
  for (const room of rooms) loop.add(room);
  const between = setInterval(() => other++, 1);
  await until('two beats', () => rooms.every(({ beats }) => beats.length >= 2));
  clearInterval(between);
  for (const room of rooms) loop.remove(room);
  const seen = new Set(order.filter((_, index) => index % 2 === 1));
  assert.ok(seen.size >= 5, 'other work came in between');
});

pulse('a room that throws is told so, and the others go on', async () => {
  const loop = new Pulse(() => 0);
  const bad = counted(() => {
    throw new Error('a bug');
  });
  const good = counted();
  loop.add(bad);
  loop.add(good);
  await until('three beats', () => good.beats.length >= 3);
  loop.remove(bad);
  loop.remove(good);
  assert.ok(bad.failed.length >= 2 && bad.failed.every((what) => what === 'beat'));
  assert.equal(good.failed, []);
});

pulse('a room that is taken out has no more beats, and an empty loop starts again with the next', async () => {
  const loop = new Pulse(() => 0);
  const first = counted();
  loop.add(first);
  loop.add(first);
  assert.is(loop.size, 1);
  await until('a beat', () => first.beats.length > 0);
  loop.remove(first);
  const had = first.beats.length;
  assert.is(loop.size, 0);
  await sleep(3 * BEAT_MS);
  assert.is(first.beats.length, had);
  const second = counted();
  loop.add(second);
  await until('a beat of the second', () => second.beats.length > 0);
  loop.remove(second);
});

pulse('the last room gone and another come within one beat leave one loop, not two', async () => {
  const loop = new Pulse(() => 0);
  const next = counted();
  const first = counted(() => {
    loop.remove(first);
    loop.add(next);
  });
  loop.add(first);
  await until('ten beats', () => next.beats.length >= 10);
  const gaps = next.beats.slice(1).map((at, index) => at - next.beats[index]!);
  loop.remove(next);
  assert.ok(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length > 0.8 * BEAT_MS, gaps.join());
});

pulse.run();
