/** Fields that can show an error, each in its group; those outside of a group are always seen. */
const groupOfField: Readonly<Record<string, string | null>> = {
  name: null,
  url: null,
  preset: null,
  eventTypes: null,
  base: null,
  table: null,
  tags: null,
  readyColumn: null,
  filterColumns: null,
  filter: null,
  format: 'how',
  'template.contentType': 'how',
  'template.source': 'how',
  signature: 'how',
  headers: 'how',
  success: 'how',
  timeoutMs: 'how',
  connectTimeoutMs: 'how',
  'retry.delaysMs': 'retry',
  'retry.jitter': 'retry',
  'retry.forever': 'retry',
  'disable.afterFailures': 'retry',
  'disable.afterFailingMs': 'retry',
  order: 'flow',
  concurrency: 'flow',
  ratePerSecond: 'flow',
  'batch.maxEvents': 'flow',
  'batch.maxWaitMs': 'flow',
  memo: 'note',
};

function fieldOf(path: string): string | null {
  const fields = Object.keys(groupOfField);
  return fields.find((field) => path === field || path.startsWith(`${field}.`)) ?? null;
}

/** Leads errors to the fields that show them: what is wrong with `headers.x-key` shows at `headers`. */
export function placeErrors(errors: Readonly<Record<string, string>>): {
  readonly placed: Record<string, string>;
  /** Whether an error belongs to no field, or there was none at all: it must be shown by itself. */
  readonly unplaced: boolean;
} {
  const placed: Record<string, string> = {};
  let unplaced = Object.keys(errors).length === 0;
  for (const [path, detail] of Object.entries(errors)) {
    const field = fieldOf(path);
    if (field === null) unplaced = true;
    else placed[field] = path === field ? detail : `${path.slice(field.length + 1)}: ${detail}`;
  }
  return { placed, unplaced };
}

/** The groups that must be open so that the errors of these fields are seen. */
export function groupsOf(fields: readonly string[]): readonly string[] {
  return fields.map((field) => groupOfField[field]).filter((group) => typeof group === 'string');
}
