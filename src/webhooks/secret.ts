import { webhookLimits } from './limits.ts';

/** What is wrong with a signing secret that a person chose; null: nothing. */
export function faultOfSecret(secret: string): string | null {
  const { minSecretBytes, maxSecretBytes } = webhookLimits;
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const bytes = encoded === undefined ? null : Buffer.from(encoded, 'base64');
  const exact = bytes !== null && bytes.toString('base64') === encoded;
  return exact && bytes.length >= minSecretBytes && bytes.length <= maxSecretBytes
    ? null
    : `must be whsec_ and the base64 of ${minSecretBytes} to ${maxSecretBytes} bytes`;
}
