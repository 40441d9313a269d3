import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';

const reference = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const [ofTheApi = '', ofAttempts = ''] = reference.split('## Of an attempt');

/** The codes in the first column of a page's tables. */
const codesOf = (page: string): string[] =>
  [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, code]) => String(code));

test('every code that the server can answer with has its words in both languages', () => {
  for (const { errors } of [en, fr]) {
    assert.deepEqual(Object.keys(errors.problems).sort(), codesOf(ofTheApi).sort());
    assert.deepEqual(Object.keys(errors.attempts).sort(), codesOf(ofAttempts).sort());
    assert.deepEqual(Object.keys(errors.cures).sort(), codesOf(ofAttempts).sort());
  }
});
