// Direct access for a player's own programs: asked for with what it is for, granted by an operator, collected once.
import { useRef, useState } from 'preact/hooks';
import { type Scope, SCOPE_WORDS, SCOPES, TOKEN_DAYS, type TokenState } from '../../rules/api-tokens.ts';
import { ask } from './api.ts';
import { Confirm, Modal } from './confirm.tsx';
import { Copied } from './copy.tsx';
import { useReturn } from './daily.tsx';
import { isGuest, me } from './me.ts';
import { useNews } from './notices.ts';
import { More, type PageOf, usePaged, withCursor } from './paged.tsx';
import { Reading } from './reading.tsx';
import { hrefOf } from './route.ts';
import { tell } from './told.tsx';
import { ago, Refusal, useDeed, valuesOf } from './ui.tsx';

interface Token {
  id: string;
  purpose: string;
  scopes: Scope[];
  state: TokenState;
  reason: string | null;
  hint: string | null;
  askedAt: string;
  expiresAt: string | null;
  usedAt: string | null;
}

const PATH = '/api/player/api-tokens';

export function Tokens() {
  const tokens = usePaged<Token>((cursor) => ask<PageOf<Token>>(withCursor(`${PATH}?limit=20`, cursor)), 'tokens');
  const [asking, setAsking] = useState(false);
  const [collected, setCollected] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const { reload } = tokens.first;
  const changed = () => {
    reload();
    heading.current?.focus();
  };
  useNews(['api_token_decided'], reload);
  useReturn(reload);
  const known = isGuest() ? false : me.value?.verifiedAt !== null;
  return (
    <div class="tokens">
      <div class="screen-title apart">
        <h1 ref={heading} tabIndex={-1}>
          API access
        </h1>
        {known && (
          <button type="button" class="button" onClick={() => setAsking(true)}>
            Ask for a token
          </button>
        )}
      </div>
      <p class="quiet tokens-lead">
        For programs of your own. Say what one is for and what it may do; a member of the house grants it, for {TOKEN_DAYS} days.{' '}
        <a href="docs" target="_blank" rel="noopener">
          See the API
        </a>
      </p>
      {!known && (
        <p class="panel tokens-lead">
          Tokens are for players with a confirmed address. <a href={hrefOf('account')}>To your account</a>
        </p>
      )}
      <Reading of={tokens.first} what="your tokens">
        {() =>
          tokens.items.length === 0 ? (
            <div class="bare">
              <p>No token yet</p>
              <p class="quiet">What you ask for shows here, and what became of it.</p>
            </div>
          ) : (
            <>
              <ul class="token-list">
                {tokens.items.map((token) => (
                  <Row key={token.id} token={token} changed={changed} collected={setCollected} />
                ))}
              </ul>
              <More of={tokens} />
            </>
          )
        }
      </Reading>
      {asking && (
        <Asking
          onClose={() => setAsking(false)}
          asked={() => {
            setAsking(false);
            tell('Asked. You are told here once somebody has decided.');
            changed();
          }}
        />
      )}
      {collected !== null && (
        <Once
          token={collected}
          onClose={() => {
            setCollected(null);
            changed();
          }}
        />
      )}
    </div>
  );
}

const STATES: Record<TokenState, string> = {
  asked: 'waits for the house',
  granted: 'granted, to be collected',
  active: 'in use',
  declined: 'declined',
  revoked: 'revoked',
  expired: 'run out',
};

const day = (at: string): string => new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long' });

interface RowProps {
  token: Token;
  changed: () => void;
  collected: (token: string) => void;
}

