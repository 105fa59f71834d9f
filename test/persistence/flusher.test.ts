import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Flusher } from '../../persistence/flusher.ts';
import { refusalOf } from '../support/store.ts';

const flushing = suite('persistence/flusher');

/** A database of the test's own that keeps what it was asked, and answers by `answer`. */
function database(answer: (items: string[]) => string[] = (items) => items.map((item) => `${item}!`)) {
  const asked: string[][] = [];
  return {
    asked,
    run: async (items: string[]) => {
      asked.push(items);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return answer(items);
    },
  };
}

const keys = (item: string) => item.split('+');
const coded = (code: string) => Object.assign(new Error(code), { code });

flushing('callers of one moment share a batch, in the order of their ids, and each has its own answer', async () => {
  const { run, asked } = database();
  const flusher = new Flusher({ run, keys });
  assert.equal(await Promise.all(['c', 'a', 'b'].map((item) => flusher.add(item))), ['c!', 'a!', 'b!']);
  assert.equal(asked, [['a', 'b', 'c']]);
});

flushing('two items of one key are never in one batch; the second waits for the next', async () => {
  const { run, asked } = database();
  const flusher = new Flusher({ run, keys });
  await Promise.all(['b+x', 'a', 'c+x', 'a'].map((item) => flusher.add(item)));
  assert.equal(asked, [
    ['a', 'b+x'],
    ['a', 'c+x'],
  ]);
});

flushing('a batch has its limit, and so has the line: callers beyond it are refused', async () => {
  const { run, asked } = database();
  const flusher = new Flusher({ run, keys, batchMax: 2, waitingMax: 5 });
  const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const outcomes = await Promise.all(items.map((item) => refusalOf(flusher.add(item))));
  assert.equal(outcomes, ['done', 'done', 'done', 'done', 'done', 'unavailable', 'unavailable']);
  assert.equal(asked, [['a', 'b'], ['c', 'd'], ['e']]);
  assert.is(await flusher.add('h'), 'h!');
});

flushing('one item that the database will not have fails alone, whatever its place', async () => {
  for (const bad of ['a', 'd', 'h']) {
    const { run } = database((items) => {
      if (items.includes(bad)) throw coded('22P02');
      return items.map((item) => `${item}!`);
    });
    const flusher = new Flusher({ run, keys });
    const items = 'abcdefgh'.split('');
    const settled = await Promise.allSettled(items.map((item) => flusher.add(item)));
    assert.equal(
      settled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as { code: string }).code)),
      items.map((item) => (item === bad ? '22P02' : `${item}!`)),
    );
  }
});

flushing(
  'a connection that is cut, a server that starts or asks for another try: the very same batch is said again',
  async () => {
    const passing = [
      coded('40001'),
      coded('40P01'),
      coded('57P01'),
      coded('08006'),
      coded('ECONNREFUSED'),
      new Error('Connection terminated unexpectedly'),
      new Error('Client has encountered a connection error and is not queryable'),
      new Error('timeout exceeded when trying to connect'),
    ];
    const { run, asked } = database((items) => {
      const error = passing.shift();
      if (error) throw error;
      return items.map((item) => `${item}!`);
    });
    const flusher = new Flusher({ run, keys });
    assert.equal(await Promise.all(['b', 'a'].map((item) => flusher.add(item))), ['b!', 'a!']);
    assert.is(asked.length, 9);
    for (const batch of asked) assert.equal(batch, ['a', 'b']);
  },
);

flushing('an item whose keys cannot be read fails alone and stops nobody', async () => {
  const { run } = database();
  const flusher = new Flusher({
    run,
    keys: (item: string) => {
      if (item === 'bad') throw new Error('no keys');
      return [item];
    },
  });
  const settled = await Promise.allSettled(['a', 'bad', 'b'].map((item) => flusher.add(item)));
  assert.equal(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.is(await flusher.add('c'), 'c!');
});

flushing('while batches run, timers and input go on', async () => {
  const flusher = new Flusher({ run: async (items: string[]) => items, keys, batchMax: 1 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const until = Date.now() + 100;
  for (let index = 0; Date.now() < until; index++) await flusher.add(String(index));
  clearInterval(timer);
  assert.ok(ticks > 5, `${ticks} ticks`);
});

flushing.run();
