import { Egress, type EgressRequest, type EgressResult, type EgressSettings } from '../index.ts';
import type { TestScope } from './consumers.ts';

/** Loopback is allowed, as most consumers of tests live there; what a test needs replaces it. */
export function startEgress(scope: TestScope, settings: Partial<EgressSettings> = {}): Egress {
  const egress = new Egress({
    allowedNetworks: ['127.0.0.0/8'],
    allowedHosts: [],
    allowedDomains: null,
    allowedPorts: null,
    proxyUrl: null,
    dnsServers: null,
    maxConnections: 100,
    maxConnectionsPerOrigin: 10,
    ...settings,
  });
  scope.after(() => egress.close());
  return egress;
}

/** Sends a small body; the timeouts are far longer than any test that does not set them takes. */
export function post(
  egress: Egress,
  url: string,
  request: Partial<EgressRequest> = {},
): Promise<EgressResult> {
  return egress.send({
    url,
    headers: { 'content-type': 'application/json' },
    body: '{"hello":"world"}',
    connectTimeoutMs: 30_000,
    timeoutMs: 60_000,
    ...request,
  });
}

/** What a test table compares: the status of an answer, or the code of a failure. */
export function outcomeOf(result: EgressResult): number | string {
  return result.kind === 'response' ? result.status : result.code;
}
