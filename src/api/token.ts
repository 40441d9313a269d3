import { hashSecretToken, newSecretToken } from '../model/secret-token.ts';

/** A new API token, as its bearer sends it. Shown once; only its hash is kept. */
export function newApiToken(): string {
  return newSecretToken('rowhook_');
}

/** What the store keeps of an API token. */
export const hashApiToken = hashSecretToken;
