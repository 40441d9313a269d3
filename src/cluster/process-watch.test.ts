import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProcessWatch } from './process-watch.ts';

describe('who watches processes', () => {
  it('takes one for silent that has not beaten for longer than the timeout', () => {
    const watch = new ProcessWatch(10_000);
    for (let second = 0; second <= 10; second += 1) {
      const seen = [
        { id: 'silent', beats: 7 },
        { id: 'alive', beats: second },
      ];
      assert.deepEqual(watch.look(seen, second * 1_000), []);
    }
    const seen = [
      { id: 'silent', beats: 7 },
      { id: 'alive', beats: 11 },
    ];
    assert.deepEqual(watch.look(seen, 11_000), ['silent']);
  });

  it('begins to count anew after it was away itself', () => {
    const watch = new ProcessWatch(10_000);
    const seen = [{ id: 'other', beats: 7 }];
    watch.look(seen, 0);
    assert.deepEqual(watch.look(seen, 60_000), [], 'it was paused: what it saw last says nothing');
    for (let second = 1; second <= 10; second += 1) {
      assert.deepEqual(watch.look(seen, 60_000 + second * 1_000), []);
    }
    assert.deepEqual(watch.look(seen, 71_000), ['other']);
  });

  it('knows nothing of one that went and came back', () => {
    const watch = new ProcessWatch(2_000);
    watch.look([{ id: 'other', beats: 7 }], 0);
    watch.look([], 1_000);
    watch.look([{ id: 'other', beats: 7 }], 2_000);
    assert.deepEqual(watch.look([{ id: 'other', beats: 7 }], 3_000), []);
  });
});
