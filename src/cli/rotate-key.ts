import type { Command } from 'commander';
import type { KeyRotated } from '../maintenance/rotate-key.ts';
import { Failure } from './failure.ts';
import { onInstallation } from './installation.ts';
import { withExample } from './session.ts';
import { renderFields } from './table.ts';

/** `rowhook rotate-key`: another key for everything that is stored sealed. */
export function addRotateKeyCommand(program: Command): void {
  const command = program
    .command('rotate-key')
    .description(
      'seal stored secrets with a new key while the server is stopped: one made for the key file, or the one that ' +
        'ROWHOOK_SECRET_KEY names now',
    );
  withExample(command, 'rowhook rotate-key --data-dir /var/lib/rowhook');
  onInstallation(command, async ({ directory, settings, print }) => {
    if (settings.databaseUrl !== null) {
      throw new Failure('With PostgreSQL the servers change the key themselves, while they run.', [
        '1. Add the new key to ROWHOOK_PREVIOUS_SECRET_KEYS of every server and restart one after the other.',
        '2. Set ROWHOOK_SECRET_KEY to the new key, ROWHOOK_PREVIOUS_SECRET_KEYS to the one before, and restart them again.',
        '3. When rowhook doctor says that no secret needs a previous key, take ROWHOOK_PREVIOUS_SECRET_KEYS out.',
      ]);
    }
    const { rotateKey } = await import('../maintenance/rotate-key.ts');
    const rotated = await rotateKey({
      directory,
      secretKey: settings.secretKey,
      previousSecretKeys: settings.previousSecretKeys,
    });
    print(rotated, () => words(rotated));
  });
}

function words({ resealed, keyId, keyFile }: KeyRotated): string {
  return renderFields({
    'sealed again': `${resealed} secrets, with key ${keyId}`,
    'key file': keyFile ?? undefined,
    next:
      keyFile === null
        ? 'take ROWHOOK_PREVIOUS_SECRET_KEYS out. Backups from before still need the key from before'
        : 'copy the key file to where you keep the other one. Backups from before still need that one',
  });
}
