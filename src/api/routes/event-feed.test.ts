import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ApiUnderTest, operatorToken } from '../testing/api-under-test.ts';

interface Followed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly body: string;
}

describe('the feed of events', { timeout: 60_000 }, () => {
  let server: ApiUnderTest;
  let address: string;
  before(async () => {
    server = await ApiUnderTest.start();
    address = await server.api.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => server.stop());

  const post = async (type: string, data: unknown = {}): Promise<string> =>
    (await server.call('POST', '/v1/events', { body: { type, data } })).body.id;

  /** The first `count` events of a feed. */
  async function take(
    count: number,
    query: string,
    headers: Record<string, string> = {},
    whenOpen: () => Promise<unknown> = async () => undefined,
  ): Promise<Followed[]> {
    const answer = await fetch(`${address}/v1/events/feed${query}`, {
      headers: { authorization: `Bearer ${operatorToken}`, ...headers },
    });
    assert.equal(answer.status, 200);
    const opened = whenOpen();
    const taken: Followed[] = [];
    const messages = (answer.body as ReadableStream)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    for await (const { id, data } of messages) {
      const followed = JSON.parse(data) as Followed;
      assert.equal(id, followed.id);
      taken.push(followed);
      if (taken.length === count) break;
    }
    await opened;
    return taken;
  }

  it('tells of what comes next, in order, with the body that a webhook would send', async () => {
    await post('feed.before');
    const ids: string[] = [];
    const events = await take(3, '', {}, async () => {
      for (let n = 0; n < 3; n += 1) ids.push(await post('feed.now', { n }));
    });
    assert.deepEqual(
      events.map(({ id }) => id),
      ids,
    );
    assert.deepEqual(
      events.map(({ body }) => JSON.parse(body).data),
      [{ n: 0 }, { n: 1 }, { n: 2 }],
    );
    assert.equal(events[0]?.contentType, 'application/json');
  });

  it('goes on after the last event that a reader has, without a gap and however many there are', async () => {
    const first = await post('feed.many', { n: 0 });
    const many = Array.from({ length: 600 }, (_, n) => ({ type: 'feed.many', data: { n: n + 1 } }));
    await server.call('POST', '/v1/events/batch', { body: { events: many } });
    const numbers = (events: Followed[]): number[] => events.map(({ body }) => JSON.parse(body).data.n);
    const all = many.map(({ data }) => data.n);
    assert.deepEqual(numbers(await take(600, `?after=${first}`)), all);
    const middle = (await take(300, `?after=${first}`)).at(-1)?.id ?? '';
    assert.deepEqual(
      numbers(await take(300, `?after=${first}`, { 'last-event-id': middle })),
      all.slice(300),
    );
  });

  it('tells only of the types asked for, in the format asked for', async () => {
    const start = await post('feed.start');
    await post('other.thing');
    await post('feed.wanted', { total: 5 });
    const [event] = await take(1, `?after=${start}&eventTypes=feed.*&format=codat`);
    assert.equal(event?.type, 'feed.wanted');
    assert.equal(JSON.parse(event?.body ?? '').eventType, 'feed.wanted');
  });

  it('tells of what a webhook would send, simulated events included', async () => {
    const start = await post('feed.start');
    const { body: webhook } = await server.call('POST', '/v1/webhooks', {
      body: {
        name: 'w',
        url: 'http://127.0.0.1:1/',
        enabled: false,
        eventTypes: ['hook.*'],
        format: 'cloudevents',
      },
    });
    await post('other.thing');
    await post('hook.thing');
    const [event] = await take(1, `?after=${start}&webhook=${webhook.id}`);
    assert.deepEqual([event?.type, event?.contentType], ['hook.thing', 'application/cloudevents+json']);
  });

  it('ends where it is told to, be it asked for or not', async () => {
    const start = await post('feed.start');
    const wanted = await post('feed.wanted');
    const end = await post('other.thing');
    await post('feed.late');
    for (const [until, ids] of [
      [wanted, [wanted]],
      [end, [wanted]],
      [start, []],
    ] as const) {
      const taken = await take(9, `?after=${start}&until=${until}&eventTypes=feed.*`);
      assert.deepEqual(
        taken.map(({ id }) => id),
        ids,
      );
    }
  });

  it('has nothing of other workspaces', async () => {
    const start = await post('feed.start');
    const other = await server.store.workspaces.create('not ours');
    const theirs = await server.workspaceToken(other.number);
    await server.call('POST', '/v1/events', { token: theirs, body: { type: 'their.secret', data: {} } });
    await post('feed.ours');
    assert.deepEqual(
      (await take(1, `?after=${start}`)).map(({ type }) => type),
      ['feed.ours'],
    );
  });

  it('refuses what it does not know', async () => {
    for (const [query, pointer] of [
      ['after=evt_1', 'after'],
      ['webhook=wh_none', 'webhook'],
      ['format=xml', 'format'],
      ['since=1', 'since'],
    ] as const) {
      const { status, text } = await server.call('GET', `/v1/events/feed?${query}`);
      assert.equal(status, 400, query);
      assert.match(text, new RegExp(pointer));
    }
  });
});
