import type { Command } from 'commander';
import type { Restored } from '../maintenance/restore.ts';
import { refuseDatabaseServer } from './backup.ts';
import { CopyProgressLine } from './copy-progress.ts';
import { onInstallation } from './installation.ts';
import { withExample } from './session.ts';
import { renderFields } from './table.ts';

/** `rowhook restore`: a backup becomes the data of a server that does not run. */
export function addRestoreCommand(program: Command): void {
  const command = program
    .command('restore')
    .description('put a backup into a data directory whose server is stopped; it is checked before')
    .argument('<backup>', 'directory that rowhook backup made, or a copy kept before an upgrade')
    .option('--replace', 'in place of the database that is there, which is kept beside it');
  withExample(
    command,
    'rowhook restore /backups/rowhook-2026-01-31 --data-dir /var/lib/rowhook',
    'rowhook restore /backups/rowhook-2026-01-31 --replace',
  );
  onInstallation<{ replace?: boolean }, [string]>(command, async (installation, flags, backup) => {
    refuseDatabaseServer(installation);
    const { restore } = await import('../maintenance/restore.ts');
    const { directory, settings, signal, print } = installation;
    const progress = new CopyProgressLine(process.stderr);
    try {
      const restored = await restore({
        backup,
        directory,
        replace: flags.replace ?? false,
        secretKey: settings.secretKey,
        previousSecretKeys: settings.previousSecretKeys,
        nowMs: Date.now(),
        onProgress: progress.update,
        signal,
      });
      progress.end();
      print(restored, () => words(restored, directory.path));
    } finally {
      progress.end();
    }
  });
}

function words({ bytes, createdAt, kept, secretKeyRestored }: Restored, path: string): string {
  return renderFields({
    restored: `${(bytes / 1e6).toFixed(1)} MB into ${path}`,
    'state of': createdAt ?? undefined,
    'secret key': secretKeyRestored ? 'restored with it' : undefined,
    'from before': kept === null ? undefined : `kept in ${kept}; delete it when it is not needed any more`,
    next: 'start the server. What was delivered after this state is sent again, under the same webhook-id',
  });
}
