import type { AuditChange } from '../../model/audit.ts';

/** What is shown of a secret. */
const masked = '***';
/** A longer value is cut in the log; the thing itself has it whole. */
const longestValueCharacters = 4_000;

/** What the log tells of a thing: its fields, and which of them are secret. */
export interface Facts {
  readonly shown: Readonly<Record<string, unknown>>;
  readonly secret?: Readonly<Record<string, unknown>>;
}

/** The fields in which two states of a thing differ; null: it was not there before, or is not there after. */
export function changesBetween(before: Facts | null, after: Facts | null): readonly AuditChange[] {
  return [
    ...differences(before?.shown ?? {}, after?.shown ?? {}, cut),
    ...differences(before?.secret ?? {}, after?.secret ?? {}, mask),
  ];
}

function differences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  show: (value: unknown) => unknown,
): AuditChange[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes: AuditChange[] = [];
  for (const field of fields) {
    const was = before[field] ?? null;
    const is = after[field] ?? null;
    if (JSON.stringify(was) !== JSON.stringify(is))
      changes.push({ field, before: show(was), after: show(is) });
  }
  return changes;
}

const mask = (value: unknown): unknown => (value === null ? null : masked);

function cut(value: unknown): unknown {
  const printed = JSON.stringify(value);
  return printed.length <= longestValueCharacters ? value : `${printed.slice(0, longestValueCharacters)}…`;
}
