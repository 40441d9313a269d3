import { type Command, Option } from 'commander';
import { type Config, loadConfig } from '../config/index.ts';
import type { DataDirectory } from '../maintenance/data-directory.ts';
import { Failure, report } from './failure.ts';

/** What a command works with that works on the data of a server itself, and not over its API. */
export interface Installation {
  readonly directory: DataDirectory;
  readonly settings: InstallationSettings;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
  /** Prints the answer itself with `--json`, or else what `words` makes of it. */
  readonly print: (answer: unknown, words: () => string) => void;
}

/** The settings that say where the data is, and how it is sealed. */
export type InstallationSettings = Pick<
  Config,
  'dataDir' | 'databaseUrl' | 'secretKey' | 'previousSecretKeys'
>;

const variables = [
  'ROWHOOK_DATA_DIR',
  'ROWHOOK_DATABASE_URL',
  'ROWHOOK_SECRET_KEY',
  'ROWHOOK_PREVIOUS_SECRET_KEYS',
];

/** Bugs; everything else that is thrown tells a person what to do. */
const unexpected = [TypeError, ReferenceError, RangeError, SyntaxError];

/** Makes a command one that works on a data directory; `work` gets its options, and then its arguments. */
export function onInstallation<Options, Arguments extends readonly unknown[] = []>(
  command: Command,
  work: (installation: Installation, options: Options, ...args: Arguments) => Promise<void>,
): Command {
  command
    .addOption(
      new Option('--data-dir <path>', "the server's data directory (default: ./data; ROWHOOK_DATA_DIR)"),
    )
    .option('--json', 'print the result as JSON');
  return command.action(async () => {
    const stop = new AbortController();
    const onSignal = (): void => stop.abort(new Failure('Stopped by Ctrl+C; nothing was changed.'));
    process.once('SIGINT', onSignal);
    try {
      const { dataDir, json = false, ...options } = command.opts<{ dataDir?: string; json?: boolean }>();
      const settings = readSettings(dataDir);
      // Only here, as every other command does without it.
      const { dataDirectory } = await import('../maintenance/data-directory.ts');
      await work(
        {
          directory: dataDirectory(settings.dataDir),
          settings,
          signal: stop.signal,
          print: (answer, words) => console.log(json ? JSON.stringify(answer, null, 2) : words()),
        },
        options as Options,
        ...(command.processedArgs as unknown as Arguments),
      );
    } catch (error) {
      report(stop.signal.aborted ? stop.signal.reason : asFailure(error));
    } finally {
      process.off('SIGINT', onSignal);
    }
  });
}

/** Only the settings that matter here: a mistake in another one must not keep anybody from a backup. */
function readSettings(dataDir: string | undefined): InstallationSettings {
  const environment = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  const loaded = loadConfig(environment, dataDir === undefined ? {} : { dataDir });
  if (loaded.ok) return loaded.config;
  const [first, ...others] = loaded.errors.map(({ setting, message }) => `${setting}: ${message}`);
  throw new Failure(first ?? 'The settings cannot be used.', others, 2);
}

function asFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Failure) return error;
  return unexpected.some((kind) => error instanceof kind) ? error : new Failure(error.message);
}
