import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { noActivity, spanMs } from '../../model/activity.ts';
import { ApiUnderTest, ConsumerUnderTest } from '../testing/api-under-test.ts';

describe('activity over the API', () => {
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

  const ask = async (query = '') => {
    const answer = await server.call('GET', `/v1/activity${query}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };

  it('counts attempts of each webhook and of all, as they are made', async () => {
    const make = async (name: string): Promise<string> => {
      const body = { name, url: consumer.url, eventTypes: ['counted.*'], retry: { delaysMs: [] } };
      return (await server.call('POST', '/v1/webhooks', { body })).body.id;
    };
    const [one, other] = [await make('one'), await make('other')];
    const post = () => server.call('POST', '/v1/events', { body: { type: 'counted.event', data: {} } });
    await post();
    await server.deliveryOf(one, 1);
    await server.deliveryOf(other, 1);
    consumer.status = 500;
    await post();
    await server.deliveryOf(one, 2);
    await server.deliveryOf(other, 2);
    consumer.status = 200;

    const mine = await ask(`?webhook=${one}`);
    assert.deepEqual(
      [mine.webhook, mine.step, mine.totals.attempts, mine.totals.succeeded, mine.totals.failed],
      [one, 'minute', 2, 1, 1],
    );
    assert.equal(mine.totals.exhausted, 1);
    const { p50, p99 } = mine.totals.latencyMs;
    assert.ok(p50 > 0 && p50 <= p99);
    const all = await ask();
    assert.equal(all.webhook, null);
    assert.equal(all.totals.attempts, 4);
    // Six hours, and the minutes that their ends are in.
    assert.ok(all.data.length >= 360 && all.data.length <= 362);
    const sum = all.data.reduce((count: number, { attempts }: { attempts: number }) => count + attempts, 0);
    assert.equal(sum, 4);
    const quiet = all.data.find(({ attempts }: { attempts: number }) => attempts === 0);
    assert.deepEqual(quiet.latencyMs, { p50: null, p90: null, p95: null, p99: null });
  });

  it('is summed up by the hour and the day, whatever rows it is kept in', async () => {
    const { body: workspace } = await server.call('POST', '/v1/workspaces', { body: { name: 'old' } });
    const { number } =
      (await server.store.workspaces.list()).find(({ id }) => id === workspace.id) ?? assert.fail();
    const today = Math.floor(Date.now() / spanMs.day) * spanMs.day;
    const row = (span: 'minute' | 'hour' | 'day', startsAtMs: number, attempts: number) => ({
      workspaceNumber: number,
      webhookNumber: 0,
      span,
      startsAtMs,
      writer: 'test',
      counts: { ...noActivity, attempts, succeeded: attempts },
    });
    await server.store.activity.save([
      row('minute', today - spanMs.hour, 1),
      row('minute', today - spanMs.hour + spanMs.minute, 2),
      row('hour', today - 5 * spanMs.hour, 4),
      row('day', today - 3 * spanMs.day, 8),
    ]);
    const headers = { 'rowhook-workspace': workspace.id };
    const counts = async (step: string, days: number): Promise<number[]> => {
      const from = new Date(today - days * spanMs.day).toISOString();
      const query = `?step=${step}&from=${from}&to=${new Date(today).toISOString()}`;
      const { body } = await server.call('GET', `/v1/activity${query}`, { headers });
      return body.data.map(({ attempts }: { attempts: number }) => attempts);
    };
    const hours = await counts('hour', 1);
    assert.deepEqual([hours.length, hours[23], hours[19]], [24, 3, 4]);
    assert.deepEqual(await counts('day', 4), [0, 8, 0, 7]);
  });

  it('says what it cannot answer', async () => {
    const refused = async (query: string): Promise<string> => {
      const { status, body } = await server.call('GET', `/v1/activity?${query}`);
      assert.equal(status, 400);
      return `${body.errors[0].pointer}: ${body.errors[0].detail}`;
    };
    const ago = (days: number): string => new Date(Date.now() - days * spanMs.day).toISOString();
    assert.match(await refused(`from=${ago(3)}&step=minute`), /^step: .* a minute is kept for 2 days/);
    assert.match(await refused(`from=${ago(100)}&step=hour`), /^step: .* an? hour is kept for 90 days/);
    assert.match(await refused(`from=${ago(2_000)}&step=day`), /there may be 1500 steps/);
    assert.match(await refused(`from=${ago(0)}&to=${ago(1)}`), /^from: must be before/);
    assert.match(await refused('from=yesterday'), /^from: must be a time/);
    assert.match(await refused('webhook=none'), /^webhook: there is no webhook/);
  });
});
