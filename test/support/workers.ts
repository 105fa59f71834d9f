// Processes of our own for a test: each opens the store on the same server, as a second Playhouse would.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Jobs } from './worker.ts';

export type JobName = keyof Jobs;
export type JobInput<Name extends JobName> = Parameters<Jobs[Name]>[1];
export type JobAnswer<Name extends JobName> = Awaited<ReturnType<Jobs[Name]>>;

export interface Worker {
  /** Runs one job there; `onProgress` gets what the job reports on its way. Rejects when the job throws or the process dies. */
  run<Name extends JobName>(name: Name, input: JobInput<Name>, onProgress?: (report: unknown) => void): Promise<JobAnswer<Name>>;
  /** kill -9. */
  kill: () => Promise<void>;
  close: () => Promise<void>;
}

/** `salt` tells its seeds from those of another worker. */
export async function startWorker(url: string, salt: string): Promise<Worker> {
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [url, salt], { serialization: 'advanced' });
  await once(child, 'message');
  return {
    run: (name, input, onProgress) => runIn(child, { name, input, onProgress: onProgress ?? (() => undefined) }),
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

interface Run {
  name: JobName;
  input: unknown;
  onProgress: (report: unknown) => void;
}

function runIn<Answer>(child: ChildProcess, { name, input, onProgress }: Run): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      child.off('message', hear);
      child.off('exit', die);
      settle();
    };
    const hear = (message: { progress: unknown } | { answer: Answer } | { error: string }) => {
      if ('progress' in message) onProgress(message.progress);
      else if ('answer' in message) end(() => resolve(message.answer));
      else end(() => reject(new Error(message.error)));
    };
    const die = () => end(() => reject(new Error('the worker died')));
    child.on('message', hear);
    child.on('exit', die);
    child.send({ name, input });
  });
}
