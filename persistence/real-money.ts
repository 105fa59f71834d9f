// Who may stake real money. The ledger itself refuses a closed account's stakes, inside the bet's own transaction; here it is
// decided which accounts are closed. Nothing a player does closes an account again: only other settings, at the next start.
import { CURRENCIES, CURRENCY_CODES } from '../rules/currency.ts';
import { bornBy, canBeBornOn, missingFor, type RealMoneyNeed, type RealMoneyTerms, type Standing } from '../rules/real-money.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

export type { RealMoneyTerms };

export interface RealMoneyCard {
  allowed: boolean;
  missing: RealMoneyNeed[];
  /** YYYY-MM-DD. */
  birthDate: string | null;
  country: string | null;
  limitsDeclined: boolean;
}

export interface Declaration {
  /** YYYY-MM-DD; null leaves it as it is, as with the country. */
  birthDate: string | null;
  country: string | null;
  declineLimits: boolean;
}

/** The part of the ledger that opens a newcomer's accounts. */
interface Accounts {
  openAccountsIn(em: EntityManager, playerId: string): Promise<void>;
}

export type RealMoney = ReturnType<typeof openRealMoney>;

/** `terms` null: no account is closed. */
export function openRealMoney(db: Database, ledger: Accounts, { terms, now }: { terms: RealMoneyTerms | null; now(): Date }) {
  const today = () => now().toISOString().slice(0, 10);
  const missing = (standing: Standing) => (terms === null ? [] : missingFor(standing, { ...terms, today: today() }));

  async function standing(playerId: string): Promise<StandingRow> {
    const [row] = await db.rows<StandingRow>(STANDING, [playerId]);
    if (!row) throw new Error(`there is no player ${playerId}`);
    return row;
  }

  async function reviewIn(em: EntityManager, playerId: string | null): Promise<void> {
    const bornTo = terms === null ? '' : bornBy(today(), terms.ageMin);
    const countries = terms === null ? '' : terms.countries.join(',');
    const facts = [terms === null, bornTo, countries, REAL, playerId, playerId];
    // Locked first, in order, then judged by what is there by now.
    const wrong = await rowsIn(em, `${WRONG} order by a.id for no key update of a`, facts);
    if (wrong.length > 0)
      await rowsIn(em, `update ledger_account q set closed = w.verdict from (${WRONG}) w where q.id = w.id`, facts);
  }

  const review = (playerId: string): Promise<void> => db.transaction((em) => reviewIn(em, playerId));

  return {
    /** Where a player stands; their accounts are brought in line with it. */
    async card(playerId: string): Promise<RealMoneyCard> {
      await review(playerId);
      const { birthDate, country, limitsDeclined, ...rest } = await standing(playerId);
      const needs = missing({ birthDate, country, ...rest });
      return { allowed: needs.length === 0, missing: needs, birthDate, country, limitsDeclined };
    },

    /** Whether a player may pay in: age and country. The phone proves itself by paying. */
    async mayDeposit(playerId: string): Promise<boolean> {
      if (terms === null) return true;
      const needs = missing(await standing(playerId));
      return !needs.includes('age') && !needs.includes('country');
    },

    /** All of it or nothing. Refuses `malformed` for a date nobody can be born on, `forbidden` for another than said before. */
    async declare(playerId: string, { birthDate, country, declineLimits }: Declaration): Promise<void> {
      refuseUnless(birthDate === null || canBeBornOn(birthDate, today()), 'malformed');
      const at = now().toISOString();
      await db.transaction(async (em) => {
        const values = [playerId, birthDate, country, declineLimits ? at : null, at];
        const [kept] = await rowsIn<{ birthDate: string | null; country: string | null }>(em, DECLARE, values);
        refuseUnless(birthDate === null || kept!.birthDate === birthDate, 'forbidden');
        refuseUnless(country === null || kept!.country === country, 'forbidden');
        await reviewIn(em, playerId);
      });
    },

    /** Opens or closes the player's accounts, by what is known now. */
    review,

    /** The same for everyone, after the settings may have changed. */
    reviewAll: (): Promise<void> =>
      db.transaction(async (em) => {
        await rowsIn(em, 'set local statement_timeout = 0');
        await reviewIn(em, null);
      }),

    /** A newcomer's accounts: those of real money are closed at first. */
    async openAccountsIn(em: EntityManager, playerId: string): Promise<void> {
      await ledger.openAccountsIn(em, playerId);
      if (terms !== null) await rowsIn(em, CLOSE, [playerId, REAL]);
    },
  };
}

const REAL = CURRENCY_CODES.filter((code) => CURRENCIES[code].kind === 'real').join(',');

interface StandingRow extends Standing {
  limitsDeclined: boolean;
}

/** A deposit that was paid is the proof of a phone. A limit that was set and lifted again was chosen all the same. */
const PHONE = "exists (select from payment p where p.player = a.owner and p.direction = 'deposit' and p.state = 'paid')";
const LIMITS = '(s.limits_declined_at is not null or exists (select from ledger_limit l where l.account = a.id))';

const STANDING = `
  select to_char(s.birth_date, 'YYYY-MM-DD') as "birthDate", s.country, s.limits_declined_at is not null as "limitsDeclined",
         ${PHONE} as "phoneVerified", ${LIMITS} as "limitsChosen"
    from ledger_account a left join player_standing s on s.player = a.owner
   where a.owner = $1 and a.currency = 'KES'`;

/** Accounts whose `closed` is not what rules/real-money.ts says; what another reason has closed is left alone. */
const WRONG = `
  select a.id, v.verdict
    from ledger_account a left join player_standing s on s.player = a.owner,
         lateral (select case when ?::boolean
                                or to_char(s.birth_date, 'YYYY-MM-DD') <= ? and s.country = any(string_to_array(?, ','))
                                   and ${PHONE} and ${LIMITS}
                              then null else 'real_money_off' end as verdict) v
   where a.owner is not null and a.currency = any(string_to_array(?, ',')) and (?::uuid is null or a.owner = ?::uuid)
     and coalesce(a.closed, 'real_money_off') = 'real_money_off' and a.closed is distinct from v.verdict`;

const CLOSE = "update ledger_account set closed = 'real_money_off' where owner = ? and currency = any(string_to_array(?, ','))";

/** What was said first stays. */
const DECLARE = `
  insert into player_standing as s (player, birth_date, country, limits_declined_at, changed_at)
  values (?, ?::date, ?::text, ?::timestamptz, ?::timestamptz)
  on conflict (player) do update
     set birth_date = coalesce(s.birth_date, excluded.birth_date), country = coalesce(s.country, excluded.country),
         limits_declined_at = coalesce(s.limits_declined_at, excluded.limits_declined_at), changed_at = excluded.changed_at
  returning to_char(s.birth_date, 'YYYY-MM-DD') as "birthDate", s.country`;
