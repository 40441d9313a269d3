// Takes a picture of every screen, for people to look at:
//
//   npm run --silent node test/browser/screenshots.ts FOLDER [PART OF AN ADDRESS] [LOOK]
//
// Not a test: what is ugly only a person sees.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';
import { launchChromium, openPage } from './chromium.ts';
import { looks } from './looks.ts';
import { makeSampleWorkspace } from './sample-workspace.ts';
import { settle } from './settle.ts';

const [folder = '.cache/screenshots', part = '', wantedLook = ''] = process.argv.slice(2);

const stops: Array<() => unknown> = [];
const scope: Scope = { after: (stop) => void stops.push(stop) };
try {
  const server = await ServerProcess.start(scope);
  const sample = await makeSampleWorkspace(server);
  const browser = await launchChromium();
  scope.after(() => browser.close());
  mkdirSync(folder, { recursive: true });
  for (const look of looks.filter(({ name }) => name.includes(wantedLook))) {
    const { page } = await openPage(browser, server.url, look);
    await page.goto(`/#token=${operatorToken}`);
    for (const path of sample.paths.filter((each) => each.includes(part))) {
      await settle(page, path);
      const place = path === '/' ? 'home' : path.slice(1).replaceAll(/[^a-zA-Z0-9]+/g, '-');
      const file = join(folder, `${place}.${look.name.replaceAll(/[^a-z0-9]+/gi, '-')}.png`);
      await page.screenshot({ path: file, fullPage: true });
      process.stdout.write(`${file}\n`);
    }
    await page.context().close();
  }
} finally {
  for (const stop of stops.reverse()) await stop();
}
