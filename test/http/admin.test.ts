// Who gets to which route of the operators' desk, and what an act needs.
import { base32nopad } from '@scure/base';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { routes } from '../../http/routes.ts';
import { totpCode, totpStep } from '../../persistence/totp.ts';
import { mayDo, RIGHTS, ROLE_RIGHTS, STAFF_ROLES } from '../../rules/roles.ts';
import { newKey, openRest, PASSWORD, type Json } from '../support/rest.ts';
import { actsOn, operator, vouched } from '../support/staff.ts';

const rest = await openRest();
const strict = await openRest({ store: rest, settings: { production: true } });
const { ask, refused, store, clock } = rest;
const root = await operator(rest, 'root');
const admin = await operator(rest, 'admin');
const mallory = await rest.register();
const desk = routes.filter(({ path }) => path.startsWith('/api/admin/'));
const at = (path: string) => path.replaceAll(/:\w+/g, 'x');

const door = suite('http/admin');
door.after(async () => {
  await strict.close();
  await rest.close();
});

door('every route of the desk names the right it needs, and asks for a second factor before it acts', () => {
  assert.ok(desk.length > 30);
  for (const { method, path, who, right, stepUp } of desk) {
    assert.equal([who, right === null], ['admin', false], `${method} ${path}`);
    const before = ['/api/admin/step-up', '/api/admin/totp/enrol', '/api/admin/totp/confirm'].includes(path);
    assert.is(stepUp, method !== 'GET' && !before, `${method} ${path}`);
  }
});

door('each role has what its work needs and no more; roles are root’s to give', () => {
  for (const role of STAFF_ROLES) assert.is(mayDo([role], 'roles.write'), role === 'root', role);
  assert.equal(ROLE_RIGHTS.root, RIGHTS);
  assert.equal(
    STAFF_ROLES.filter((role) => mayDo([role], 'corrections.write')),
    ['root', 'admin', 'treasurer'],
  );
  assert.ok(ROLE_RIGHTS.viewer.every((right) => right === 'desk' || right.endsWith('.read')));
  assert.not.ok(mayDo(['player', 'rooted', 'constructor'], 'desk'));
});

door('strangers and players are turned away from each, and every role from what it has no right to', async () => {
  const staff = { root, admin };
  const all = { ...staff, treasurer: await operator(rest, 'treasurer'), support: await operator(rest, 'support') };
  const roles = { ...all, reviewer: await operator(rest, 'reviewer'), viewer: await operator(rest, 'viewer') };
  for (const { method, path, right } of desk) {
    const what = `${method} ${path}`;
    assert.equal(await refused(method, at(path), { key: newKey() }), [401, 'unauthenticated'], what);
    const token = mallory.accessToken;
    assert.equal(await refused(method, at(path), { token, key: newKey() }), [403, 'forbidden'], what);
    for (const role of STAFF_ROLES) {
      const [status, code] = await refused(method, at(path), { token: roles[role].accessToken, key: newKey() });
      assert.is(status === 403 && code === 'forbidden', !mayDo([role], right!), `${role}: ${what} ${String(code)}`);
    }
  }
});

door('an operator without the factor may act in development, and in production only look and set one up', async () => {
  const token = admin.accessToken;
  const note = { token, body: { text: 'hello' } };
  assert.is((await ask('POST', `/api/admin/players/${mallory.id}/notes`, note)).status, 201);
  assert.equal(await strict.refused('POST', `/api/admin/players/${mallory.id}/notes`, note), [403, 'totp_required']);
  assert.is((await strict.ask('GET', '/api/admin/players', { token })).status, 200);
  assert.equal((await strict.ask('GET', '/api/admin/me', { token })).json.totp, {
    enrolled: false,
    required: true,
    steppedUpUntil: null,
    recoveryLeft: 0,
  });
  for (const { method, path } of desk.filter(({ stepUp }) => stepUp))
    assert.equal(
      await strict.refused(method, at(path), { token: root.accessToken, key: newKey() }),
      [403, 'totp_required'],
      path,
    );
});

