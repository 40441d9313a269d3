import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SYSTEM_LOOKUPS_AT_ONCE, SYSTEM_LOOKUPS_WAITING } from './limits.ts';
import { SystemLookup } from './system-lookup.ts';

describe('system lookup', () => {
  it('knows the hosts file', async () => {
    assert.ok((await new SystemLookup().resolve('localhost')).includes('127.0.0.1'));
  });

  it('takes as many as may wait, refuses the others, and goes on afterwards', async () => {
    const system = new SystemLookup();
    const accepted = SYSTEM_LOOKUPS_AT_ONCE + SYSTEM_LOOKUPS_WAITING;
    const outcomes = await Promise.allSettled(
      Array.from({ length: accepted + 3 }, () => system.resolve('localhost')),
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'found' : outcome.reason.code)),
      [...Array(accepted).fill('found'), ...Array(3).fill('DNS_FAILED')],
    );
    assert.ok((await system.resolve('localhost')).length > 0);
  });
});
