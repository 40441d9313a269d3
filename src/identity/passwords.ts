import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Problem } from '../model/problem.ts';

/**
 * Argon2id with 19 MiB of memory, two passes and one lane: the OWASP Password Storage Cheat Sheet's first choice
 * of 2024. A hash carries its parameters, so that these can be raised: older ones are renewed at the next sign-in.
 */
const parameters = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const saltBytes = 16;
const hashBytes = 32;

/** Passwords hashed at a time, each with its memory on a thread that files and host names need, too. */
const atOnce = 2;
/** Those who may wait for that; more are turned away. */
const mostWaiting = 100;

export const passwordLimits = { minCharacters: 10, maxCharacters: 200 } as const;

const derive = promisify(argon2);

/** A stored hash, taken apart. */
interface StoredHash {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Why a password may not be used; null: it may. Length is what counts, as NIST SP 800-63B has it. */
export function faultOfPassword(password: string, email: string): string | null {
  const { minCharacters, maxCharacters } = passwordLimits;
  const characters = [...normalized(password)];
  if (characters.length < minCharacters) return `must have at least ${minCharacters} characters`;
  if (characters.length > maxCharacters) return `must have at most ${maxCharacters} characters`;
  if (new Set(characters).size < 4) return 'must have at least 4 different characters';
  const [local = ''] = email.split('@');
  const folded = normalized(password).toLowerCase();
  if (folded === email || folded.replace(/\d+$/, '') === local) return 'must not be your e-mail address';
  return null;
}

/** Hashes and checks passwords, a few at a time. */
export class Passwords {
  #running = 0;
  readonly #waiting: Array<() => void> = [];

  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    const hash = await this.#derive(password, { ...parameters, salt }, hashBytes);
    const { memory, passes, parallelism } = parameters;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
  }

  /**
   * Whether a password is the one that was hashed. Without a hash it is none, but that takes as long, so that
   * the time of an answer does not tell who has an account.
   */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const known = stored === null ? null : parse(stored);
    const { hash, ...rest } = known ?? {
      ...parameters,
      salt: Buffer.alloc(saltBytes),
      hash: Buffer.alloc(hashBytes),
    };
    const derived = await this.#derive(password, rest, hash.length);
    return known !== null && timingSafeEqual(derived, hash);
  }

  /** Whether a hash was made with other parameters than those of today. */
  isOutdated(stored: string): boolean {
    const known = parse(stored);
    return (
      known === null || Object.entries(parameters).some(([name, value]) => known[name as 'memory'] !== value)
    );
  }

  async #derive(
    password: string,
    { salt, memory, passes, parallelism }: Omit<StoredHash, 'hash'>,
    tagLength: number,
  ): Promise<Buffer> {
    await this.#turn();
    try {
      const input: Argon2Parameters = {
        message: Buffer.from(normalized(password), 'utf8'),
        nonce: salt,
        memory,
        passes,
        parallelism,
        tagLength,
      };
      return await derive('argon2id', input);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= atOnce) {
      if (this.#waiting.length >= mostWaiting) {
        throw new Problem(
          'unavailable',
          'Too many people sign in at this moment; try again in a few seconds.',
        );
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }
}

/** The same characters typed on another keyboard are the same password. */
function normalized(password: string): string {
  return password.normalize('NFKC');
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** A hash in the form of the Argon2 reference implementation; null when it is none. */
function parse(stored: string): StoredHash | null {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    stored,
  );
  if (!match?.[4] || !match[5]) return null;
  return {
    memory: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    salt: Buffer.from(match[4], 'base64'),
    hash: Buffer.from(match[5], 'base64'),
  };
}
