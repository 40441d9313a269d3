import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StreamReader } from './event-stream.ts';

test('a message is told once it is complete', () => {
  const reader = new StreamReader();
  assert.deepEqual(reader.read('event: delivery\nda'), []);
  assert.deepEqual(reader.read('ta: {"data":[]}\n'), []);
  assert.deepEqual(reader.read('\n'), [{ event: 'delivery', data: '{"data":[]}' }]);
});

test('comments, which keep a connection open, are no messages', () => {
  assert.deepEqual(new StreamReader().read(': still here\n\n: and now\n\n'), []);
});

test('where the stream is cut does not matter', () => {
  const stream = ': hello\n\nevent: webhook\ndata: one\ndata: two\n\ndata: three\n\n';
  const whole = new StreamReader().read(stream);
  assert.deepEqual(whole, [
    { event: 'webhook', data: 'one\ntwo' },
    { event: 'message', data: 'three' },
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 8 }), (cuts) => {
      const reader = new StreamReader();
      const places = [0, ...cuts.sort((one, other) => one - other), stream.length];
      const found = places
        .slice(1)
        .flatMap((end, place) => [...reader.read(stream.slice(places[place], end))]);
      assert.deepEqual(found, whole);
    }),
  );
});
