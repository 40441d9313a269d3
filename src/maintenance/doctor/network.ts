import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { egressSettings } from '../../config/egress-settings.ts';
import type { Config } from '../../config/index.ts';
import { Egress } from '../../egress/index.ts';
import { lockHolder } from '../../store/sqlite/directory-lock.ts';
import { type Finding, failed, messageOf, ok, skipped, warning } from './finding.ts';
import type { Patient } from './index.ts';

/** A name that by its standard (RFC 6761) does not exist: a DNS server that works says so. */
const nameThatIsNot = 'rowhook-doctor.invalid';
const dnsTimeoutMs = 10_000;
/** Refused URLs that are named. */
const shownUrls = 3;
/** Where built-in test consumers receive, which the server reaches whatever the policy says. */
const ownInbox = /^http:\/\/(?:localhost|127\.0\.0\.1):\d+\/test-consumer\/in\//;

/** Where webhooks may go, and which of them may not go where they want to. */
export function checkEgress(config: Config, urls: readonly string[]): readonly Finding[] {
  let egress: Egress;
  try {
    egress = new Egress(egressSettings(config));
  } catch (error) {
    return [failed('egress', messageOf(error), 'Correct the setting; the server does not start with it.')];
  }
  const refused = urls.filter((url) => !ownInbox.test(url) && !egress.check(url).allowed);
  void egress.close();
  const findings = [...policy(config), ...certificates(config)];
  if (refused.length > 0) {
    const named = refused.slice(0, shownUrls).map((url) => URL.parse(url)?.origin ?? 'a URL that is none');
    const more = refused.length > shownUrls ? ` and ${refused.length - shownUrls} more` : '';
    findings.push(
      warning(
        'webhook URLs',
        `The policy refuses ${refused.length} of ${urls.length}: ${named.join(', ')}${more}`,
        'Widen it for consumers that are meant to be reached, or delete the webhooks.',
      ),
    );
  } else if (urls.length > 0) {
    findings.push(ok('webhook URLs', `the policy lets all ${urls.length} pass, as far as the URL tells`));
  }
  return findings;
}

function policy(config: Config): readonly Finding[] {
  const { allowedNetworks, allowedHosts, allowedWebhookDomains, allowedPorts, egressProxy } = config;
  const findings: Finding[] = [];
  const everything = allowedNetworks.filter((network) => network.endsWith('/0'));
  if (everything.length > 0) {
    findings.push(
      warning(
        'egress',
        `ROWHOOK_ALLOWED_NETWORKS has ${everything.join(', ')}: webhooks may reach everything inside your network.`,
        'Name the networks of your consumers only.',
      ),
    );
  }
  if (egressProxy !== null) {
    findings.push(
      warning(
        'egress',
        'Everything leaves through a proxy, which resolves names and decides which addresses they lead to.',
        'See to it that the proxy refuses addresses inside your network.',
      ),
    );
  }
  if (findings.length > 0) return findings;
  const parts = [
    allowedWebhookDomains === null ? 'every domain' : `domains ${listed(allowedWebhookDomains)}`,
    allowedPorts === null ? 'every port' : `ports ${listed(allowedPorts)}`,
    allowedNetworks.length === 0
      ? 'public addresses only'
      : `public addresses, and ${listed(allowedNetworks)}`,
    ...(allowedHosts.length === 0 ? [] : [`in any case ${listed(allowedHosts)}`]),
  ];
  return [ok('egress', parts.join('; '))];
}

function certificates({ extraCaFile }: Config): readonly Finding[] {
  if (extraCaFile === null) return [];
  const check = 'certificates';
  const blocks = readFileSync(extraCaFile, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  );
  try {
    const read = (blocks ?? []).map((block) => new X509Certificate(block));
    if (read.length === 0) throw new Error('there is none in it');
    const over = read.filter(({ validToDate }) => validToDate.getTime() < Date.now());
    if (over.length === 0) return [ok(check, `${read.length} in ${extraCaFile}`)];
    return [
      warning(
        check,
        `${over.length} of ${read.length} in ${extraCaFile} have expired.`,
        'Renew them, or take them out.',
      ),
    ];
  } catch (error) {
    return [
      failed(
        check,
        `ROWHOOK_EXTRA_CA_FILE ${extraCaFile}: ${messageOf(error)}`,
        'It must have certificates in PEM.',
      ),
    ];
  }
}

/** Whether names are resolved, and whether the server could listen. */
export async function checkNetwork({ config, directory }: Patient): Promise<readonly Finding[]> {
  const runs = config.databaseUrl === null && lockHolder(directory.path) !== null;
  return [await checkNames(config), ...(runs || config.port === 0 ? [] : [await checkPort(config)])];
}

async function checkNames(config: Config): Promise<Finding> {
  const check = 'DNS';
  if (config.egressProxy !== null) return skipped(check, 'the proxy resolves the names');
  const egress = new Egress({
    ...egressSettings({ ...config, extraCaFile: null }),
    allowedDomains: null,
    allowedPorts: null,
  });
  try {
    const result = await egress.send({
      url: `http://${nameThatIsNot}/`,
      headers: {},
      body: '',
      connectTimeoutMs: dnsTimeoutMs,
      timeoutMs: dnsTimeoutMs,
    });
    const servers = config.dnsServers === null ? 'those of the system' : listed(config.dnsServers);
    if (result.kind === 'error' && result.code === 'DNS_NOT_FOUND')
      return ok(check, `answered by ${servers}`);
    const what = result.kind === 'error' ? result.message : 'A name that cannot exist was resolved.';
    return warning(
      check,
      `${what} Asked: ${servers}.`,
      'Correct ROWHOOK_DNS_SERVERS, or the resolver of this machine.',
    );
  } finally {
    await egress.close();
  }
}

function checkPort({ host, port }: Config): Promise<Finding> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        warning(
          'port',
          `The server could not listen on ${host}, port ${port} (${error.code}).`,
          'Stop what listens there, or choose others with ROWHOOK_HOST and ROWHOOK_PORT.',
        ),
      ),
    );
    probe.listen(port, host, () => probe.close(() => resolve(ok('port', `${port} is free`))));
  });
}

function listed(items: readonly (string | number)[]): string {
  return items.join(', ');
}
