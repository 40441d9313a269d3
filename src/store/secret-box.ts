import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts what must not be readable in the database file: signing secrets and webhook headers. */
export class SecretBox {
  readonly #key: Buffer;

  /** `secretKey`: any text; a random one of 32 bytes or more is meant. */
  constructor(secretKey: string) {
    this.#key = createHash('sha256').update(secretKey).digest();
  }

  /** AES-256-GCM under a fresh nonce: `v1.<base64url of nonce, tag, ciphertext>`. */
  seal(text: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `${version}.${Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url')}`;
  }

  /** Throws when the key is another one or the text was changed; nobody can tell which. */
  open(sealed: string): string {
    const [prefix, payload] = sealed.split('.', 2);
    if (prefix !== version || payload === undefined)
      throw new Error('Not a sealed secret of a known version.');
    const bytes = Buffer.from(payload, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) throw new Error('The sealed secret was cut short.');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const opened = decipher.update(bytes.subarray(nonceBytes + tagBytes));
    try {
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch (error) {
      throw new Error(
        'A stored secret cannot be opened: it was sealed with another key, or changed since. ' +
          'Set ROWHOOK_SECRET_KEY to the key that this store was begun with.',
        { cause: error },
      );
    }
  }
}
