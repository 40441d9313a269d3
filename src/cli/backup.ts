import type { Command } from 'commander';
import type { Backup } from '../maintenance/backup.ts';
import type { SecretKeys } from '../maintenance/key-file.ts';
import { CopyProgressLine } from './copy-progress.ts';
import { Failure } from './failure.ts';
import { type Installation, onInstallation } from './installation.ts';
import { packageVersion } from './package-version.ts';
import { withExample } from './session.ts';
import { renderFields } from './table.ts';

interface BackupFlags {
  readonly includeSecretKey?: boolean;
}

/** `rowhook backup`: one consistent copy, also of a server that runs. */
export function addBackupCommand(program: Command): void {
  const command = program
    .command('backup')
    .description(
      'back up the data of a server, whether it runs or not: one consistent and checked state, in a new directory',
    )
    .argument(
      '[directory]',
      'where the backup shall be; it must not exist yet (default: rowhook-backup-TIME)',
    )
    .option('--include-secret-key', 'put the key file into it, so that the backup opens its own secrets');
  withExample(
    command,
    'rowhook backup',
    'rowhook backup /backups/rowhook-$(date +%F) --data-dir /var/lib/rowhook',
  );
  onInstallation<BackupFlags, [string | undefined]>(command, async (installation, flags, destination) => {
    refuseDatabaseServer(installation);
    const [{ backUp }, { secretKeysOf }, { existsSync }] = await Promise.all([
      import('../maintenance/backup.ts'),
      import('../maintenance/key-file.ts'),
      import('node:fs'),
    ]);
    const { directory, settings, signal } = installation;
    const nowMs = Date.now();
    const hasKey = settings.secretKey !== null || existsSync(directory.secretKey);
    const keys = hasKey ? secretKeysOf(directory, settings) : null;
    const progress = new CopyProgressLine(process.stderr);
    try {
      const backup = await backUp({
        directory,
        destination: destination ?? `rowhook-backup-${fileTime(nowMs)}`,
        keys,
        includeSecretKey: flags.includeSecretKey ?? false,
        rowhookVersion: packageVersion(),
        nowMs,
        onProgress: progress.update,
        signal,
      });
      progress.end();
      installation.print({ path: backup.path, ...backup.manifest }, () => words(backup, installation, keys));
    } finally {
      progress.end();
    }
  });
}

function words({ path, manifest }: Backup, { directory }: Installation, keys: SecretKeys | null): string {
  const included = manifest.files.some(({ name }) => name === 'secret-key');
  const key = included
    ? 'included: keep the backup where nobody else can read it'
    : keys?.fromFile === false
      ? 'not included: it is the one in ROWHOOK_SECRET_KEY. Keep it elsewhere, too'
      : `not included. Keep ${directory.secretKey} elsewhere, too: without it the secrets in the backup are lost`;
  const [database] = manifest.files;
  return renderFields({
    backup: path,
    size: `${((database?.bytes ?? 0) / 1e6).toFixed(1)} MB`,
    checked: `sound, schema version ${manifest.schemaVersion}`,
    'secret key': key,
  });
}

/** `2026-01-31T12-00-00`, which every file system takes. */
function fileTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-');
}

/** What is in PostgreSQL is for the tools of PostgreSQL. */
export function refuseDatabaseServer({ settings }: Installation): void {
  if (settings.databaseUrl === null) return;
  throw new Failure(
    'The data of this installation is in PostgreSQL (ROWHOOK_DATABASE_URL); use its own tools.',
    [
      'One copy: pg_dump --format=custom --file=rowhook.dump "$ROWHOOK_DATABASE_URL"',
      'Back again: pg_restore --clean --if-exists --dbname="$ROWHOOK_DATABASE_URL" rowhook.dump, with every server stopped.',
      'To any moment: pg_basebackup and an archive of the write-ahead log.',
      'Keep ROWHOOK_SECRET_KEY elsewhere, too: without it the secrets in the copy are lost.',
    ],
  );
}
