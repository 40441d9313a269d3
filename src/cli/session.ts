import { type Command, InvalidArgumentError, Option } from 'commander';
import { Client } from './client.ts';
import { report } from './failure.ts';
import { findToken } from './token.ts';

/** What a command works with: the API, and the way in which answers are printed. */
export interface Session {
  readonly client: Client;
  /** Prints the answer itself with `--json`, or else what `words` makes of it. */
  readonly print: (answer: unknown, words: () => string) => void;
  /** Prints a remark for people: beside the answer, so that scripts do not read it. */
  readonly remark: (text: string) => void;
}

interface ConnectionOptions {
  readonly server: string;
  readonly token?: string;
  readonly dataDir: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/**
 * Makes a command one that talks to the server: adds the options for that, and runs `work` with a session.
 * `work` gets the command's own options, and then its arguments.
 */
export function connected<Options, Arguments extends readonly unknown[] = []>(
  command: Command,
  work: (session: Session, options: Options, ...args: Arguments) => Promise<void>,
): Command {
  command
    .optionsGroup('Which server:')
    .addOption(
      new Option('--server <url>', "the server's address")
        .env('ROWHOOK_SERVER')
        .default('http://127.0.0.1:8080')
        .argParser(readServer),
    )
    .addOption(
      new Option(
        '--token <token>',
        'API token; if left out: ROWHOOK_TOKEN, or the file operator-token in the data directory',
      ),
    )
    .addOption(
      new Option('--data-dir <path>', "the server's data directory")
        .env('ROWHOOK_DATA_DIR')
        .default('./data'),
    )
    .addOption(
      new Option('--workspace <name>', "workspace to act in, with an operator's token").env(
        'ROWHOOK_WORKSPACE',
      ),
    )
    .optionsGroup('Output:')
    .option('--json', "print the API's answer as JSON");
  return command.action(async () => {
    try {
      const options = command.opts<ConnectionOptions>();
      const args = command.processedArgs as unknown as Arguments;
      await work(openSession(options), options as Options, ...args);
    } catch (error) {
      report(error);
    }
  });
}

/** Adds the number of items that a list prints at most. */
export function withLimit(command: Command): Command {
  return command.option('--limit <number>', 'how many to list at most', readLimit, 100);
}

/** Says that a list goes on, if it does. */
export function remarkMore({ remark }: Session, page: { readonly nextCursor: string | null }): void {
  if (page.nextCursor !== null) remark('There are more; ask for them with --limit.');
}

/** Adds examples to the help of a command. */
export function withExample(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example:' : 'Examples:';
  return command.addHelpText('after', `\n${title}\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** For options that are a number. */
export function readNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It must be a number.');
  return number;
}

function readLimit(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
  return limit;
}

function readServer(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:8080.');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function openSession({ server, token, dataDir, workspace, json = false }: ConnectionOptions): Session {
  const client = new Client(server, findToken(token, process.env, dataDir), workspace);
  return {
    client,
    print: (answer, words) => console.log(json ? JSON.stringify(answer, null, 2) : words()),
    remark: (text) => console.error(text),
  };
}
