import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { before, describe, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { hashOfDescription } from '../../console/generate-client.mjs';
import {
  offeredFormats,
  offeredPresets,
  offeredSignatures,
} from '../../console/src/scenes/webhook-form/offers.ts';
import { payloadFormats, presets } from '../../src/model/webhook.ts';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';
import { type Look, launchChromium, openPage, whyNoBrowser } from './chromium.ts';
import { layoutFaults } from './layout.ts';
import { looks } from './looks.ts';
import { makeSampleWorkspace } from './sample-workspace.ts';
import { settle } from './settle.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const maxFirstLoadBytes = 300_000;

describe('how the console looks, loads and fits the server', { skip: whyNoBrowser }, () => {
  const scope = suiteScope();
  let server: ServerProcess;
  let browser: Browser;
  /** Every kind of page, with something to show. */
  let paths: readonly string[];

  before(async () => {
    server = await ServerProcess.start(scope);
    browser = await launchChromium();
    scope.after(() => browser.close());
    ({ paths } = await makeSampleWorkspace(server));
  });

  async function signedIn(look: Look) {
    const opened = await openPage(browser, server.url, look);
    await opened.page.goto(`/#token=${operatorToken}`);
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    return opened;
  }

  for (const look of looks) {
    test(`${look.name}: nothing overlaps or is cut off, and axe finds nothing serious`, async () => {
      const { page, faults } = await signedIn(look);
      const findings: string[] = [];
      for (const path of paths) {
        await settle(page, path);
        findings.push(...(await layoutFaults(page)).map((fault) => `${path}: ${fault}`));
        await page.evaluate(axe);
        const { violations } = await page.evaluate<AxeResults>('axe.run()');
        for (const { id, impact, nodes } of violations) {
          if (impact !== 'serious' && impact !== 'critical') continue;
          findings.push(
            `${path}: ${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
          );
        }
      }
      assert.deepEqual(findings, []);
      assert.deepEqual(faults, []);
      await page.context().close();
    });
  }

  test('one gets by with the keyboard alone: signing in, finding a page, opening and leaving a dialog', async () => {
    const { page } = await openPage(browser, server.url);
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = (): Promise<string> =>
      page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
      );
    await page.goto('/');
    await page.getByLabel('API token').waitFor();
    await press('Tab');
    await page.keyboard.type(operatorToken);
    await press('Enter');
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await press('Tab');
    assert.equal(await focused(), 'Skip to the content');
    for (let pressed = 0; (await focused()) !== 'Webhooks'; pressed++) {
      assert.ok(pressed < 30, 'the navigation is reached');
      await press('Tab');
    }
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor();
    assert.equal(
      await page.evaluate('document.activeElement.id'),
      'main',
      'the focus follows to the new page',
    );
    await press('Tab', 'Tab', 'Enter');
    await page.getByRole('heading', { level: 1, name: 'Everything to the archive' }).waitFor();
    await page.getByRole('button', { name: 'Enable' }).focus();
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await focused(), 'Enable', 'the focus goes back to where it was');
    await page.context().close();
  });

  test('the first load stays under 300 kB of compressed script', async () => {
    const { page } = await signedIn({});
    await settle(page, '/');
    const sizes = await page.evaluate<{ name: string; size: number }[]>(
      "performance.getEntriesByType('resource').filter((entry) => new URL(entry.name).pathname.endsWith('.js'))" +
        '.map((entry) => ({ name: entry.name, size: entry.encodedBodySize }))',
    );
    const total = sizes.reduce((sum, { size }) => sum + size, 0);
    assert.ok(sizes.length > 1, 'scripts were loaded');
    assert.ok(total < maxFirstLoadBytes, `${total} bytes: ${JSON.stringify(sizes)}`);
    await page.context().close();
  });

  test('the page runs under a policy that lets no foreign script in, and is never cached', async () => {
    const answer = await fetch(`${server.url}/webhooks/anything`, { headers: { accept: 'text/html' } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-security-policy') ?? '', /script-src 'self';/);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(await answer.text())?.[1] ?? '';
    const file = await fetch(server.url + script, { headers: { 'accept-encoding': 'br' } });
    assert.match(file.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(file.headers.get('content-encoding'), 'br');
  });

  test('addresses of the API and of files that are gone are not answered with the page', async () => {
    for (const path of [
      '/v1/nothing',
      '/test-consumer/nothing',
      '/assets/index-0000.js',
      '/../package.json',
    ]) {
      const answer = await fetch(server.url + path, { headers: { accept: 'text/html' } });
      const type = answer.headers.get('content-type') ?? '';
      assert.ok(path.startsWith('/..') || !type.startsWith('text/html'), `${path} is answered with ${type}`);
      assert.doesNotMatch(await answer.text(), /"devDependencies"/);
    }
  });

  test('the client of the console is made from the description that the server gives', async () => {
    const description = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: unknown };
    const client = readFileSync(new URL('../../console/src/api/schema.d.ts', import.meta.url), 'utf8');
    assert.equal(
      /^\/\/ Description (\w+);/.exec(client)?.[1],
      hashOfDescription(description),
      'the API has changed: run `npm run console:client` with a server of this version',
    );
  });

  test('the form offers the presets, formats and signatures that the server takes, and no others', async () => {
    const takes = async (member: string, value: string): Promise<boolean> => {
      const url = `${server.url}/test-consumer/in/offers`;
      const { status } = await server.api.call('POST', '/v1/webhooks', {
        name: 'Offer',
        url,
        // Some formats know rows only, and a template must be there.
        eventTypes: ['row.*'],
        ...(value === 'template' ? { template: { contentType: 'application/json', source: 'data' } } : {}),
        [member]: value,
      });
      return status === 201;
    };
    const taken = async (member: string, values: readonly string[]): Promise<string[]> => {
      const found: string[] = [];
      for (const value of values) if (await takes(member, value)) found.push(value);
      return found;
    };
    assert.deepEqual(await taken('preset', presets), [...offeredPresets]);
    assert.deepEqual(await taken('format', payloadFormats), [...offeredFormats]);
    assert.deepEqual(await taken('signature', ['standard', 'standardAsymmetric', 'seatable', 'none']), [
      ...offeredSignatures,
    ]);
  });
});
