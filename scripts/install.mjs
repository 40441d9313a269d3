import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * One package in a lock file.
 * @typedef {{
 *   version?: string, integrity?: string, link?: boolean,
 *   optional?: boolean, devOptional?: boolean, os?: string[], cpu?: string[],
 * }} LockedPackage
 *
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/** Options are given here, where a user's own npm settings do not undo them. */
const INSTALL_ARGS = [
  'ci',
  // Tests and the type checker are part of what a clone is for, whatever NODE_ENV says.
  '--include=dev',
  '--include=optional',
  // The pinned Node arrives through the install script of the package `node`.
  '--ignore-scripts=false',
  // Packages may ask for a newer Node than the one that installs; the pinned one runs them.
  '--engine-strict=false',
  // Errors only: npm warns about each such package.
  '--loglevel=error',
  '--no-audit',
  '--no-fund',
];

/** An install that cannot go on, with a text for the person at the terminal. */
export class InstallError extends Error {}

/**
 * Installs the dependencies if `node_modules` does not hold what `package-lock.json` asks for.
 *
 * @param {string} root the repository's folder
 */
export function ensureInstalled(root) {
  const reason = whyInstall(root);
  if (reason === undefined) {
    return;
  }
  console.error(`Installing dependencies (${reason}; takes up to a minute) ...`);
  runNpm(root, INSTALL_ARGS);
  const remaining = whyInstall(root);
  if (remaining !== undefined) {
    throw new InstallError(
      `npm ci ended well, but the installation is not complete (${remaining}). ` +
        'Delete the folder node_modules and try again. If that does not help, see whether a setting of ' +
        'npm keeps install scripts from running (`npm config ls`).',
    );
  }
}

/**
 * The path of the Node that runs Rowhook in this repository: the npm package `node`, whose version
 * `package.json` pins.
 *
 * @param {string} root the repository's folder
 */
export function pinnedNode(root) {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(root, 'node_modules', 'node', 'bin', file);
}

/**
 * Why the dependencies must be installed, or `undefined` when they need not be.
 *
 * @param {string} root the repository's folder
 */
function whyInstall(root) {
  const wanted = /** @type {Lock} */ (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  /** @type {Lock} */
  let installed;
  try {
    // npm's own record of what it put into node_modules, written when an install has ended well.
    installed = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'));
  } catch {
    return 'first start';
  }
  const difference = lockDifference(wanted, installed, process);
  if (difference !== undefined) {
    return difference;
  }
  try {
    accessSync(pinnedNode(root), constants.X_OK);
  } catch {
    return 'the pinned Node is missing';
  }
  return undefined;
}

/**
 * The first way in which installed packages differ from what a lock file asks for, or `undefined`.
 * Packages that are installed on top of what is asked for do not matter.
 *
 * @param {Lock} wanted `package-lock.json`
 * @param {Lock} installed `node_modules/.package-lock.json`
 * @param {{ platform: string, arch: string }} machine
 * @returns {string | undefined}
 */
export function lockDifference(wanted, installed, machine) {
  for (const [path, expected] of Object.entries(wanted.packages)) {
    if (path === '' || expected.link) {
      continue;
    }
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const found = installed.packages[path];
    if (found === undefined) {
      // npm leaves out optional packages that are made for another machine.
      if (expected.optional || expected.devOptional) {
        continue;
      }
      return `${name} is missing`;
    }
    if (!allows(found.os, machine.platform) || !allows(found.cpu, machine.arch)) {
      return `${name} was installed on another kind of machine`;
    }
    if (found.version !== expected.version || found.integrity !== expected.integrity) {
      return `${name} has changed`;
    }
  }
  return undefined;
}

/**
 * Whether a package's list of systems (`["linux"]`, `["!win32"]`) admits one.
 *
 * @param {readonly string[] | undefined} list
 * @param {string} value
 */
function allows(list, value) {
  if (list === undefined || list.length === 0) {
    return true;
  }
  if (list.includes(`!${value}`)) {
    return false;
  }
  return list.every((entry) => entry.startsWith('!')) || list.includes(value);
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 */
function runNpm(root, args) {
  const windows = process.platform === 'win32';
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    env: environmentOutside(root),
    stdio: ['ignore', 'inherit', 'inherit'],
    // On Windows npm is a batch file, which only a shell can start. No argument needs quoting.
    shell: windows,
  });
  if (error !== undefined) {
    throw new InstallError(
      `npm does not start (${error.message}). ` +
        'Rowhook installs its dependencies with npm: install Node 20 or newer together with npm, ' +
        'see that `npm --version` works, and try again.',
    );
  }
  if (status !== 0) {
    throw new InstallError(
      `npm ci failed (exit code ${status ?? 'unknown'}); its messages are above. ` +
        'If they speak of the network: check that this machine reaches the npm registry ' +
        '(`npm ping`; behind a proxy, `npm config set proxy URL`), then try again.',
    );
  }
}

/**
 * The environment without this repository's programs on the path: an install replaces the pinned Node,
 * so it must not run on it.
 *
 * @param {string} root
 */
function environmentOutside(root) {
  const inside = join(root, 'node_modules');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(inside));
  return { ...process.env, PATH: path.join(delimiter) };
}
