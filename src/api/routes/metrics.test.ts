import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

describe('the metrics', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
    consumer = await ConsumerUnderTest.start();
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  /** Value of one time series. */
  const value = async (series: string): Promise<number> => {
    const { text } = await server.call('GET', '/metrics');
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1) ?? Number.NaN);
  };

  it('are for the operator, in the format of Prometheus', async () => {
    const answer = await server.call('GET', '/metrics');
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
    assert.match(answer.text, /^# TYPE rowhook_attempt_duration_seconds histogram$/m);
    assert.match(answer.text, /^nodejs_eventloop_lag_seconds /m);
    assert.match(answer.text, /^process_resident_memory_bytes /m);
    const { number } = await server.defaultWorkspace();
    const token = await server.workspaceToken(number, 'x', 'admin');
    assert.equal((await server.call('GET', '/metrics', { token })).status, 403);
    assert.equal((await server.call('GET', '/metrics', { token: null })).status, 401);
  });

  it('may be open to everyone', async () => {
    const open = await ApiUnderTest.start({ ROWHOOK_METRICS_ACCESS: 'open' });
    assert.equal((await open.call('GET', '/metrics', { token: null })).status, 200);
    await open.stop();
  });

  it('count what happens to an event', async () => {
    const { body } = await server.call('POST', '/v1/webhooks', {
      body: { name: 'm', url: consumer.url, eventTypes: ['metric.event'], retry: 'none' },
    });
    const before = await value('rowhook_events_accepted_total{kind="posted"}');
    await server.call('POST', '/v1/events', { body: { type: 'metric.event', data: {} } });
    await server.deliveryOf(body.id);
    consumer.status = 503;
    await server.call('POST', '/v1/events', { body: { type: 'metric.event', data: {} } });
    await server.deliveryOf(body.id, 2);
    consumer.status = 200;
    assert.equal(await value('rowhook_events_accepted_total{kind="posted"}'), before + 2);
    assert.equal(await value('rowhook_deliveries_total{state="succeeded"}'), 1);
    assert.equal(await value('rowhook_deliveries_total{state="exhausted"}'), 1);
    assert.equal(await value('rowhook_attempts_total{result="2xx"}'), 1);
    assert.equal(await value('rowhook_attempts_total{result="5xx"}'), 1);
    assert.equal(await value('rowhook_attempt_duration_seconds_count{result="answered"}'), 2);
    assert.ok((await value('rowhook_store_write_duration_seconds_count{kind="events"}')) >= 2);
    assert.ok((await value('rowhook_store_transactions_total')) > 0);
    assert.equal(await value('rowhook_webhooks{state="active"}'), 1);
    assert.equal(await value('rowhook_queue_waiting'), 0);
  });

  it('are those of the documentation, its alerts and its dashboard', async () => {
    const read = (file: string): string =>
      readFileSync(new URL(`../../../docs/monitoring${file}`, import.meta.url), 'utf8');
    const pages = [read('.md'), read('/alerts.yaml'), read('/grafana-dashboard.json')];
    const { text } = await server.call('GET', '/metrics');
    const types = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');
    for (const page of pages) {
      for (const [name] of page.matchAll(/\b(?:rowhook|nodejs|process)_[a-z0-9_]+/g)) {
        assert.ok(types.includes(name.replace(/_(?:bucket|count)$/, '')), name);
      }
    }
    for (const name of types.filter((one) => one.startsWith('rowhook_')))
      assert.ok(pages[0]?.includes(name), name);
  });

  it('do not grow with webhooks, workspaces, hosts or event types', async () => {
    const series = async (): Promise<number> =>
      (await server.call('GET', '/metrics')).text.split('\n').filter((line) => line.startsWith('rowhook_'))
        .length;
    const before = await series();
    for (let index = 0; index < 5; index += 1) {
      await server.call('POST', '/v1/webhooks', {
        body: { name: `m${index}`, url: `${consumer.url}/${index}`, eventTypes: [`kind.n${index}`] },
      });
      await server.call('POST', '/v1/events', { body: { type: `kind.n${index}`, data: {} } });
    }
    assert.equal(await series(), before);
  });
});
