import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { egressErrors } from './errors.ts';
import { connectFailure, exchangeFailure } from './failure.ts';

/** An error as Node.js and OpenSSL raise it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 10.0.0.1:80`), { code });
}

describe('failure to connect', () => {
  const cases: readonly [code: string, phase: 'connect' | 'tls', expected: string][] = [
    ['ECONNREFUSED', 'connect', 'CONNECTION_REFUSED'],
    ['ECONNRESET', 'connect', 'CONNECTION_RESET'],
    ['ETIMEDOUT', 'connect', 'CONNECT_TIMEOUT'],
    ['EHOSTUNREACH', 'connect', 'NETWORK_UNREACHABLE'],
    ['ENETUNREACH', 'connect', 'NETWORK_UNREACHABLE'],
    ['EACCES', 'connect', 'NETWORK_UNREACHABLE'],
    ['EMFILE', 'connect', 'LOCAL_LIMIT'],
    ['ENFILE', 'connect', 'LOCAL_LIMIT'],
    ['ENOBUFS', 'connect', 'LOCAL_LIMIT'],
    ['EADDRNOTAVAIL', 'connect', 'LOCAL_LIMIT'],
    ['EWHATEVER', 'connect', 'UNEXPECTED'],
    ['ECONNRESET', 'tls', 'TLS_FAILED'],
    ['EMFILE', 'tls', 'LOCAL_LIMIT'],
    ['CERT_HAS_EXPIRED', 'tls', 'TLS_FAILED'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls', 'TLS_FAILED'],
    ['EPROTO', 'tls', 'TLS_FAILED'],
  ];
  for (const [code, phase, expected] of cases) {
    it(`by ${code} in phase ${phase} is ${expected}, and its message names no address`, () => {
      const failure = connectFailure(systemError(code), phase);
      assert.equal(failure.code, expected);
      assert.doesNotMatch(failure.message, /10\.0\.0\.1/);
    });
  }

  it('of several addresses is the one that says most', () => {
    const all = (...codes: string[]): string =>
      connectFailure(new AggregateError(codes.map(systemError)), 'connect').code;
    assert.equal(all('ENETUNREACH', 'ECONNREFUSED'), 'CONNECTION_REFUSED');
    assert.equal(all('ETIMEDOUT', 'ENETUNREACH'), 'CONNECT_TIMEOUT');
    assert.equal(all('ENETUNREACH', 'EADDRNOTAVAIL'), 'LOCAL_LIMIT');
    assert.equal(all(), 'NETWORK_UNREACHABLE');
  });
});

describe('failure after the request was written', () => {
  const fresh = { answered: false, reused: false };

  it('is a closed connection rather than a reset one when the connection was used before', () => {
    assert.equal(exchangeFailure(systemError('ECONNRESET'), fresh).code, 'CONNECTION_RESET');
    assert.equal(exchangeFailure(systemError('EPIPE'), { ...fresh, reused: true }).code, 'CONNECTION_CLOSED');
  });

  it('is a broken answer when the answer had begun', () => {
    for (const code of ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'ERR_SSL_BAD_RECORD_TYPE']) {
      assert.equal(exchangeFailure(systemError(code), { ...fresh, answered: true }).code, 'RESPONSE_ABORTED');
    }
  });

  it('is one of TLS when the consumer then asks for a certificate of ours', () => {
    assert.equal(
      exchangeFailure(systemError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), fresh).code,
      'TLS_FAILED',
    );
  });

  it('is one of the other side when HTTP/2 ends on it', () => {
    assert.equal(exchangeFailure(systemError('ERR_HTTP2_SESSION_ERROR'), fresh).code, 'CONNECTION_RESET');
    assert.equal(exchangeFailure(systemError('ERR_HTTP2_ERROR'), fresh).code, 'RESPONSE_INVALID');
  });

  it('without a name is unexpected', () => {
    assert.equal(exchangeFailure(new Error('?'), fresh).code, 'UNEXPECTED');
    assert.equal(exchangeFailure('?', fresh).code, 'UNEXPECTED');
  });
});

describe('the table of errors', () => {
  it('gives each code a cause and a cure in whole sentences', () => {
    for (const [code, { cause, cure }] of Object.entries(egressErrors)) {
      assert.match(code, /^[A-Z][A-Z_]+$/);
      assert.match(cause, /^[A-Z].*\.$/, code);
      assert.match(cure, /^[A-Z].*\.$/, code);
    }
  });
});
