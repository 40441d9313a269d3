import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, ConsumerUnderTest, operatorToken } from '../testing/api-under-test.ts';

interface Message {
  readonly kind: string;
  readonly data: ReadonlyArray<Record<string, unknown>>;
}

describe('the live stream', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let consumer: ConsumerUnderTest;
  let address: string;
  before(async () => {
    server = await ApiUnderTest.start();
    consumer = await ConsumerUnderTest.start();
    address = await server.api.listen({ host: '127.0.0.1', port: 0 });
  });
  after(async () => {
    await server.stop();
    await consumer.stop();
  });

  /** Messages as they come; ends when the stream does. */
  async function* follow(token: string, signal: AbortSignal): AsyncGenerator<Message> {
    const answer = await fetch(`${address}/v1/stream`, {
      headers: { authorization: `Bearer ${token}` },
      signal,
    });
    assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    let buffered = '';
    for await (const chunk of answer.body ?? []) {
      buffered += Buffer.from(chunk).toString('utf8');
      const blocks = buffered.split('\n\n');
      buffered = blocks.pop() ?? '';
      for (const block of blocks) {
        const kind = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (block.startsWith('retry:')) yield { kind: 'watching', data: [] };
        if (kind && data) yield { kind, ...(JSON.parse(data) as { data: Message['data'] }) };
      }
    }
  }

  it('tells of webhooks and deliveries of its workspace, and of no other', async () => {
    const other = await server.store.workspaces.create('other');
    const stop = new AbortController();
    const mine = follow(operatorToken, stop.signal);
    const theirs = follow(await server.workspaceToken(other.number), stop.signal);
    assert.equal((await mine.next()).value?.kind, 'watching');
    assert.equal((await theirs.next()).value?.kind, 'watching');
    const firstOfTheirs = theirs.next();
    const { body } = await server.call('POST', '/v1/webhooks', {
      body: { name: 'live', url: consumer.url, eventTypes: ['live.event'] },
    });
    const created = (await mine.next()).value as Message;
    assert.deepEqual(
      [created.kind, created.data[0]?.id, created.data[0]?.change],
      ['webhook', body.id, 'created'],
    );
    await server.call('POST', '/v1/events', { body: { type: 'live.event', data: {} } });
    const delivered = (await mine.next()).value as Message;
    assert.deepEqual(
      [delivered.kind, delivered.data[0]?.webhook, delivered.data[0]?.state],
      ['delivery', body.id, 'succeeded'],
    );
    stop.abort();
    await assert.rejects(firstOfTheirs, { name: 'AbortError' });
  });

  it('needs a token', async () => {
    const answer = await fetch(`${address}/v1/stream`);
    assert.equal(answer.status, 401);
    await answer.body?.cancel();
  });
});
