import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BaseAnswer, CreatedWebhookAnswer, TableAnswer, WebhookAnswer } from '../../src/cli/answers.ts';
import type { ApiClient } from '../support/api-client.ts';
import { pause, TestCluster } from '../support/cluster.ts';
import { ConsumerProcess } from '../support/consumer-process.ts';

test('two processes are one service: what one is told, the other knows; what concerns the other, either answers', {
  timeout: 120_000,
}, async (context) => {
  const cluster = await TestCluster.start(context, { processes: 2 });
  await cluster.untilShared(2);
  const consumer = await ConsumerProcess.start(context);
  const [one, two] = cluster.processes.map(({ api }) => api);
  assert.ok(one && two);

  await context.test(
    'a webhook is made at one, seen and changed at the other, and gone at both',
    async () => {
      const { id } = await one.createWebhook({
        name: 'first',
        url: consumer.url('/gone'),
        eventTypes: ['*'],
      });
      await two.until(
        () => two.call('GET', `/v1/webhooks/${id}`),
        ({ status }) => status === 200,
      );
      await two.patch(`/v1/webhooks/${id}`, { name: 'second' });
      await one.until(
        () => one.webhook(id),
        ({ name }) => name === 'second',
      );
      await two.delete(`/v1/webhooks/${id}`);
      await one.until(
        () => one.call('GET', `/v1/webhooks/${id}`),
        ({ status }) => status === 404,
      );
    },
  );

  await context.test(
    'rows are written with the structure that another process has just changed',
    async () => {
      const base = await one.post<BaseAnswer>('/v1/bases', { name: 'shared' });
      const columns = [{ name: 'a', type: 'text' }];
      const table = await one.post<TableAnswer>(`/v1/bases/${base.id}/tables`, { name: 't', columns });
      const path = `/v1/bases/${base.id}/tables/${table.id}`;
      for (let number = 0; number < 10; number += 1) {
        const isEven = number % 2 === 0;
        const writing: ApiClient = isEven ? two : one;
        await (isEven ? one : two).post(`${path}/columns`, { name: `c${number}`, type: 'text' });
        const rows = [{ cells: { a: 'x', [`c${number}`]: 'new' } }];
        const answer = await writing.until(
          () => writing.call('POST', `${path}/rows`, { rows }),
          ({ status }) => status !== 400,
        );
        assert.equal(answer.status, 201, JSON.stringify(answer.body));
      }
    },
  );

  await context.test('a token that one deletes is refused by the other', async () => {
    const made = await one.post<{ id: string; token: string }>('/v1/tokens', { name: 'short' });
    const [, other] = cluster.processes;
    const asStranger = () =>
      fetch(`${other?.url}/v1/webhooks`, { headers: { authorization: `Bearer ${made.token}` } });
    assert.equal((await asStranger()).status, 200);
    await one.delete(`/v1/tokens/${made.id}`);
    await one.until(asStranger, ({ status }) => status === 401);
  });

  await context.test('queues, resending and replays work at whichever process is asked', async () => {
    for (const [index, asked] of [one, two].entries()) {
      const path = `/asked-${index}`;
      const { id } = await asked.createWebhook({
        name: `asked ${index}`,
        url: consumer.url(path),
        eventTypes: [`asked.${index}`],
        retry: { delaysMs: [60_000], jitter: 0 },
      });
      await consumer.hook(path, null, { kind: 'answer', status: 500 });
      for (let count = 0; count < 3; count += 1) await asked.postEvent(`asked.${index}`, { count });
      for (const api of [one, two]) {
        await api.until(
          () => api.call<WebhookAnswer>('GET', `/v1/webhooks/${id}`),
          ({ status, body }) => status === 200 && body.usage.waiting === 3,
        );
      }
      assert.deepEqual(await asked.delete(`/v1/webhooks/${id}/queue`), { discarded: 3 });
      await consumer.hook(path, null, { kind: 'answer', status: 200 });
      const replay = await asked.post<{ id: string }>(`/v1/webhooks/${id}/replay`, {
        scope: 'missed',
        since: new Date(0).toISOString(),
      });
      for (const api of [one, two]) {
        await api.until(
          () => api.get<{ state: string }>(`/v1/replays/${replay.id}`),
          ({ state }) => state === 'done',
        );
      }
      const [delivery] = await asked.deliveries(id);
      const before = consumer.at(path).length;
      assert.equal((await asked.call('POST', `/v1/deliveries/${delivery?.id}/retry`)).status, 202);
      await consumer.receives(path, before + 1);
    }
  });

  await context.test('a console follows deliveries that another process makes', async () => {
    const made: CreatedWebhookAnswer = await one.createWebhook({
      name: 'live',
      url: consumer.url('/live'),
      eventTypes: ['live.made'],
    });
    await consumer.hook('/live', made.secret);
    for (const { url, environment } of cluster.processes) {
      const ended = new AbortController();
      const stream = await fetch(`${url}/v1/stream`, {
        headers: { authorization: `Bearer ${environment.ROWHOOK_OPERATOR_TOKEN}` },
        signal: ended.signal,
      });
      let text = '';
      const reading = (async () => {
        const decoder = new TextDecoder();
        for await (const chunk of stream.body ?? []) {
          text += decoder.decode(chunk as Uint8Array);
          if (text.includes(made.id)) return;
        }
      })();
      let seen = false;
      void reading.then(() => {
        seen = true;
      });
      // The other process may not know yet that somebody watches.
      while (!seen) {
        await one.postEvent('live.made');
        await pause(300);
      }
      ended.abort();
    }
  });
});
