import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { ownerOnly, writeDurably } from '../store/durable-file.ts';
import type { DataDirectory } from './data-directory.ts';

/** Characters of the shortest key that is taken, as for the setting. */
const shortestKey = 32;

/** What opens and seals stored secrets. */
export interface SecretKeys {
  readonly current: string;
  /** They only open what was sealed before the key was changed. */
  readonly previous: readonly string[];
  /** Whether the current one is in the key file, and not in the settings. */
  readonly fromFile: boolean;
}

interface ConfiguredKeys {
  readonly secretKey: string | null;
  readonly previousSecretKeys: readonly string[];
}

/**
 * The keys of an installation: those in the settings, or else those in the key file of the data directory.
 * At the first start there is neither, and the file is made; beside a database it is never made anew, since
 * another key would not open what is in there.
 */
export function secretKeysOf(directory: DataDirectory, configured: ConfiguredKeys): SecretKeys {
  const { secretKey, previousSecretKeys } = configured;
  if (secretKey !== null) {
    // Who takes the key into the settings later on has a file with the one before.
    const inFile = existsSync(directory.secretKey) ? readKeyFile(directory) : [];
    const previous = [...previousSecretKeys, ...inFile].filter((key) => key !== secretKey);
    return { current: secretKey, previous, fromFile: false };
  }
  if (!existsSync(directory.secretKey)) {
    if (existsSync(directory.database)) throw keyMissing(directory);
    mkdirSync(directory.path, { recursive: true, mode: ownerOnly.directory });
    writeKeyFile(directory, [newSecretKey()]);
  }
  const [current, ...previous] = readKeyFile(directory) as [string, ...string[]];
  return { current, previous: [...previous, ...previousSecretKeys], fromFile: true };
}

/** Of 32 random bytes. */
export function newSecretKey(): string {
  return randomBytes(32).toString('base64');
}

/** The keys in the key file: the current one, and below it those before, while a change is under way. */
export function readKeyFile({ secretKey: file }: DataDirectory): readonly string[] {
  const keys = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (keys.length === 0 || keys.some((key) => key.length < shortestKey)) {
    throw new Error(
      `The key file ${file} is damaged: it must have one key of ${shortestKey} characters or more in each line. ` +
        'Put it back from where you keep a copy, or set ROWHOOK_SECRET_KEY.',
    );
  }
  return keys;
}

/** Replaces the key file as a whole: a crash leaves the one before, or the new one. */
export function writeKeyFile({ secretKey: file }: DataDirectory, keys: readonly string[]): void {
  writeDurably(file, `${keys.join('\n')}\n`);
}

function keyMissing({ secretKey: file, database }: DataDirectory): Error {
  return new Error(
    `The key file ${file} is missing, and secrets in ${database} cannot be read without it. ` +
      'Put it back, or set ROWHOOK_SECRET_KEY to the key that this store was begun with.',
  );
}
