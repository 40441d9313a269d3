import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { limits } from './limits.ts';
import { until } from './testing/planned-clock.ts';
import { type InboxUnderTest, StartedConsumer } from './testing/started-consumer.ts';

let consumer: StartedConsumer;
let inbox: InboxUnderTest;
before(async () => {
  consumer = await StartedConsumer.start();
});
after(() => consumer.stop());
beforeEach(() => {
  inbox = consumer.newInbox();
});

describe('who may look into the test consumer', () => {
  it('is nobody without a token', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/x'],
      ['PUT', '/x/behaviour'],
      ['PUT', '/x/secret'],
      ['DELETE', '/x'],
      ['GET', '/x/stream'],
    ] as const) {
      const answer = await fetch(`${consumer.url}/inboxes${path}`, { method });
      assert.equal(answer.status, 401, `${method} ${path}`);
    }
  });

  it('is whoever knows the name of an inbox; the list of all is for operators', async () => {
    await inbox.send();
    const authorization = `Bearer ${await consumer.workspaceToken()}`;
    const get = (path: string) => fetch(`${consumer.url}/inboxes${path}`, { headers: { authorization } });
    assert.equal((await get(`/${inbox.name}`)).status, 200);
    assert.equal((await get('')).status, 403);
  });
});

describe('the stream of an inbox', () => {
  it('tells of arrivals, gathered, the newest first', async () => {
    const stop = new AbortController();
    const answer = await consumer.watch(inbox.name, stop.signal);
    assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader?.read())?.value, ': watching\n\n');

    await inbox.post('{"first":1}', { id: 'msg_1' });
    await inbox.post('{"second":2}', { id: 'msg_1' });
    await consumer.clock.end(limits.streamPauseMs);
    const message = (await reader?.read())?.value ?? '';
    const [event, data] = message.split('\n');
    assert.equal(event, 'event: arrivals');
    const told = JSON.parse(data?.replace(/^data: /, '') ?? '');
    assert.equal(told.received, 2);
    assert.equal(told.repeats, 1);
    assert.deepEqual(
      told.requests.map(({ number, repeat }: { number: number; repeat: boolean }) => [number, repeat]),
      [
        [2, true],
        [1, false],
      ],
    );

    await consumer.clock.end(limits.streamHeartbeatMs);
    assert.equal((await reader?.read())?.value, ': still here\n\n');
    stop.abort();
    await until(() => consumer.clock.count(limits.streamHeartbeatMs) === 0);
  });
});

describe('a server that stops', () => {
  it('does not wait for answers that are held back, nor for streams', async () => {
    const other = await StartedConsumer.start();
    const held = other.newInbox();
    await held.behave({ kind: 'never-answer' });
    const answer = held.send().then(
      () => 'answered',
      () => 'broken off',
    );
    await other.clock.hasWait(limits.neverAnswerMs);
    const stream = await other.watch(held.name);
    const told = stream.text();
    await other.stop();
    assert.equal(await answer, 'broken off');
    assert.equal(await told, ': watching\n\n');
  });
});
