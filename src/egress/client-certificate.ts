import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** What a client certificate says about itself. */
export interface ClientCertificateFacts {
  /** Distinguished names, one part a line, as OpenSSL prints them. */
  readonly subject: string;
  readonly issuer: string;
  readonly validFromMs: number;
  readonly expiresAtMs: number;
  /** SHA-256 of the certificate, in hexadecimal with colons. */
  readonly fingerprint: string;
}

/** A part of the TLS settings that cannot be used, and why. */
export interface TlsFault {
  readonly part: 'certificate' | 'key' | 'ca';
  /** Goes on after the name of the part: `must be …`. */
  readonly detail: string;
}

/** What the first certificate of a PEM text says; null when there is none that can be read. */
export function readClientCertificate(pem: string): ClientCertificateFacts | null {
  const [certificate] = certificatesOf(pem) ?? [];
  if (certificate === undefined) return null;
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    validFromMs: certificate.validFromDate.getTime(),
    expiresAtMs: certificate.validToDate.getTime(),
    fingerprint: certificate.fingerprint256,
  };
}

/** Why a client certificate and its key cannot be used together at a time; null: they can. */
export function faultOfClientCertificate(certificate: string, key: string, nowMs: number): TlsFault | null {
  const [own] = certificatesOf(certificate) ?? [];
  if (own === undefined) {
    return { part: 'certificate', detail: 'must be a certificate in PEM (-----BEGIN CERTIFICATE-----)' };
  }
  const expiresAt = own.validToDate;
  if (expiresAt.getTime() <= nowMs) {
    return { part: 'certificate', detail: `has expired, on ${expiresAt.toISOString()}` };
  }
  const privateKey = readPrivateKey(key);
  if (typeof privateKey === 'string') return { part: 'key', detail: privateKey };
  if (!own.checkPrivateKey(privateKey)) {
    return { part: 'key', detail: 'must be the private key of the certificate; it belongs to another one' };
  }
  try {
    createSecureContext({ cert: certificate, key });
  } catch {
    return { part: 'certificate', detail: 'is refused by OpenSSL; its key may be too short' };
  }
  return null;
}

/** Why authorities cannot be trusted; null: they can. */
export function faultOfAuthorities(pem: string): TlsFault | null {
  const certificates = certificatesOf(pem);
  return certificates !== null && certificates.length > 0
    ? null
    : { part: 'ca', detail: 'must be certificates in PEM (-----BEGIN CERTIFICATE-----)' };
}

function certificatesOf(pem: string): readonly X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return null;
  }
}

/** The key, or what is wrong with it; nothing of it is repeated. */
function readPrivateKey(pem: string): KeyObject | string {
  if (/ENCRYPTED/.test(pem)) {
    return 'must not be encrypted with a passphrase: openssl pkey -in key.pem -out plain.pem takes it off';
  }
  try {
    return createPrivateKey(pem);
  } catch {
    return 'must be a private key in PEM (-----BEGIN PRIVATE KEY-----)';
  }
}
