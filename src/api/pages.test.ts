import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Problem } from '../model/problem.ts';
import { numberKey, pageAnswer, pageInMemory, pageRequest } from './pages.ts';

describe('pages', () => {
  const keyOf = (item: number): string => numberKey(item);

  it('together are the list, whatever the limit', () => {
    const items = fc.uniqueArray(fc.nat());
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 10 }), (all, limit) => {
        const seen: number[] = [];
        let cursor: string | null = null;
        for (let page = 0; page <= all.length; page++) {
          const request = pageRequest({ limit, ...(cursor === null ? {} : { cursor }) });
          const answer: { data: number[]; nextCursor: string | null } = pageAnswer(
            pageInMemory(all, keyOf, request),
            (item) => item,
          );
          assert.ok(answer.data.length <= limit);
          seen.push(...answer.data);
          cursor = answer.nextCursor;
          if (cursor === null) break;
        }
        assert.equal(cursor, null);
        assert.deepEqual(
          seen,
          all.toSorted((one, other) => one - other),
        );
      }),
    );
  });

  it('have 100 items where nothing is said', () =>
    assert.deepEqual(pageRequest({}), { limit: 100, cursor: null }));

  it('are not found by cursors that nobody gave out', () => {
    for (const cursor of ['', '!', 'YQ==', 'YR', ' YQ']) {
      assert.throws(() => pageRequest({ cursor }), Problem, cursor);
    }
    assert.equal(pageRequest({ cursor: 'YQ' }).cursor, 'a');
  });
});
