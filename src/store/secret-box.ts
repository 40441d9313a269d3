import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
const keyIdCharacters = 8;

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Encrypts what must not be readable in the database file: signing secrets and webhook headers. Seals with
 * the current key, and opens what that key or a previous one has sealed.
 */
export class SecretBox {
  /** Of the current key; tells keys apart and nothing about them. */
  readonly keyId: string;
  readonly #current: Key;
  readonly #keys: ReadonlyMap<string, Key>;

  /** Keys are any texts; random ones of 32 bytes or more are meant. */
  constructor(secretKey: string, previousKeys: readonly string[] = []) {
    this.#current = keyOf(secretKey);
    this.keyId = this.#current.id;
    // The current one last, so that it stays the current one if it is among the previous ones, too.
    this.#keys = new Map([...previousKeys.map(keyOf), this.#current].map((key) => [key.id, key]));
  }

  /** AES-256-GCM under a fresh nonce: `v1.<id of the key>.<base64url of nonce, tag, ciphertext>`. */
  seal(text: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#current.bytes, nonce);
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const payload = Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url');
    return `${version}.${this.keyId}.${payload}`;
  }

  /** Throws when no key fits or the text was changed. */
  open(sealed: string): string {
    const [prefix, keyId, payload] = sealed.split('.', 3);
    if (prefix !== version || keyId === undefined || payload === undefined)
      throw new Error('Not a sealed secret of a known version.');
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      throw new Error(
        `A stored secret cannot be opened: it was sealed with another key (${keyId}; the one in use is ${this.keyId}). ` +
          'Set ROWHOOK_SECRET_KEY to the key that this store was begun with, or put the key file back; ' +
          'when the key was changed, name the one before in ROWHOOK_PREVIOUS_SECRET_KEYS.',
      );
    }
    const bytes = Buffer.from(payload, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) throw new Error('The sealed secret was cut short.');
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const opened = decipher.update(bytes.subarray(nonceBytes + tagBytes));
    try {
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch (error) {
      throw new Error('A stored secret cannot be opened: it was changed since it was sealed.', {
        cause: error,
      });
    }
  }

  /** Whether `open` would work. */
  opens(sealed: string): boolean {
    try {
      this.open(sealed);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether the current key has sealed it. */
  isCurrent(sealed: string): boolean {
    return keyIdOf(sealed) === this.keyId;
  }
}

/** The id of the key that has sealed something. */
export function keyIdOf(sealed: string): string {
  return sealed.split('.', 2)[1] ?? '';
}

function keyOf(secretKey: string): Key {
  const bytes = createHash('sha256').update(secretKey).digest();
  const id = createHash('sha256').update('rowhook key id').update(bytes).digest('base64url');
  return { id: id.slice(0, keyIdCharacters), bytes };
}
