import { promises as dns, type RecordWithTtl } from 'node:dns';
import { isIP } from 'node:net';
import { plainFailure } from './errors.ts';
import { ConnectError } from './failure.ts';
import { DNS_CACHE_MS, DNS_CACHE_NAMES, DNS_SECOND_FAMILY_WAIT_MS, DNS_TRIES, DNS_TRY_MS } from './limits.ts';
import { RecentMap } from './recent-map.ts';
import { SystemLookup } from './system-lookup.ts';
import { isLocalhostName, LOOPBACK } from './target.ts';

interface Answer {
  readonly addresses: readonly string[];
  readonly expiresAt: number;
}

/**
 * Turns host names into addresses, IPv4 first, without judging them.
 *
 * Names are asked over the network by c-ares, which any number of hanging lookups does not
 * block. Only names that DNS does not know are given to the system's own resolver, for its
 * hosts file and search domains, a few at a time, and not at all when DNS servers are set.
 */
export class NameResolver {
  #resolver = newResolver();
  readonly #system: SystemLookup | null;
  readonly #answers = new RecentMap<string, Answer>(DNS_CACHE_NAMES);
  readonly #underway = new Map<string, Promise<readonly string[]>>();

  /** @throws TypeError if a server is not `ip` or `ip:port` */
  constructor(dnsServers: readonly string[] | null) {
    this.#system = dnsServers === null ? new SystemLookup() : null;
    if (dnsServers === null) return;
    try {
      this.#resolver.setServers(dnsServers);
    } catch {
      throw new TypeError(`dnsServers: "${dnsServers.join(', ')}" are not all of the form ip or ip:port`);
    }
  }

  /** @throws ConnectError DNS_NOT_FOUND, DNS_FAILED or DNS_TIMEOUT */
  async resolve(hostname: string): Promise<readonly string[]> {
    if (isLocalhostName(hostname)) return LOOPBACK;
    const known = this.#answers.get(hostname);
    if (known !== undefined && performance.now() < known.expiresAt) return known.addresses;
    const underway = this.#underway.get(hostname);
    if (underway !== undefined) return underway;
    const asked = this.#ask(hostname).finally(() => this.#underway.delete(hostname));
    this.#underway.set(hostname, asked);
    return asked;
  }

  /** Ends the lookups that are underway; they fail. */
  close(): void {
    this.#resolver.cancel();
  }

  async #ask(hostname: string): Promise<readonly string[]> {
    const resolver = this.#resolver;
    const ipv4 = resolver.resolve4(hostname, { ttl: true });
    const ipv6 = resolver.resolve6(hostname, { ttl: true });
    const [first, second] = await settleBoth(ipv4, ipv6);
    const records = [...recordsOf(first), ...recordsOf(second)];
    if (records.length > 0) {
      const addresses = records.map((record) => record.address);
      const ttlMs = Math.min(...records.map((record) => record.ttl * 1000), DNS_CACHE_MS);
      this.#answers.set(hostname, { addresses, expiresAt: performance.now() + ttlMs });
      return addresses;
    }
    const codes = [errorCodeOf(first), errorCodeOf(second)];
    // The machine may have moved to another network: next time ask the servers it has then.
    const failed = !codes.every(meansUnknown);
    if (failed && this.#system !== null && this.#resolver === resolver) this.#resolver = newResolver();
    if (codes.includes('ETIMEOUT')) throw new ConnectError(plainFailure('DNS_TIMEOUT'));
    if (codes.includes('ECANCELLED')) throw new ConnectError(plainFailure('ABORTED'));
    if (this.#system !== null) return this.#system.resolve(hostname);
    throw new ConnectError(plainFailure(failed ? 'DNS_FAILED' : 'DNS_NOT_FOUND'));
  }
}

/** Reads which servers the system uses. */
function newResolver(): dns.Resolver {
  return new dns.Resolver({ timeout: DNS_TRY_MS, tries: DNS_TRIES });
}

type Outcome = PromiseSettledResult<readonly RecordWithTtl[]> | null;

/**
 * Waits for both address families, but for the slower only a moment once the other has
 * given addresses: a DNS server that drops AAAA questions must not delay IPv4.
 */
async function settleBoth(
  ipv4: Promise<readonly RecordWithTtl[]>,
  ipv6: Promise<readonly RecordWithTtl[]>,
): Promise<[Outcome, Outcome]> {
  const outcomes: [Outcome, Outcome] = [null, null];
  let patience: NodeJS.Timeout | undefined;
  const cutShort = Promise.withResolvers<void>();
  const settle = async (family: 0 | 1, answer: Promise<readonly RecordWithTtl[]>): Promise<void> => {
    try {
      outcomes[family] = { status: 'fulfilled', value: await answer };
      patience ??= setTimeout(cutShort.resolve, DNS_SECOND_FAMILY_WAIT_MS);
    } catch (reason) {
      outcomes[family] = { status: 'rejected', reason };
    }
  };
  await Promise.race([Promise.all([settle(0, ipv4), settle(1, ipv6)]), cutShort.promise]);
  clearTimeout(patience);
  return [outcomes[0], outcomes[1]];
}

function recordsOf(outcome: Outcome): readonly RecordWithTtl[] {
  if (outcome?.status !== 'fulfilled') return [];
  return outcome.value.filter((record) => isIP(record.address) !== 0);
}

function errorCodeOf(outcome: Outcome): string | undefined {
  return outcome?.status === 'rejected' ? outcome.reason?.code : undefined;
}

/** The name does not exist, has no address, or cannot be a name in DNS. */
function meansUnknown(code: string | undefined): boolean {
  return code === undefined || ['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EBADQUERY'].includes(code);
}
