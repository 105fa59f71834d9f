// Mail from the outbox to a mail server: what is not taken waits, what is taken is gone, and nothing is tried for ever.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAIL_TRIES_MAX } from '../../persistence/mails.ts';
import { openMailer } from '../../providers/mail.ts';
import { parseSettings } from '../../server/config.ts';
import { entranceJobs, mailWay, openHouseMail, sendMails, written } from '../../server/mail.ts';
import { keptMailer } from '../support/entrances.ts';
import { startSmtp } from '../support/smtp.ts';
import { memoryStore } from '../support/store.ts';

const smtp = await startSmtp();
const opened = await memoryStore({ mail: 'sent' });
const { store, clock, db } = opened;
const SITE = 'https://play.example';
const HOUR_MS = 3_600_000;

const logged: [string, string, Record<string, unknown>][] = [];
const line =
  (level: string) =>
  (event: string, details: Record<string, unknown> = {}) =>
    void logged.push([level, event, details]);
const log = { info: line('info'), warn: line('warn'), error: line('error') };

const settings = {
  host: '127.0.0.1',
  port: smtp.port,
  tls: 'off',
  user: 'house',
  password: 'secret',
  from: 'Playhouse <play@example.com>',
} as const;

let number = 0;
async function register(displayName = 'Ann'): Promise<string> {
  const email = `ann${++number}@example.com`;
  await store.players.register({ email, password: 'correct horse', displayName, device: '' });
  return email;
}

const waiting = async () => Number((await db.rows<{ n: bigint }>('select count(*) as n from mail_outbox'))[0]!.n);

const mail = suite('server/mail');
mail.before.each(async () => {
  await db.rows('delete from mail_outbox');
  logged.length = 0;
});
mail.after(async () => {
  await opened.close();
  await smtp.close();
});

mail('a mail goes by SMTP, under the house’s name, to one address, with a link that leaves no trace on the way', async () => {
  const mailer = openMailer(settings);
  const email = await register('Zoë');
  assert.is(await sendMails({ store, mailer, site: SITE, log }), 1);
  mailer.close();
  const [taken] = smtp.taken.splice(0);
  assert.equal([taken!.from, taken!.to, taken!.user], ['play@example.com', [email], 'house']);
  assert.match(taken!.data, 'Subject: Is this your address?');
  assert.match(taken!.data, 'From: Playhouse <play@example.com>');
  const body = taken!.data.replaceAll(/=\n/g, '').replaceAll('=3D', '=');
  const link = /https:\/\/play\.example\/#verify=([\w-]{43})/.exec(body);
  assert.ok(link, body);
  await store.emailTokens.verify(link[1]!);
  assert.is(await waiting(), 0);
});

