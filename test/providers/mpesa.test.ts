import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kenyanTimestamp, NoToken, openMpesa, pushPassword, type TokenShelf } from '../../providers/mpesa.ts';
import { readPayoutResult, readPayoutStatus, readPushCallback } from '../../providers/mpesa-wire.ts';
import { SANDBOX_ACCOUNT, startMpesaSandbox } from '../../providers/sandbox/mpesa.ts';
import { PAYS, type PayoutPlan, type PushPlan, RECEIVES } from '../../providers/sandbox/mpesa-plans.ts';

const PHONE = '254708374149';
const NOWHERE = 'http://127.0.0.1:9/api/payments/callbacks/stk/token';

/** One process's shelf, for tests of the client alone; the one that processes share is tested on a database. */
function shelf(): TokenShelf {
  let kept: string | null = null;
  return {
    current: async () => kept,
    async renew(stale, make) {
      if (kept === null || kept === stale) kept = (await make()).token;
      return kept;
    },
  };
}

const plan: { push: Partial<PushPlan>; payout: Partial<PayoutPlan> } = { push: {}, payout: {} };
const sandbox = await startMpesaSandbox({
  push: () => ({ ...PAYS, callbacks: 0, ...plan.push }),
  payout: () => ({ ...RECEIVES, notice: 'none', ...plan.payout }),
});
const account = {
  ...SANDBOX_ACCOUNT,
  baseUrl: sandbox.url,
  sandbox: true,
  certificate: sandbox.certificate,
  callbackSources: [],
};
const clock = { now: () => new Date('2026-11-21T06:24:08Z') };
const open = (more: Partial<typeof account> = {}, callMs = 20_000) =>
  openMpesa({ ...account, ...more }, shelf(), { ...clock, callMs });
const mpesa = open();

let orders = 0;
const push = (client = mpesa, phone = PHONE) =>
  client.push({ phone, amount: 25_000n, reference: 'REF000000001', callbackUrl: NOWHERE });
const pay = (originatorId = `ORIGIN${++orders}`, client = mpesa) =>
  client.pay({ originatorId, phone: PHONE, amount: 25_000n, resultUrl: NOWHERE, timeoutUrl: NOWHERE });

const client = suite('providers/mpesa');
client.before.each(() => void Object.assign(plan, { push: {}, payout: {} }));
client.after(sandbox.close);

client('the password is short code, passkey and Kenyan time, and nothing between', () => {
  const timestamp = kenyanTimestamp(new Date('2021-06-28T06:24:08Z'));
  assert.is(timestamp, '20210628092408');
  assert.is(
    pushPassword({ shortCode: '174379', passkey: 'test-passkey-0001', timestamp }),
    'MTc0Mzc5dGVzdC1wYXNza2V5LTAwMDEyMDIxMDYyODA5MjQwOA==',
  );
  assert.is(kenyanTimestamp(new Date('2026-12-31T21:00:00Z')), '20270101000000');
});

client('a push that is taken has its ids, and the query tells what became of it', async () => {
  const answer = await push();
  assert.is(answer.kind, 'accepted');
  const { checkoutId } = sandbox.pushes.at(-1)!;
  assert.equal([answer.kind === 'accepted' && answer.checkoutId, sandbox.pushes.at(-1)!.shillings], [checkoutId, 250]);
  assert.is((await mpesa.pushStatus(checkoutId)).kind, 'paid');
  const says = async (query: string) => {
    sandbox.pushes.at(-1)!.plan = { ...PAYS, query };
    return mpesa.pushStatus(checkoutId);
  };
  assert.equal(await says('1032'), { kind: 'failed', code: '1032' });
  assert.equal(await says('SFC_IC0003'), { kind: 'failed', code: 'SFC_IC0003' });
  assert.equal(await says('pending'), { kind: 'pending' });
  assert.equal(await says('4999'), { kind: 'pending' });
  assert.equal(await says('overloaded'), { kind: 'unknown', code: '500.003.02' });
  assert.is((await mpesa.pushStatus('ws_CO_unknown')).kind, 'unknown');
});

client('only what the provider is known not to have taken is refused or busy', async () => {
  for (const [answer, kind] of [
    ['refused', 'refused'],
    ['locked', 'refused'],
    ['throttled', 'busy'],
    ['dropped', 'unknown'],
  ] as const) {
    plan.push = { answer };
    assert.is((await push()).kind, kind, answer);
  }
  for (const [answer, kind] of [
    ['refused', 'refused'],
    ['throttled', 'busy'],
    ['dropped', 'unknown'],
    ['failing', 'unknown'],
  ] as const) {
    plan.payout = { answer };
    assert.is((await pay()).kind, kind, answer);
  }
});

client('a payout that is said twice exists once, and says so', async () => {
  assert.is((await pay('TWICE')).kind, 'accepted');
  assert.equal(await pay('TWICE'), { kind: 'duplicate' });
  plan.payout = { answer: 'dropped' };
  assert.is((await pay('LOST')).kind, 'unknown');
  assert.equal(await pay('LOST'), { kind: 'duplicate' });
});

