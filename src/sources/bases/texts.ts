import { limits } from './limits.ts';

/** What keeps a text from being stored exactly and shown everywhere, or null. */
export function textFault(text: string, maxBytes: number): string | null {
  // A UTF-16 unit takes at most 3 bytes: most texts need no counting.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text, 'utf8');
    if (bytes > maxBytes) return `must have at most ${maxBytes} bytes as UTF-8; it has ${bytes}`;
  }
  if (text.includes('\0')) return 'must not contain the character NUL (U+0000)';
  if (!text.isWellFormed()) return 'must be well-formed Unicode: it contains half of a surrogate pair';
  return null;
}

/** What is wrong with the name of a base, table, column or option, or null. */
export function nameFault(name: unknown): string | null {
  if (typeof name !== 'string') return 'must be text';
  if (name.trim() === '') return 'must not be empty';
  if (name.length > limits.nameCharacters) {
    return `must have at most ${limits.nameCharacters} characters; it has ${name.length}`;
  }
  if (name.trim() !== name) return 'must not begin or end with a space';
  if (/\p{Cc}/u.test(name)) return 'must not contain control characters such as line breaks';
  if (!name.isWellFormed()) return 'must be well-formed Unicode: it contains half of a surrogate pair';
  return null;
}

/** What is wrong with a column key or option id that a caller chose, or null. */
export function keyFault(key: unknown): string | null {
  if (typeof key === 'string' && /^[A-Za-z0-9_]+$/.test(key) && key.length <= limits.keyCharacters)
    return null;
  return `must be 1 to ${limits.keyCharacters} letters, digits or underscores (A-Z, a-z, 0-9, _)`;
}
