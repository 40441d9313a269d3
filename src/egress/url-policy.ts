import { domainToASCII } from 'node:url';
import { AddressPolicy } from './address-policy.ts';
import type { EgressSettings } from './contract.ts';
import { type Failure, plainFailure } from './errors.ts';
import { defaultPort, isLocalhostName, LOOPBACK, parseTarget, type Target } from './target.ts';

type PolicySettings = Pick<
  EgressSettings,
  'allowedNetworks' | 'allowedHosts' | 'ownUrlPrefixes' | 'allowedDomains' | 'allowedPorts'
>;

/** Where webhooks may go: what can be said of a URL, and of an address it leads to. */
export class UrlPolicy {
  readonly #addresses: AddressPolicy;
  readonly #allowedHosts: ReadonlySet<string>;
  readonly #ownUrlPrefixes: readonly string[];
  readonly #allowedDomains: readonly string[] | null;
  readonly #allowedPorts: ReadonlySet<number> | null;

  /** @throws TypeError naming the setting that is wrong */
  constructor(settings: PolicySettings) {
    this.#addresses = new AddressPolicy(settings.allowedNetworks);
    this.#allowedHosts = new Set(settings.allowedHosts.map(parseAuthority));
    this.#ownUrlPrefixes = settings.ownUrlPrefixes ?? [];
    this.#allowedDomains =
      settings.allowedDomains?.map(normalizeDomain).filter((entry) => entry !== '') ?? null;
    this.#allowedPorts = settings.allowedPorts === null ? null : new Set(settings.allowedPorts);
  }

  /** Everything that can be decided without asking DNS. */
  targetOf(url: string): Target | Failure {
    const target = parseTarget(url);
    if ('code' in target || this.#allowedHosts.has(target.authority) || this.isOwn(target)) return target;
    const domains = this.#allowedDomains;
    if (domains !== null && !domains.includes('*')) {
      if (!domains.some((entry) => isInDomain(target, entry))) return plainFailure('EGRESS_DOMAIN_DENIED');
      if (target.scheme === 'http' && !isThisMachine(target)) {
        return {
          code: 'EGRESS_DOMAIN_DENIED',
          message: 'Webhooks may reach this host with https only.',
        };
      }
    }
    if (this.#allowedPorts !== null && !this.#allowedPorts.has(target.port))
      return plainFailure('EGRESS_PORT_DENIED');
    if (target.isLiteral && !this.#addresses.allows(target.hostname))
      return plainFailure('EGRESS_ADDRESS_DENIED');
    if (isLocalhostName(target.hostname) && !LOOPBACK.some((address) => this.#addresses.allows(address))) {
      return plainFailure('EGRESS_ADDRESS_DENIED');
    }
    return target;
  }

  /** Whether a connection made for this target may end at this address. */
  allowsAddress(target: Target, address: string): boolean {
    return this.#allowedHosts.has(target.authority) || this.isOwn(target) || this.#addresses.allows(address);
  }

  /** Whether this server answers the URL itself. The path is as the URL parser left it: without dot segments. */
  isOwn(target: Target): boolean {
    const url = target.origin + target.path;
    return this.#ownUrlPrefixes.some((prefix) => url.startsWith(prefix));
  }
}

function isInDomain(target: Target, entry: string): boolean {
  return hostsOf(target).some((host) => host === entry || host.endsWith(`.${entry}`));
}

/** The target's host as an entry may write it: without the scheme's own port, or with it. */
function hostsOf(target: Target): readonly string[] {
  if (target.port !== defaultPort(target.scheme)) return [target.authority];
  return [target.authority.slice(0, target.authority.lastIndexOf(':')), target.authority];
}

/**
 * Grist excepts `localhost` from its rule that plain http is refused; here the addresses it
 * stands for are excepted as well.
 */
function isThisMachine(target: Target): boolean {
  return isLocalhostName(target.hostname) || LOOPBACK.includes(target.hostname);
}

function normalizeDomain(entry: string): string {
  const trimmed = entry.trim().toLowerCase();
  if (trimmed === '' || trimmed === '*' || trimmed.startsWith('[')) return trimmed;
  const [, name, port] = /^(.*?)(:\d+)?$/.exec(trimmed) ?? [];
  const ascii = domainToASCII(name ?? '');
  if (ascii === '') {
    throw new TypeError(`allowedDomains: "${entry}" is not a host, such as example.com or example.com:8443`);
  }
  return ascii + (port ?? '');
}

function parseAuthority(authority: string): string {
  const target = parseTarget(`http://${authority}/`);
  if ('code' in target || target.path !== '/' || !/^[^/?#]+:\d+$/.test(authority)) {
    throw new TypeError(`allowedHosts: "${authority}" is not host:port, such as 127.0.0.1:8080`);
  }
  return target.authority;
}
