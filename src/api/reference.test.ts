import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { describeSettings } from '../config/index.ts';
import { apiReference, openApiDocument, operationsOf, settingsReference } from './reference.ts';

const committed = (name: string): Promise<string> =>
  readFile(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8');

describe('the reference', () => {
  it('of the API in docs/ is current; if not, run `npm run docs`', async () => {
    assert.equal(await committed('api.md'), apiReference(await openApiDocument()));
  });

  it('of the settings in docs/ is current; if not, run `npm run docs`', async () => {
    assert.equal(await committed('settings.md'), settingsReference());
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
