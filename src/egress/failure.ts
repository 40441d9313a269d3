import { errors } from 'undici';
import { type EgressErrorCode, type Failure, plainFailure } from './errors.ts';

/** A failure before a connection was there; no byte of the request was written. */
export class ConnectError extends Error {
  readonly code: EgressErrorCode;

  constructor(failure: Failure) {
    super(failure.message);
    this.code = failure.code;
  }
}

/** The connection closed before the request was written. Has no code that undici would connect again for. */
export class UnwrittenError extends Error {}

/** How far a request had come when its connection failed. */
export interface Progress {
  /** The head of the answer had come. */
  readonly answered: boolean;
  /** The connection had carried a request before this one. */
  readonly reused: boolean;
}

/** Names what went wrong while a connection was being made. */
export function connectFailure(error: unknown, phase: 'connect' | 'tls'): Failure {
  if (error instanceof ConnectError) return error;
  // With several addresses each has its own error: the one that says most is told.
  if (error instanceof AggregateError) {
    const failures = error.errors.map((one) => connectFailure(one, phase));
    return (
      CONNECT_CODES_BY_WEIGHT.map((code) => failures.find((one) => one.code === code)).find(Boolean) ??
      plainFailure('NETWORK_UNREACHABLE')
    );
  }
  const code = codeOf(error);
  const tls = tlsFailure(code);
  if (tls !== null) return tls;
  if (phase === 'tls' && !LOCAL_LIMIT_CODES.has(code)) {
    return { code: 'TLS_FAILED', message: 'The connection was closed during the TLS handshake.' };
  }
  return plainFailure(SOCKET_FAILURES[code] ?? (LOCAL_LIMIT_CODES.has(code) ? 'LOCAL_LIMIT' : 'UNEXPECTED'));
}

/** Names what went wrong after the request had been written. */
export function exchangeFailure(error: unknown, { answered, reused }: Progress): Failure {
  if (error instanceof UnwrittenError) return plainFailure('CONNECTION_CLOSED');
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return plainFailure('RESPONSE_HEADERS_TOO_LARGE');
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED')
    return plainFailure('REQUEST_INVALID');
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return plainFailure('ABORTED');
  const message = error instanceof Error ? error.message : '';
  const endedEarly =
    answered && (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' || message.includes('(Invalid EOF state)'));
  if (!endedEarly && isNotHttp(error, code, message)) return plainFailure('RESPONSE_INVALID');
  if (code === 'ERR_HTTP2_ERROR') return plainFailure('RESPONSE_INVALID');
  if (answered) return plainFailure('RESPONSE_ABORTED');
  // A consumer that closes an idle connection while we write to it shows as any of these.
  const reset = code === 'ECONNRESET' || code === 'EPIPE';
  if (code === 'UND_ERR_SOCKET' || (reused && reset)) return plainFailure('CONNECTION_CLOSED');
  if (SOCKET_FAILURES[code] !== undefined) return plainFailure('CONNECTION_RESET');
  if (code.startsWith('ERR_HTTP2_')) return plainFailure('CONNECTION_RESET');
  return tlsFailure(code) ?? plainFailure('UNEXPECTED');
}

/** 'bad response' and 'bad upgrade' are what undici says to 100 Continue and to 101. */
function isNotHttp(error: unknown, code: string, message: string): boolean {
  return (
    error instanceof errors.HTTPParserError ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ||
    message === 'bad response' ||
    message === 'bad upgrade'
  );
}

const SOCKET_FAILURES: Readonly<Record<string, EgressErrorCode>> = {
  ECONNREFUSED: 'CONNECTION_REFUSED',
  ECONNRESET: 'CONNECTION_RESET',
  ECONNABORTED: 'CONNECTION_RESET',
  EPIPE: 'CONNECTION_RESET',
  ETIMEDOUT: 'CONNECT_TIMEOUT',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'CONNECT_TIMEOUT',
  EHOSTUNREACH: 'NETWORK_UNREACHABLE',
  EHOSTDOWN: 'NETWORK_UNREACHABLE',
  ENETUNREACH: 'NETWORK_UNREACHABLE',
  ENETDOWN: 'NETWORK_UNREACHABLE',
  EACCES: 'NETWORK_UNREACHABLE',
  EPERM: 'NETWORK_UNREACHABLE',
  EINVAL: 'NETWORK_UNREACHABLE',
};

const LOCAL_LIMIT_CODES: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
]);

const CONNECT_CODES_BY_WEIGHT: readonly EgressErrorCode[] = [
  'CONNECTION_REFUSED',
  'CONNECTION_RESET',
  'CONNECT_TIMEOUT',
  'LOCAL_LIMIT',
  'NETWORK_UNREACHABLE',
  'UNEXPECTED',
];

const refusedClientCertificate = 'The server does not accept the client certificate.';

/** Why a certificate was not accepted, by the codes of Node.js and OpenSSL. */
const CERTIFICATE_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate has expired.',
  CERT_NOT_YET_VALID: 'The certificate is not valid yet.',
  CERT_REVOKED: 'The certificate has been revoked.',
  CERT_UNTRUSTED: 'The certificate is not trusted.',
  CERT_REJECTED: 'The certificate was rejected.',
  CERT_SIGNATURE_FAILURE: 'The signature of the certificate is wrong.',
  CERT_CHAIN_TOO_LONG: 'The certificate chain is too long.',
  INVALID_CA: 'A certificate of the chain may not sign others.',
  INVALID_PURPOSE: 'The certificate is not meant for servers.',
  PATH_LENGTH_EXCEEDED: 'The certificate chain is longer than one of its certificates allows.',
  HOSTNAME_MISMATCH: 'The certificate is for another host name.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another host name.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is self-signed.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate chain ends in a self-signed certificate that is not trusted.',
  UNABLE_TO_GET_ISSUER_CERT: 'The issuer of the certificate is not known.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The issuer of the certificate is not known.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The server does not send the whole certificate chain.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'The server asks for a client certificate.',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: refusedClientCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: refusedClientCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: refusedClientCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: refusedClientCertificate,
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: refusedClientCertificate,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: refusedClientCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: refusedClientCertificate,
};

function tlsFailure(code: string): Failure | null {
  const reason = CERTIFICATE_REASONS[code];
  if (reason !== undefined) return { code: 'TLS_FAILED', message: reason };
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return { code: 'TLS_FAILED', message: 'The server does not speak TLS on this port.' };
  }
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL' || code === 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION') {
    return { code: 'TLS_FAILED', message: 'The server offers no TLS version from 1.2 up.' };
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return plainFailure('TLS_FAILED');
  }
  return null;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
