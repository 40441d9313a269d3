import { createHmac, createSecretKey, sign as createSignature, type KeyObject } from 'node:crypto';
import { kindOfSecret, privateKeyOf, symmetricBytes } from '../model/signing-secret.ts';
import { REMEMBERED_KEYS } from './limits.ts';
import { RecentMap } from './recent-map.ts';

/** The three headers of Standard Webhooks. */
export interface SignatureHeaders {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

const keys = new RecentMap<string, KeyObject>(REMEMBERED_KEYS);

/**
 * Signs a body as Standard Webhooks says, over `id.timestamp.body`: v1, HMAC-SHA256, with a symmetric secret,
 * v1a, ed25519, with an asymmetric one. While a secret is being rotated, give the new and the old one: each
 * makes a signature, and a consumer accepts whichever it can verify.
 *
 * @param secret `whsec_…` or `whsk_…`, as `generateSecret` makes it; `whsec_` may be missing
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

function signatureOf(secret: string, id: string, timestamp: string, body: string | Uint8Array): string {
  const key = keyOf(secret);
  if (key.type === 'private') {
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
    return `v1a,${createSignature(null, signed, key).toString('base64')}`;
  }
  const hmac = createHmac('sha256', key);
  if (typeof body === 'string') hmac.update(`${id}.${timestamp}.${body}`);
  else hmac.update(`${id}.${timestamp}.`).update(body);
  return `v1,${hmac.digest('base64')}`;
}

function keyOf(secret: string): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key =
    kindOfSecret(secret) === 'asymmetric' ? privateKeyOf(secret) : createSecretKey(symmetricBytes(secret));
  keys.set(secret, key);
  return key;
}
