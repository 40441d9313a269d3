import type { Config, SettingError } from '../../config/index.ts';
import type { DataDirectory } from '../data-directory.ts';
import { checkDatabase } from './database.ts';
import { checkFiles } from './files.ts';
import type { Finding } from './finding.ts';
import { checkMachine } from './machine.ts';
import { checkEgress, checkNetwork } from './network.ts';
import { checkPostgres } from './postgres.ts';
import { checkSettings } from './settings.ts';

export type { Finding } from './finding.ts';

export interface Patient {
  readonly directory: DataDirectory;
  /** What the server would run with; of settings that are wrong, their defaults. */
  readonly config: Config;
  readonly settingErrors: readonly SettingError[];
  readonly nowMs: number;
}

/**
 * Looks at an installation, whether its server runs or not, and tells what is wrong with it and what will be.
 * Changes nothing.
 */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  const { config, directory } = patient;
  const embedded = config.databaseUrl === null;
  const database = embedded
    ? await checkDatabase(patient)
    : { findings: await checkPostgres(patient), urls: [] };
  return [
    ...checkSettings(patient),
    ...checkFiles(directory, embedded),
    ...database.findings,
    ...checkMachine(config),
    ...checkEgress(config, database.urls),
    ...(await checkNetwork(patient)),
  ];
}
