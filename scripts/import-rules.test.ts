import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, parse, posix } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A file of src, what it imports (or the global `fetch`), and whether the import rules let it. */
type Sample = readonly [file: string, uses: string, allowed: boolean];

const samples: readonly Sample[] = [
  ['model/a.ts', './b.ts', true],
  ['model/a.ts', '../matching/b.ts', false],
  ['model/a.ts', '../config/b.ts', false],
  ['model/a.ts', 'node:crypto', true],
  ['model/a.ts', 'node:fs', false],

  ['matching/a.ts', '../model/b.ts', true],
  ['matching/a.ts', '../delivery/b.ts', false],
  ['matching/a.ts', '../formats/b.ts', false],
  ['matching/a.ts', '../webhooks/b.ts', false],
  ['matching/a.ts', 'node:fs/promises', false],
  ['matching/a.ts', 'node:net', false],
  ['matching/a.ts', 'ajv', true],
  ['matching/inner/a.ts', '../b.ts', true],
  ['matching/inner/a.ts', '../../model/b.ts', true],
  ['matching/inner/a.ts', '../../delivery/b.ts', false],

  ['formats/a.ts', '../model/b.ts', true],
  ['formats/a.ts', '../matching/b.ts', false],
  ['formats/a.ts', 'node:http', false],
  ['formats/a.ts', 'undici', false],

  ['config/a.ts', '../model/b.ts', true],
  ['config/a.ts', 'node:fs', true],
  ['config/a.ts', '../store/port.ts', false],

  ['egress/a.ts', '../model/b.ts', true],
  ['egress/a.ts', 'undici', true],
  ['egress/a.ts', '../delivery/b.ts', false],

  ['store/port.ts', '../model/b.ts', true],
  ['store/sqlite/a.ts', '../port.ts', true],
  ['store/sqlite/a.ts', '../migrations/b.ts', true],
  ['store/sqlite/a.ts', '../../model/b.ts', true],
  ['store/sqlite/a.ts', '../postgres/b.ts', false],
  ['store/postgres/a.ts', '../sqlite/b.ts', false],
  ['store/postgres/a.ts', '../../delivery/b.ts', false],

  ['cluster/a.ts', '../model/b.ts', true],
  ['cluster/a.ts', '../webhooks/b.ts', true],
  ['cluster/a.ts', '../delivery/b.ts', true],
  ['cluster/a.ts', '../store/port.ts', true],
  ['cluster/a.ts', '../store/postgres/b.ts', true],
  ['cluster/a.ts', '../store/sqlite/b.ts', false],
  ['cluster/a.ts', '../api/b.ts', false],
  ['cluster/a.ts', 'node:net', false],
  ['delivery/a.ts', '../cluster/b.ts', false],

  ['sources/bases/a.ts', '../events/b.ts', true],
  ['sources/bases/a.ts', '../../model/b.ts', true],
  ['sources/bases/a.ts', '../../config/b.ts', true],
  ['sources/bases/a.ts', '../../store/port.ts', true],
  ['sources/bases/a.ts', '../../store/sqlite/b.ts', false],
  ['sources/bases/a.ts', '../../delivery/b.ts', false],
  ['sources/bases/a.ts', '../../api/b.ts', false],
  ['sources/bases/a.ts', 'node:net', false],

  ['webhooks/a.ts', '../model/b.ts', true],
  ['webhooks/a.ts', '../formats/b.ts', true],
  ['webhooks/a.ts', '../sources/bases/b.ts', true],
  ['webhooks/a.ts', '../store/port.ts', true],
  ['webhooks/a.ts', '../delivery/b.ts', false],
  ['webhooks/a.ts', 'undici', false],

  ['delivery/a.ts', '../matching/b.ts', true],
  ['delivery/a.ts', '../webhooks/b.ts', true],
  ['delivery/a.ts', '../formats/b.ts', true],
  ['delivery/a.ts', '../egress/b.ts', true],
  ['delivery/a.ts', '../store/port.ts', true],
  ['delivery/a.ts', '../store/sqlite/b.ts', false],
  ['delivery/a.ts', '../sources/b.ts', false],
  ['delivery/a.ts', '../api/b.ts', false],
  ['delivery/a.ts', '../main.ts', false],
  ['delivery/a.ts', 'undici', false],

  ['retention/a.ts', '../store/port.ts', true],
  ['retention/a.ts', '../model/b.ts', true],
  ['retention/a.ts', '../store/sqlite/b.ts', false],
  ['retention/a.ts', '../delivery/b.ts', false],
  ['retention/a.ts', 'nodemailer', false],

  ['identity/a.ts', '../store/port.ts', true],
  ['identity/a.ts', '../config/index.ts', true],
  ['identity/a.ts', 'openid-client', true],
  ['identity/a.ts', '../api/b.ts', false],
  ['identity/a.ts', '../store/sqlite/b.ts', false],
  ['identity/a.ts', 'undici', false],
  ['api/a.ts', '../identity/b.ts', true],
  ['delivery/a.ts', '../identity/b.ts', false],
  ['notices/a.ts', '../store/port.ts', true],
  ['notices/a.ts', 'nodemailer', true],
  ['notices/a.ts', '../delivery/b.ts', false],
  ['notices/a.ts', '../egress/b.ts', false],
  ['notices/a.ts', 'undici', false],
  ['notices/a.ts', 'node:net', false],
  ['notices/a.ts', 'fetch', false],
  ['delivery/a.ts', 'nodemailer', false],
  ['delivery/a.ts', '../notices/b.ts', false],
  ['api/a.ts', 'nodemailer', false],
  ['api/a.ts', '../retention/b.ts', false],

  ['api/routes/a.ts', '../../delivery/b.ts', true],
  ['api/routes/a.ts', '../../sources/bases/b.ts', true],
  ['api/routes/a.ts', '../../store/port.ts', true],
  ['api/routes/a.ts', '../../store/postgres/b.ts', false],
  ['api/routes/a.ts', '../../cli/b.ts', false],

  ['cli/a.ts', '../api/b.ts', true],
  ['cli/a.ts', '../config/b.ts', true],
  ['cli/a.ts', '../store/sqlite/b.ts', false],
  ['cli/a.ts', '../main.ts', false],
  ['cli/a.ts', '../serve.ts', false],

  ['cli/a.ts', '../maintenance/b.ts', true],

  ['telemetry/a.ts', '../store/port.ts', true],
  ['telemetry/a.ts', '../delivery/b.ts', false],
  ['maintenance/a.ts', '../store/sqlite/b.ts', true],
  ['maintenance/a.ts', '../config/b.ts', true],
  ['maintenance/a.ts', '../egress/b.ts', true],
  ['maintenance/a.ts', '../api/b.ts', false],
  ['maintenance/a.ts', 'undici', false],
  ['api/a.ts', '../maintenance/b.ts', false],

  ['test-consumer/a.ts', '../api/plugin.ts', true],
  ['test-consumer/a.ts', '../api/b.ts', false],
  ['test-consumer/a.ts', '../delivery/b.ts', false],

  ['egress/a.ts', 'fetch', true],
  ['cli/a.ts', 'fetch', true],
  ['delivery/a.ts', 'fetch', false],
  ['sources/events/a.ts', 'fetch', false],
  ['api/a.test.ts', 'fetch', true],

  ['unheard-of/a.ts', '../model/b.ts', false],

  ['main.ts', './store/sqlite/b.ts', true],
  ['main.ts', './api/b.ts', true],
  ['matching/a.test.ts', '../store/sqlite/b.ts', true],
  ['delivery/a.ts', './testing/b.ts', false],
  ['delivery/a.test.ts', './testing/b.ts', true],
  ['delivery/testing/a.ts', '../../store/sqlite/b.ts', true],
];

