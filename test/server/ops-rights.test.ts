// The desk behind the operators' cookie: the same rights and the same second factor as with a token.
import { base32nopad } from '@scure/base';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { totpCode, totpStep } from '../../persistence/totp.ts';
import { startServer } from '../support/server.ts';
import { vouched } from '../support/staff.ts';

const server = await startServer();
const { store, url } = server;
const EMAIL = 'support@example.com';
const PASSWORD = 'correct horse battery';
const mallory = await server.register('Mallory');
const made = await store.players.register({ email: EMAIL, password: PASSWORD, displayName: 'Support', device: 'test' });
const { id } = made.player;
await vouched(server, id);
await store.players.grantRole({ playerId: id, role: 'support', actorId: null });

async function desk() {
  const login = await fetch(`${url}/ops/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ email: EMAIL, password: PASSWORD }),
  });
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!;
  const { csrf } = (await (await fetch(`${url}/ops/session`, { headers: { cookie } })).json()) as { csrf: string };
  return async (method: string, path: string, body?: object, token = csrf) => {
    const told = await fetch(`${url}/ops/api/admin/${path}`, {
      method,
      headers: { cookie, 'x-csrf-token': token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await told.text();
    return [told.status, text === '' ? null : (JSON.parse(text) as { code?: string }).code] as const;
  };
}

const ops = suite('server/ops-rights');
ops.after(() => server.stop());

ops('an operator of a narrow role is let in, and held to that role', async () => {
  const ask = await desk();
  const note = { text: 'hello' };
  assert.equal(await ask('GET', 'me'), [200, undefined]);
  assert.equal(await ask('POST', `players/${mallory.playerId}/notes`, note), [201, undefined]);
  assert.equal(await ask('POST', `players/${mallory.playerId}/notes`, note, 'no'), [403, 'csrf']);
  assert.equal(await ask('POST', 'roles/grant', { playerId: id, role: 'root' }), [403, 'forbidden']);
  assert.equal(await ask('GET', 'audit'), [403, 'forbidden']);
});

ops('once there is a second factor, an act asks for a code said at this desk', async () => {
  const [here, there] = [await desk(), await desk()];
  const { secret } = await store.totp.enrol(id, 'Support');
  const code = totpCode(base32nopad.decode(secret), totpStep(server.clock.now()));
  const note = (ask: typeof here) => ask('POST', `players/${mallory.playerId}/notes`, { text: 'hello' });
  assert.equal(await here('POST', 'totp/confirm', { code }), [200, undefined]);
  assert.equal(await note(here), [201, undefined]);
  assert.equal(await note(there), [403, 'step_up_required']);
  assert.equal(await there('POST', 'step-up', { code }), [422, 'code_wrong'], 'it was said here');
  await store.players.withdrawRole({ playerId: id, role: 'support', actorId: null });
  assert.is((await here('GET', 'me'))[0], 401, 'who is no operator any more is out at once');
});

ops.run();
