import { nearestWord } from './nearest-word.ts';
import type { Setting } from './setting.ts';
import { settings } from './settings.ts';

type Settings = typeof settings;
type ValueOf<Of> = Of extends Setting<infer Value> ? Value : never;

/** Every setting with its value; frozen. */
export type Config = { readonly [Name in keyof Settings]: ValueOf<Settings[Name]> };

/** A setting that cannot be used: which, and what to do. */
export interface SettingError {
  /** As the person wrote it: `ROWHOOK_PORT` or `--port`. */
  readonly setting: string;
  readonly message: string;
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly SettingError[] };

/** A setting for people: a line of `--help`, a row of the documentation. */
export interface SettingDescription {
  /** Member of `Config`, and the key under which `loadConfig` takes the flag. */
  readonly name: keyof Config;
  readonly variable: string;
  readonly flag: string;
  readonly description: string;
  readonly unit: string | null;
  readonly fallback: string;
  readonly secret: boolean;
}

const prefix = 'ROWHOOK_';
/** Variables of the command line's client commands, which may be set beside those of the server. */
const clientVariables: readonly string[] = ['ROWHOOK_SERVER', 'ROWHOOK_TOKEN', 'ROWHOOK_WORKSPACE'];
const names = Object.keys(settings) as (keyof Config)[];
const variableOf = (name: string): string => prefix + name.replace(/[A-Z]/g, '_$&').toUpperCase();
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, '-$&').toLowerCase()}`;

/**
 * Reads every setting: a flag wins over the environment, the environment over the default. An empty
 * variable counts as absent. A variable that begins with `ROWHOOK_` and is no setting is refused, as it is
 * most likely a slip. All mistakes are told at once.
 *
 * @param flags values by `SettingDescription.name`; undefined: not given
 */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string | undefined>> = {},
): LoadedConfig {
  const errors: SettingError[] = [...unknownSettings(environment, flags)];
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const setting: Setting<unknown> = settings[name];
    const fromFlag = flags[name] !== undefined;
    const given = fromFlag ? flags[name] : environment[variableOf(name)];
    if (given === undefined || (given === '' && !fromFlag)) {
      values[name] = setting.fallback;
      continue;
    }
    const reading = setting.read(given.trim());
    if ('value' in reading) {
      values[name] = reading.value;
    } else {
      const shown = setting.secret ? 'its value' : `"${given}"`;
      errors.push({
        setting: fromFlag ? flagOf(name) : variableOf(name),
        message: `${shown} is not allowed; allowed: ${reading.allowed}.`,
      });
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  // Each value was made by the reader of its own setting.
  return { ok: true, config: freeze(values) as Config };
}

/** Every setting, in the order of the table. */
export function describeSettings(): readonly SettingDescription[] {
  return names.map((name) => {
    const setting: Setting<unknown> = settings[name];
    return {
      name,
      variable: variableOf(name),
      flag: flagOf(name),
      description: setting.description,
      unit: setting.unit,
      fallback: setting.fallbackText ?? printFallback(setting.fallback),
      secret: setting.secret,
    };
  });
}

function printFallback(fallback: unknown): string {
  if (fallback === null || (Array.isArray(fallback) && fallback.length === 0)) return 'none';
  return String(fallback);
}

function unknownSettings(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string | undefined>>,
): SettingError[] {
  const variables = names.map(variableOf);
  const unknownVariables = Object.keys(environment)
    .filter(
      (variable) => variable.startsWith(prefix) && ![...variables, ...clientVariables].includes(variable),
    )
    .map((variable) =>
      unknown(variable, nearestWord(variable.slice(prefix.length), variables.map(bare)), prefix),
    );
  const unknownFlags = Object.keys(flags)
    .filter((name) => !Object.hasOwn(settings, name))
    .map((name) =>
      unknown(
        flagOf(name),
        nearestWord(
          flagOf(name).slice(2),
          names.map(flagOf).map((flag) => flag.slice(2)),
        ),
        '--',
      ),
    );
  return [...unknownVariables, ...unknownFlags];
}

const bare = (variable: string): string => variable.slice(prefix.length);

function unknown(setting: string, near: string | null, start: string): SettingError {
  const meant = near === null ? 'rowhook serve --help lists all' : `did you mean ${start}${near}`;
  return { setting, message: `There is no such setting; ${meant}${near === null ? '.' : '?'}` };
}

function freeze(values: Record<string, unknown>): Readonly<Record<string, unknown>> {
  for (const value of Object.values(values)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(values);
}
