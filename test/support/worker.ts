// The process that `startWorker` forks: a store of its own, and the jobs a test may ask for.
import { askAtOnce } from './asking.ts';
import { shopAtOnce } from './shopping.ts';
import { playSpins } from './spins.ts';
import { serverStore, type TestStore } from './store.ts';
import { postOperations } from './torture.ts';

export type Jobs = typeof jobs;
export type Report = (progress: unknown) => void;

const jobs = {
  torture: postOperations,
  spins: playSpins,
  ask: askAtOnce,
  shop: shopAtOnce,
};

if (process.send) {
  const [url, salt] = process.argv.slice(2);
  const opened = await serverStore(url!, { fresh: false, salt: salt! });
  process.on('message', ({ name, input }: { name: keyof Jobs; input: never }) => void runJob(opened, name, input));
  process.on('disconnect', () => void opened.close());
  process.send('ready');
}

async function runJob(opened: TestStore, name: keyof Jobs, input: never): Promise<void> {
  const report: Report = (progress) => process.send!({ progress });
  try {
    process.send!({ answer: await jobs[name](opened, input, report) });
  } catch (error) {
    process.send!({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