client('nobody there is known not to have taken anything; silence is not', async () => {
  const gone = open({ baseUrl: 'http://127.0.0.1:9' });
  assert.is((await push(gone)).kind, 'busy');
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const tokens: TokenShelf = { current: async () => 'token', renew: async () => 'token' };
  const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const mute = openMpesa({ ...account, baseUrl }, tokens, { ...clock, callMs: 50 });
  assert.is((await push(mute)).kind, 'unknown');
  assert.is((await pay('MUTE', mute)).kind, 'unknown');
  assert.is((await mute.pushStatus('ws_CO_1')).kind, 'unknown');
  assert.is(await mute.askPayout({ originatorId: 'MUTE', resultUrl: NOWHERE, timeoutUrl: NOWHERE }), false);
  silent.closeAllConnections();
  silent.close();
});

/** A provider that answers everything with one status and body. */
async function answering(status: number, body: string, work: (client: ReturnType<typeof openMpesa>) => Promise<void>) {
  const server = createServer((_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tokens: TokenShelf = { current: async () => 'token', renew: async () => 'token' };
  await work(openMpesa({ ...account, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, tokens, clock));
  server.closeAllConnections();
  server.close();
}

client('an answer that is none leaves the outcome open', async () => {
  for (const [status, body] of [
    [200, 'not json'],
    [200, '{}'],
    [200, '{"ResponseCode":"0"}'],
    [200, '{"ResponseCode":"1","ConversationID":"AG_1","CheckoutRequestID":"ws","MerchantRequestID":"1"}'],
    [400, '<html>'],
    [400, '{"errorCode":"something.new"}'],
    [500, '{"errorCode":"500.001.1001","errorMessage":"internal"}'],
    [500, '{"errorCode":"400.002.02"}'],
    [502, ''],
    [302, ''],
  ] as const)
    await answering(status, body, async (one) => assert.is((await pay('ANY', one)).kind, 'unknown', `${status} ${body}`));
  for (const [status, body] of [
    [429, ''],
    [401, ''],
    [404, '{"errorCode":"404.001.03"}'],
    [500, '{"errorCode":"500.003.02"}'],
  ] as const)
    await answering(status, body, async (one) => assert.is((await pay('ANY', one)).kind, 'busy', `${status} ${body}`));
});

client('a token that was ended elsewhere is replaced once, on every way', async () => {
  const other = open();
  assert.is((await push()).kind, 'accepted');
  assert.is((await push(other)).kind, 'accepted', 'its new token ends the first');
  const before = sandbox.asked.get('/oauth/v1/generate')!;
  assert.is((await pay()).kind, 'accepted');
  assert.is(sandbox.asked.get('/oauth/v1/generate'), before + 1);
  sandbox.endToken();
  assert.is(await mpesa.askPayout({ originatorId: 'ANY', resultUrl: NOWHERE, timeoutUrl: NOWHERE }), true);
});

client('without a token nothing is sent', async () => {
  const before = sandbox.asked.get('/mpesa/b2c/v3/paymentrequest') ?? 0;
  const stranger = open({ consumerSecret: 'wrong' as typeof account.consumerSecret });
  assert.equal(await pay('STRANGER', stranger), { kind: 'busy', code: 'no_token' });
  assert.is(sandbox.asked.get('/mpesa/b2c/v3/paymentrequest') ?? 0, before);
  assert.instance(new NoToken('x'), Error);
});

client('the initiator’s password travels under PKCS#1 v1.5, different each time', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sent: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      sent.push((JSON.parse(Buffer.concat(parts).toString()) as { SecurityCredential: string }).SecurityCredential);
      response.writeHead(200).end('{"ResponseCode":"0","ConversationID":"AG_1"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tokens: TokenShelf = { current: async () => 'token', renew: async () => 'token' };
  const certificate = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sealing = openMpesa({ ...account, certificate, baseUrl }, tokens, clock);
  await pay('ONE', sealing);
  await pay('TWO', sealing);
  assert.is.not(sent[0], sent[1]);
  for (const credential of sent) {
    assert.is(credential.length, 344);
    const opened = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(credential, 'base64'));
    assert.is(opened.toString(), SANDBOX_ACCOUNT.initiatorPassword);
  }
  server.closeAllConnections();
  server.close();
});

client('callbacks come from the listed addresses and networks only', () => {
  const listed = openMpesa({ ...account, callbackSources: ['196.201.214.200', '10.1.0.0/16', '::1'] }, shelf(), clock);
  for (const address of ['196.201.214.200', '10.1.255.1', '::1']) assert.ok(listed.allows(address), address);
  for (const address of ['196.201.214.201', '10.2.0.1', '127.0.0.1', '::2', 'unknown', '', '196.201.214.200, 1.2.3.4'])
    assert.not.ok(listed.allows(address), address);
});

const wire = suite('providers/mpesa wire');

const pushed = (callback: object) => ({
  Body: { stkCallback: { MerchantRequestID: '29115-1', CheckoutRequestID: 'ws_CO_1', ...callback } },
});
const items = (...Item: object[]) => ({ CallbackMetadata: { Item } });

wire('a callback is read by names, in any order, with an item without a value', () => {
  const read = readPushCallback(
    pushed({
      ResultCode: 0,
      ...items(
        { Name: 'PhoneNumber', Value: 254708374149 },
        { Name: 'Balance' },
        { Name: 'TransactionDate', Value: 20191219102115 },
        { Name: 'MpesaReceiptNumber', Value: 'NLJ7RT61SV' },
        { Name: 'Amount', Value: 1.0 },
      ),
    }),
  );
  const ids = { checkoutId: 'ws_CO_1', merchantId: '29115-1' };
  assert.equal(read, { ...ids, code: '0', amount: 100n, phone: PHONE, receipt: 'NLJ7RT61SV' });
  const nothing = { amount: null, phone: null, receipt: null };
  assert.equal(readPushCallback(pushed({ ResultCode: 1032 })), { ...ids, code: '1032', ...nothing });
  assert.equal(readPushCallback(pushed({ ResultCode: 'SFC_IC0003' })), { ...ids, code: 'SFC_IC0003', ...nothing });
});

wire('amounts are whole shillings or none', () => {
  const amount = (Value: unknown) => readPushCallback(pushed({ ResultCode: 0, ...items({ Name: 'Amount', Value }) }))?.amount;
  assert.equal([1, '1', '1.00', 250_000.0].map(amount), [100n, 100n, 100n, 25_000_000n]);
  for (const value of [1.5, '1.50', -1, 0, '1e3', '', null, {}, Number.NaN, 2 ** 60, true])
    assert.is(amount(value), null, JSON.stringify(value));
});

wire('what has not the shape of a callback is nothing', () => {
  for (const body of [
    null,
    [],
    'x',
    1,
    {},
    { Body: [] },
    { Body: { stkCallback: null } },
    pushed({}),
    pushed({ ResultCode: '' }),
    pushed({ ResultCode: 0, CheckoutRequestID: 'a b' }),
    pushed({ ResultCode: 0, MerchantRequestID: '\u0000' }),
    pushed({ ResultCode: 0, CheckoutRequestID: 'x'.repeat(101) }),
  ])
    assert.is(readPushCallback(body), null, JSON.stringify(body));
  const stranger = readPushCallback(
    pushed({ ResultCode: 0, ...items({ Name: 'MpesaReceiptNumber', Value: 'A\u0000BCDEFGHI' }) }),
  );
  assert.is(stranger?.receipt, null);
});

wire('a result is read with its lists as lists or as their only item', () => {
  const head = {
    ResultType: '0',
    ResultCode: '0',
    OriginatorConversationID: '1-1',
    ConversationID: 'AG_1',
    TransactionID: 'SG632NMUAB',
  };
  const one = { ResultParameters: { ResultParameter: { Key: 'TransactionAmount', Value: 10 } } };
  const ids = { originatorId: '1-1', conversationId: 'AG_1' };
  assert.equal(readPayoutResult({ Result: { ...head, ...one } }), {
    ...ids,
    code: '0',
    amount: 1_000n,
    phone: null,
    receipt: 'SG632NMUAB',
  });
  const many = {
    ResultParameters: {
      ResultParameter: [
        { Key: 'TransactionAmount', Value: '10' },
        { Key: 'TransactionReceipt', Value: 'SG632NMUAB' },
        { Key: 'ReceiverPartyPublicName', Value: '2547 ***** 149 - ANN EXAMPLE' },
      ],
    },
  };
  assert.equal(readPayoutResult({ Result: { ...head, ...many } })?.phone, '2547 ***** 149');
  const failed = readPayoutResult({ Result: { ...head, ResultCode: 2001, TransactionID: 'XXX0000000' } });
  assert.equal([failed?.code, failed?.receipt], ['2001', null], 'a failure has no receipt');
  for (const body of [null, {}, { Result: [] }, { Result: { ResultCode: 0 } }]) assert.is(readPayoutResult(body), null);
});

wire('a status answer names the debit party twice, and neither is taken for anything', () => {
  const told = readPayoutStatus({
    Result: {
      ResultCode: 0,
      OriginatorConversationID: 'of the question',
      ResultParameters: {
        ResultParameter: [
          { Key: 'DebitPartyName', Value: '600000 - HOUSE' },
          { Key: 'DebitPartyName', Value: '254708374149 - ANN' },
          { Key: 'OriginatorConversationID', Value: 'ORIGIN' },
          { Key: 'TransactionStatus', Value: 'Completed' },
          { Key: 'Amount', Value: '10.00' },
          { Key: 'ReceiptNo', Value: 'SG632NMUAB' },
        ],
      },
    },
  });
  assert.equal(told, {
    code: '0',
    status: 'Completed',
    originatorId: 'ORIGIN',
    conversationId: null,
    amount: 1_000n,
    receipt: 'SG632NMUAB',
  });
  assert.equal(readPayoutStatus({ Result: { ResultCode: 2001 } })?.status, null);
});

client.run();
wire.run();
