import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/**
 * What signs a webhook's requests, as Standard Webhooks serializes it. Symmetric (`v1`): `whsec_` and the
 * base64 of the bytes that both sides know. Asymmetric (`v1a`): `whsk_` and the base64 of an ed25519 private
 * key, seed and public key in turn (64 bytes); its public key is `whpk_` and the base64 of 32 bytes.
 */
export type SecretKind = 'symmetric' | 'asymmetric';

/** A former secret, which still signs besides the present one. */
export interface PreviousSecret {
  readonly secret: string;
  /** It signs before this time. */
  readonly untilMs: number;
}

export interface SigningSecrets {
  readonly secret: string;
  /** The newest first. Those whose time is over may still be listed. */
  readonly previousSecrets: readonly PreviousSecret[];
}

const symmetricPrefix = 'whsec_';
const privatePrefix = 'whsk_';
const publicPrefix = 'whpk_';
const generatedBytes = 32;
const seedBytes = 32;
const publicKeyBytes = 32;
/** What DER has before the seed of an ed25519 private key (RFC 8410). */
const privateKeyHeader = Buffer.from('302e020100300506032b657004220420', 'hex');
/** What DER has before an ed25519 public key (RFC 8410). */
const publicKeyHeader = Buffer.from('302a300506032b6570032100', 'hex');

export function kindOfSecret(secret: string): SecretKind {
  return secret.startsWith(privatePrefix) ? 'asymmetric' : 'symmetric';
}

/** A new random secret. */
export function generateSecret(kind: SecretKind = 'symmetric'): string {
  if (kind === 'symmetric') return symmetricPrefix + randomBytes(generatedBytes).toString('base64');
  const seed = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' });
  return serialized(seed.subarray(-seedBytes));
}

/** The bytes of a symmetric secret, whose prefix may be missing. Throws a TypeError when it is none. */
export function symmetricBytes(secret: string): Buffer {
  const encoded = secret.startsWith(symmetricPrefix) ? secret.slice(symmetricPrefix.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    throw new TypeError('A signing secret must be base64, with or without whsec_ before it.');
  }
  return Buffer.from(encoded, 'base64');
}

/** The key of an asymmetric secret. Throws a TypeError when it is none. */
export function privateKeyOf(secret: string): KeyObject {
  const bytes = exactBytes(secret, privatePrefix);
  if (bytes === null || (bytes.length !== seedBytes && bytes.length !== seedBytes + publicKeyBytes)) {
    throw new TypeError('A private signing key must be whsk_ and the base64 of 64 bytes.');
  }
  const der = Buffer.concat([privateKeyHeader, bytes.subarray(0, seedBytes)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const given = bytes.subarray(seedBytes);
  if (given.length > 0 && !given.equals(publicBytes(key))) {
    throw new TypeError('The two halves of the private signing key do not belong together.');
  }
  return key;
}

/** An asymmetric secret as `generateSecret` writes it; only its seed may have been given. */
export function completeSecret(secret: string): string {
  return serialized(Buffer.from(secret.slice(privatePrefix.length), 'base64').subarray(0, seedBytes));
}

/** `whpk_…`, with which consumers verify what the secret signs; null for a symmetric secret. */
export function publicKeyOf(secret: string): string | null {
  if (kindOfSecret(secret) === 'symmetric') return null;
  return publicPrefix + publicBytes(privateKeyOf(secret)).toString('base64');
}

/** The key that `whpk_…` stands for; null when it is none. */
export function readPublicKey(publicKey: string): KeyObject | null {
  const bytes = exactBytes(publicKey, publicPrefix);
  if (bytes === null || bytes.length !== publicKeyBytes) return null;
  return createPublicKey({ key: Buffer.concat([publicKeyHeader, bytes]), format: 'der', type: 'spki' });
}

/** Every secret that signs at a time, the present one first. */
export function secretsAt({ secret, previousSecrets }: SigningSecrets, nowMs: number): readonly string[] {
  if (previousSecrets.length === 0) return [secret];
  return [secret, ...stillSigning(previousSecrets, nowMs).map((previous) => previous.secret)];
}

/** Former secrets whose time is not over. */
export function stillSigning(
  previousSecrets: readonly PreviousSecret[],
  nowMs: number,
): readonly PreviousSecret[] {
  return previousSecrets.filter(({ untilMs }) => untilMs > nowMs);
}

function serialized(seed: Buffer): string {
  const key = createPrivateKey({
    key: Buffer.concat([privateKeyHeader, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  return privatePrefix + Buffer.concat([seed, publicBytes(key)]).toString('base64');
}

function publicBytes(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-publicKeyBytes);
}

/** The bytes after a prefix, or null when they are not written as base64 writes them. */
function exactBytes(text: string, prefix: string): Buffer | null {
  if (!text.startsWith(prefix)) return null;
  const encoded = text.slice(prefix.length);
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes : null;
}
