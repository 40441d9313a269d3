import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { systemClock } from './clock.ts';

describe('the system clock', () => {
  it('tells the wall-clock time', () => {
    const before = Date.now();
    const nowMs = systemClock.nowMs();
    assert.ok(nowMs >= before && nowMs <= Date.now());
  });

  it('counts monotonic time, never backwards', () => {
    let last = systemClock.monotonicMs();
    for (let count = 0; count < 1_000; count += 1) {
      const next = systemClock.monotonicMs();
      assert.ok(next >= last);
      last = next;
    }
  });

  it('does not keep the process alive with its timers', () => {
    const program = `
      const { systemClock } = await import(${JSON.stringify(import.meta.resolve('./clock.ts'))});
      systemClock.after(1_000_000, () => undefined);
      process.stdout.write('done');
    `;
    const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 60_000,
    });
    assert.equal(ended.stdout.toString(), 'done');
    assert.equal(ended.status, 0, 'ended by itself');
  });
});

describe('a timer of the system clock', () => {
  const longestTimerMs = 2 ** 31 - 1;
  let calls: string[];

  beforeEach(() => {
    calls = [];
    mock.timers.enable({ apis: ['setTimeout'] });
  });

  afterEach(() => mock.timers.reset());

  it('calls back once, after the delay and no earlier', () => {
    systemClock.after(15, () => calls.push('called'));
    mock.timers.tick(14);
    assert.deepEqual(calls, []);
    mock.timers.tick(1);
    assert.deepEqual(calls, ['called']);
    mock.timers.tick(1_000);
    assert.deepEqual(calls, ['called']);
  });

  it('takes a negative delay for none', () => {
    systemClock.after(1, () => calls.push('later'));
    systemClock.after(-5, () => calls.push('at once'));
    mock.timers.tick(1);
    assert.deepEqual(calls, ['at once', 'later']);
  });

  it('does not call back once cancelled, however often', () => {
    const cancel = systemClock.after(5, () => calls.push('called'));
    cancel();
    cancel();
    mock.timers.tick(5);
    assert.deepEqual(calls, []);
  });

  it('waits as long as a timer can for a delay that is longer, instead of calling back at once', () => {
    systemClock.after(longestTimerMs * 2, () => calls.push('called'));
    mock.timers.tick(longestTimerMs - 1);
    assert.deepEqual(calls, []);
    mock.timers.tick(1);
    assert.deepEqual(calls, ['called']);
  });
});
