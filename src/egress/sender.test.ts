import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startConsumer } from './testing/consumers.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';

describe('a sender', () => {
  it('that loses the right to send while its request connects, or waits, sends nothing', async (t) => {
    let arrivals = 0;
    const first = Promise.withResolvers<() => void>();
    const consumer = await startConsumer(t, (_request, response) => {
      arrivals += 1;
      if (arrivals > 1) response.end();
      else first.resolve(() => response.end());
    });
    const egress = startEgress(t, { maxConnectionsPerOrigin: 1 });
    const busy = post(egress, consumer.url);
    const answerFirst = await first.promise;
    let may = true;
    const sender = { maySend: () => may };
    const waiting = post(egress, consumer.url, { sender });
    may = false;
    const elsewhere = post(egress, consumer.url.replace('127.0.0.1', '127.0.0.2'), { sender });
    answerFirst();
    const results = await Promise.all([busy, waiting, elsewhere]);
    assert.deepEqual(results.slice(0, 1).map(outcomeOf), [200]);
    for (const result of results.slice(1)) {
      assert.equal(result.kind === 'error' && result.mayHaveArrived, false);
      assert.equal(arrivals, 1);
    }
    assert.equal(outcomeOf(results[1] as (typeof results)[0]), 'ABORTED');
    may = true;
    const next = await post(egress, consumer.url, { sender });
    assert.equal(outcomeOf(next), 200, 'the next one goes out as if nothing had happened');
    assert.equal(egress.inFlight, 0);
  });

  it('is cut off alone', async (t) => {
    const both = Promise.withResolvers<void>();
    const answers: Array<() => void> = [];
    const consumer = await startConsumer(t, (_request, response) => {
      if (answers.push(() => response.end()) === 2) both.resolve();
    });
    const egress = startEgress(t);
    const [one, two] = [{ maySend: () => true }, { maySend: () => true }];
    const cut = post(egress, consumer.url, { sender: one });
    const kept = post(egress, consumer.url, { sender: two });
    await both.promise;
    egress.cutOff(one);
    for (const answer of answers) answer();
    assert.deepEqual((await Promise.all([cut, kept])).map(outcomeOf), ['ABORTED', 200]);
  });
});
