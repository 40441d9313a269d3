/** Headers of a request: a `Headers`, or what Node.js and its frameworks have. */
export type RequestHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The body of a format other than `standard` has another shape: give it as the type argument of `verify`. */
export interface WebhookEvent<Data = unknown> {
  /** Name of the event type, such as `invoice.paid`. */
  readonly type: string;
  /** When it happened, in ISO 8601. */
  readonly timestamp: string;
  readonly data: Data;
}

export interface VerifyOptions {
  /**
   * What the webhook signs with: its secret, `whsec_…`, or its public key, `whpk_…`. Several while one is being
   * replaced: any of them may fit.
   */
  readonly secret: string | readonly string[];
  readonly headers: RequestHeaders;
  /** The bytes as they came, or their text: not an object that some middleware has made of them. */
  readonly body: string | Uint8Array;
  /** How many seconds the clocks of both sides may differ; 300 unless it is given. */
  readonly toleranceSeconds?: number;
}

/** The request is not genuine, or too old. Answer it with 401. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

const defaultToleranceSeconds = 300;

/**
 * Verifies a webhook as Standard Webhooks says (`v1` and `v1a`) and answers its body, read as JSON.
 *
 * @example
 * const event = await verify({ secret: process.env.WEBHOOK_SECRET, headers: request.headers, body });
 * @throws VerificationError if the request is not genuine
 * @throws TypeError if a secret is none
 */
export async function verify<Event = WebhookEvent>(options: VerifyOptions): Promise<Event> {
  const bytes = await verifyBytes(options);
  return JSON.parse(new TextDecoder().decode(bytes)) as Event;
}

/** Like `verify`, for bodies that are no JSON. Answers the body's bytes. */
export async function verifyBytes(options: VerifyOptions): Promise<Uint8Array> {
  const { headers, toleranceSeconds = defaultToleranceSeconds } = options;
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature').split(' ');
  if (!/^\d{1,15}$/.test(timestamp)) throw new VerificationError('The timestamp is not a number of seconds.');
  const ageSeconds = Date.now() / 1_000 - Number(timestamp);
  if (ageSeconds > toleranceSeconds) throw new VerificationError('The timestamp is too old.');
  if (ageSeconds < -toleranceSeconds) throw new VerificationError('The timestamp is in the future.');
  const body = bytesOf(options.body);
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), body);
  const secrets = typeof options.secret === 'string' ? [options.secret] : options.secret;
  for (const secret of secrets) {
    const key = await importKey(secret);
    for (const signature of signatures) {
      const [version, encoded = ''] = signature.split(',', 2);
      const given = version === key.version ? decoded(encoded) : null;
      if (given !== null && (await crypto.subtle.verify(key.algorithm, key.key, given, signed))) return body;
    }
  }
  throw new VerificationError('No signature fits.');
}

/**
 * Verifies a webhook with `signature: seatable` and answers its body's bytes: `x-seatable-signature` is the
 * HMAC-SHA256 of the body, under the text of the secret as it is.
 *
 * @throws VerificationError if the request is not genuine
 */
export async function verifySeaTable(options: {
  readonly secret: string;
  readonly headers: RequestHeaders;
  readonly body: string | Uint8Array;
}): Promise<Uint8Array> {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(header(options.headers, 'x-seatable-signature'))?.[1];
  if (hex === undefined) throw new VerificationError('The signature is not sha256= and hexadecimal digits.');
  const given = Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  const body = bytesOf(options.body);
  const key = await hmacKey(new TextEncoder().encode(options.secret));
  if (await crypto.subtle.verify('HMAC', key, given, body)) return body;
  throw new VerificationError('The signature does not fit.');
}

type Bytes = Uint8Array<ArrayBuffer>;

interface VerifyingKey {
  readonly version: 'v1' | 'v1a';
  readonly algorithm: 'HMAC' | 'Ed25519';
  readonly key: CryptoKey;
}

async function importKey(secret: string): Promise<VerifyingKey> {
  const [, prefix, encoded = ''] = /^(whsec_|whpk_)(.+)$/.exec(secret) ?? [];
  const bytes = decoded(encoded);
  if (bytes === null || bytes.length === 0) {
    throw new TypeError('A secret must be whsec_ and base64, or a public key, whpk_ and base64.');
  }
  if (prefix === 'whsec_') return { version: 'v1', algorithm: 'HMAC', key: await hmacKey(bytes) };
  const key = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']);
  return { version: 'v1a', algorithm: 'Ed25519', key };
}

function hmacKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function header(headers: RequestHeaders, name: string): string {
  const value =
    typeof headers.get === 'function' ? headers.get(name) : (headers as Record<string, unknown>)[name];
  if (typeof value !== 'string' || value === '')
    throw new VerificationError(`The header ${name} is missing.`);
  return value;
}

function bytesOf(body: string | Uint8Array): Bytes {
  return typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
}

function joined(first: Bytes, second: Bytes): Bytes {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** The bytes of base64; null when it is none. */
function decoded(base64: string): Bytes | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
