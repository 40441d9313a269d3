import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { REMEMBERED_KEYS } from './limits.ts';
import { RecentMap } from './recent-map.ts';

const PREFIX = 'whsec_';
const GENERATED_SECRET_BYTES = 32;

/** The three headers of Standard Webhooks. */
export interface SignatureHeaders {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

const keys = new RecentMap<string, KeyObject>(REMEMBERED_KEYS);

/**
 * Signs a body as Standard Webhooks v1 says: HMAC-SHA256 over `id.timestamp.body`.
 * While a secret is being rotated, give the new and the old one: each makes a signature, and
 * a consumer accepts whichever it can verify.
 *
 * @param secret `whsec_` and base64, as `generateSecret` makes it; the prefix may be missing
 * @param timestampSeconds whole seconds since 1970
 * @throws TypeError if a secret is empty or not base64
 */
export function sign(
  secret: string | readonly string[],
  id: string,
  timestampSeconds: number,
  body: string | Uint8Array,
): SignatureHeaders {
  const timestamp = String(timestampSeconds);
  const signature =
    typeof secret === 'string'
      ? signatureOf(secret, id, timestamp, body)
      : secret.map((one) => signatureOf(one, id, timestamp, body)).join(' ');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

/**
 * Signs a body as SeaTable does: the value of `X-SeaTable-Signature`, HMAC-SHA256 in hexadecimal over the raw
 * bytes, under the text of the secret as it is (dtable-events, webhook/models.py `gen_request_headers`).
 */
export function signSeaTable(secret: string, body: string | Uint8Array): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function generateSecret(): string {
  return PREFIX + randomBytes(GENERATED_SECRET_BYTES).toString('base64');
}

function signatureOf(secret: string, id: string, timestamp: string, body: string | Uint8Array): string {
  const hmac = createHmac('sha256', keyOf(secret));
  if (typeof body === 'string') hmac.update(`${id}.${timestamp}.${body}`);
  else hmac.update(`${id}.${timestamp}.`).update(body);
  return `v1,${hmac.digest('base64')}`;
}

function keyOf(secret: string): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    throw new TypeError('A signing secret must be base64, with or without whsec_ before it.');
  }
  const key = createSecretKey(Buffer.from(encoded, 'base64'));
  keys.set(secret, key);
  return key;
}