function Row({ token, changed, collected }: RowProps) {
  const { id, purpose, scopes, state, reason, hint, askedAt, expiresAt, usedAt } = token;
  const { busy, refusal, run, clear } = useDeed();
  const [ending, setEnding] = useState(false);
  const open = state === 'asked' || state === 'granted' || state === 'active';
  const collect = () => run(async () => collected((await ask<{ token: string }>(`${PATH}/${id}/collect`, { body: {} })).token));
  const end = () =>
    run(async () => {
      await ask(`${PATH}/${id}`, { method: 'DELETE' });
      setEnding(false);
      tell(state === 'asked' ? 'You took it back.' : 'Revoked. It opens nothing any more.');
      changed();
    });
  return (
    <li class="panel token" data-state={state}>
      <div class="row apart">
        <p>
          <b class="token-state">{STATES[state]}</b> <small class="quiet">asked {ago(askedAt)}</small>
        </p>
        {hint !== null && <code class="mono">{hint}…</code>}
      </div>
      <p class="token-purpose">{purpose}</p>
      <ul class="token-scopes">
        {scopes.map((scope) => (
          <li key={scope} class="small" title={scope}>
            {SCOPES[scope] ?? scope}
          </li>
        ))}
      </ul>
      {reason !== null && <p class="small">“{reason}”</p>}
      {state === 'active' && (
        <p class="small quiet">
          {usedAt === null ? 'Not used yet' : `Last used ${ago(usedAt)}`}
          {expiresAt !== null && `, good until ${day(expiresAt)}`}
        </p>
      )}
      {!ending && <Refusal code={refusal} />}
      {open && (
        <div class="row">
          {state === 'granted' && (
            <button type="button" class="button button-first" aria-disabled={busy} onClick={collect}>
              Collect it
            </button>
          )}
          <button
            type="button"
            class="button button-plain"
            onClick={() => {
              clear();
              setEnding(true);
            }}
          >
            {state === 'asked' ? 'Take it back' : 'Revoke'}
            <span class="unseen">: {purpose}</span>
          </button>
        </div>
      )}
      {ending && (
        <Confirm
          title={state === 'asked' ? 'Take it back?' : 'Revoke this token?'}
          yes={state === 'asked' ? 'Take it back' : 'Revoke it'}
          busy={busy}
          refusal={refusal}
          onYes={end}
          onClose={() => setEnding(false)}
        >
          <p>{purpose}</p>
          <p class="quiet">
            {state === 'asked'
              ? 'Nobody will decide about it any more.'
              : 'Programs that use it are turned away within seconds, for good.'}
          </p>
        </Confirm>
      )}
    </li>
  );
}

function Asking({ asked, onClose }: { asked: () => void; onClose: () => void }) {
  const { busy, refusal, run } = useDeed();
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const turn = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((other) => other !== scope) : [...scopes, scope]);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const { purpose = '' } = valuesOf(event.currentTarget);
    run(async () => {
      await ask(PATH, { body: { purpose: purpose.trim(), scopes } });
      asked();
    });
  };
  return (
    <Modal title="Ask for a token" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <label class="field">
          <span>What is it for?</span>
          <textarea name="purpose" required minLength={10} maxLength={1000} rows={3} />
          <small>A sentence or two: a person reads it.</small>
        </label>
        <fieldset class="scopes">
          <legend>What it may do</legend>
          {SCOPE_WORDS.map((scope) => (
            <label key={scope}>
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => turn(scope)} />
              <span>
                {SCOPES[scope]} <small class="mono quiet">{scope}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <Refusal code={refusal === 'limit_reached' ? null : refusal} />
        {refusal === 'limit_reached' && (
          <p class="refusal" role="alert" data-code={refusal}>
            You have five that are asked for or in use. Take one back or revoke one first.
          </p>
        )}
        <div class="row confirm-answers">
          <button type="button" class="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="button button-first" disabled={scopes.length === 0} aria-disabled={busy}>
            Ask for it
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** Nobody can show it again, so only a word that it is kept closes this. */
function Once({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Modal title="Your token" onClose={onClose}>
      <p>
        It is shown <b>this once</b>: the house keeps no copy. Put it where your program reads it, and nowhere else.
      </p>
      <Copied text={token} what="the token" />
      <p class="small quiet">
        Sent as <code>Authorization: Bearer …</code>
      </p>
      <div class="row confirm-answers">
        <button type="button" class="button button-first" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Modal>
  );
}
