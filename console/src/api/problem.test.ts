import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathOf, problemFrom, toProblem } from './problem.ts';

test('problem details become a problem with its fields', () => {
  const problem = problemFrom(400, {
    title: 'The request has invalid values',
    detail: '/url: must be http or https',
    errors: [{ pointer: '/url', detail: 'must be http or https' }],
    requestId: 'req_1',
  });
  assert.equal(problem.kind, 'invalid');
  assert.equal(problem.message, '/url: must be http or https');
  assert.deepEqual(problem.errors, [{ pointer: '/url', detail: 'must be http or https' }]);
});

test('an answer that is no problem document still says something', () => {
  assert.equal(problemFrom(502, '<html>').message, '<html>');
  assert.equal(problemFrom(502, null).message, 'HTTP 502');
  assert.equal(problemFrom(502, null).kind, 'failed');
});

test('no answer at all is told apart from a failure', () => {
  assert.equal(toProblem(new TypeError('Failed to fetch')).kind, 'offline');
  assert.equal(toProblem('odd').kind, 'failed');
});

test('a pointer leads to the field of a form', () => {
  assert.equal(pathOf('/retry/delaysMs/2'), 'retry.delaysMs.2');
  assert.equal(pathOf('#/headers/x~1y'), 'headers.x/y');
  assert.equal(pathOf('since'), 'since');
});
