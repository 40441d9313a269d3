import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { friendly } from './behaviour.ts';
import type { Arrival } from './inbox.ts';
import { Inboxes } from './inboxes.ts';
import { limits } from './limits.ts';

function arrival(body: Buffer, id?: string): Arrival {
  return {
    receivedAtMs: 0,
    method: 'POST',
    path: '',
    headers: id === undefined ? {} : { 'webhook-id': id },
    body,
    bodyBytes: body.length,
    verdict: 'no signature',
    answer: friendly,
  };
}

const keptIn = (inboxes: Inboxes): number =>
  inboxes.list().reduce((bytes, inbox) => bytes + inbox.keptBytes, 0);

describe('the memory of the test consumer', () => {
  it('is bounded: the fullest inbox loses its oldest requests, a quiet one keeps its own', () => {
    const inboxes = new Inboxes();
    inboxes.receive(inboxes.open('quiet'), arrival(Buffer.from('first')));
    const body = Buffer.alloc(limits.keptBodyBytes);
    const inTotal = Math.floor(limits.keptBytes / limits.keptBodyBytes);
    for (let sent = 0; sent < 2 * inTotal; sent++) {
      inboxes.receive(inboxes.open(sent % 2 === 0 ? 'busy' : 'busier'), arrival(body));
      assert.ok(keptIn(inboxes) <= limits.keptBytes);
    }
    assert.equal(inboxes.look('quiet').keptRequests, 1);
    assert.equal(inboxes.look('busy').keptRequests + inboxes.look('busier').keptRequests, inTotal - 1);
  });

  it('counts headers, too', () => {
    const inboxes = new Inboxes();
    inboxes.receive(inboxes.open('one'), arrival(Buffer.alloc(10), 'x'.repeat(90)));
    assert.equal(keptIn(inboxes), 110);
    inboxes.clear('one');
    assert.equal(keptIn(inboxes), 0);
  });

  it('has room for so many inboxes; the longest unused one goes', () => {
    const inboxes = new Inboxes();
    for (let number = 0; number < limits.inboxes; number++) inboxes.open(`inbox-${number}`);
    inboxes.open('inbox-0');
    inboxes.open('new');
    const names = inboxes.list().map(({ name }) => name);
    assert.equal(names.length, limits.inboxes);
    assert.ok(names.includes('inbox-0') && names.includes('new'));
    assert.ok(!names.includes('inbox-1'));
  });

  it('does not grow with looking at inboxes that are not there', () => {
    const inboxes = new Inboxes();
    inboxes.look('nobody');
    assert.deepEqual(inboxes.list(), []);
  });

  it('remembers the last ids only', () => {
    const inboxes = new Inboxes();
    const inbox = inboxes.open('ids');
    for (let sent = 0; sent <= limits.rememberedIds; sent++) {
      inboxes.receive(inbox, arrival(Buffer.alloc(0), `msg_${sent}`));
    }
    inboxes.receive(inbox, arrival(Buffer.alloc(0), 'msg_1'));
    assert.equal(inbox.repeats, 1);
    inboxes.receive(inbox, arrival(Buffer.alloc(0), 'msg_0'));
    assert.equal(inbox.repeats, 1, 'the first id was forgotten');
  });

  it('lets go of listeners that have stopped', () => {
    const inboxes = new Inboxes();
    const heard: number[] = [];
    const stop = inboxes.onArrival('one', ({ number }) => heard.push(number));
    inboxes.receive(inboxes.open('one'), arrival(Buffer.alloc(0)));
    stop();
    inboxes.receive(inboxes.open('one'), arrival(Buffer.alloc(0)));
    assert.deepEqual(heard, [1]);
  });
});
