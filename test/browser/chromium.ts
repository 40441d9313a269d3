import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumPlaces } from '../../scripts/chromium-places.mjs';

export const chromiumPath = chromiumPlaces().find((place) => existsSync(place)) ?? null;

/** Why browser tests cannot run here; false: they can. */
export const whyNoBrowser: string | false =
  chromiumPath === null &&
  'no Chromium was found: install it (Debian: apt-get install chromium), or name it in ROWHOOK_TEST_CHROMIUM';

/** Quiet: nothing but what a page asks for leaves the browser. */
const launchOptions = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error(String(whyNoBrowser));
  return chromium.launch({ executablePath: chromiumPath, args: launchOptions });
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
}

/** A page in a fresh profile. What the page's own code got wrong is collected in `faults`. */
export async function openPage(
  browser: Browser,
  address: string,
  look: Look = {},
): Promise<{ page: Page; faults: readonly string[] }> {
  const { width = 1440, height = 900, locale = 'en-GB', colorScheme = 'light' } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    locale,
    colorScheme,
    baseURL: address,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // The browser reports every answer of 400 and more by itself; the tests look at how the page takes them.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  return { page, faults };
}
