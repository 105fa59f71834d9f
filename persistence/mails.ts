// Mail to be sent. It is asked for in the transaction it belongs to and stays here until a mail server has taken it, so a crash
// loses none. Whether an address has an account is looked up by the sender: to who asks, every address is alike.
import { createHash } from 'node:crypto';
import { type EmailTokens, type TokenPurpose } from './email-tokens.ts';
import { uuid7 } from './ids.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

export type MailKind = TokenPurpose;

export interface MailOrder {
  kind: MailKind;
  /** Lower case. */
  address: string;
}

/** A mail whose turn it is, with a token made for this very try. */
export interface DueMail extends MailOrder {
  id: string;
  displayName: string;
  token: string;
  /** This one counted. */
  tries: number;
}

export type Mails = ReturnType<typeof openMails>;

/** Counted before each, so that a mail that ends the process is not tried for ever. The last is two hours after the first. */
export const MAIL_TRIES_MAX = 7;

/** `off`: no mail is kept, for nobody would send it. */
export function openMails(db: Database, tokens: EmailTokens, { now, off }: { now(): Date; off: boolean }) {
  const askIn = async (em: EntityManager, { kind, address }: MailOrder): Promise<boolean> => {
    if (off) return false;
    const at = now().toISOString();
    const who = createHash('sha256').update(`${kind}:${address}`).digest();
    const asked = await rowsIn(em, ASK, [who, at, at, uuid7(), kind, address, at, at]);
    return asked.length === 1;
  };

  return {
    off,
    /** Inside a wider change. False: the address was sent as much of this as it may be. */
    askIn,
    ask: (order: MailOrder): Promise<boolean> => db.transaction((em) => askIn(em, order)),

    /** Takes what is due and puts it off, in case this process dies with it; `givenUp` was tried too often and is gone. */
    async take(max: number): Promise<{ due: DueMail[]; givenUp: string[] }> {
      const givenUp = await db.rows<{ id: string }>('delete from mail_outbox where due_at <= $1 and tries >= $2 returning id', [
        now(),
        MAIL_TRIES_MAX,
      ]);
      const taken = await db.rows<MailRow>(TAKE, [now(), max]);
      const due: DueMail[] = [];
      for (const { id, kind, address, tries } of taken) {
        const made = await tokens.issue({ purpose: kind, email: address });
        if (made === null) await this.sent(id);
        else due.push({ id, kind, address, tries, ...made });
      }
      return { due, givenUp: givenUp.map(({ id }) => id) };
    },

    /** A mail server has taken it, or nobody is to have it. */
    async sent(id: string): Promise<void> {
      await db.rows('delete from mail_outbox where id = $1', [id]);
    },

    /** For a schedule. */
    async sweep(): Promise<void> {
      await db.rows("delete from mail_quota where last < $1::timestamptz - interval '1 day'", [now()]);
    },
  };
}

interface MailRow extends MailOrder {
  id: string;
  tries: number;
}

const A_DAY_OLD = "q.since <= excluded.since - interval '1 day'";

/** Of one kind, an address is sent one a minute and five a day. */
const ASK = `
  with allowed as (
    insert into mail_quota as q (who, asked, since, last) values (?, 1, ?::timestamptz, ?::timestamptz)
    on conflict (who) do update
       set asked = case when ${A_DAY_OLD} then 1 else q.asked + 1 end,
           since = case when ${A_DAY_OLD} then excluded.since else q.since end, last = excluded.last
     where q.last <= excluded.last - interval '1 minute' and (q.asked < 5 or ${A_DAY_OLD})
    returning 1
  )
  insert into mail_outbox (id, kind, address, asked_at, due_at)
  select ?::uuid, ?, ?, ?::timestamptz, ?::timestamptz from allowed on conflict (kind, address) do update set due_at = excluded.due_at, tries = 0
  returning id`;

/** After each try it waits twice as long: 2 minutes, 4, 8 … */
const TAKE = `
  update mail_outbox set tries = tries + 1, due_at = $1::timestamptz + interval '2 minutes' * (2 ^ tries)
   where id in (select id from mail_outbox where due_at <= $1 order by due_at limit $2 for update skip locked)
  returning id, kind, address, tries`;
