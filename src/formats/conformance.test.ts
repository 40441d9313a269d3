import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

/** Tests that a cell of the page names: a file in backticks, a colon, and names with semicolons between. */
function namedTests(cell: string): Array<{ file: string; names: readonly string[] }> {
  return [...cell.matchAll(/`([\w/.-]+\.test\.ts)`(?:: ([^`|]+))?/g)].map(([, file = '', names = '']) => ({
    file,
    names: names.split(';').flatMap((name) => name.trim() || []),
  }));
}

describe('docs/conformance.md', () => {
  const page = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| sentence'));

  test('names a test, or a reason, for every sentence', () => {
    assert.ok(rows.length > 30);
    for (const row of rows) assert.match(row, /^\| [^|]+ \| [^|]+ \|$/, row);
  });

  test('names tests that exist', () => {
    for (const row of rows) {
      for (const { file, names } of namedTests(row)) {
        const url = new URL(`../${file}`, import.meta.url);
        assert.ok(existsSync(url), file);
        const source = readFileSync(url, 'utf8');
        for (const name of names) assert.ok(source.includes(name), `${file}: ${name}`);
      }
    }
  });
});
