import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placePhases } from './waterfall.ts';

test('phases follow one another, and the rest is reading', () => {
  assert.deepEqual(placePhases({ dnsMs: 2, connectMs: 3, tlsMs: 5, firstByteMs: 10, totalMs: 25 }), [
    { phase: 'dns', startMs: 0, durationMs: 2 },
    { phase: 'connect', startMs: 2, durationMs: 3 },
    { phase: 'tls', startMs: 5, durationMs: 5 },
    { phase: 'wait', startMs: 10, durationMs: 10 },
    { phase: 'read', startMs: 20, durationMs: 5 },
  ]);
});

test('on an open connection there is only waiting and reading', () => {
  const phases = placePhases({ dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 4, totalMs: 5 });
  assert.deepEqual(
    phases.map(({ phase }) => phase),
    ['wait', 'read'],
  );
});

test('an attempt without an answer waited until its end', () => {
  const phases = placePhases({ dnsMs: null, connectMs: 1, tlsMs: null, firstByteMs: null, totalMs: 15_000 });
  assert.deepEqual(phases.at(-1), { phase: 'wait', startMs: 1, durationMs: 14_999 });
});