door(
  'a factor is set up with a password and its first code; then a session acts for 15 minutes after a code, each taken once',
  async () => {
    const { accessToken: token, id, email } = await operator(rest, 'support');
    const post = (path: string, body: Json, by = token) => strict.refused('POST', path, { token: by, body });
    const note = (by = token) => post(`/api/admin/players/${mallory.id}/notes`, { text: 'hello' }, by);
    for (const body of [{}, { password: 'wrong' }])
      assert.equal(await post('/api/admin/totp/enrol', body), [401, 'credentials_wrong']);
    const told = await strict.ask('POST', '/api/admin/totp/enrol', { token, body: { password: PASSWORD } });
    const { secret, uri } = told.json as { secret: string; uri: string };
    assert.match(uri, `secret=${secret}&issuer=Playhouse`);
    const code = (steps = 0) => totpCode(base32nopad.decode(secret), totpStep(clock.now()) + steps);
    assert.equal(await note(), [403, 'totp_required']);
    assert.equal(await post('/api/admin/step-up', { code: code() }), [403, 'totp_required']);
    assert.equal(await post('/api/admin/totp/confirm', { code: code(5) }), [422, 'code_wrong']);
    const confirmed = await strict.ask('POST', '/api/admin/totp/confirm', { token, body: { code: code() } });
    const { recoveryCodes } = confirmed.json as { recoveryCodes: string[] };
    assert.is(recoveryCodes.length, 10);
    assert.equal(await note(), [201, 'done']);
    assert.equal(await post('/api/admin/totp/enrol', { password: PASSWORD }), [409, 'totp_enrolled']);
    assert.equal(await post('/api/admin/totp/confirm', { code: code(1) }), [409, 'totp_enrolled']);

    clock.pass(14 * 60_000);
    const session = await ask('POST', '/api/auth/login', { body: { email, password: PASSWORD } });
    const fresh = String(session.json.accessToken);
    assert.equal(await note(fresh), [403, 'step_up_required'], 'another session has said nothing');
    assert.equal(
      await refused('POST', `/api/admin/players/${mallory.id}/notes`, { token: fresh, body: { text: 'x' } }),
      [403, 'step_up_required'],
      'in development too, once there is a factor',
    );
    const now = code();
    assert.equal(await post('/api/admin/step-up', { code: now }, fresh), [200, 'done']);
    assert.equal(await post('/api/admin/step-up', { code: now }, fresh), [422, 'code_wrong'], 'a code is taken once');
    assert.equal(await post('/api/admin/step-up', { code: code(-1) }, fresh), [422, 'code_wrong'], 'and none before it');
    assert.equal(await note(fresh), [201, 'done']);
    clock.pass(14 * 60_000 + 59_000);
    assert.equal(await note(fresh), [201, 'done']);
    clock.pass(2_000);
    const late = String((await ask('POST', '/api/auth/login', { body: { email, password: PASSWORD } })).json.accessToken);
    assert.equal(await note(late), [403, 'step_up_required']);

    assert.equal(await post('/api/admin/step-up', { code: recoveryCodes[0]!.toUpperCase().replaceAll('-', ' ') }, late), [
      200,
      'done',
    ]);
    assert.equal(await post('/api/admin/step-up', { code: recoveryCodes[0]! }, late), [422, 'code_wrong'], 'a recovery code too');
    assert.equal(((await strict.ask('GET', '/api/admin/me', { token: late })).json.totp as Json).recoveryLeft, 9);
    assert.equal(
      (await actsOn(rest, `player:${id}`)).map(({ action, actorId }) => [action, actorId === id]),
      [
        ['role.grant', false],
        ['totp.enrol', true],
        ['totp.step_up', true],
        ['totp.step_up', true],
      ],
    );
    const written = JSON.stringify(await rest.db.rows('select before, after from audit_log'));
    for (const secretly of [secret, now, recoveryCodes[0]!]) assert.not.ok(written.includes(secretly));
  },
);

door('codes cannot be guessed: after five wrong ones the desk is locked for a while, right ones too', async () => {
  const { accessToken: token, id } = await operator(rest, 'viewer');
  const { secret } = await store.totp.enrol(id, 'Guess');
  const right = () => totpCode(base32nopad.decode(secret), totpStep(clock.now()));
  const confirm = (code: string) => refused('POST', '/api/admin/totp/confirm', { token, body: { code } });
  const wrong = String((Number(right()) + 1) % 1_000_000).padStart(6, '0');
  for (let n = 0; n < 5; n++) assert.equal(await confirm(wrong), [422, 'code_wrong']);
  for (const code of [wrong, right()]) assert.equal(await confirm(code), [423, 'account_locked']);
  clock.pass(61_000);
  assert.equal(await confirm(right()), [200, 'done']);
});

