import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { compileFilter } from './filter.ts';
import { filterVariables } from './filter-context.ts';
import { allowedFunctions } from './filter-language.ts';

describe('docs/filters.md', () => {
  const page = readFileSync(new URL('../../docs/filters.md', import.meta.url), 'utf8');
  const section = (title: string): string => page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const quoted = (text: string): string[] =>
    [...text.matchAll(/`([A-Za-z_]+)`/g)].map(([, name]) => name ?? '');

  test('shows expressions that are valid', () => {
    const [, examples] = /```cel\n(.*?)```/s.exec(page) ?? [];
    const sources = (examples ?? '').trim().split('\n');
    assert.ok(sources.length > 5);
    for (const source of sources) assert.equal(compileFilter(source).ok, true, source);
  });

  test('lists every function', () => {
    assert.deepEqual(quoted(section('Functions')).toSorted(), [...allowedFunctions].toSorted());
  });

  test('lists every variable', () => {
    const listed = new Set(quoted(section('What can be named')));
    for (const name of Object.keys(filterVariables)) assert.ok(listed.has(name), name);
  });
});
