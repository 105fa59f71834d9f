// Players' own programs: who asks for access, for what, and who has it.
import { useState } from 'preact/hooks';
import { SCOPES, type Scope } from '../../../rules/api-tokens.ts';
import { Act } from '../act.tsx';
import { ask, may } from '../ask.ts';
import { Narrowed, Page, PagedTable, Panel, State, Time } from '../parts.tsx';
import { hrefOf, place } from '../place.ts';
import { usePages } from '../reading.ts';

interface Token {
  id: string;
  playerId: string;
  displayName: string;
  purpose: string;
  scopes: Scope[];
  state: 'asked' | 'granted' | 'active' | 'declined' | 'revoked' | 'expired';
  reason: string | null;
  hint: string | null;
  askedAt: string;
  expiresAt: string | null;
  usedAt: string | null;
}

const TONES = { asked: 'warn', granted: 'good', active: 'good', declined: 'calm', revoked: 'calm', expired: 'calm' } as const;

export function TokensPage() {
  const state = place.value.search.get('state');
  const pages = usePages<Token>('/api/admin/api-tokens', { state });
  return (
    <Page title="API tokens">
      <Panel title="Newest first" aside={<Narrowed page="tokens" of="state" name="State" among={Object.keys(TONES)} />}>
        <PagedTable
          pages={pages}
          caption="API tokens"
          keyOf={({ id }) => id}
          empty={state === 'asked' ? 'Nobody asks for access.' : 'No program has asked for access.'}
          columns={[
            { head: 'Player', cell: ({ playerId, displayName }) => <a href={hrefOf('players', playerId)}>{displayName}</a> },
            {
              head: 'What for',
              cell: ({ purpose, reason }) => (
                <>
                  <span class="written">{purpose}</span>
                  {reason !== null && <span class="soft"> — {reason}</span>}
                </>
              ),
            },
            { head: 'May', cell: ({ scopes }) => <span class="soft">{scopes.join(', ')}</span> },
            { head: 'State', cell: ({ state: now }) => <State tone={TONES[now]}>{now}</State> },
            { head: 'Begins', cell: ({ hint }) => (hint === null ? '–' : <code>{hint}…</code>) },
            { head: 'Asked', cell: ({ askedAt }) => <Time at={askedAt} /> },
            { head: 'Used last', cell: ({ usedAt }) => <Time at={usedAt} /> },
            { head: 'Until', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
            { head: 'Decide', cell: (token) => <Decide token={token} onDone={pages.reload} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

function Decide({ token, onDone }: { token: Token; onDone: () => void }) {
  const [scopes, setScopes] = useState<Scope[]>(token.scopes);
  if (!may('tokens.decide')) return null;
  const { id, displayName, state } = token;
  const path = `/api/admin/api-tokens/${id}`;
  if (state === 'granted' || state === 'active')
    return (
      <Act
        label="Revoke"
        title={`Revoke the token of ${displayName}?`}
        danger
        reason="needed"
        reasonHint={READER}
        run={(reason) => ask(`${path}/revoke`, { body: { reason } })}
        onDone={onDone}
      >
        <p>Whatever program uses it is refused from now on, on other processes within 5 s. It cannot be given back.</p>
      </Act>
    );
  if (state !== 'asked') return null;
  return (
    <span class="acts">
      <Act
        label="Grant"
        title={`Let a program of ${displayName} in?`}
        run={() => ask(`${path}/grant`, { body: { scopes } })}
        onDone={onDone}
      >
        <p>
          For 30 days, in the name of {displayName}, who collects the token. It was asked for: “{token.purpose}”
        </p>
        <fieldset class="stack">
          <legend>It may</legend>
          {token.scopes.map((scope) => (
            <label class="inline" key={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ currentTarget: { checked } }) =>
                  setScopes(checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
                }
              />
              <code>{scope}</code> <span class="soft">{SCOPES[scope]}</span>
            </label>
          ))}
        </fieldset>
      </Act>
      <Act
        label="Decline"
        title={`Decline the request of ${displayName}?`}
        reason="needed"
        reasonHint={READER}
        run={(reason) => ask(`${path}/decline`, { body: { reason } })}
        onDone={onDone}
      >
        <p>They may ask again.</p>
      </Act>
    </span>
  );
}

const READER = 'The player reads this too.';
