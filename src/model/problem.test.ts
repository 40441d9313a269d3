import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { invalidField, Problem, problemCodes } from './problem.ts';

describe('a problem', () => {
  it('is an error with a code, and says what was wrong', () => {
    const problem = new Problem('conflict', 'There is one already.');
    assert.ok(problem instanceof Error);
    assert.equal(problem.name, 'Problem');
    assert.equal(problem.code, 'conflict');
    assert.equal(problem.message, 'There is one already.');
    assert.deepEqual(problem.errors, []);
  });

  it('of one field names the field in text and in data', () => {
    const problem = invalidField('/url', 'must be an absolute URL.');
    assert.equal(problem.code, 'invalid-input');
    assert.equal(problem.message, '/url: must be an absolute URL.');
    assert.deepEqual(problem.errors, [{ pointer: '/url', detail: 'must be an absolute URL.' }]);
  });

  it('has an HTTP status of its own kind for every code', () => {
    const statuses = Object.values(problemCodes).map(({ status }) => status);
    for (const status of statuses) assert.ok(status >= 400 && status < 600, String(status));
    assert.equal(new Set(statuses).size, statuses.length);
  });
});
