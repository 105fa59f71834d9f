import type { RefusalCode } from '../rules/refusal.ts';
import type { Visitor } from './house.ts';

/** `refused`: why the last try failed; null on the first. */
export function loginPage(refused: RefusalCode | null): string {
  const why = refused === null ? '' : `<p role="alert">${WHY[refused] ?? 'That did not work. Try again in a minute.'}</p>`;
  return page(`
    <h1>Operations</h1>${why}
    <form method="post" action="/ops/login">
      <label>Email <input name="email" type="email" autocomplete="username" required autofocus></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <button>Sign in</button>
    </form>`);
}

export function homePage({ displayName, roles }: Visitor, csrf: string): string {
  const root = roles.includes('root');
  return page(`
    <h1>Operations</h1>
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
  rate_limited: 'Too many tries from here. Wait a minute.',
  forbidden: 'This account is not an operator’s.',
};

const page = (content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Playhouse operations</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto; padding: 0 1rem; color: #e8e6f0; background: #16131f }
  label { display: block; margin: 1rem 0 } input { display: block; width: 100%; box-sizing: border-box; padding: .6rem; font: inherit;
  color: inherit; background: #221d30; border: 1px solid #4a4260; border-radius: .4rem }
  button { padding: .6rem 1.2rem; font: inherit; border: 0; border-radius: .4rem; background: #f2b84b; color: #16131f }
  a { color: #f2b84b } [role=alert] { color: #ff9a8a }
</style></head><body>${content}
</body></html>`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
