import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '../model/clock.ts';
import { Problem } from '../model/problem.ts';
import { AttemptLimit, addressKey } from './attempt-limit.ts';

class PassingClock implements Clock {
  readonly after = systemClock.after;
  nowTimeMs = 0;
  nowMs(): number {
    return 1_000;
  }
  monotonicMs(): number {
    return this.nowTimeMs;
  }
}

const refusal = (seconds: number) => (error: unknown) => {
  assert.ok(error instanceof Problem);
  assert.deepEqual([error.code, error.retryAfterSeconds], ['too-many-requests', seconds]);
  return true;
};

describe('a limit of attempts', () => {
  it('refuses after as many as it allows, and says when to come back', () => {
    const clock = new PassingClock();
    const limit = new AttemptLimit(clock, 2);
    limit.begin('ada');
    clock.nowTimeMs += 60_000;
    limit.begin('ada');
    assert.throws(() => limit.begin('ada'), refusal(840));
    limit.begin('bob');
    clock.nowTimeMs += 840_000;
    limit.begin('ada');
  });

  it('does not count attempts that did not fail, and forgets when the right one came', () => {
    const limit = new AttemptLimit(new PassingClock(), 1);
    limit.begin('ada');
    limit.undo('ada');
    limit.begin('ada');
    assert.throws(() => limit.begin('ada'), refusal(900));
    limit.forget('ada');
    limit.begin('ada');
  });

  it('tells the first refusal of a period from the others', () => {
    const limit = new AttemptLimit(new PassingClock(), 1);
    limit.begin('ada');
    assert.equal(limit.isFirstRefusal('ada'), false);
    assert.throws(() => limit.begin('ada'));
    assert.equal(limit.isFirstRefusal('ada'), true);
    assert.throws(() => limit.begin('ada'));
    assert.equal(limit.isFirstRefusal('ada'), false);
  });

  it('remembers 10,000 keys and no more', () => {
    const limit = new AttemptLimit(new PassingClock(), 1);
    for (let index = 0; index < 10_001; index++) limit.begin(`key ${index}`);
    limit.begin('key 0');
    assert.throws(() => limit.begin('key 10000'));
  });
});

describe('the key of an address', () => {
  for (const [address, key] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    [
      '2001:db8:1:2:3:4:5:6',
      '2001:db8:1:2'
        .split(':')
        .map((group) => Number.parseInt(group, 16))
        .join(':'),
    ],
    ['not an address', 'not an address'],
  ] as const) {
    it(`of ${address} is ${key}`, () => assert.equal(addressKey(address), key));
  }

  it('is the same for all addresses of one network, and another for the next', () => {
    assert.equal(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:2:ffff::9'));
    assert.notEqual(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'));
  });
});
