import { readFileSync } from 'node:fs';
import type { Config } from './index.ts';

/** The settings that decide where webhooks may go, as the egress takes them. Throws when a file cannot be read. */
export function egressSettings(config: Config) {
  return {
    allowedNetworks: config.allowedNetworks,
    allowedHosts: config.allowedHosts,
    allowedDomains: config.allowedWebhookDomains,
    allowedPorts: config.allowedPorts,
    proxyUrl: config.egressProxy,
    dnsServers: config.dnsServers,
    maxConnections: config.maxConnections,
    maxConnectionsPerOrigin: config.maxConnectionsPerOrigin,
    http2: config.egressHttp2 === 'on',
    ...(config.extraCaFile === null ? {} : { extraCa: readFileSync(config.extraCaFile, 'utf8') }),
  };
}
