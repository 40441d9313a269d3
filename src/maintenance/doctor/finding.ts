/** What one check found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  /** `warning`: it works now, and somebody should know. `skipped`: there is nothing to look at. */
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** What to do; null: nothing. */
  readonly cure: string | null;
}

export function ok(check: string, detail: string): Finding {
  return { check, state: 'ok', detail, cure: null };
}

export function warning(check: string, detail: string, cure: string): Finding {
  return { check, state: 'warning', detail, cure };
}

export function failed(check: string, detail: string, cure: string): Finding {
  return { check, state: 'failed', detail, cure };
}

export function skipped(check: string, detail: string): Finding {
  return { check, state: 'skipped', detail, cure: null };
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
