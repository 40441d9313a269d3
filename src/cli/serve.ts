import { type Command, Option } from 'commander';
import { describeSettings, type SettingDescription } from '../config/index.ts';
import { report } from './failure.ts';
import { withExample } from './session.ts';

/** Starts the server; `flags` has the flags that were given, by the names of their settings. */
export type Serve = (flags: Readonly<Record<string, string | undefined>>) => Promise<void>;

/** `rowhook serve`: every setting of the server is a flag. */
export function addServeCommand(program: Command, serve: Serve): void {
  const command = program
    .command('serve')
    .description(
      'start the server. Each setting is a flag or an environment variable; the flag wins. Flags can be seen ' +
        'by other users of the machine: give secrets in the environment',
    );
  for (const setting of describeSettings()) {
    command.addOption(new Option(`${setting.flag} <value>`, describe(setting)));
  }
  withExample(
    command,
    'rowhook serve',
    'rowhook serve --port 9000 --data-dir /var/lib/rowhook --allowed-networks 10.0.0.0/8',
  );
  command.action(async () => {
    try {
      await serve(command.opts());
    } catch (error) {
      report(error);
    }
  });
}

function describe({ description, unit, fallback, variable }: SettingDescription): string {
  const value = unit === null ? '' : `${unit}; `;
  return `${description} (${value}default: ${fallback}; ${variable})`;
}
