// What brings somebody here when it is not a screen: a mailed link, or the way back from an account elsewhere. It is taken out
// of the address at once, for a token has no place in a history.
import { signal } from '@preact/signals';
import { keptStart, type SocialProvider } from './social.ts';

export type Errand =
  | { kind: 'verify' | 'reset'; token: string }
  | {
      kind: 'social';
      provider: SocialProvider;
      proof: { code?: string; idToken?: string };
      state: string;
      /** Whose account it will be linked to; null: it signs in. */
      playerId: string | null;
    }
  /** It was called off there, or did not begin here. */
  | { kind: 'refused'; code: string };

const MAILED = /^#(verify|reset)=([\w-]{43})$/;

export const errand = signal<Errand | null>(taken());

addEventListener('hashchange', () => {
  const next = taken();
  if (next !== null) errand.value = next;
});

export const endErrand = (): void => void (errand.value = null);

function taken(): Errand | null {
  const found = mailed() ?? fromElsewhere();
  if (found !== null) history.replaceState(null, '', `${location.pathname}#/`);
  return found;
}

function mailed(): Errand | null {
  const [, kind, token] = MAILED.exec(location.hash) ?? [];
  return token === undefined ? null : { kind: kind as 'verify' | 'reset', token };
}

/** Discord answers in the query, Google behind the #. */
function fromElsewhere(): Errand | null {
  const said = new URLSearchParams(location.hash.startsWith('#/') ? '' : location.hash.slice(1));
  for (const [name, value] of new URLSearchParams(location.search)) said.append(name, value);
  const [sent, code, idToken] = [said.get('state'), said.get('code'), said.get('id_token')];
  if (sent === null || (code === null && idToken === null && !said.has('error'))) return null;
  const kept = keptStart();
  if (kept === null || kept.sent !== sent) return { kind: 'refused', code: 'sign_in_foreign' };
  if (code === null && idToken === null) return { kind: 'refused', code: 'sign_in_cancelled' };
  const { provider, state, playerId } = kept;
  return { kind: 'social', provider, state, playerId, proof: code === null ? { idToken: idToken! } : { code } };
}
