import { isUtf8 } from 'node:buffer';
import { type KeyObject, verify as verifySignature } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { kindOfSecret, publicKeyOf, readPublicKey } from '../model/signing-secret.ts';
import { limits } from './limits.ts';

/**
 * What came of checking a request's signature as Standard Webhooks says. `not checked`: more secrets are
 * known, or the body is larger, than may be tried, and none of those that were tried fits.
 */
export const verdicts = [
  'verified',
  'wrong signature',
  'no signature',
  'no secret known',
  'timestamp too old',
  'timestamp too new',
  'not checked',
] as const;
export type Verdict = (typeof verdicts)[number];

/** A verdict, and the secret that fits; null when none does. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly secret: string | null;
}

type Headers = Readonly<Record<string, string>>;
/** How much the clocks of both sides may differ, as in the library. */
const toleranceSeconds = 5 * 60;
const signatureHeaders = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

/** Checks a request with the library that consumers use, trying the secrets in their order. */
export function judge(body: Buffer, headers: Headers, secrets: readonly string[]): Judgement {
  if (signatureHeaders.some((name) => !headers[name])) return { verdict: 'no signature', secret: null };
  if (secrets.length === 0) return { verdict: 'no secret known', secret: null };
  // The library decodes the body, and so takes different bytes that are no UTF-8 for the same.
  if (!isUtf8(body)) return { verdict: 'wrong signature', secret: null };

  const affordable = Math.floor(limits.hashedBytes / Math.max(1, body.length));
  const tried = secrets.slice(0, Math.min(limits.triedSecrets, affordable));
  for (const secret of tried) {
    const verdict = verify(body, headers, secret);
    if (verdict === 'verified') return { verdict, secret };
    if (verdict !== 'wrong signature') return { verdict, secret: null };
  }
  return { verdict: tried.length < secrets.length ? 'not checked' : 'wrong signature', secret: null };
}

function verify(body: Buffer, headers: Headers, secret: string): Verdict {
  const publicKey = readPublicKey(
    kindOfSecret(secret) === 'asymmetric' ? (publicKeyOf(secret) ?? '') : secret,
  );
  if (publicKey !== null) return verifyAsymmetric(body, headers, publicKey);
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return 'verified';
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    if (error.message === 'Message timestamp too old') return 'timestamp too old';
    if (error.message === 'Message timestamp too new') return 'timestamp too new';
    return 'wrong signature';
  }
}

/** `v1a` of Standard Webhooks, which the library does not know. */
function verifyAsymmetric(body: Buffer, headers: Headers, key: KeyObject): Verdict {
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  const ageSeconds = Date.now() / 1_000 - Number(timestamp);
  if (!/^\d{1,15}$/.test(timestamp)) return 'wrong signature';
  if (ageSeconds > toleranceSeconds) return 'timestamp too old';
  if (ageSeconds < -toleranceSeconds) return 'timestamp too new';
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const signatures = (headers['webhook-signature'] ?? '').split(' ', limits.triedSecrets);
  const fits = signatures.some((signature) => {
    const [version, encoded = ''] = signature.split(',', 2);
    return version === 'v1a' && verifySignature(null, signed, key, Buffer.from(encoded, 'base64'));
  });
  return fits ? 'verified' : 'wrong signature';
}

/** What is wrong with a secret; null: nothing. */
export function faultOfSecret(secret: string): string | null {
  if (readPublicKey(secret) !== null) return null;
  try {
    new Webhook(secret);
    return null;
  } catch {
    return 'must be the signing secret of a webhook, whsec_ and base64, or its public key, whpk_ and base64';
  }
}
