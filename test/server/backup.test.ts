// Seals, verify, backup and restore as an operator runs them: processes on folders of their own.
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPostgres } from '../support/postgres.ts';
import { command, freshFolder, startMain } from '../support/process.ts';

const folder = freshFolder();
const DATA_DIR = join(folder.path, 'data');
const file = join(folder.path, 'house.backup');
const server = await startMain({ DATA_DIR });

const operating = suite('server/backup');
operating.after(async () => {
  await server.stop();
  folder.remove();
});

async function post(path: string, body: object, token?: string) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, any>;
}

async function walletAt(url: string): Promise<unknown> {
  const response = await fetch(`${url}/api/wallet`, { headers: { authorization: `Bearer ${accessToken}` } });
  assert.is(response.status, 200);
  return response.json();
}

const { accessToken } = await post('/api/auth/guest', {});
for (let spins = 0; spins < 5; spins++)
  await post('/api/games/spin-and-win/play', { stake: { currency: 'COINS', amount: '20' } }, accessToken);

let noted = '';

operating('the running server is asked to seal, and says the hash to note; verify says that it is still there', async () => {
  const sealed = await command(['ledger', 'seal'], { DATA_DIR });
  assert.is(sealed.code, 0, sealed.said);
  noted = /^\d+ seals made\. The last is \d+, up to transfer \d+: ([\da-f]{64})$/.exec(sealed.said)![1]!;
  const verified = await command(['ledger', 'verify', noted], { DATA_DIR });
  assert.is(verified.code, 0, verified.said);
  assert.ok(verified.said.startsWith('The ledger holds.') && verified.said.includes(noted), verified.said);
  const other = await command(['ledger', 'verify', 'f'.repeat(64)], { DATA_DIR });
  assert.is(other.code, 1);
  assert.match(other.said, /there is none with this hash any more\nThe ledger does not hold: 1 findings\./);
  assert.is((await command(['ledger', 'verify', 'abc'], { DATA_DIR })).code, 2);
});

operating('a backup of the running server is a new file for its owner alone, and never written over another', async () => {
  const made = await command(['backup', file], { DATA_DIR });
  assert.is(made.code, 0, made.said);
  assert.match(made.said, /^\d+ rows of \d+ tables are in .*house\.backup, \d+ bytes\. Its last seal is \d+: [\da-f]{64}$/);
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.not.ok(existsSync(`${file}.part`));
  const before = readFileSync(file);
  const again = await command(['backup', file], { DATA_DIR });
  assert.equal([again.code, again.said.endsWith('is there already.')], [1, true]);
  assert.equal(readFileSync(file), before);
  const nowhere = await command(['backup', join(folder.path, 'none', 'x')], { DATA_DIR });
  assert.is(nowhere.code, 1, nowhere.said);
});

operating('it is not restored over a server that runs, nor into a database with something in it', async () => {
  const running = await command(['restore', file], { DATA_DIR });
  assert.equal([running.code, /The server is running/.test(running.said)], [1, true]);
});

operating('restored into an empty folder the ledger verifies with the noted seal, and the server starts on it', async () => {
  const fresh = join(folder.path, 'restored');
  mkdirSync(fresh);
  for (const secret of ['secrets-key', 'jwt-secret']) copyFileSync(join(DATA_DIR, secret), join(fresh, secret));
  const restored = await command(['restore', file], { DATA_DIR: fresh });
  assert.is(restored.code, 0, restored.said);
  assert.match(restored.said, /^Restored \d+ rows of \d+ tables\. The ledger holds\. .* 0 not sealed yet\.$/);
  assert.is((await command(['ledger', 'verify', noted], { DATA_DIR: fresh })).code, 0);
  const twice = await command(['restore', file], { DATA_DIR: fresh });
  assert.equal([twice.code, twice.said.startsWith('The database is not empty: ')], [1, true], twice.said);

  const second = await startMain({ DATA_DIR: fresh });
  assert.equal(await walletAt(second.url), await walletAt(server.url));
  assert.is(await second.stop(), 0);
});

operating('with another key it is restored, and says so; a damaged file is refused', async () => {
  const fresh = join(folder.path, 'other-key');
  const restored = await command(['restore', file], { DATA_DIR: fresh });
  assert.equal([restored.code, /SECRETS_KEY is not the one of the backup/.test(restored.said)], [0, true], restored.said);
  const damaged = join(folder.path, 'damaged');
  for (const bytes of [readFileSync(file).subarray(0, 2_000), Buffer.from('hello')]) {
    writeFileSync(damaged, bytes);
    const refused = await command(['restore', damaged], { DATA_DIR: join(folder.path, 'third') });
    assert.equal([refused.code, refused.said], [1, 'The file is damaged, or not a backup.']);
  }
  const missing = await command(['restore', join(folder.path, 'missing')], { DATA_DIR: join(folder.path, 'third') });
  assert.is(missing.code, 1);
});

operating('the same backup goes into a server’s database', async () => {
  const postgres = await startPostgres();
  try {
    const DATABASE_URL = await postgres.empty();
    const SECRETS_KEY = readFileSync(join(DATA_DIR, 'secrets-key'), 'utf8').trim();
    const settings = { DATABASE_URL, SECRETS_KEY, DATA_DIR: join(folder.path, 'unused') };
    const restored = await command(['restore', file], settings);
    assert.is(restored.code, 0, restored.said);
    assert.match(restored.said, /The ledger holds\./);
    const verified = await command(['ledger', 'verify', noted], settings);
    assert.is(verified.code, 0, verified.said);
  } finally {
    await postgres.stop();
  }
});

operating('the server seals what is left when it stops', async () => {
  await post('/api/games/spin-and-win/play', { stake: { currency: 'COINS', amount: '20' } }, accessToken);
  assert.is(await server.stop(), 0);
  const [, seal] = /"seal":"([^"]+)","event":"ledger_sealed"/.exec(server.output())!;
  const verified = await command(['ledger', 'verify', seal!], { DATA_DIR });
  assert.is(verified.code, 0, verified.said);
  assert.match(verified.said, / 0 not sealed yet\.$/);
});

operating.run();
