import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The anchor that a heading gets where Markdown is shown. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '');
  return words.trim().replaceAll(' ', '-');
}

function anchorsOf(page: string): readonly string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

describe('the documentation', () => {
  for (const page of pages) {
    it(`${page} has only links that lead somewhere`, () => {
      const text = read(page).replaceAll(/```.*?```/gs, '');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const linked = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(join(root, linked)), target);
        if (anchor !== undefined) assert.ok(anchorsOf(linked).includes(anchor), target);
      }
    });
  }

  it('names tests that exist for each invariant', () => {
    const section = read('docs/concepts.md').split('## Invariants\n')[1] ?? '';
    const invariants = [...section.matchAll(/^\| (I\d) \| [^|]+ \| ([^|]+) \|$/gm)];
    assert.deepEqual(
      invariants.map(([, name]) => name),
      ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8'],
    );
    for (const [, invariant, tests = ''] of invariants) {
      for (const named of tests.split('; `')) {
        const [, file = '', name = ''] = /^`?([\w/.-]+)`: (.+?) *$/s.exec(named) ?? [];
        assert.ok(file !== '', `${invariant}: ${named}`);
        assert.ok(read(file).includes(name), `${invariant}: ${file}: ${name}`);
      }
    }
  });
});
