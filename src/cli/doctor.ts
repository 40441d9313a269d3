import { type Command, Option } from 'commander';
import { type Config, describeSettings, loadConfig, type SettingError } from '../config/index.ts';
import type { Finding } from '../maintenance/doctor/index.ts';
import { exitCodes, report } from './failure.ts';
import { withExample } from './session.ts';
import { printable } from './table.ts';

/** `rowhook doctor`: what is wrong with an installation, and what to do about it. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'check an installation, whether its server runs or not: settings, files, database, secret key, disk, clock, ' +
        'where webhooks may go, DNS. Takes every flag and variable of serve, and changes nothing',
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 healthy, perhaps with warnings; 1 something failed; 2 wrong usage.',
    );
  for (const { flag } of describeSettings()) command.addOption(new Option(`${flag} <value>`).hideHelp());
  withExample(command, 'rowhook doctor', 'rowhook doctor --data-dir /var/lib/rowhook --json');
  command.action(async () => {
    try {
      const { json = false, ...flags } = command.opts<
        { json?: boolean } & Record<string, string | undefined>
      >();
      const { config, errors } = loadWhatCan(flags as Record<string, string | undefined>);
      const [{ examine }, { dataDirectory }] = await Promise.all([
        import('../maintenance/doctor/index.ts'),
        import('../maintenance/data-directory.ts'),
      ]);
      const findings = await examine({
        directory: dataDirectory(config.dataDir),
        config,
        settingErrors: errors,
        nowMs: Date.now(),
      });
      const healthy = findings.every(({ state }) => state !== 'failed');
      console.log(json ? JSON.stringify({ healthy, findings }, null, 2) : renderFindings(findings));
      if (!healthy) process.exitCode = exitCodes.failed;
    } catch (error) {
      report(error);
    }
  });
}

/** The settings, and those that cannot be used with their defaults instead, so that the rest can be looked at. */
function loadWhatCan(flags: Readonly<Record<string, string | undefined>>): {
  config: Config;
  errors: readonly SettingError[];
} {
  const loaded = loadConfig(process.env, flags);
  if (loaded.ok) return { config: loaded.config, errors: [] };
  const wrong = new Set(loaded.errors.map(({ setting }) => setting));
  const flagOf = new Map(describeSettings().map(({ name, flag }) => [name as string, flag]));
  const rest = loadConfig(
    Object.fromEntries(Object.entries(process.env).filter(([name]) => !wrong.has(name))),
    Object.fromEntries(Object.entries(flags).filter(([name]) => !wrong.has(flagOf.get(name) ?? ''))),
  );
  if (!rest.ok) throw new Error('The settings cannot be read even without those that are wrong.');
  return { config: rest.config, errors: loaded.errors };
}

const words: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failed: 'FAILED',
  skipped: '-',
};

/** One line for each finding, and below it what to do. */
export function renderFindings(findings: readonly Finding[]): string {
  const wordWidth = Math.max(...Object.values(words).map(({ length }) => length));
  const checkWidth = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, detail, cure }) => [
    `${words[state].padEnd(wordWidth)}  ${check.padEnd(checkWidth)}  ${printable(detail)}`,
    ...(cure === null ? [] : [`${' '.repeat(wordWidth + checkWidth + 4)}-> ${printable(cure)}`]),
  ]);
  const failed = findings.filter(({ state }) => state === 'failed').length;
  const warned = findings.filter(({ state }) => state === 'warning').length;
  return [...lines, '', `${failed} failed, ${warned} to look at.`].join('\n');
}
