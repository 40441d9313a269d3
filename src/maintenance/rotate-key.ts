import { existsSync } from 'node:fs';
import { systemClock } from '../model/clock.ts';
import { openSqliteStore } from '../store/sqlite/index.ts';
import type { DataDirectory } from './data-directory.ts';
import { newSecretKey, readKeyFile, secretKeysOf, writeKeyFile } from './key-file.ts';
import { resealSecrets } from './reseal.ts';

export interface RotateKeyOptions {
  readonly directory: DataDirectory;
  /** From the settings; null: the key is in the key file, and a new one is made there. */
  readonly secretKey: string | null;
  readonly previousSecretKeys: readonly string[];
}

/** How a change of the key ended. */
export interface KeyRotated {
  readonly resealed: number;
  /** Tells keys apart, and nothing about them. */
  readonly keyId: string;
  /** Where the new key is; null: in the settings. */
  readonly keyFile: string | null;
}

/**
 * Seals every stored secret with another key while no server runs: with a new one in the key file, or with the
 * one that the settings name. Whenever it is interrupted, the keys before are still in the key file, and the
 * next server or the next call finishes it.
 */
export async function rotateKey(options: RotateKeyOptions): Promise<KeyRotated> {
  const { directory, secretKey } = options;
  if (!existsSync(directory.database)) {
    throw new Error(
      `There is no database in ${directory.path}. Say with --data-dir where the data of the server is.`,
    );
  }
  const before = secretKeysOf(directory, options);
  if (secretKey !== null && before.previous.length === 0) {
    throw new Error(
      'ROWHOOK_SECRET_KEY has the key, so the new one must come from there, too: set it to the new key, and ' +
        'ROWHOOK_PREVIOUS_SECRET_KEYS to the one before.',
    );
  }
  const next = secretKey ?? newSecretKey();
  const previous = [before.current, ...before.previous].filter((key) => key !== next);
  const store = openSqliteStore({
    directory: directory.path,
    clock: systemClock,
    secretKey: next,
    previousSecretKeys: previous,
  });
  try {
    // The data directory is ours by now, and nothing is sealed with the new key before that is on the disk.
    if (secretKey === null) {
      const inFile = readKeyFile(directory);
      writeKeyFile(directory, [next, ...inFile]);
    }
    const resealed = await resealSecrets(store.sealedSecrets);
    const { currentKey } = await store.sealedSecrets.census();
    if (secretKey === null) writeKeyFile(directory, [next]);
    return { resealed, keyId: currentKey, keyFile: secretKey === null ? directory.secretKey : null };
  } finally {
    await store.close();
  }
}
