import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { describeSettings } from '../config/index.ts';
import { egressErrors } from '../egress/index.ts';
import { problemCodes } from '../model/problem.ts';
import { errorReference } from './error-reference.ts';
import { apiReference, openApiDocument, operationsOf, settingsReference } from './reference.ts';

const committed = (name: string): Promise<string> =>
  readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the reference', () => {
  it('of the API in docs/ is current; if not, run `npm run docs`', async () => {
    assert.equal(await committed('reference/api.md'), apiReference(await openApiDocument()));
  });

  it('of the settings in docs/ is current; if not, run `npm run docs`', async () => {
    assert.equal(await committed('reference/settings.md'), settingsReference());
  });

  it('of the errors in docs/ is current; if not, run `npm run docs`', async () => {
    assert.equal(await committed('errors.md'), errorReference());
  });

  it('has every error code that an attempt can have, whichever file names it', async () => {
    const page = errorReference();
    const directory = new URL('../delivery/', import.meta.url);
    const named = new Set<string>(Object.keys(egressErrors));
    for (const file of await readdir(directory)) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const source = await readFile(new URL(file, directory), 'utf8');
      for (const [, code = ''] of source.matchAll(/\b(?:errorCode|code): '([A-Z_]+)'/g)) named.add(code);
    }
    assert.ok(named.has('HTTP_STATUS'));
    for (const code of named) assert.ok(page.includes(`| \`${code}\` |`), code);
  });

  it('has every code of a problem, with its status', () => {
    const page = errorReference();
    for (const [code, { status }] of Object.entries(problemCodes)) {
      assert.ok(page.includes(`| \`${code}\` | ${status} |`), code);
    }
  });

  it('has every route and every setting', async () => {
    const document = await openApiDocument();
    const page = apiReference(document);
    for (const { method, path } of operationsOf(document))
      assert.ok(page.includes(`    ${method} ${path}\n`));
    const settings = settingsReference();
    for (const { variable, flag } of describeSettings()) {
      assert.ok(settings.includes(`\`${variable}\``) && settings.includes(`\`${flag}\``), variable);
    }
  });
});
