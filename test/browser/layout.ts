import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(new URL('../../console/testing/layout-faults.ts', import.meta.url), 'utf8');
const script = stripTypeScriptTypes(source).replace('export function', 'function');

/**
 * What is laid out wrongly on the page that is open, as sentences: the page is wider than the screen, something
 * reaches out of it, a text is cut off without a sign of it, or two things that a person reads or presses lie on
 * one another.
 */
export function layoutFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(`${script}; findLayoutFaults()`);
}
