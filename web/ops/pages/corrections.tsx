import { useRef } from 'preact/hooks';
import { Act } from '../act.tsx';
import { ask, freshKey, may, session } from '../ask.ts';
import { Money, Narrowed, Page, PagedTable, Panel, State, Time, worded } from '../parts.tsx';
import { hrefOf, place } from '../place.ts';
import { usePages } from '../reading.ts';

interface Correction {
  id: string;
  playerId: string;
  displayName: string;
  currency: string;
  direction: 'to_player' | 'from_player';
  amount: string;
  reason: string;
  state: 'proposed' | 'posted' | 'declined' | 'expired';
  proposerId: string;
  proposer: string;
  alone: boolean;
  proposedAt: string;
  expiresAt: string;
  decider: string | null;
  decidedAt: string | null;
}

const TONES = { proposed: 'warn', posted: 'good', declined: 'calm', expired: 'calm' } as const;

export function CorrectionsPage() {
  const state = place.value.search.get('state');
  const pages = usePages<Correction>('/api/admin/corrections', { state });
  return (
    <Page title="Corrections">
      <p class="soft">
        A correction is made on a <a href={hrefOf('players')}>player’s</a> card. Above what an operator may move alone in 24 hours
        it waits here for another one.
      </p>
      <Panel title="Newest first" aside={<Narrowed page="corrections" of="state" name="State" among={Object.keys(TONES)} />}>
        <PagedTable
          pages={pages}
          caption="Corrections"
          keyOf={({ id }) => id}
          empty={state === 'proposed' ? 'None waits for consent.' : 'No balance was corrected.'}
          columns={[
            { head: 'Player', cell: ({ playerId, displayName }) => <a href={hrefOf('players', playerId)}>{displayName}</a> },
            { head: 'Way', cell: ({ direction }) => (direction === 'to_player' ? '→ to the player' : '← from the player') },
            { head: 'Amount', figure: true, cell: ({ amount, currency }) => <Money amount={amount} currency={currency} /> },
            { head: 'Why', cell: ({ reason }) => <span class="written">{reason}</span> },
            {
              head: 'State',
              cell: ({ state: now, alone }) => (
                <>
                  <State tone={TONES[now]}>{now}</State>
                  {alone && <span class="soft"> alone</span>}
                </>
              ),
            },
            {
              head: 'Proposed',
              cell: ({ proposer, proposedAt }) => (
                <>
                  {proposer}, <Time at={proposedAt} />
                </>
              ),
            },
            {
              head: 'Decided',
              cell: ({ decider, decidedAt }) =>
                decider === null ? (
                  '–'
                ) : (
                  <>
                    {decider}, <Time at={decidedAt} />
                  </>
                ),
            },
            { head: 'Decide', cell: (correction) => <Decide correction={correction} onDone={pages.reload} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

function Decide({ correction, onDone }: { correction: Correction; onDone: () => void }) {
  const key = useRef(freshKey());
  const { id, state, proposerId, proposer, displayName, direction, amount, currency, reason } = correction;
  if (state !== 'proposed' || !may('corrections.write')) return null;
  const own = proposerId === session.value!.playerId;
  const what = `${worded(amount, currency)} ${currency} ${direction === 'to_player' ? 'to' : 'from'} ${displayName}`;
  return (
    <span class="acts">
      {!own && (
        <Act
          label="Consent"
          title={`Consent to ${what}?`}
          danger
          run={() => ask(`/api/admin/corrections/${id}/consent`, { body: {}, key: key.current })}
          onDone={onDone}
        >
          <p>
            It moves at once, in your name and that of {proposer}, who wrote: “{reason}”
          </p>
        </Act>
      )}
      <Act
        label={own ? 'Take back' : 'Decline'}
        title={`${own ? 'Take back' : 'Decline'} ${what}?`}
        run={() => ask(`/api/admin/corrections/${id}/decline`, { body: {} })}
        onDone={onDone}
      >
        <p>Nothing moves. It cannot be taken up again; it can be proposed anew.</p>
      </Act>
    </span>
  );
}
