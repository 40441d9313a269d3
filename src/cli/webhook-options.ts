import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { payloadFormats, presets, signatures } from '../model/webhook.ts';
import { retrySchedules } from '../webhooks/presets.ts';
import { usageFailure } from './failure.ts';
import { collect, readNumber } from './session.ts';

/** The knobs of a webhook that have a flag; `set` names any other. */
export interface KnobOptions {
  readonly url?: string;
  readonly email?: readonly string[];
  readonly name?: string;
  readonly memo?: string;
  readonly preset?: string;
  readonly event?: readonly string[];
  readonly base?: string;
  readonly table?: string;
  readonly tag?: readonly string[];
  readonly filter?: string;
  readonly readyColumn?: string;
  readonly filterColumn?: readonly string[];
  readonly format?: string;
  readonly signature?: string;
  readonly header?: readonly string[];
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly ca?: string;
  readonly success?: string;
  readonly timeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly retry?: string;
  readonly order?: string;
  readonly concurrency?: number;
  readonly ratePerSecond?: number;
  readonly set?: readonly string[];
}

/** Adds a flag for each common knob. What is not given is left to the preset, or stays as it is. */
export function withKnobs(command: Command): Command {
  return command
    .option('--email <address>', 'mail address that gets messages, instead of --url; once for each', collect)
    .option('--memo <text>', 'a note for people')
    .addOption(new Option('--preset <preset>', 'known system to behave like').choices(presets))
    .optionsGroup('Which events:')
    .option('--event <type>', 'event type, group such as "row.*", or "*"; give it once for each', collect)
    .option('--base <base>', 'only rows of this base: its id or name')
    .option('--table <table>', 'only rows of this table of the base: its id or name')
    .option('--tag <key:value>', 'only events with any of these tags; give it once for each', collect)
    .option('--filter <expression>', 'only events for which this expression is true')
    .option('--filter-column <column>', 'updates only when one of these columns changed', collect)
    .option('--ready-column <column>', 'rows only once this checkbox column is true')
    .optionsGroup('How they are sent:')
    .addOption(new Option('--format <format>', 'format of the body').choices(payloadFormats))
    .addOption(new Option('--signature <kind>', 'how requests are signed').choices(signatures))
    .option('--header <name:value>', 'a header of every request; give it once for each', collect)
    .option('--client-certificate <file>', 'client certificate to show, in PEM', readPem)
    .option('--client-key <file>', 'its private key, in PEM', readPem)
    .option(
      '--ca <file>',
      "authorities that alone may have signed the consumer's certificate, in PEM",
      readPem,
    )
    .addOption(new Option('--success <rule>', 'HTTP statuses that count as success').choices(['2xx', '200']))
    .option('--timeout-ms <number>', 'for the whole exchange, in milliseconds', readNumber)
    .option('--connect-timeout-ms <number>', 'for DNS, connecting and TLS, in milliseconds', readNumber)
    .addOption(
      new Option('--retry <schedule>', 'retry schedule; others with --set retry.delaysMs=[…]').choices(
        Object.keys(retrySchedules),
      ),
    )
    .addOption(
      new Option('--order <order>', 'whether nothing may pass a failed delivery').choices([
        'ordered',
        'independent',
      ]),
    )
    .option('--concurrency <number>', 'requests under way at once, if independent', readNumber)
    .option('--rate-per-second <number>', 'requests a second at most', readNumber)
    .option(
      '--set <knob=json>',
      'any knob, such as disable.afterFailures=5 or filterColumns=null; null goes back to the preset',
      collect,
    );
}

/**
 * The flags as the API takes them.
 *
 * @param baseId id of the base that `--base` names
 * @param headersBefore headers that stay unless a flag names them
 */
export function knobsOf(
  options: KnobOptions,
  baseId: string | undefined,
  headersBefore: Readonly<Record<string, string>> = {},
): Readonly<Record<string, unknown>> {
  const { email, event, tag, filterColumn, header, set = [], base: _, ...same } = options;
  const tls = tlsOf(options);
  const { url, name, memo, preset, table, filter, readyColumn, format, signature } = same;
  const { success, timeoutMs, connectTimeoutMs, retry, order, concurrency, ratePerSecond } = same;
  const knobs = {
    ...{ url, name, memo, preset, table, filter, readyColumn, format, signature },
    ...{ success, timeoutMs, connectTimeoutMs, retry, order, concurrency, ratePerSecond },
    base: baseId,
    tls: Object.keys(tls).length === 0 ? undefined : tls,
    emails: email,
    eventTypes: event,
    tags: tag,
    filterColumns: filterColumn,
    headers: header === undefined ? undefined : { ...headersBefore, ...readHeaders(header) },
  };
  const given: Record<string, unknown> = Object.fromEntries(
    Object.entries(knobs).filter(([, value]) => value !== undefined),
  );
  for (const text of set) setKnob(given, text);
  return given;
}

function tlsOf({ clientCertificate, clientKey, ca }: KnobOptions): Readonly<Record<string, string>> {
  return {
    ...(clientCertificate === undefined ? {} : { certificate: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** For options that name a file of certificates or keys. */
function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InvalidArgumentError('It must be a file that can be read.');
  }
}

function readHeaders(headers: readonly string[]): Readonly<Record<string, string>> {
  const read: Record<string, string> = {};
  for (const header of headers) {
    const colon = header.indexOf(':');
    if (colon < 1) {
      throw usageFailure(`--header "${header}" must have the form "NAME: VALUE".`);
    }
    read[header.slice(0, colon).trim().toLowerCase()] = header.slice(colon + 1).trim();
  }
  return read;
}

/** Sets a knob, or a member of one: `retry.jitter=0.2`. A value that is not JSON is text. */
function setKnob(knobs: Record<string, unknown>, text: string): void {
  const match = /^([A-Za-z]+)(?:\.([A-Za-z]+))?=(.*)$/s.exec(text);
  if (!match) {
    throw usageFailure(`--set "${text}" must have the form KNOB=JSON, such as timeoutMs=5000.`);
  }
  const [, knob = '', member, value = ''] = match;
  if (member === undefined) {
    knobs[knob] = jsonOrText(value);
    return;
  }
  const before = knobs[knob];
  knobs[knob] = {
    ...(typeof before === 'object' && before !== null ? before : {}),
    [member]: jsonOrText(value),
  };
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