mail('a mail that is not taken waits and is tried again, each time with a new link, and no more than seven times', async () => {
  smtp.refuse(true);
  const mailer = openMailer(settings);
  const email = await register();
  const gaps: number[] = [];
  for (let tries = 1; tries <= MAIL_TRIES_MAX; tries++) {
    assert.is(await sendMails({ store, mailer, site: SITE, log }), 0);
    assert.is(await sendMails({ store, mailer, site: SITE, log }), 0, 'not at once');
    assert.is(logged.filter(([, event]) => event === 'mail_not_taken').length, tries);
    const [row] = await db.rows<{ due: Date }>('select due_at as due from mail_outbox where address = $1', [email]);
    gaps.push((row!.due.getTime() - clock.now().getTime()) / 60_000);
    clock.pass(row!.due.getTime() - clock.now().getTime());
  }
  assert.equal(gaps, [2, 4, 8, 16, 32, 64, 128]);
  await sendMails({ store, mailer, site: SITE, log });
  assert.is(logged.filter(([level, event]) => level === 'error' && event === 'mail_given_up').length, 1);
  assert.is(await waiting(), 0);
  assert.not.match(JSON.stringify(logged), /@example\.com|#verify/);
  mailer.close();
  smtp.refuse(false);
  assert.is(smtp.taken.length, 0);
});

mail('a mail whose sender died with it is sent by the next', async () => {
  const { mailer, mails } = keptMailer();
  await register();
  const { due } = await store.mails.take(10);
  assert.is(due.length, 1);
  assert.is(await sendMails({ store, mailer, site: SITE, log }), 0);
  clock.pass(2 * 60_000);
  assert.is(await sendMails({ store, mailer, site: SITE, log }), 1);
  const token = /#verify=([\w-]{43})/.exec(mails[0]!.text)![1]!;
  assert.not.equal(token, due[0]!.token);
  assert.ok(await store.emailTokens.verify(token));
});

mail('one mail that cannot be sent keeps none of the others', async () => {
  const { mailer, mails } = keptMailer();
  const [bad] = [await register('Bad'), await register('Good'), await register('Good')];
  const picky = {
    ...mailer,
    send: async (one: Parameters<typeof mailer.send>[0]) => (one.to === bad ? Promise.reject(new Error('no')) : mailer.send(one)),
  };
  assert.is(await sendMails({ store, mailer: picky, site: SITE, log }), 2);
  assert.is(mails.length, 2);
  assert.is(await waiting(), 1);
});

mail('no mail goes in the clear where that was not asked for, nor to a server that is none', async () => {
  await register();
  for (const wrong of [{ tls: 'starttls' as const }, { port: 9 }]) {
    const mailer = openMailer({ ...settings, ...wrong });
    const sent = mailer.send({ to: 'ann@example.com', subject: 'x', text: 'y' });
    assert.is(
      await sent.then(
        () => 'sent',
        () => 'not sent',
      ),
      'not sent',
      JSON.stringify(wrong),
    );
    mailer.close();
  }
  assert.is(smtp.taken.length, 0);
});

mail('an address is one address, however it is written, and a name breaks no header', async () => {
  const mailer = openMailer(settings);
  const email = await register('Eve\u2028Bcc: all@example.com');
  await sendMails({ store, mailer, site: SITE, log });
  mailer.close();
  const [taken] = smtp.taken.splice(0);
  assert.equal(taken!.to, [email]);
  assert.not.match(taken!.data.split('\n\n')[0]!, /^bcc:/im);
});

mail('mail is sent where a server is set, shown in development, and off in production and tests', () => {
  const smtpSet = { MAIL_HOST: 'smtp.example.com', MAIL_FROM: 'play@example.com' };
  const secrets = {
    JWT_SECRET: 'b7e1c0d94f2a8836e5d70c19fa4b62d80e3571ac9d4f86b2',
    SECRETS_KEY: '9f3c5a17e0b248d6719a5ce3f80d2b64c7e19f0a3b58d26e4c71095fae8b3d62',
  };
  const way = (environment: Record<string, string>) => mailWay(parseSettings(environment));
  assert.equal(
    [
      way({}),
      way({ NODE_ENV: 'test' }),
      way({ NODE_ENV: 'production', ...secrets }),
      way({ NODE_ENV: 'production', ...secrets, ...smtpSet }),
    ],
    ['shown', 'off', 'off', 'sent'],
  );
  const shown = openHouseMail(parseSettings({}), log)!;
  assert.ok(shown.shown !== null);
  assert.is(openHouseMail(parseSettings({ NODE_ENV: 'test' }), log), null);
});

mail('in development the log tells the link, and only there', async () => {
  const shown = openHouseMail(parseSettings({}), log)!;
  await shown.send(written({ kind: 'reset', address: 'ann@example.com', displayName: 'Ann', token: 'a'.repeat(43) }, SITE));
  const [level, event, details] = logged.at(-1)!;
  assert.equal([level, event, details.link], ['info', 'mail_shown', `${SITE}/#reset=${'a'.repeat(43)}`]);
  assert.is(shown.shown!().length, 1);
  for (let count = 0; count < 60; count++) await shown.send({ to: 'x@example.com', subject: String(count), text: '' });
  assert.equal([shown.shown!().length, shown.shown!()[0]!.subject], [50, '59']);
});

mail('what is over is swept, and what is not stays', async () => {
  const email = await register();
  const { token } = (await store.emailTokens.issue({ purpose: 'reset', email }))!;
  const { state } = await store.signInProofs.openState('discord', null);
  const asked = { chain: 'advc' as const, address: 'A', visitor: null, site: SITE, starknetChain: 'SN_MAIN' };
  const { id } = await store.walletChallenges.open(asked);
  const sweeps = entranceJobs({ store, mailer: null, site: SITE, log });
  assert.equal(sweeps.map(({ name }) => name).includes('mail'), false);
  const rows = async () =>
    (
      await Promise.all(
        ['email_token', 'sign_in_state', 'wallet_challenge', 'mail_quota'].map((table) => db.rows(`select 1 from ${table}`)),
      )
    ).map(({ length }) => length > 0);
  for (const { run } of sweeps) await run();
  assert.equal(await rows(), [true, true, true, true]);
  clock.pass(80 * HOUR_MS);
  for (const { run } of sweeps) await run();
  assert.equal(await rows(), [false, false, false, false]);
  assert.ok(token && state && id);
});

mail.run();
