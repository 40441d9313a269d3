import {
  completeSecret,
  generateSecret,
  kindOfSecret,
  privateKeyOf,
  type SigningSecrets,
  stillSigning,
} from '../model/signing-secret.ts';
import { type Signature, secretKindOf } from '../model/webhook.ts';
import { webhookLimits } from './limits.ts';

/** What is wrong with a signing secret that a person chose; null: nothing. It is not repeated in the text. */
export function faultOfSecret(secret: string, signature: Signature): string | null {
  const wanted = secretKindOf(signature) ?? kindOfSecret(secret);
  return wanted === 'symmetric' ? faultOfSymmetric(secret) : faultOfAsymmetric(secret);
}

/** The secret that a webhook gets: the one that was chosen, without fault, or a new one. */
export function secretFor(signature: Signature, chosen: string | null): string {
  if (chosen === null) return generateSecret(secretKindOf(signature) ?? 'symmetric');
  return kindOfSecret(chosen) === 'asymmetric' ? completeSecret(chosen) : chosen;
}

/** Secrets after a rotation: the present one becomes a former one that signs for `overlapMs` more. */
export function rotatedSecrets(
  { secret: former, previousSecrets }: SigningSecrets,
  secret: string,
  overlapMs: number,
  nowMs: number,
): SigningSecrets {
  // Without an overlap nothing but the new secret is to sign: the former ones may be known to others.
  if (overlapMs === 0) return { secret, previousSecrets: [] };
  const kept = stillSigning(previousSecrets, nowMs).filter((previous) => previous.secret !== secret);
  const added = former === secret ? [] : [{ secret: former, untilMs: nowMs + overlapMs }];
  return { secret, previousSecrets: [...added, ...kept] };
}

/** Secrets that fit a signature that was changed; null: they do already. */
export function secretsAfterChange(
  secrets: SigningSecrets,
  signature: Signature,
  nowMs: number,
): SigningSecrets | null {
  const wanted = secretKindOf(signature);
  if (wanted === null || wanted === kindOfSecret(secrets.secret)) return null;
  // Changing to and fro does not make a new secret each time, as long as the last one still signs.
  const still = stillSigning(secrets.previousSecrets, nowMs);
  const former = still.find(({ secret }) => kindOfSecret(secret) === wanted);
  const { defaultOverlapMs, previousSecrets } = webhookLimits;
  const rotated = rotatedSecrets(secrets, former?.secret ?? generateSecret(wanted), defaultOverlapMs, nowMs);
  return { ...rotated, previousSecrets: rotated.previousSecrets.slice(0, previousSecrets) };
}

function faultOfSymmetric(secret: string): string | null {
  const { minSecretBytes, maxSecretBytes } = webhookLimits;
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const bytes = encoded === undefined ? null : Buffer.from(encoded, 'base64');
  const exact = bytes !== null && bytes.toString('base64') === encoded;
  return exact && bytes.length >= minSecretBytes && bytes.length <= maxSecretBytes
    ? null
    : `must be whsec_ and the base64 of ${minSecretBytes} to ${maxSecretBytes} bytes`;
}

function faultOfAsymmetric(secret: string): string | null {
  try {
    privateKeyOf(secret);
    return null;
  } catch {
    return 'must be whsk_ and the base64 of an ed25519 private key (its seed and its public key: 64 bytes)';
  }
}