describe('the import rules', () => {
  let refused: ReadonlySet<string>;

  before(() => {
    const folder = mkdtempSync(join(tmpdir(), 'rowhook-import-rules-'));
    try {
      cpSync(join(root, 'biome.imports.jsonc'), join(folder, 'biome.jsonc'));
      for (const [index, [file, uses]] of samples.entries()) {
        const path = join(folder, samplePath(file, index));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, uses === 'fetch' ? 'await fetch(url);\n' : `import type {} from '${uses}';\n`);
      }
      refused = lint(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const [index, [file, uses, allowed]] of samples.entries()) {
    test(`src/${file} ${allowed ? 'may' : 'may not'} use ${uses}`, () => {
      assert.equal(refused.has(samplePath(file, index)), !allowed);
    });
  }
});

/** Where a sample is written, so that samples for the same file lie beside each other: `src/model/7-a.ts`. */
function samplePath(file: string, index: number): string {
  const { dir, base } = parse(file);
  return posix.join('src', dir, `${index}-${base}`);
}

/** The files, relative to the folder, in which Biome finds something that the import rules refuse. */
function lint(folder: string): ReadonlySet<string> {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'lint', '--reporter=json', '--max-diagnostics=none'],
    { cwd: folder, encoding: 'utf8' },
  );
  assert.notEqual(stdout, '', stderr);
  const report: { diagnostics: { category: string; location: { path: string } }[] } = JSON.parse(stdout);
  const refusals = report.diagnostics.filter(({ category }) =>
    category.startsWith('lint/style/noRestricted'),
  );
  return new Set(refusals.map(({ location }) => location.path));
}
