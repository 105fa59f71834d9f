// The bell in the page's head, and what is said there and then of something that has just come.
import { useEffect, useState } from 'preact/hooks';
import { dismiss, followNotices, inbox, news } from './notices.ts';
import type { Notice } from './notices-page.ts';
import { saidOf } from './notices-words.tsx';
import { hrefOf, route } from './route.ts';

const MORE_THAN = 99;

/** Follows the news of this player for as long as it is drawn. */
export function Bell({ playerId }: { playerId: string }) {
  useEffect(() => followNotices(playerId), [playerId]);
  const unread = inbox.value?.unread ?? 0;
  const { screen } = route.value;
  useEffect(() => {
    document.title = unread === 0 ? TITLE : `(${unread}) ${TITLE}`;
  }, [unread]);
  useEffect(() => () => void (document.title = TITLE), []);
  return (
    <a
      class="bell"
      href={hrefOf('notices')}
      aria-label={unread === 0 ? 'Notifications' : `Notifications, ${unread} unread`}
      aria-current={screen === 'notices' ? 'page' : undefined}
    >
      <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7zM10 20a2 2 0 0 0 4 0" />
      </svg>
      {unread > 0 && <span class="bell-count figures">{unread > MORE_THAN ? `${MORE_THAN}+` : unread}</span>}
    </a>
  );
}

const TITLE = 'Playhouse';

const SHOWN_MS = 8_000;

/** Up to three at a time, read out as they come; each goes by itself, unless it is being looked at. */
export function News() {
  const shown = news.value.filter((notice) => !saidHere(notice));
  return (
    <div class="news" role="status" aria-label="News">
      {shown.map((notice) => (
        <Piece key={notice.no} notice={notice} />
      ))}
    </div>
  );
}

/** What the screen that is open says by itself. */
const saidHere = ({ kind }: Notice): boolean => kind === 'loot_ready' && route.value.screen === 'battle';

function Piece({ notice }: { notice: Notice }) {
  const [held, setHeld] = useState(false);
  const { title, line, href, way, draw } = saidOf(notice);
  const close = () => dismiss(notice.no);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(close, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held]);
  return (
    <div
      class="piece"
      data-kind={notice.kind}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocusCapture={() => setHeld(true)}
      onBlurCapture={() => setHeld(false)}
    >
      <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
        <path d={draw} />
      </svg>
      <div>
        <p>
          <b>{title}</b>
        </p>
        {line !== null && line !== '' && <p class="quiet notice-line">{line}</p>}
        {href !== null && (
          <a href={href} onClick={close}>
            {way}
          </a>
        )}
      </div>
      <button type="button" class="icon-button" aria-label={`Dismiss: ${title}`} onClick={close}>
        ✕
      </button>
    </div>
  );
}
