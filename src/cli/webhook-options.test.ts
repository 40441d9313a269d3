import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { knobsOf } from './webhook-options.ts';

describe('the flags of a webhook', () => {
  it('become the fields of the API, and only those that were given', () => {
    assert.deepEqual(
      knobsOf(
        { name: 'crm', url: 'https://example.com', event: ['row.*'], filterColumn: ['A'], timeoutMs: 500 },
        'base-id',
      ),
      {
        name: 'crm',
        url: 'https://example.com',
        eventTypes: ['row.*'],
        filterColumns: ['A'],
        timeoutMs: 500,
        base: 'base-id',
      },
    );
  });

  it('set any knob to JSON, or to text where it is none', () => {
    assert.deepEqual(
      knobsOf({ set: ['timeoutMs=5000', 'retry=grist', 'filter=null', 'tags=["a:b"]'] }, undefined),
      { timeoutMs: 5000, retry: 'grist', filter: null, tags: ['a:b'] },
    );
  });

  it('set members of a knob one by one', () => {
    assert.deepEqual(knobsOf({ set: ['retry.delaysMs=[1000,2000]', 'retry.jitter=0.5'] }, undefined), {
      retry: { delaysMs: [1000, 2000], jitter: 0.5 },
    });
  });

  it('add to the headers that are there, whatever the case of their names', () => {
    const before = { authorization: '***', 'x-old': '1' };
    assert.deepEqual(knobsOf({ header: ['X-Old: 2', 'X-New: a: b'] }, undefined, before), {
      headers: { authorization: '***', 'x-old': '2', 'x-new': 'a: b' },
    });
  });

  it('are refused when they do not have their form', () => {
    assert.throws(() => knobsOf({ header: ['X-New'] }, undefined), /must have the form "NAME: VALUE"/);
    assert.throws(() => knobsOf({ set: ['timeoutMs'] }, undefined), /must have the form KNOB=JSON/);
  });
});
