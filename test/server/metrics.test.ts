import type { AddressInfo } from 'node:net';
import express from 'express';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { metricsPage, openMetrics } from '../../server/metrics.ts';

const TOKEN = 'a token of enough length';

/** What each kind of house answers at /metrics, to whoever sends this header. */
async function asked(
  who: { production: boolean; token: string | null },
  authorization: string,
): Promise<{ status: number; text: string }> {
  const metrics = openMetrics({
    sockets: () => 7,
    streams: () => 2,
    drift: () => [{ currency: 'COINS', posted: -3n, held: 0n }],
  });
  metrics.answered({ method: 'GET', route: '/api/wallet', status: 200, seconds: 0.002 });
  const app = express().get('/metrics', metricsPage(metrics, who));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, {
    headers: { authorization },
  });
  const text = await response.text();
  server.close();
  server.closeAllConnections();
  return { status: response.status, text };
}

const metrics = suite('metrics');

metrics('are open in development, with what this process holds', async () => {
  const { status, text } = await asked({ production: false, token: null }, '');
  assert.is(status, 200);
  assert.match(text, /^playhouse_sockets 7$/m);
  assert.match(text, /^playhouse_ledger_drift_minor_units\{currency="COINS"\} -3$/m);
  assert.match(text, /^playhouse_ledger_held_drift_minor_units\{currency="COINS"\} 0$/m);
  assert.match(text, /playhouse_http_seconds_count\{method="GET",route="\/api\/wallet",status="200"\} 1/);
});

metrics('are not there in production without a token in the settings', async () => {
  assert.is((await asked({ production: true, token: null }, `Bearer ${TOKEN}`)).status, 404);
});

metrics('with a token in the settings are for whoever sends it, anywhere', async () => {
  for (const production of [true, false]) {
    assert.is((await asked({ production, token: TOKEN }, `Bearer ${TOKEN}`)).status, 200);
    assert.is((await asked({ production, token: TOKEN }, 'Bearer a token of equal length')).status, 404);
    assert.is((await asked({ production, token: TOKEN }, '')).status, 404);
  }
});

metrics.run();
