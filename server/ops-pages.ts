// The pages of the operators' door that are not the console itself: plain, without a script.
import { createHash } from 'node:crypto';
import type { RefusalCode } from '../rules/refusal.ts';
import type { Visitor } from './house.ts';

/** `refused`: why the last try failed; null on the first. */
export function loginPage(refused: RefusalCode | null): string {
  const why = refused === null ? '' : `<p role="alert">${WHY[refused] ?? 'That did not work. Try again in a minute.'}</p>`;
  return page(`
    <h1>Playhouse operations</h1>${why}
    <form method="post" action="/ops/login">
      <label>Email <input name="email" type="email" autocomplete="username" required autofocus></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <button>Sign in</button>
    </form>`);
}

/** Where the console is not built. */
export function homePage({ displayName, roles }: Visitor, csrf: string): string {
  const root = roles.includes('root');
  return page(`
    <h1>Playhouse operations</h1>
    <p>Signed in as ${escaped(displayName)}.</p>
    <ul>
      ${root ? '<li><a href="/ops/monitor/">Rooms, live</a></li>' : '<li>The room monitor is for the root admin.</li>'}
      <li><a href="/health/ready">Readiness</a></li>
      <li><a href="/docs">REST reference</a></li>
    </ul>
    <form method="post" action="/ops/logout"><input type="hidden" name="csrf" value="${escaped(csrf)}"><button>Sign out</button></form>`);
}

const WHY: Partial<Record<RefusalCode, string>> = {
  credentials_wrong: 'Email or password is wrong.',
  account_locked: 'Too many tries: this account is locked for a while.',
  account_banned: 'This account is closed.',
  rate_limited: 'Too many tries from here. Wait a minute.',
  forbidden: 'This account is not an operator’s.',
};

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d2126; --ground: #f3f4f6; --field: #fff; --line: #c4c9d1; --act: #1f5fbf; --on: #fff; --bad: #a8261c }
  @media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --ground: #14171b; --field: #1c2026; --line: #3c434d; --act: #6ea8ff; --on: #10141a; --bad: #ff9a8f } }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 22rem; margin: 14vh auto; padding: 0 1rem; color: var(--ink); background: var(--ground) }
  h1 { font-size: 1.25rem } label { display: block; margin: 1rem 0; font-size: .85rem }
  input { display: block; width: 100%; box-sizing: border-box; margin-top: .25rem; padding: .5rem .6rem; font: inherit; font-size: 15px;
    color: inherit; background: var(--field); border: 1px solid var(--line); border-radius: 4px }
  button { padding: .5rem 1rem; font: inherit; font-weight: 600; border: 0; border-radius: 4px; background: var(--act); color: var(--on) }
  :focus-visible { outline: 2px solid var(--act); outline-offset: 2px } a { color: var(--act) } [role=alert] { color: var(--bad) }
`;

const STRICT = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** For the pages above: their one sheet of style, by its digest. */
export const PLAIN_POLICY = `${STRICT}; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** For the console: files of its own and calls to this house. */
export const CONSOLE_POLICY = `${STRICT}; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'`;

const page = (content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Playhouse operations</title>
<style>${STYLE}</style></head><body>${content}
</body></html>`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
