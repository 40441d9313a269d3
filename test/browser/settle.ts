import type { Page } from 'playwright-core';

/** Opens a page and waits until what it asks the server for is there. */
export async function settle(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  if (/^\/bases\/[^/]+\/[^/]+$/.test(path)) await page.locator('.rgCell').first().waitFor();
}
