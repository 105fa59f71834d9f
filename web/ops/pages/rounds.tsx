// Rounds, and the proof of one: recomputed here, in this browser, from what the round publishes.
import { withGear } from '../../src/verify-gear.ts';
import { verify, type Proof, type Verdict } from '../../src/verify.ts';
import { askOpenly } from '../ask.ts';
import { Facts, Id, Money, Narrowed, Page, PagedTable, Panel, Reading, State, Table, Time } from '../parts.tsx';
import { go, hrefOf, place } from '../place.ts';
import { usePages, useReading } from '../reading.ts';

type RoundState = 'open' | 'started' | 'settled' | 'void';

interface Round {
  id: string;
  game: string;
  state: RoundState;
  voidReason: string | null;
  rulesVersion: number;
  stakes: number;
  openedAt: string;
  endedAt: string | null;
}

export function RoundsPage() {
  const { id } = place.value;
  return id === null ? <Rounds /> : <OneRound key={id} id={id} />;
}

const GAMES = ['roulette', 'spin', 'battle', 'gear', 'egg'];

function Rounds() {
  const game = place.value.search.get('game');
  const pages = usePages<Round>('/api/admin/rounds', { game });
  return (
    <Page title="Rounds" aside={<FindRound />}>
      <Panel title="Newest first" aside={<Narrowed page="rounds" of="game" name="Game" among={GAMES} />}>
        <PagedTable
          pages={pages}
          caption="Rounds"
          keyOf={(round) => round.id}
          empty="No round was played."
          columns={[
            { head: 'Round', cell: (round) => <Id id={round.id} href={hrefOf('rounds', round.id)} /> },
            { head: 'Game', cell: (round) => round.game },
            { head: 'State', cell: (round) => <RoundMark {...round} /> },
            { head: 'Stakes', figure: true, cell: (round) => round.stakes },
            { head: 'Rules', figure: true, cell: (round) => round.rulesVersion },
            { head: 'Opened', cell: (round) => <Time at={round.openedAt} /> },
            { head: 'Ended', cell: (round) => <Time at={round.endedAt} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

function FindRound() {
  return (
    <form
      role="search"
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        const id = event.currentTarget.querySelector('input')?.value.trim() ?? '';
        if (id !== '') go('rounds', id);
      }}
    >
      <input type="search" name="id" data-search aria-label="A round’s id" placeholder="A round’s id  ( / )" size={38} />
      <button type="submit">Look up</button>
    </form>
  );
}

const TONES = { open: 'calm', started: 'calm', settled: 'good', void: 'bad' } as const;

const RoundMark = ({ state, voidReason }: { state: RoundState; voidReason: string | null }) => (
  <>
    <State tone={TONES[state]}>{state}</State>
    {voidReason !== null && <span class="soft"> {voidReason}</span>}
  </>
);

interface Published extends Proof {
  roundId: string;
  rulesVersion: number;
  state: RoundState;
  committedAt: string;
  openedAt: string;
  endedAt: string | null;
  stakes: {
    stakeId: string;
    seat: string | null;
    kind: string;
    currency: string;
    amount: string;
    paid: string | null;
    state: string;
    at: string;
  }[];
}

async function checked(id: string): Promise<{ proof: Published; verdict: Verdict }> {
  const proof = await askOpenly<Published>(`/api/fairness/rounds/${encodeURIComponent(id)}`);
  return { proof, verdict: await withGear(proof, await verify(proof)) };
}

function OneRound({ id }: { id: string }) {
  const read = useReading(id, () => checked(id));
  return (
    <Page title="Round" aside={<FindRound />}>
      <p class="crumbs">
        <a href={hrefOf('rounds')}>Rounds</a> / <Id id={id} />
      </p>
      <Reading read={read}>
        {({ proof, verdict }) => (
          <>
            <div class="columns-2">
              <RoundFacts proof={proof} />
              <Check verdict={verdict} />
            </div>
            <Stakes stakes={proof.stakes} />
            <div class="columns-2">
              <Raw title="Outcome" value={proof.outcome ?? null} />
              <Raw title={`Moves (${proof.moves?.length ?? 0})`} value={proof.moves ?? []} />
            </div>
          </>
        )}
      </Reading>
    </Page>
  );
}

function RoundFacts({ proof }: { proof: Published }) {
  return (
    <Panel title="What was played">
      <Facts
        of={[
          ['Game', `${proof.game}, rules ${proof.rulesVersion}`],
          ['State', <RoundMark state={proof.state} voidReason={null} />],
          ['Promised', <Time at={proof.committedAt} />],
          ['Opened', <Time at={proof.openedAt} />],
          ['Ended', <Time at={proof.endedAt} />],
          ['Commitment', <code class="long">{proof.commitment}</code>],
          ['Server seed', proof.serverSeed === null ? 'not shown yet' : <code class="long">{proof.serverSeed}</code>],
          ['Client seeds', <code class="long">{proof.clientSeeds.join(', ') || 'none'}</code>],
          ['Nonce', proof.nonce],
        ]}
      />
    </Panel>
  );
}

const VERDICTS = {
  true: { tone: 'good', words: 'It holds', more: 'Recomputed in this browser: the draws give what was paid.' },
  false: { tone: 'bad', words: 'It does not hold', more: 'The draws give something else than the house said.' },
  hidden: {
    tone: 'calm',
    words: 'Not to be checked yet',
    more: 'The seed is shown when the round is over, or its player rotates.',
  },
} as const;

function Check({ verdict: { verdict, steps } }: { verdict: Verdict }) {
  const { tone, words, more } = VERDICTS[verdict];
  return (
    <Panel title="Proof" aside={<State tone={tone}>{words}</State>}>
      <p class="soft">{more}</p>
      <ol class="steps" data-verdict={verdict}>
        {steps.map((step) => (
          <li key={step.title}>
            <details>
              <summary>
                <StepMark agrees={step.agrees} /> {step.title}
              </summary>
              <pre>{step.lines.join('\n')}</pre>
            </details>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function StepMark({ agrees }: { agrees: boolean | null }) {
  if (agrees === null) return <span class="soft">○</span>;
  return agrees ? <span class="good">● agrees:</span> : <span class="bad">✕ differs:</span>;
}

function Stakes({ stakes }: Pick<Published, 'stakes'>) {
  return (
    <Panel title="Stakes">
      <Table
        caption="Stakes"
        rows={stakes}
        keyOf={({ stakeId }) => stakeId}
        empty="Nothing was staked."
        columns={[
          { head: 'Transfer', cell: ({ stakeId }) => <Id id={stakeId} /> },
          { head: 'Seat', cell: ({ seat }) => (seat === null ? '–' : <Id id={seat} />) },
          { head: 'Kind', cell: ({ kind }) => kind },
          { head: 'Staked', figure: true, cell: ({ amount, currency }) => <Money amount={amount} currency={currency} /> },
          {
            head: 'Paid',
            figure: true,
            cell: ({ paid, currency }) => (paid === null ? '–' : <Money amount={paid} currency={currency} />),
          },
          { head: 'State', cell: ({ state }) => state },
          { head: 'At', cell: ({ at }) => <Time at={at} /> },
        ]}
      />
    </Panel>
  );
}

function Raw({ title, value }: { title: string; value: unknown }) {
  return (
    <Panel title={title}>
      <pre class="raw" tabIndex={0}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </Panel>
  );
}
