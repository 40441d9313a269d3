import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { presets } from '../model/webhook.ts';
import { defaultConcurrency, presetBehaviours, retrySchedules } from './presets.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

describe('presets', () => {
  it('there is one for every name', () => assert.deepEqual(Object.keys(presetBehaviours), [...presets]));

  it('codat: eight attempts within about 28 hours; three failures, then success, take 35 min 5 s', () => {
    const { delaysMs, forever, jitter } = retrySchedules.codat;
    const sum = (delays: readonly number[]): number => delays.reduce((total, delay) => total + delay, 0);
    assert.equal(delaysMs.length + 1, 8);
    assert.equal(sum(delaysMs), 27 * hour + 35 * minute + 5 * second);
    assert.equal(sum(delaysMs.slice(0, 3)), 35 * minute + 5 * second);
    assert.deepEqual([forever, jitter], [false, 0]);
  });

  it('codat: 15 s, any 2xx, one event a request, in no order, disabled after five days', () => {
    const { timeoutMs, success, batch, order, disable, signature } = presetBehaviours.codat;
    assert.deepEqual([timeoutMs, success, batch.maxEvents, order], [15 * second, '2xx', 1, 'independent']);
    assert.deepEqual(disable, { afterFailures: null, afterFailingMs: 5 * 24 * hour });
    assert.equal(signature, 'standard');
    assert.equal(defaultConcurrency(order), 10);
  });

  it('grist: waits of 1, 2, 4 … 64 s, then 64 s for ever; batches of 100; never disabled; unsigned', () => {
    assert.deepEqual(retrySchedules.grist, {
      delaysMs: [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000],
      forever: true,
      jitter: 0,
    });
    const { batch, disable, order, success, signature, eventTypes } = presetBehaviours.grist;
    assert.equal(batch.maxEvents, 100);
    assert.deepEqual(disable, { afterFailures: null, afterFailingMs: null });
    assert.deepEqual([order, success, signature], ['ordered', '2xx', 'none']);
    assert.deepEqual(eventTypes, ['row.inserted', 'row.updated']);
  });

  it('seatable: 200 only, 30 s, all row changes, in order, invalid after five failures in a row', () => {
    const { success, timeoutMs, eventTypes, order, disable, signature, retry } = presetBehaviours.seatable;
    assert.deepEqual([success, timeoutMs, order, signature], ['200', 30 * second, 'ordered', 'seatable']);
    assert.deepEqual(eventTypes, ['row.*']);
    assert.deepEqual(disable, { afterFailures: 5, afterFailingMs: null });
    assert.equal(retry.delaysMs.length + 1, 5);
  });

  it('plain: Standard Webhooks, in order', () => {
    const { format, signature, order, success } = presetBehaviours.plain;
    assert.deepEqual([format, signature, order, success], ['standard', 'standard', 'ordered', '2xx']);
    assert.equal(defaultConcurrency(order), 1);
  });
});
