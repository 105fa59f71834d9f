import { useEffect, useRef } from 'preact/hooks';
import { inbox, inboxRefusal, loadInbox, loadOlder, markRead } from './notices.ts';
import type { Notice } from './notices-page.ts';
import { saidOf } from './notices-words.tsx';
import { Reading } from './reading.tsx';
import { ago, Refusal, useDeed } from './ui.tsx';

const reload = () => void loadInbox().catch(() => undefined);

/** Everything the player was told, newest first; what is new stands out until it is marked as read. */
export function Notices() {
  useEffect(reload, []);
  const page = inbox.value;
  const { busy, refusal, run } = useDeed();
  const title = useRef<HTMLHeadingElement>(null);
  const read = () =>
    run(async () => {
      await markRead();
      // The button goes away; whoever used the keyboard stays here.
      title.current?.focus();
    });
  return (
    <div class="notices">
      <div class="screen-title row apart">
        <h1 ref={title} tabIndex={-1}>
          Notifications
        </h1>
        {page !== null && page.unread > 0 && (
          <button type="button" class="button" disabled={busy} onClick={read}>
            Mark all as read
          </button>
        )}
      </div>
      <p class="unseen" role="status">
        {page === null ? '' : page.unread === 0 ? 'Nothing unread' : `${page.unread} unread`}
      </p>
      <Refusal code={refusal} />
      <Reading of={{ value: page, refusal: inboxRefusal.value, reload }} what="what you were told">
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <div class="bare">
              <p>Nothing yet</p>
              <p class="quiet">Levels, achievements, loot, payments: what happens to you is told here, as it happens.</p>
            </div>
          ) : (
            <>
              <ul class="notice-list">
                {items.map((notice) => (
                  <Row key={notice.no} notice={notice} />
                ))}
              </ul>
              {nextCursor !== null && (
                <button type="button" class="button button-plain button-wide" disabled={busy} onClick={() => run(loadOlder)}>
                  Show more
                </button>
              )}
            </>
          )
        }
      </Reading>
    </div>
  );
}

function Row({ notice }: { notice: Notice }) {
  const { title, line, href, way, draw } = saidOf(notice);
  return (
    <li class={notice.readAt === null ? 'notice notice-new' : 'notice'} data-kind={notice.kind}>
      <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
        <path d={draw} />
      </svg>
      <div>
        <p>
          {notice.readAt === null && <span class="unseen">Unread: </span>}
          <b>{title}</b> <small class="quiet">{ago(notice.at)}</small>
        </p>
        {line !== null && line !== '' && <p class="quiet notice-line">{line}</p>}
      </div>
      {href !== null && (
        <a class="button" href={href}>
          {way}
          <span class="unseen">: {title}</span>
        </a>
      )}
    </li>
  );
}

/** In the hub: how much is unread. */
export function UnreadLive() {
  const unread = inbox.value?.unread ?? 0;
  return unread === 0 ? <>Nothing unread</> : <b>{unread} unread</b>;
}
