import { existsSync } from 'node:fs';
import type { SecretCensus } from '../../store/port.ts';
import { DatabaseInspector, type Inspection } from '../../store/sqlite/inspect-database.ts';
import { readKeyFile, secretKeysOf } from '../key-file.ts';
import { type Finding, failed, messageOf, ok, skipped, warning } from './finding.ts';
import type { Patient } from './index.ts';

/** How far the clock may seem to be behind the newest event. */
const clockToleranceMs = 60_000;

interface DatabaseFindings {
  readonly findings: readonly Finding[];
  /** The URLs of its webhooks. */
  readonly urls: readonly string[];
}

/** The embedded database: whether it is sound, of which version, and whether its secrets open. */
export async function checkDatabase(patient: Patient): Promise<DatabaseFindings> {
  const { directory } = patient;
  if (!existsSync(directory.database)) {
    return { findings: [skipped('database', 'There is none yet; the first start makes it.')], urls: [] };
  }
  let inspector: DatabaseInspector;
  try {
    inspector = new DatabaseInspector(directory.database);
  } catch (error) {
    return { findings: [damaged(messageOf(error))], urls: [] };
  }
  try {
    const inspection = inspector.inspect();
    const [fault] = inspection.faults;
    if (fault !== undefined) return { findings: [damaged(fault)], urls: [] };
    const current = inspection.schemaVersion === inspection.knownVersion;
    return {
      findings: [
        ok('database', 'sound, every page was read'),
        checkSchema(inspection),
        await checkSecrets(patient, inspector),
        checkClock(patient.nowMs, inspection.newestEventAtMs),
      ],
      urls: current ? inspector.webhookUrls() : [],
    };
  } finally {
    inspector.close();
  }
}

function damaged(fault: string): Finding {
  return failed(
    'database',
    `It is damaged: ${fault}`,
    'Stop the server, and put the last good backup back: rowhook restore BACKUP --replace',
  );
}

function checkSchema({ schemaVersion, knownVersion }: Inspection): Finding {
  const check = 'schema';
  if (schemaVersion === knownVersion) return ok(check, `version ${schemaVersion}, that of this program`);
  if (schemaVersion > knownVersion) {
    return failed(
      check,
      `version ${schemaVersion}; this program knows only ${knownVersion} and does not start on it.`,
      'Start the newer Rowhook that wrote it, or restore the copy kept before the upgrade.',
    );
  }
  return warning(
    check,
    `version ${schemaVersion}; this program has ${knownVersion}.`,
    'Nothing to do: the next start upgrades it, and keeps a copy beside it.',
  );
}

async function checkSecrets({ directory, config }: Patient, inspector: DatabaseInspector): Promise<Finding> {
  const check = 'secret key';
  let census: SecretCensus | null;
  try {
    const keys = secretKeysOf(directory, config);
    census = await inspector.secrets(keys.current, keys.previous);
  } catch (error) {
    return failed(check, messageOf(error), 'The server does not start without it.');
  }
  if (census === null) return skipped(check, 'The schema is of another version.');
  const { currentKey, sealedBy, unreadable } = census;
  const total = [...sealedBy.values()].reduce((sum, count) => sum + count, 0);
  if (unreadable > 0) {
    return failed(
      check,
      `${unreadable} of ${total} secrets cannot be opened; keys that sealed them: ${[...sealedBy.keys()].join(', ')}; ` +
        `the one in use is ${currentKey}.`,
      'Put the key file back, or name the right key in ROWHOOK_SECRET_KEY or ROWHOOK_PREVIOUS_SECRET_KEYS.',
    );
  }
  const old = total - (sealedBy.get(currentKey) ?? 0);
  const inFile = config.secretKey === null ? readKeyFile(directory).length : 1;
  if (old > 0 || inFile > 1) {
    return warning(
      check,
      `${old} of ${total} secrets still need a previous key; the one in use is ${currentKey}.`,
      config.secretKey === null
        ? 'Run rowhook rotate-key while the server is stopped.'
        : 'Start the server with ROWHOOK_PREVIOUS_SECRET_KEYS; it seals them again.',
    );
  }
  return ok(check, `${currentKey} opens all ${total} secrets`);
}

function checkClock(nowMs: number, newestEventAtMs: number | null): Finding {
  const check = 'clock';
  const behindMs = (newestEventAtMs ?? 0) - nowMs;
  if (behindMs <= clockToleranceMs) return ok(check, new Date(nowMs).toISOString());
  return warning(
    check,
    `It says ${new Date(nowMs).toISOString()}, and an event was accepted ${Math.round(behindMs / 1_000)} s later than that.`,
    'Set it, and let it follow a time server: consumers refuse signatures of another time.',
  );
}
