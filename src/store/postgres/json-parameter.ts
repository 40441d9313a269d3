/**
 * Rows as one parameter, for `json_to_recordset`: printing it costs a fraction of what an array for each column
 * would. Half a pair of surrogates, which PostgreSQL refuses in JSON, becomes U+FFFD, as in any other text.
 */
export function jsonParameter(rows: readonly object[]): string {
  const printed = JSON.stringify(rows);
  return printed.includes('\\ud') ? printed.replace(escapeSequence, withoutSurrogate) : printed;
}

/** Every escape, so that the backslash of one is not taken for the begin of another. */
const escapeSequence = /\\(u[0-9a-f]{4}|.)/g;

function withoutSurrogate(sequence: string): string {
  // JSON.stringify escapes a surrogate only if it has no partner.
  return /^\\ud[89a-f]/.test(sequence) ? '\ufffd' : sequence;
}

/** Stands before what jsonb cannot hold: a character that no text has a use for. */
const mark = '\u{10ffff}';

/**
 * JSON as `jsonb` can hold it: U+0000 and halves of surrogate pairs become a mark with their number. `jsonb` has
 * no place for them, but cells may contain them.
 */
export function toJsonb(value: unknown): string {
  const printed = JSON.stringify(value);
  if (!printed.includes('\\u0000') && !printed.includes('\\ud') && !printed.includes(mark)) return printed;
  return printed.replaceAll(mark, `${mark}ffff`).replace(escapeSequence, (sequence) => {
    const isUnfit = sequence === '\\u0000' || /^\\ud[89a-f]/.test(sequence);
    return isUnfit ? `${mark}${sequence.slice(2)}` : sequence;
  });
}

/** A text as it stands inside of what `toJsonb` has printed. */
export function toJsonbText(text: string): string {
  return JSON.parse(toJsonb(text)) as string;
}

/** Reads what `toJsonb` has printed, and PostgreSQL has given back as text. */
export function fromJsonb(printed: string): unknown {
  if (!printed.includes(mark)) return JSON.parse(printed);
  // One pass from left to right, as it was marked.
  return JSON.parse(
    printed.replace(/\u{10ffff}([0-9a-f]{4})/gu, (_, number: string) =>
      number === 'ffff' ? mark : `\\u${number}`,
    ),
  );
}
