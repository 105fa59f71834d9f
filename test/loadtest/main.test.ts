import { execFile } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const loadtest = suite('loadtest/main');

/** What the command says and ends with, where it has nothing to do. */
function told(...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['loadtest/main.ts', ...args], (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout });
    });
  });
}

loadtest('it tells what it can do', async () => {
  const { code, said } = await told('--help');
  assert.is(code, 0);
  for (const word of ['battle', 'roulette', 'spin', 'leaderboard', '--players', '--seconds', '--url']) assert.match(said, word);
});

loadtest('it takes rooms there are, counts within bounds and servers of this machine only', async () => {
  const refused = [
    [['poker'], /no room poker/],
    [['spin', '--players', '0'], /--players is 1 to/],
    [['spin', '--players', '2001'], /--players is 1 to/],
    [['spin', '--players', 'many'], /--players is 1 to/],
    [['spin', '--seconds', '601'], /--seconds is 1 to/],
    [['spin', '--url', 'https://play.example.com'], /address of this machine/],
    [['spin', '--url', 'http://127.0.0.1.example.com'], /address of this machine/],
    [['spin', '--url', 'ftp://127.0.0.1'], /address of this machine/],
  ] as const;
  const answers = await Promise.all(refused.map(([args]) => told(...args)));
  for (const [index, { code, said }] of answers.entries()) {
    assert.is(code, 2);
    assert.match(said, refused[index]![1]);
  }
});

loadtest.run();
