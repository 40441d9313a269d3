import { Pool } from 'undici';
import { Egress, sign } from '../../src/egress/index.ts';
import { generateSecret } from '../../src/model/signing-secret.ts';
import { takeOrders } from './part.ts';

/** The process of a sender: the same requests, with more or less of the egress around them. */
export type Contestant = 'bare undici' | 'egress' | 'egress, signed';

interface SendOrder {
  readonly contestant: Contestant;
  readonly url: string;
  readonly requests: number;
  readonly concurrency: number;
}

export interface SendReport {
  readonly perSecond: number;
  /** Processor time of this process for each request. */
  readonly cpuMicros: number;
}

const bodyCharacters = 960;
const body = JSON.stringify({ type: 'row.updated', data: 'x'.repeat(bodyCharacters) });
const headers = { 'content-type': 'application/json', 'user-agent': 'Rowhook' };
const limits = { connectTimeoutMs: 5_000, timeoutMs: 15_000 };
const secret = generateSecret();
const signedAtSeconds = 1_700_000_000;

async function send({ contestant, url, requests, concurrency }: SendOrder): Promise<SendReport> {
  const { origin, host, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: concurrency });
  const egress = new Egress({
    allowedNetworks: [],
    allowedHosts: [host],
    allowedDomains: null,
    allowedPorts: null,
    proxyUrl: null,
    dnsServers: null,
    maxConnections: concurrency,
    maxConnectionsPerOrigin: concurrency,
  });
  const posts: Record<Contestant, (request: number) => Promise<unknown>> = {
    'bare undici': async () => {
      const answer = await pool.request({ path: pathname, method: 'POST', headers, body });
      await answer.body.text();
    },
    egress: () => egress.send({ url, headers, body, ...limits }),
    'egress, signed': (request) => {
      const signed = { ...headers, ...sign(secret, `msg_${request}`, signedAtSeconds, body) };
      return egress.send({ url, headers: signed, body, ...limits });
    },
  };
  const report = await measured(requests, concurrency, posts[contestant]);
  await pool.close();
  await egress.close();
  return report;
}

async function measured(
  requests: number,
  concurrency: number,
  post: (request: number) => Promise<unknown>,
): Promise<SendReport> {
  let next = 0;
  const poster = async (): Promise<void> => {
    while (next < requests) {
      next += 1;
      await post(next);
    }
  };
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await Promise.all(Array.from({ length: concurrency }, poster));
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: requests / ((performance.now() - startedAt) / 1_000),
    cpuMicros: (user + system) / requests,
  };
}

const orders = { send };
export type SenderOrders = typeof orders;

takeOrders(orders);
