import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addActivity, latencyBoundsMs, latencyClass, latencyPercentile, noActivity } from './activity.ts';

const took = (...latenciesMs: readonly number[]) => {
  const latencies = [...noActivity.latencies];
  for (const latencyMs of latenciesMs)
    latencies[latencyClass(latencyMs)] = (latencies[latencyClass(latencyMs)] ?? 0) + 1;
  return { ...noActivity, attempts: latenciesMs.length, latencies };
};

describe('counters of attempts', () => {
  it('have no percentile of nothing', () => assert.equal(latencyPercentile(noActivity, 0.5), null));

  it('estimate a percentile within the class that it falls into', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.99),
        (latenciesMs, share) => {
          const sorted = latenciesMs.toSorted((one, other) => one - other);
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          const estimate = latencyPercentile(took(...latenciesMs), share) ?? -1;
          const place = latencyClass(exact);
          // A tenth more or less is rounding.
          assert.ok(estimate >= (latencyBoundsMs[place - 1] ?? 0) - 0.1, `${estimate} for ${exact}`);
          assert.ok(estimate <= (latencyBoundsMs[place] ?? 120_000) + 0.1, `${estimate} for ${exact}`);
        },
      ),
    );
  });

  it('add up', () => {
    const sum = addActivity(took(1, 50), took(60, 1_000_000));
    assert.equal(sum.attempts, 4);
    assert.deepEqual(sum.latencies, took(1, 50, 60, 1_000_000).latencies);
    assert.equal(latencyPercentile(sum, 0.99), 120_000);
  });
});
