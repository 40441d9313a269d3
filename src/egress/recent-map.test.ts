import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RecentMap } from './recent-map.ts';

describe('recent map', () => {
  it('returns what was set last, or nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat())), (writes) => {
        const map = new RecentMap<number, number>(10);
        const model = new Map<number, number>();
        for (const [key, value] of writes) {
          map.set(key, value);
          model.set(key, value);
          const found = map.get(key);
          assert.ok(found === undefined || found === model.get(key));
          assert.equal(map.get(key), value);
        }
        for (const [key, value] of model) assert.ok([undefined, value].includes(map.get(key)));
      }),
    );
  });

  it('keeps what is used all the time while others come and go', () => {
    const map = new RecentMap<string, number>(10);
    map.set('steady', 1);
    for (let other = 0; other < 1000; other += 1) {
      map.set(`other ${other}`, other);
      assert.equal(map.get('steady'), 1);
    }
  });

  it('holds no more than its capacity', () => {
    const map = new RecentMap<number, number>(10);
    for (let key = 0; key < 1000; key += 1) map.set(key, key);
    const held = Array.from({ length: 1000 }, (_, key) => map.get(key)).filter(
      (value) => value !== undefined,
    );
    assert.ok(held.length <= 10, `${held.length}`);
    assert.equal(map.get(999), 999);
  });
});
