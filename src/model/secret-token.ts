import { hash } from 'node:crypto';
import { randomCharacters } from './ids.ts';

/** 40 characters out of 62 carry 238 bits: an unsalted hash of such a secret cannot be turned back. */
const secretCharacters = 40;

/** A secret that proves something to whoever knows only its hash: `prefix` says what it is for. */
export function newSecretToken(prefix: string): string {
  return `${prefix}${randomCharacters(secretCharacters)}`;
}

/** What the store keeps of such a secret: its SHA-256 in hexadecimal digits. */
export function hashSecretToken(secret: string): string {
  return hash('sha256', secret, 'hex');
}
