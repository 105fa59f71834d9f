import { useState } from 'preact/hooks';
import { ask } from './api.ts';
import { Copied } from './copy.tsx';
import { Refusal, useDeed } from './ui.tsx';
import { clockTime } from './until.tsx';

/** A code that a Discord account says to the house's bot, to be linked. Whoever says it first has the account. */
export function DiscordCode() {
  const { busy, refusal, run } = useDeed();
  const [made, setMade] = useState<{ code: string; expiresAt: string } | null>(null);
  const make = () =>
    run(async () => setMade(await ask<{ code: string; expiresAt: string }>('/api/discord/link-codes', { body: {} })));
  return (
    <div class="stack small" data-discord-code={made !== null}>
      {made === null ? (
        <button type="button" class="link-button" disabled={busy} onClick={make}>
          A code to link by /link on our Discord server
        </button>
      ) : (
        <>
          <Copied text={made.code} what="link code" />
          <p class="warned" role="status">
            Say it to nobody but the bot, until {clockTime(made.expiresAt)}: whoever uses it may sign in as you.
          </p>
        </>
      )}
      <Refusal code={refusal} />
    </div>
  );
}
