import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ProblemDocument } from '../api/schemas.ts';
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

describe('the behaviour of an inbox', () => {
  it('is any status and body, until it is changed', async () => {
    await inbox.behave({ status: 500, body: 'broken' });
    for (let round = 0; round < 2; round++) {
      const answer = await inbox.post('{}');
      assert.equal(answer.status, 500);
      assert.equal(await answer.text(), 'broken');
    }
    await inbox.behave({});
    assert.equal((await inbox.post('{}')).status, 200);
  });

  it('has no body where HTTP allows none', async () => {
    await inbox.behave({ status: 204, body: 'unseen' });
    const answer = await inbox.post('{}');
    assert.equal(answer.status, 204);
    assert.equal(await answer.text(), '');
  });

  it('holds for the next requests only, when told so', async () => {
    await inbox.behave({ status: 429, forNextRequests: 2 });
    const statuses = [];
    for (let sent = 0; sent < 3; sent++) statuses.push((await inbox.post('{}')).status);
    assert.deepEqual(statuses, [429, 429, 200]);
    assert.deepEqual((await inbox.look()).behaviour, {
      kind: 'answer',
      status: 200,
      body: 'ok',
      delayMs: 0,
      forNextRequests: null,
    });
  });

  it('can be slow: the request is seen at once, the answer comes after the delay', async () => {
    await inbox.behave({ delayMs: 120_000, status: 202 });
    const answer = inbox.post('{}');
    await consumer.clock.hasWait(120_000);
    assert.equal((await inbox.look()).received, 1);
    await consumer.clock.end(120_000);
    assert.equal((await answer).status, 202);
  });

  it('may be slower than the server cuts idle connections', async (test) => {
    const hasty = await StartedConsumer.start(50);
    test.after(() => hasty.stop());
    const slow = hasty.newInbox();
    await slow.behave({ delayMs: 120_000 });
    const answer = slow.post('{}');
    await hasty.clock.hasWait(120_000);
    // Opened later than the one that waits, and cut: the other one would have been, too.
    await once(connect(hasty.port, '127.0.0.1').resume(), 'close');
    await hasty.clock.end(120_000);
    assert.equal((await answer).status, 200);
  });

  it('can be slow for many large requests without holding their bodies', async () => {
    await inbox.behave({ delayMs: 66_666 });
    const body = Buffer.alloc(1024 * 1024, 'x');
    const head = `POST /test-consumer/in/${inbox.name} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
    const before = heldBytes();
    const sockets: Socket[] = [];
    for (let sent = 0; sent < 100; sent++) {
      const socket = connect(consumer.port, '127.0.0.1');
      sockets.push(socket);
      socket.write(head);
      socket.write(body);
      await until(() => consumer.clock.count(66_666) > sent);
    }
    const held = heldBytes() - before;
    assert.ok(held < limits.keptBytes + 8 * body.length, `${held} bytes are held`);
    for (const socket of sockets) socket.destroy();
    await until(() => consumer.clock.count(66_666) === 0);
  });

  it('can be to never answer; a sender that gives up frees its place', async () => {
    await inbox.behave({ kind: 'never-answer' });
    const giveUp = new AbortController();
    const answer = inbox.send({ signal: giveUp.signal });
    await consumer.clock.hasWait(limits.neverAnswerMs);
    giveUp.abort();
    await assert.rejects(answer);
    await until(() => consumer.clock.count(limits.neverAnswerMs) === 0);
  });

  it('cuts a connection that nobody gave up in the end', async () => {
    await inbox.behave({ kind: 'never-answer' });
    const answer = inbox.post('{}');
    await consumer.clock.end(limits.neverAnswerMs);
    await assert.rejects(answer);
  });

  it('can be to reset the connection', async () => {
    await inbox.behave({ kind: 'reset-connection' });
    const socket = connect(consumer.port, '127.0.0.1');
    socket.write(`POST /test-consumer/in/${inbox.name} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`);
    assert.equal(await errorOf(socket), 'ECONNRESET');
    assert.deepEqual((await inbox.newest()).answer, { kind: 'reset-connection', delayMs: 0 });
  });

  it('is refused when it makes no sense, with what is allowed', async () => {
    const refusals: [unknown, string, RegExp][] = [
      [{ status: 100 }, '/status', /at least 200/],
      [{ status: 600 }, '/status', /at most 599/],
      [{ delayMs: 120_001 }, '/delayMs', /at most 120000/],
      [{ kind: 'explode' }, '/kind', /answer, never-answer, reset-connection/],
      [{ kind: 'never-answer', delayMs: 5 }, '/delayMs', /does not belong/],
      [{ kind: 'reset-connection', status: 500 }, '/status', /does not belong/],
      [{ statuss: 500 }, '/statuss', /did you mean "status"/],
      [{ forNextRequests: 0 }, '/forNextRequests', /at least 1/],
    ];
    for (const [behaviour, pointer, detail] of refusals) {
      const answer = await consumer.call<ProblemDocument>('PUT', `/${inbox.name}/behaviour`, behaviour);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.errors?.[0]?.pointer, pointer);
      assert.match(answer.body.errors?.[0]?.detail ?? '', detail);
    }
  });

  it('answers 503 when too many requests wait, and other inboxes go on', async () => {
    await inbox.behave({ delayMs: 77_777 });
    const sockets: Socket[] = [];
    const request = `POST /test-consumer/in/${inbox.name} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
    for (let sent = 0; sent < limits.waitingRequests; sent++) {
      const socket = connect(consumer.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(request);
      sockets.push(socket);
    }
    const waiting = () => consumer.clock.count(77_777);
    await until(() => waiting() === limits.waitingRequests);
    assert.equal((await inbox.post('{}')).status, 503);
    assert.deepEqual((await inbox.newest()).answer, { kind: 'too-many-waiting', status: 503 });
    assert.equal((await consumer.newInbox().post('{}')).status, 200);
    for (const socket of sockets) socket.destroy();
    await until(() => waiting() === 0);
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory of buffers that something still needs. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

function errorOf(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once('close', () => resolve(undefined));
    socket.resume();
  });
}