door('root gives and takes roles; who has one has it at once, and the last root stays', async () => {
  const ann = await rest.register();
  const grant = (role: string, playerId = ann.id, token = boss.accessToken) =>
    refused('POST', '/api/admin/roles/grant', { token, body: { playerId, role } });
  const withdraw = (role: string, playerId: string, token = boss.accessToken) =>
    refused('POST', '/api/admin/roles/withdraw', { token, body: { playerId, role } });
  const { json } = await ask('POST', '/api/auth/login', { body: { email: root.email, password: PASSWORD } });
  const boss = { accessToken: String(json.accessToken) };
  const guest = await ask('POST', '/api/auth/guest', { body: {} });
  assert.equal(await grant('support', (guest.json.player as Json).id as string), [403, 'player_unverified']);
  assert.equal(await grant('support'), [403, 'player_unverified']);
  await vouched(rest, ann.id);
  for (const role of ['owner', 'player', '', 'ROOT']) assert.equal(await grant(role), [400, 'malformed'], role);
  assert.equal(await grant('support', newKey()), [404, 'not_found']);
  assert.equal(await grant('support'), [200, 'done']);
  assert.equal(await grant('support'), [200, 'done'], 'said again, nothing happens');
  const me = await ask('GET', '/api/admin/me', { token: ann.accessToken });
  assert.equal([me.status, me.json.roles], [200, ['player', 'support']]);
  assert.equal(await grant('support', mallory.id, ann.accessToken), [403, 'forbidden']);

  assert.equal(await withdraw('root', root.id), [409, 'last_root']);
  assert.equal(await grant('root'), [200, 'done']);
  assert.equal(await withdraw('root', root.id), [200, 'done'], 'another is left');
  assert.equal(await grant('viewer', mallory.id), [403, 'forbidden'], 'who gave roles gives none any more');
  assert.equal(await withdraw('root', ann.id, ann.accessToken), [409, 'last_root']);
  assert.equal(await grant('root', root.id, ann.accessToken), [200, 'done']);
  assert.equal(await withdraw('support', ann.id, ann.accessToken), [200, 'done']);
  assert.equal(
    (await actsOn(rest, `player:${ann.id}`)).map(({ action, before, after }) => [action, before?.roles, after?.roles]),
    [
      ['role.grant', ['player'], ['player', 'support']],
      ['role.grant', ['player', 'support'], ['player', 'support', 'root']],
      ['role.withdraw', ['player', 'support', 'root'], ['player', 'root']],
    ],
  );
});

door('an operator who has lost the factor is let off it by root alone', async () => {
  const lost = await operator(rest, 'reviewer');
  const { secret } = await store.totp.enrol(lost.id, 'Lost');
  const session = String((await store.sessions.list(lost.id))[0]!.id);
  await store.totp.confirm(
    { playerId: lost.id, sessionId: session },
    totpCode(base32nopad.decode(secret), totpStep(clock.now())),
  );
  const signIn = async (email: string) =>
    String((await ask('POST', '/api/auth/login', { body: { email, password: PASSWORD } })).json.accessToken);
  const [byAdmin, byRoot] = [await signIn(admin.email), await signIn(root.email)];
  assert.equal(await refused('DELETE', `/api/admin/players/${lost.id}/totp`, { token: byAdmin }), [403, 'forbidden']);
  assert.equal(await refused('DELETE', `/api/admin/players/${lost.id}/totp`, { token: byRoot }), [204, 'done']);
  assert.equal(await refused('DELETE', `/api/admin/players/${lost.id}/totp`, { token: byRoot }), [404, 'not_found']);
  assert.not.ok((await store.totp.factor({ playerId: lost.id, sessionId: session })).enrolled);
});

door('nothing in the log is an error', () => {
  assert.equal(
    [...rest.logged, ...strict.logged].filter(([level]) => level === 'error'),
    [],
  );
});

door.run();
