import { Command } from 'commander';
import { addBackupCommand } from './backup.ts';
import { addBaseCommands } from './base.ts';
import { addDeliveryCommands } from './delivery.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEventCommands } from './event.ts';
import { addEventTypeCommands } from './event-type.ts';
import { addExportCommand } from './export.ts';
import { exitCodes } from './failure.ts';
import { addImportCommand } from './import.ts';
import { addInboxCommands } from './inbox.ts';
import { addListenCommand } from './listen.ts';
import { packageVersion } from './package-version.ts';
import { addQueueCommands } from './queue.ts';
import { addReplayCommands } from './replay.ts';
import { addRestoreCommand } from './restore.ts';
import { addRotateKeyCommand } from './rotate-key.ts';
import { addRowCommands } from './row.ts';
import { addSearchCommand } from './search.ts';
import { addServeCommand, type Serve } from './serve.ts';
import { addTableCommands } from './table-command.ts';
import { addWebhookCommands } from './webhook.ts';

export type { Serve } from './serve.ts';

/**
 * The command line. `serve` starts the server, some commands work on its data, and every other one talks
 * to it over its HTTP API.
 */
export function buildProgram(serve: Serve): Command {
  const program = new Command('rowhook')
    .description('Row changes in tables and events of applications become webhooks that arrive.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', `\nExit codes: 0 done; 1 failed; 2 wrong usage.`)
    .showHelpAfterError('(--help shows what there is)')
    // Commander's own exit code for wrong usage is 1.
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.usage));
  // A reader such as `head` may have seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });

  program.commandsGroup('The server:');
  addServeCommand(program, serve);
  addBackupCommand(program);
  addRestoreCommand(program);
  addRotateKeyCommand(program);
  addDoctorCommand(program);
  program.commandsGroup('Tables and rows:');
  addBaseCommands(program);
  addTableCommands(program);
  addImportCommand(program);
  addExportCommand(program);
  addRowCommands(program);
  program.commandsGroup('Webhooks and events:');
  addWebhookCommands(program);
  addEventCommands(program);
  addEventTypeCommands(program);
  addDeliveryCommands(program);
  addSearchCommand(program);
  addQueueCommands(program);
  addReplayCommands(program);
  addInboxCommands(program);
  addListenCommand(program);
  return program;
}
