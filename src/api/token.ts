import { hash } from 'node:crypto';
import { randomCharacters } from '../model/ids.ts';

/** 40 characters out of 62 carry 238 bits: an unsalted hash of such a token cannot be turned back. */
const tokenCharacters = 40;

/** A new API token, as its bearer sends it. Shown once; only its hash is kept. */
export function newApiToken(): string {
  return `rowhook_${randomCharacters(tokenCharacters)}`;
}

/** What the store keeps of an API token: its SHA-256 in hexadecimal digits. */
export function hashApiToken(token: string): string {
  return hash('sha256', token, 'hex');
}
