import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveControl, askServer } from '../../server/control.ts';
import { FolderTaken, keptSecret, takeDataFolder } from '../../server/data-folder.ts';
import { freshFolder } from '../support/process.ts';

const folder = suite('data folder');

const HOLD = `
  import { takeDataFolder } from './server/data-folder.ts';
  takeDataFolder(process.argv[1]);
  process.stdout.write('held');
  setInterval(() => {}, 1_000);`;

/** A real second process that holds the folder until it is killed. */
async function holder(path: string) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', HOLD, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

folder('one process at a time owns it, and a second is told which folder is taken', async () => {
  const { path, remove } = freshFolder();
  const child = await holder(path);
  try {
    assert.throws(
      () => takeDataFolder(path),
      (error: unknown) => error instanceof FolderTaken && error.message.includes(path) && /Stop that one/.test(error.message),
    );
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  takeDataFolder(path).close();
  remove();
});

folder('kill -9 leaves nothing to clean up', async () => {
  const { path, remove } = freshFolder();
  for (let round = 0; round < 2; round++) {
    const child = await holder(path);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  takeDataFolder(path).close();
  remove();
});

folder('a secret is made once, kept, and readable by its owner alone', () => {
  const { path, remove } = freshFolder();
  const made = keptSecret(path, 'jwt-secret', 32);
  assert.is(made.length, 32);
  assert.equal(keptSecret(path, 'jwt-secret', 32), made);
  assert.is(statSync(join(path, 'jwt-secret')).mode & 0o777, 0o600);
  assert.is(statSync(path).mode & 0o777, 0o700);
  assert.is.not(keptSecret(path, 'secrets-key', 32).toString('hex'), made.toString('hex'));
  remove();
});

folder('commands reach the process that serves, with their progress, over a socket of its owner alone', async () => {
  const { path, remove } = freshFolder();
  assert.is(await askServer(path, ['ledger', 'verify'], () => undefined), null, 'nobody serves yet');
  const served = await serveControl(path, async (words, progress) => {
    progress(1, 2, 'halves');
    if (words[0] === 'throw') throw new Error('as asked');
    return { ok: true, line: words.join('+') };
  });
  assert.is(statSync(join(path, 'control.sock')).mode & 0o777, 0o600);
  const seen: unknown[] = [];
  assert.equal(await askServer(path, ['a', 'b'], (...progress) => seen.push(progress)), { ok: true, line: 'a+b' });
  assert.equal(seen, [[1, 2, 'halves']]);
  assert.equal(await askServer(path, ['throw'], () => undefined), { ok: false, line: 'as asked' });
  await served.close();
  assert.is(await askServer(path, ['a'], () => undefined), null);
  remove();
});

folder.run();
