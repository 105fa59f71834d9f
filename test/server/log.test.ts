import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { captureConsole, duringRequest, openLog } from '../../server/log.ts';

function written(use: (log: ReturnType<typeof openLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  use(openLog({ level: 'debug', pretty: false, write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const log = suite('log');

log('a line is JSON with its time, level, event and details', () => {
  const [line] = written((out) => out.info('round_settled', { roomId: 'r1', payout: 120n }));
  assert.is(line!.event, 'round_settled');
  assert.is(line!.level, 'info');
  assert.is(line!.roomId, 'r1');
  assert.is(line!.payout, '120');
  assert.ok(!Number.isNaN(Date.parse(line!.time as string)));
});

log('what is written during a request carries its id', () => {
  const [inside, outside] = written((out) => {
    duringRequest('abc', () => out.info('inside'));
    out.info('outside');
  });
  assert.is(inside!.requestId, 'abc');
  assert.is(outside!.requestId, undefined);
});

const SECRETS: Record<string, Record<string, unknown>> = {
  'a password': { password: 'SECRET' },
  'a token deep inside': { session: { refreshToken: 'SECRET' } },
  headers: { headers: { authorization: 'Bearer SECRET', cookie: 'ops=SECRET' } },
  'an email by name': { email: 'SECRET@example.com' },
  'an email in text': { said: 'no player SECRET@example.com here' },
  'a seed': { serverSeed: 'SECRET', clientSeeds: ['SECRET'] },
  'a token in an address': { said: 'GET /p/r?sessionId=SECRET&_authToken=SECRET' },
  'a database address': { said: 'postgresql://playhouse:SECRET@db:5432/playhouse' },
  'a program’s token in text': { said: 'no such token: pht_SECRET-of_a-player' },
  bytes: { key: Buffer.from('SECRET') },
};
for (const [what, details] of Object.entries(SECRETS)) {
  log(`${what} is taken out`, () => {
    const [line] = written((out) => out.warn('something', details));
    assert.not.match(JSON.stringify(line), /SECRET/);
  });
}

log('a token, a seed and a password hash are known by their shape, in an error too', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
  const seed = 'ab'.repeat(32);
  const hash = `$2b$12$${'a'.repeat(53)}`;
  const error = new Error(`could not use ${token} with ${seed} and ${hash}`, { cause: new Error(`Bearer ${token}`) });
  const [line] = written((out) => out.error('failed', { error }));
  const text = JSON.stringify(line);
  for (const secret of [token, seed, hash]) assert.not.ok(text.includes(secret), text);
  assert.match(text, /could not use/);
});

log('a database error keeps its reason and loses the values of its statement', () => {
  const error = new Error(
    `insert into "player" ("name") values ('SECRET') - duplicate key value violates unique constraint "player_email"`,
  );
  const text = JSON.stringify(written((out) => out.error('failed', { error })));
  assert.not.match(text, /SECRET/);
  assert.match(text, /duplicate key/);
});

log('what a package writes to the console comes out as a line, cleaned', () => {
  const own = { ...globalThis.console };
  const lines = written((out) => {
    captureConsole(out);
    console.error('no player SECRET@example.com', new Error('at all'), { a: 1n });
    Object.assign(globalThis.console, own);
  });
  assert.is(lines[0]!.event, 'console');
  assert.is(lines[0]!.level, 'warn');
  assert.match(lines[0]!.said as string, /^no player \[removed\] at all \{ a: 1n \}$/);
});

log('a value that holds itself does not hang the log', () => {
  const around: Record<string, unknown> = {};
  around.around = around;
  assert.is(written((out) => out.info('round', { around })).length, 1);
});

log.run();
