// Sees to it that the browser tests have a Chromium: takes the system's, or installs Debian's where that is
// possible without asking anyone. Elsewhere it says what to do, and the browser tests say why they are skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromiumPlaces } from './chromium-places.mjs';

if (!chromiumPlaces().some((place) => existsSync(place))) {
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.error('Installing Chromium for the browser tests (about a minute) ...');
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
  } else {
    console.error(
      'No Chromium was found, so the browser tests are skipped. Install it (Debian: apt-get install chromium), ' +
        'or name it in ROWHOOK_TEST_CHROMIUM.',
    );
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed; the browser tests are skipped.`);
    process.exit(0);
  }
}
