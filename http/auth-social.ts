// Coming in by an account elsewhere. Without a token in the request it signs in, with one it is linked to who asks; no address
// and no name that a provider tells of is ever taken for a proof.
import { z } from 'zod';
import type { SocialProvider } from '../rules/identity.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { House, Visitor } from '../server/house.ts';
import { chain, identity, signedInBy, socialProvider } from './auth-formats.ts';
import { displayName } from './formats.ts';
import { type Route, route } from './route.ts';
import { admitNewWay } from './session.ts';

const secret = z.string().regex(/^[\w-]{43}$/, 'What /api/auth/social/start said');

const proof = z
  .strictObject({
    provider: socialProvider,
    idToken: z.string().min(1).max(8_192).optional(),
    code: z.string().min(1).max(512).optional(),
    state: secret.optional(),
  })
  .refine(({ provider, idToken, code, state }) => (provider === 'discord' ? code && state && !idToken : idToken && !code), {
    error: 'discord takes code and state, the others idToken, and state where they started here',
    path: ['provider'],
  });

const linkedPerson = z.strictObject({ linked: z.strictObject({ provider: socialProvider, name: z.string() }) });

export const authSocialRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/auth/ways',
    who: 'anyone',
    summary: 'The ways to sign in that are open here',
    answers: z.strictObject({
      mail: z.enum(['off', 'shown', 'sent']).meta({ description: 'shown: at /dev/mail' }),
      social: z.array(
        z.strictObject({ provider: socialProvider, start: z.boolean().meta({ description: 'By /api/auth/social/start' }) }),
      ),
      wallets: z.array(chain),
    }),
    async answer({ house: { providers } }) {
      const social = [
        ...(providers.google === null ? [] : [{ provider: 'google' as const, start: true }]),
        ...(providers.web3auth === null ? [] : [{ provider: 'web3auth' as const, start: false }]),
        ...(providers.discordSignIn === null ? [] : [{ provider: 'discord' as const, start: true }]),
      ];
      const mail =
        providers.mail === null ? ('off' as const) : providers.mail.shown === null ? ('sent' as const) : ('shown' as const);
      return { mail, social, wallets: providers.wallets.chains };
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/social/start',
    who: 'either',
    limit: 'auth',
    summary:
      'Where to send the browser: it comes back to PUBLIC_URL/ with ?code=&state= (discord) or #id_token=&state= (google). Keep state; what comes back must be sent. Refuses unavailable',
    body: z.strictObject({ provider: z.enum(['google', 'discord']) }),
    answers: z.strictObject({
      url: z.string(),
      state: z.string().meta({ description: 'For this client alone: shown again with what came back' }),
      sent: z.string().meta({ description: 'What the address that comes back must have as its state' }),
    }),
    async answer({ house: { store, providers }, visitor, body: { provider } }) {
      const started = provider === 'google' ? providers.google : providers.discordSignIn;
      refuseUnless(started !== null, 'unavailable');
      const state = await store.signInProofs.openState(provider, visitor);
      const url = started.url(state);
      refuseUnless(url !== null, 'unavailable');
      return { url, state: state.state, sent: state.sent };
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/social',
    who: 'either',
    limit: 'auth',
    summary:
      'Sign in as the player of that account elsewhere, who is made if there is none; with a token of ours, link it instead (a guest is registered by it). An operator has said a code of the second factor before. Refuses proof_invalid, identity_taken, account_banned, unavailable, totp_required, step_up_required',
    body: proof,
    answers: z.union([signedInBy, linkedPerson]),
    async answer({ house, visitor, body, agent }) {
      const { provider } = body;
      if (visitor !== null) await admitNewWay(visitor, house);
      const { name, ...person } = await personOf(house, visitor, body);
      const known = { ...person, provider, name: nameFrom(name, house) };
      if (visitor === null) return house.store.arrivals.signInPerson(known, { displayName: known.name, device: agent });
      await house.store.arrivals.linkPerson(known, visitor.playerId);
      return { linked: { provider, name: known.name } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/auth/identities',
    who: 'player',
    summary: 'The accounts elsewhere that are linked to yours; one a provider',
    answers: z.strictObject({ items: z.array(identity) }),
    async answer({ house, visitor }) {
      const items = await house.store.identities.list(visitor.playerId);
      return { items: items.map(({ provider, name, linkedAt }) => ({ provider, name, linkedAt })) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/auth/identities/:provider',
    who: 'player',
    limit: 'auth',
    summary: 'Unlink an account elsewhere. Refuses not_found, last_way_in',
    params: z.strictObject({ provider: socialProvider }),
    answers: null,
    answer: ({ house, visitor, params }) => house.store.identities.unlink(visitor.playerId, params.provider),
  }),
];

type Proof = z.output<typeof proof>;

/** Refuses `proof_invalid`, `unavailable`. A state is gone with the first try, whatever comes of it. */
async function personOf(house: House, visitor: Visitor | null, { provider, idToken, code, state }: Proof) {
  const { google, web3auth, discordSignIn } = house.providers;
  const asked = provider === 'google' ? google : provider === 'web3auth' ? web3auth : discordSignIn;
  refuseUnless(asked !== null, 'unavailable');
  const own = state === undefined ? null : await house.store.signInProofs.takeState(state, { provider, visitor });
  const told =
    'person' in asked
      ? await asked.person({ code: code!, verifier: own!.verifier })
      : await asked.read(idToken!, own?.nonce ?? null);
  if (told.kind === 'person') return told.person;
  return turnedAway(house, provider, told);
}

function turnedAway(
  { log }: House,
  provider: SocialProvider,
  { kind, why }: { kind: 'refused' | 'unknown'; why: string },
): never {
  if (kind === 'refused') log.info('sign_in_refused', { provider, why });
  else log.warn('sign_in_provider_silent', { provider, why });
  throw new Refusal(kind === 'refused' ? 'proof_invalid' : 'unavailable');
}

/** What they are called there, where it is a name that may be had here. */
function nameFrom(name: string, { random }: House): string {
  const checked = displayName.safeParse(name.slice(0, 32));
  return checked.success ? checked.data : `Player ${1_000 + random.below(9_000)}`;
}
