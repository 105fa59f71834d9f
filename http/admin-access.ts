// Who is at the desk, what they may, and the second factor that makes sure of it.
import { z } from 'zod';
import { RIGHTS, rightsOf, ROLE_RIGHTS, STAFF_ROLES } from '../rules/roles.ts';
import { instant, page, paged, pageOf, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const right = z.enum(RIGHTS);
const role = z.enum(STAFF_ROLES);
const code = z.string().trim().min(6).max(40).meta({ description: 'Six digits of now', example: '287082' });

const desk: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/me',
    who: 'admin',
    right: 'desk',
    summary: 'Who you are at the desk, what you may, and whether this session may act',
    answers: z.strictObject({
      playerId: uuid,
      displayName: z.string(),
      roles: z.array(z.string()),
      rights: z.array(right),
      totp: z.strictObject({
        enrolled: z.boolean(),
        required: z.boolean().meta({ description: 'Nothing can be done here without it' }),
        steppedUpUntil: instant.nullable().meta({ description: 'null: the next act asks for a code, if a factor is set up' }),
        recoveryLeft: z.int(),
      }),
    }),
    async answer({ house, visitor }) {
      const { playerId, displayName, roles } = visitor;
      const totp = { ...(await house.store.totp.factor(visitor)), required: house.settings.production };
      return { playerId, displayName, roles: [...roles], rights: rightsOf(roles), totp };
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/totp/enrol',
    who: 'admin',
    right: 'desk',
    stepUp: false,
    limit: 'auth',
    summary:
      'A secret for your authenticator app, shown this once; it counts from its first code on. Your password, if you have one. Refuses totp_enrolled, credentials_wrong, account_locked',
    body: z.strictObject({ password: z.string().min(1).max(1_024).nullable().default(null) }),
    answers: z.strictObject({
      secret: z.string().meta({ description: 'Base32' }),
      uri: z.string().meta({ description: 'For a QR code', example: 'otpauth://totp/…' }),
    }),
    async answer({ house, visitor, body }) {
      await house.store.players.prove(visitor.playerId, body.password);
      return house.store.totp.enrol(visitor.playerId, visitor.displayName);
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/totp/confirm',
    who: 'admin',
    right: 'desk',
    stepUp: false,
    limit: 'auth',
    summary:
      'The first code: the factor is set up, and this session may act. The recovery codes are shown this once. Refuses code_wrong, account_locked, not_found, totp_enrolled',
    body: z.strictObject({ code }),
    answers: z.strictObject({ recoveryCodes: z.array(z.string()), until: instant }),
    answer: ({ house, visitor, body }) => house.store.totp.confirm(visitor, body.code),
  }),
  route({
    method: 'POST',
    path: '/api/admin/step-up',
    who: 'admin',
    right: 'desk',
    stepUp: false,
    limit: 'auth',
    summary:
      'A code of now, or a recovery code: this session may act for 15 minutes. Each is taken once. Refuses code_wrong, account_locked, totp_required',
    body: z.strictObject({ code }),
    answers: z.strictObject({ until: instant }),
    answer: ({ house, visitor, body }) => house.store.totp.stepUp(visitor, body.code),
  }),
  route({
    method: 'DELETE',
    path: '/api/admin/totp',
    who: 'admin',
    right: 'desk',
    limit: 'auth',
    summary: 'Take your second factor away, to set up another. Refuses not_found',
    answers: null,
    answer: ({ house, visitor }) => house.store.totp.remove(visitor.playerId, visitor.playerId),
  }),
];

const roleChange = z.strictObject({ playerId: uuid, role });
const rolesNow = z.strictObject({ playerId: uuid, roles: z.array(z.string()) });

const roles: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/roles',
    who: 'admin',
    right: 'desk',
    summary: 'What each role may',
    answers: z.strictObject({ items: z.array(z.strictObject({ role, rights: z.array(right) })) }),
    answer: async () => ({ items: STAFF_ROLES.map((name) => ({ role: name, rights: [...ROLE_RIGHTS[name]] })) }),
  }),
  route({
    method: 'GET',
    path: '/api/admin/staff',
    who: 'admin',
    right: 'roles.read',
    summary: 'All operators',
    query: paged(uuid),
    answers: page(
      z.strictObject({
        playerId: uuid,
        displayName: z.string(),
        email: z.string().nullable(),
        roles: z.array(z.string()),
        totp: z.boolean(),
      }),
    ),
    async answer({ house, query: { limit, cursor } }) {
      return pageOf(await house.store.players.staff({ limit: limit + 1, after: cursor }), limit, ({ playerId }) => playerId);
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/roles/grant',
    who: 'admin',
    right: 'roles.write',
    limit: 'money',
    summary: 'Give a role. Refuses not_found, player_unverified, account_banned',
    body: roleChange,
    answers: rolesNow,
    answer: async ({ house, visitor, body }) => ({
      playerId: body.playerId,
      roles: await house.store.players.grantRole({ ...body, actorId: visitor.playerId }),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/admin/roles/withdraw',
    who: 'admin',
    right: 'roles.write',
    limit: 'money',
    summary: 'Take a role away, here at once, on other processes within 5 s. Refuses not_found, last_root',
    body: roleChange,
    answers: rolesNow,
    answer: async ({ house, visitor, body }) => ({
      playerId: body.playerId,
      roles: await house.store.players.withdrawRole({ ...body, actorId: visitor.playerId }),
    }),
  }),
  route({
    method: 'DELETE',
    path: '/api/admin/players/:id/totp',
    who: 'admin',
    right: 'roles.write',
    limit: 'money',
    summary: 'Take away the second factor of an operator who has lost it. Refuses not_found',
    params: z.strictObject({ id: uuid }),
    answers: null,
    answer: ({ house, visitor, params }) => house.store.totp.remove(params.id, visitor.playerId),
  }),
];

export const adminAccessRoutes: Route[] = [...desk, ...roles];
