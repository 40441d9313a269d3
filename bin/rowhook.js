#!/usr/bin/env node
// The command `rowhook`: from a clone it runs src/ on the pinned Node, from the published package dist/.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../scripts/launch.mjs';

/** The oldest Node that dist/ is compiled for. */
const OLDEST_NODE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const source = join(root, 'src', 'main.ts');

if (existsSync(source)) {
  const { runOnPinnedNode } = await import('../scripts/pinned-node.mjs');
  runOnPinnedNode([source, ...args]);
} else if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) {
  launch(process.execPath, [join(root, 'dist', 'main.js'), ...args]);
} else {
  const bundled = bundledNode();
  if (bundled === undefined) {
    console.error(
      `Rowhook needs Node ${OLDEST_NODE} or newer; this is ${process.version}, and the Node that comes with ` +
        'the package is not installed (npm did not run the install script of the package node).',
    );
    process.exitCode = 1;
  } else {
    launch(bundled, [join(root, 'dist', 'main.js'), ...args]);
  }
}

/** The Node that comes as a dependency of the package, if it is installed. */
function bundledNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const file = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
