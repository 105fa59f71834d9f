import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readStatement } from '../../rules/payments-statement.ts';

const HEAD =
  'Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info,A/C No.';

const statement = suite('rules/payments statement');

statement('lines are found under their headings, whatever stands above and in whatever order', () => {
  const text = [
    '\uFEFFAccount Holder:,PLAYHOUSE LTD',
    'Short Code:,174379',
    '',
    HEAD,
    'NLJ7RT61SV,21-11-2026 10:21:15,21-11-2026 10:21:10,"Pay Bill from 2547****149 - ANN ""A"", EXAMPLE",Completed,"1,250.00",,5000.00,2547****149 - ANN,REF000000001',
    'SG632NMUAB,2026-11-21 10:30:00,2026-11-21 10:29:58,Business Payment to Customer,Completed,,-300.50,4699.50,x,',
    'SG632NMUAB,2026-11-21 10:30:00,2026-11-21 10:29:58,Business Payment Charge,Completed,,-22.40,4677.10,x,',
    'NLJ7RT61SX,21-11-2026 11:00:00,,Pay Bill,Failed,10.00,,,,',
    '',
  ].join('\r\n');
  assert.equal(readStatement(text), {
    unread: [],
    lines: [
      {
        receipt: 'NLJ7RT61SV',
        kind: 'paid_in',
        amount: 125_000n,
        reference: 'REF000000001',
        at: new Date('2026-11-21T07:21:15Z'),
      },
      { receipt: 'SG632NMUAB', kind: 'withdrawn', amount: 30_050n, reference: null, at: new Date('2026-11-21T07:30:00Z') },
      { receipt: 'SG632NMUAB', kind: 'charge', amount: 2_240n, reference: null, at: new Date('2026-11-21T07:30:00Z') },
    ],
  });
});

statement('a line that is none is named by its number, and the others are read', () => {
  const line = (receipt: string, time: string, paidIn: string, withdrawn: string) =>
    `${receipt},${time},,"two\nlines",Completed,${paidIn},${withdrawn},,,`;
  const time = '2026-11-21 10:00:00';
  const text = [
    HEAD,
    line('NLJ7RT61SV', time, '10', ''),
    line('short', time, '10', ''),
    line('NLJ7RT61SW', 'yesterday', '10', ''),
    line('NLJ7RT61SX', time, '', ''),
    line('NLJ7RT61SY', time, '1', '1'),
    line('NLJ7RT61SZ', time, '1e3', ''),
    line('NLJ7RT61S0', '2026-13-40 10:00:00', '1', ''),
    line('NLJ7RT61S1', time, '', '20.5'),
  ].join('\n');
  const read = readStatement(text)!;
  assert.equal(
    read.lines.map(({ receipt, amount }) => [receipt, amount]),
    [
      ['NLJ7RT61SV', 1_000n],
      ['NLJ7RT61S1', 2_050n],
    ],
  );
  assert.equal(read.unread, [4, 6, 8, 10, 12, 14]);
});

statement('what has no headings is no statement', () => {
  for (const text of ['', 'hello', 'a,b,c\n1,2,3', 'Receipt No.,Details\nNLJ7RT61SV,x', '"unclosed'])
    assert.is(readStatement(text), null, text);
});

statement.run();
