import { fileURLToPath } from 'node:url';
import { ensureInstalled, InstallError, pinnedNode } from './install.mjs';
import { launch } from './launch.mjs';

const OLDEST_NODE = 20;
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs the dependencies if they are missing or have changed, then turns this process into the pinned
 * Node with the given arguments. Without arguments it only installs.
 *
 * @param {readonly string[]} args
 */
export function runOnPinnedNode(args) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    fail(`Rowhook needs Node ${OLDEST_NODE} or newer to start; this is ${process.version}.`);
    return;
  }
  try {
    ensureInstalled(root);
  } catch (error) {
    if (!(error instanceof InstallError)) {
      throw error;
    }
    fail(error.message);
    return;
  }
  if (args.length > 0) {
    launch(pinnedNode(root), args);
  }
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
