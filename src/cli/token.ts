import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageFailure } from './failure.ts';

/** A bearer token, and where it was found, for the error when the server refuses it. */
export interface FoundToken {
  readonly token: string;
  readonly source: string;
}

/** Where the server writes the operator's token at its first start, within its data directory. */
const tokenFile = 'operator-token';

/** The token given, or else that of the environment, or else the one that the server made for its operator. */
export function findToken(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  dataDirectory: string,
): FoundToken {
  if (given !== undefined) return { token: given, source: '--token' };
  for (const variable of ['ROWHOOK_TOKEN', 'ROWHOOK_OPERATOR_TOKEN']) {
    const token = environment[variable];
    if (token) return { token, source: variable };
  }
  const file = join(dataDirectory, tokenFile);
  try {
    return { token: readFileSync(file, 'utf8').trim(), source: `the file ${file}` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageFailure(
      code === 'ENOENT'
        ? `There is no token: the file ${file} does not exist.`
        : `There is no token: the file ${file} cannot be read (${code}).`,
      [
        'Run this in the directory in which the server was started, or say with --data-dir where its data is.',
        'Or pass a token with --token or ROWHOOK_TOKEN.',
      ],
    );
  }
}
