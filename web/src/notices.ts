// What the player was told: the newest of it, how much is unread, and what comes while the page is open.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ask } from './api.ts';
import type { ServerEvent } from './event-stream.ts';
import { refreshMe } from './me.ts';
import { listen } from './notices-stream.ts';
import { codeOf } from './words.ts';

export interface Notice {
  no: number;
  kind: string;
  data: Record<string, unknown>;
  at: string;
  readAt: string | null;
}

export interface NoticePage {
  items: Notice[];
  nextCursor: string | null;
  unread: number;
  last: number;
}

/** The newest, newest first; null: not read yet. */
export const inbox = signal<NoticePage | null>(null);
/** Why it could not be read at last. */
export const inboxRefusal = signal<string | null>(null);
/** Those that came while the page was looked at, oldest first, until they are dismissed. */
export const news = signal<Notice[]>([]);

const PAGE = 20;
const NEWS_MAX = 3;
/** What is older when it comes is for the inbox alone: this device was away. */
const NEWS_MS_MAX = 60_000;

const readNotices = (cursor: string | null): Promise<NoticePage> =>
  ask<NoticePage>(`/api/notifications?limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`);

export async function loadInbox(): Promise<void> {
  try {
    inbox.value = joined(await readNotices(null), inbox.value);
    inboxRefusal.value = null;
  } catch (error) {
    inboxRefusal.value = codeOf(error);
    throw error;
  }
}

/** What was heard while the page was on its way is newer than it; what was read before goes on behind it, if it is next. */
function joined(page: NoticePage, known: NoticePage | null): NoticePage {
  const since = (known?.items ?? []).filter(({ no }) => no > page.last);
  const first = page.items.at(-1)?.no ?? 0;
  const follows = known !== null && page.nextCursor !== null && known.last >= first - 1;
  const before = follows ? known.items.filter(({ no }) => no < first) : [];
  return {
    items: [...since, ...page.items, ...before],
    nextCursor: before.length > 0 ? known!.nextCursor : page.nextCursor,
    unread: page.unread + since.length,
    last: since[0]?.no ?? page.last,
  };
}

export async function loadOlder(): Promise<void> {
  const cursor = inbox.value?.nextCursor ?? null;
  if (cursor === null) return;
  const { items, nextCursor } = await readNotices(cursor);
  const known = inbox.value;
  if (known?.nextCursor === cursor) inbox.value = { ...known, items: [...known.items, ...items], nextCursor };
}

/** All that is known by now. */
export async function markRead(): Promise<void> {
  const upTo = inbox.value?.last ?? 0;
  if (upTo === 0) return;
  const { unread } = await ask<{ unread: number }>('/api/notifications/read', { body: { upTo } });
  noteRead(upTo, unread);
  channel?.postMessage({ upTo, unread });
}

export const dismiss = (no: number): void => void (news.value = news.value.filter((notice) => notice.no !== no));

/** Does `told` for each notice of these kinds that comes while the part is drawn. */
export function useNews(kinds: readonly string[], told: (notice: Notice) => void): void {
  const latest = useRef(told);
  latest.current = told;
  useEffect(() => {
    const hear = (notice: Notice) => void (kinds.includes(notice.kind) && latest.current(notice));
    listeners.add(hear);
    return () => void listeners.delete(hear);
  }, []);
}

const listeners = new Set<(notice: Notice) => void>();
let channel: BroadcastChannel | null = null;

/** From the first read on, for as long as this player is here. Gives what ends it. */
export function followNotices(playerId: string): () => void {
  let stop: (() => void) | null = null;
  let ended = false;
  inbox.value = null;
  news.value = [];
  channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(`playhouse.read.${playerId}`) : null;
  if (channel !== null)
    channel.onmessage = ({ data: { upTo, unread } }: MessageEvent<{ upTo: number; unread: number }>) => noteRead(upTo, unread);
  const begin = () =>
    loadInbox().then(
      () => {
        if (!ended) stop ??= listen({ playerId, after: () => inbox.value?.last ?? 0, heard: take });
      },
      () => !ended && setTimeout(begin, AGAIN_MS),
    );
  void begin();
  const unhide = onReturn(() => loadInbox().catch(() => undefined));
  return () => {
    ended = true;
    stop?.();
    unhide();
    channel?.close();
    channel = null;
  };
}

const AGAIN_MS = 5_000;
/** A tab that slept may have missed what the others heard. */
const AWAY_MS = 30_000;

function onReturn(back: () => void): () => void {
  let since = Date.now();
  const change = () => {
    if (document.visibilityState === 'hidden') since = Date.now();
    else if (Date.now() - since > AWAY_MS) back();
  };
  document.addEventListener('visibilitychange', change);
  return () => document.removeEventListener('visibilitychange', change);
}

function take({ id, event, data }: ServerEvent): void {
  if (event === 'reset') return void loadInbox().catch(() => undefined);
  const known = inbox.value;
  // Those without a number are not news: where the stream begins, or the state of a table.
  if (known === null || id === null || event === 'ready') return;
  const notice: Notice = { ...(JSON.parse(data) as Omit<Notice, 'readAt'>), readAt: null };
  if (notice.no <= known.last) return;
  inbox.value = { ...known, items: [notice, ...known.items], unread: known.unread + 1, last: notice.no };
  for (const hear of listeners) hear(notice);
  if (MOVING.has(notice.kind)) refreshSoon();
  const fresh = Date.now() - new Date(notice.at).getTime() < NEWS_MS_MAX;
  if (fresh && document.visibilityState === 'visible') news.value = [...news.value, notice].slice(-NEWS_MAX);
}

/** Those that come with something for the purse or the level. */
const MOVING = new Set([
  'level_up',
  'achievement_unlocked',
  'board_reward',
  'payment_changed',
  'mining_reward',
  'mining_taken_back',
  'submission_reviewed',
  'season_rank',
  'verification_complete',
]);

let soon: ReturnType<typeof setTimeout> | undefined;

/** Several that come together are one look. */
function refreshSoon(): void {
  clearTimeout(soon);
  soon = setTimeout(refreshMe, 300);
}

function noteRead(upTo: number, unread: number): void {
  const known = inbox.value;
  if (known === null) return;
  const readAt = new Date().toISOString();
  const items = known.items.map((notice) => (notice.no <= upTo && notice.readAt === null ? { ...notice, readAt } : notice));
  inbox.value = { ...known, items, unread };
}
