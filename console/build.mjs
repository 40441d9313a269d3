// Builds the console when its sources have changed since the last build, so that a first start has one and a
// second start does not wait. `node console/build.mjs` builds what is due; `ensureConsole` is what the server
// calls.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const sources = fileURLToPath(new URL('.', import.meta.url));
const root = join(sources, '..');
const output = join(root, 'dist-console');
const stampFile = 'build-stamp.txt';
/** Where a build is made, before it is put in place. */
const workshop = join(root, '.cache', 'console');
const lockFile = join(workshop, 'lock');
const lockPauseMs = 100;
const longestWaitMs = 120_000;
/** Files of other folders that the console is made of, too. */
const outerSources = ['package-lock.json'];
const compressible = new Set(['.js', '.css', '.html', '.svg', '.json']);
/** Smaller files gain nothing from compression. */
const minCompressedBytes = 1_024;

/**
 * The folder with the console, built first if that is due. Without the sources, as in the published package,
 * the folder is taken as it is; null when there is none.
 *
 * @param {(message: string) => void} say
 * @returns {string | null}
 */
export function ensureConsole(say = (message) => console.error(message)) {
  if (!existsSync(join(sources, 'index.html'))) return existsSync(output) ? output : null;
  const stamp = stampOfSources();
  if (builtStamp() === stamp) return output;
  say('Building the console (first start, about 10 s) ...');
  const unlock = lock();
  try {
    // Another process may have built the same meanwhile.
    if (builtStamp() !== stamp) build(stamp);
  } finally {
    unlock();
  }
  return output;
}

/**
 * Waits until no other process builds. The lock of a process that is gone counts for nothing.
 *
 * @returns {() => void} gives the lock back
 */
function lock() {
  mkdirSync(workshop, { recursive: true });
  for (let waited = 0; waited < longestWaitMs; waited += lockPauseMs) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return () => rmSync(lockFile, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (!isHeld()) rmSync(lockFile, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPauseMs);
  }
  throw new Error(
    `Another process has been building the console for too long; if none does, delete ${lockFile}.`,
  );
}

/** Whether the process that made the lock is alive. A lock that is just being written counts as held. */
function isHeld() {
  try {
    const holder = readFileSync(lockFile, 'utf8');
    if (holder !== '') process.kill(Number(holder), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** A hash over everything that goes into the build, in a fixed order. */
function stampOfSources() {
  const hash = createHash('sha256');
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...files, ...outerSources.map((name) => join(root, name))]) {
    hash.update(`${relative(root, file).replaceAll('\\', '/')}\0`);
    hash.update(readFileSync(file));
    hash.update('\0');
  }
  return hash.digest('hex');
}

function builtStamp() {
  try {
    return readFileSync(join(output, stampFile), 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * Builds into a folder of its own and then puts it in place, so that nobody ever serves half a build.
 *
 * @param {string} stamp
 */
function build(stamp) {
  const making = join(workshop, 'new');
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  try {
    const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
    const { status, stdout, stderr, error } = spawnSync(
      process.execPath,
      [vite, 'build', sources, '--outDir', making, '--emptyOutDir', '--logLevel', 'warn'],
      { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
    );
    if (status !== 0) {
      throw new Error(`The console could not be built: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
    }
    compressAll(making);
    writeFileSync(join(making, stampFile), `${stamp}\n`);
    const old = join(workshop, 'old');
    rmSync(old, { recursive: true, force: true });
    if (existsSync(output)) renameSync(output, old);
    renameSync(making, output);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * Lays compressed copies beside the files, so that serving them costs nothing.
 *
 * @param {string} folder
 */
function compressAll(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !compressible.has(extname(entry.name))) continue;
    const file = join(entry.parentPath, entry.name);
    const content = readFileSync(file);
    if (content.length < minCompressedBytes) continue;
    const size = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(
      `${file}.br`,
      brotliCompressSync(content, { params: { ...size, [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    );
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureConsole();
