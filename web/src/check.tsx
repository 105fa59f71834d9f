import { ask, freshKey } from './api.ts';
import { go, hrefOf } from './route.ts';
import { playerId } from './session.ts';
import { Refusal, useDeed, useRead, valuesOf } from './ui.tsx';
import { withGear } from './verify-gear.ts';
import { verify, type Proof, type Step, type Verdict } from './verify.ts';

interface Checked {
  proof: Proof & { roundId: string; rulesVersion: number };
  verdict: Verdict;
}

/** Recomputes a round in this browser and shows every step of it. */
export function Check({ roundId }: { roundId: string | null }) {
  return (
    <div class="check">
      <div class="screen-title">
        <h1>Check a round</h1>
      </div>
      {roundId === null ? <Choose /> : <Round key={roundId} roundId={roundId} />}
    </div>
  );
}

function Choose() {
  return (
    <form
      class="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        const { roundId = '' } = valuesOf(event.currentTarget);
        if (roundId.trim() !== '') go('check', roundId.trim());
      }}
    >
      <label class="field">
        <span>The round’s id, as it stands in your list of rounds</span>
        <input name="roundId" autocomplete="off" class="mono" />
      </label>
      <button type="submit" class="button">
        Check it
      </button>
    </form>
  );
}

/** Browsers keep their cryptography for pages that came over https or from this machine. */
const canCompute = (): boolean => globalThis.crypto?.subtle !== undefined;

async function check(roundId: string): Promise<Checked> {
  const proof = await ask<Checked['proof']>(`/api/fairness/rounds/${encodeURIComponent(roundId)}`, {
    open: playerId.value === null,
  });
  return { proof, verdict: await withGear(proof, await verify(proof)) };
}

function Round({ roundId }: { roundId: string }) {
  const checked = useRead(() => check(roundId), roundId);
  if (!canCompute())
    return (
      <p class="panel">
        Your browser computes hashes only on pages opened by https, or on the house’s own machine. Open this page there.
      </p>
    );
  if (checked.value === null)
    return checked.refusal === null ? <p class="presence">Computing …</p> : <Refusal code={checked.refusal} />;
  const { proof, verdict } = checked.value;
  return (
    <>
      <Finding verdict={verdict} proof={proof} reload={checked.reload} />
      <ol class="steps panel">
        {verdict.steps.map((step, index) => (
          <StepShown key={index} step={step} />
        ))}
        <li>
          <h3>What it was computed from</h3>
          <p class="mono">
            round {proof.roundId}, {proof.game}, rules version {proof.rulesVersion}
            <br />
            client seeds {proof.clientSeeds.length === 0 ? 'none' : proof.clientSeeds.join(', ')}, nonce {proof.nonce}
          </p>
        </li>
      </ol>
    </>
  );
}

const FINDINGS: Record<Verdict['verdict'], { title: string; line: string }> = {
  true: { title: 'This round was fair', line: 'Your browser came to the same result from the seed that was promised before.' },
  false: {
    title: 'This round does not add up',
    line: 'Your browser came to another result. Keep the round’s id and tell the house.',
  },
  hidden: { title: 'The seed is not shown yet', line: 'It is shown once the round is over.' },
};

function Finding({ verdict: { verdict }, proof, reload }: { verdict: Verdict; proof: Checked['proof']; reload: () => void }) {
  const { busy, refusal, run } = useDeed();
  const own = verdict === 'hidden' && /^(spin|egg|gear)/.test(proof.game) && playerId.value !== null;
  const { title, line } = FINDINGS[verdict];
  return (
    <section class="verdict" data-verdict={verdict} role="status">
      <h2>{title}</h2>
      <p>
        {own
          ? 'Your spins, eggs and gear share a seed until you rotate it. Rotating shows the old one and begins a new one.'
          : line}
      </p>
      {own && (
        <button
          type="button"
          class="button button-first"
          disabled={busy}
          onClick={() =>
            run(async () => {
              await ask('/api/fairness/rotate', { body: {}, key: freshKey() });
              reload();
            })
          }
        >
          Rotate my seed to reveal it
        </button>
      )}
      {proof.game === 'battle' && verdict === 'true' && (
        <p class="quiet small">
          Of a battle this checks the promise. <a href={hrefOf('replay', proof.roundId)}>Watch it again</a> and your browser
          fights every move of it anew.
        </p>
      )}
      <Refusal code={refusal} />
    </section>
  );
}

/** Headings call players by who they are to the reader; the lines below keep the ids as they were drawn with. */
const named = (title: string): string =>
  title
    .replaceAll(playerId.value ?? '-', 'You')
    .replace(/^You pulls/, 'You pull')
    .replace(/^You leaves/, 'You leave')
    .replace(/\bbot-(\d)/, 'House bot $1')
    .replace(/[\da-f]{8}-[\da-f]{4}-\S+-[\da-f]{7}([\da-f]{5})/, 'Player …$1');

export function StepShown({ step: { title, lines, agrees } }: { step: Step }) {
  return (
    <li data-agrees={agrees}>
      <h3>
        {named(title)} {agrees !== null && <span class="small">{agrees ? '✓ agrees' : '✗ differs'}</span>}
      </h3>
      {lines.map((line) => (
        <p key={line} class="mono quiet">
          {line}
        </p>
      ))}
    </li>
  );
}
