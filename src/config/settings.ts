import { identitySettings } from './identity-settings.ts';
import { openIdSettings } from './open-id-settings.ts';
import {
  addressMaybePort,
  domain,
  host,
  hostAndPort,
  mailAddress,
  network,
  plain,
  port,
  publicUrl,
  token,
  url,
} from './readers.ts';
import { longestRetentionDays } from './retention-days.ts';
import { bytes, list, text, wholeNumber, word } from './setting.ts';

const mebibyte = 1024 ** 2;

/**
 * Every setting of the server. The name here is the member of `Config`; the environment variable and the
 * flag are made of it: `dataDir` is `ROWHOOK_DATA_DIR` and `--data-dir`.
 */
export const settings = {
  host: text<string>({
    description:
      'Address to listen on. Behind it is an API that changes data: open it to a network with care.',
    fallback: '127.0.0.1',
    unit: 'address or host name',
    read: host,
  }),
  port: wholeNumber({
    description: 'Port to listen on; 0 lets the system choose a free one.',
    fallback: 8080,
    unit: 'port number',
    minimum: 0,
    maximum: 65_535,
  }),
  dataDir: text<string>({
    description: 'Directory of the embedded database and the key file; made if it is not there.',
    fallback: './data',
    unit: 'path',
    read: plain(1, 4_000),
  }),
  databaseUrl: text<string | null>({
    description:
      'PostgreSQL database to use in place of the embedded one. Any number of processes may share it; each must have the same ROWHOOK_SECRET_KEY.',
    fallback: null,
    unit: 'postgres:// URL',
    secret: true,
    read: url(['postgres', 'postgresql'], 'postgres://user:password@host:5432/database'),
  }),
  databasePoolSize: wholeNumber({
    description:
      'Connections to PostgreSQL that the requests of one process share; the process has three more of its own.',
    fallback: 10,
    unit: 'connections',
    minimum: 2,
    maximum: 1_000,
  }),
  processTimeoutMs: wholeNumber({
    description:
      'With PostgreSQL: how long a process may be silent until the others take over what it delivers. Within half of ' +
      'that time it stops delivering by itself.',
    fallback: 10_000,
    unit: 'milliseconds',
    minimum: 2_000,
    maximum: 600_000,
  }),
  operatorToken: text<string | null>({
    description: "The operator's bearer token, which may do everything in every workspace.",
    fallback: null,
    fallbackText: 'made at the first start',
    secret: true,
    read: token,
  }),
  secretKey: text<string | null>({
    description:
      'Key that encrypts signing secrets and headers in the database. Without it they cannot be read again.',
    fallback: null,
    fallbackText: 'a key file in the data directory',
    secret: true,
    read: plain(32, 1_000),
  }),
  previousSecretKeys: list<string, readonly string[]>({
    description:
      'Keys that encrypted stored secrets before ROWHOOK_SECRET_KEY was changed. What they have sealed is sealed ' +
      'again after the start; then they are not needed any more.',
    fallback: [],
    unit: 'keys, separated by commas',
    secret: true,
    item: plain(32, 1_000),
  }),
  allowedNetworks: list<string, readonly string[]>({
    description: 'Networks that webhooks may reach although they are private.',
    fallback: [],
    unit: 'CIDRs, separated by commas',
    item: network,
  }),
  allowedHosts: list<string, readonly string[]>({
    description: 'Exact hosts that webhooks may reach whatever the other rules say.',
    fallback: [],
    unit: 'host:port, separated by commas',
    item: hostAndPort,
  }),
  allowedWebhookDomains: list<string, readonly string[] | null>({
    description:
      'The only domains that webhooks may reach, with their subdomains. With such a list plain http is refused; ' +
      '* allows every domain, and http.',
    fallback: null,
    fallbackText: 'every domain',
    unit: 'host or host:port, separated by commas',
    item: domain,
  }),
  allowedPorts: list<number, readonly number[] | null>({
    description: 'The only ports that webhooks may reach.',
    fallback: null,
    fallbackText: 'every port',
    unit: 'port numbers, separated by commas',
    item: port,
  }),
  egressProxy: text<string | null>({
    description:
      'HTTP proxy through which every webhook leaves. It resolves host names, so it must refuse addresses inside.',
    fallback: null,
    unit: 'http:// or https:// URL',
    secret: true,
    read: url(['http', 'https'], 'http://proxy.example.com:3128'),
  }),
  dnsServers: list<string, readonly string[] | null>({
    description: 'DNS servers that resolve the hosts of webhooks.',
    fallback: null,
    fallbackText: "the system's",
    unit: 'IP addresses, separated by commas',
    item: addressMaybePort,
  }),
  extraCaFile: text<string | null>({
    description: 'File of certificates (PEM) to trust, besides the well-known ones, when webhooks are sent.',
    fallback: null,
    unit: 'path',
    read: plain(1, 4_000),
  }),
  egressHttp2: word({
    description: 'Whether HTTP/2 is spoken to the consumers of webhooks that offer it.',
    fallback: 'on',
    words: ['on', 'off'],
  }),
  ...identitySettings,
  ...openIdSettings,
  publicUrl: text<string | null>({
    description: 'Address under which people reach the server; used for links in mails and to the portal.',
    fallback: null,
    fallbackText: 'the address it listens on',
    unit: 'http:// or https:// URL',
    read: publicUrl,
  }),
  smtpUrl: text<string | null>({
    description: 'Mail server for notices, and for webhooks with mail addresses.',
    fallback: null,
    fallbackText: 'no mails',
    unit: 'smtp:// or smtps:// URL',
    secret: true,
    read: url(['smtp', 'smtps'], 'smtps://user:password@mail.example.com'),
  }),
  mailFrom: text<string>({
    description: 'Sender of mails.',
    fallback: 'rowhook@localhost',
    unit: 'mail address',
    read: mailAddress,
  }),
  noticeRecipients: list<string, readonly string[]>({
    description:
      'Who gets a mail when a webhook is disabled, recovers, exhausts deliveries or falls far behind; none: no mails.',
    fallback: [],
    unit: 'mail addresses, separated by commas',
    item: mailAddress,
  }),
  metricsAccess: word({
    description: 'Who may read /metrics: the operator with a token, or everyone who reaches the server.',
    fallback: 'operator',
    words: ['operator', 'open'],
  }),
  logLevel: word({
    description: 'Least severe messages to log.',
    fallback: 'warn',
    words: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
  }),
  maxConnections: wholeNumber({
    description: 'Outgoing connections of the process, to all consumers together.',
    fallback: 512,
    unit: 'connections',
    minimum: 1,
    maximum: 100_000,
  }),
  maxConnectionsPerOrigin: wholeNumber({
    description: 'Outgoing connections to one consumer (scheme, host and port).',
    fallback: 256,
    unit: 'connections',
    minimum: 1,
    maximum: 10_000,
  }),
  maxClientConnections: wholeNumber({
    description: 'Connections of clients to the server; further ones are turned away.',
    fallback: 2_000,
    unit: 'connections',
    minimum: 10,
    maximum: 1_000_000,
  }),
  queueMemoryBytes: bytes({
    description: 'Memory for events that wait to be sent; what does not fit waits in the database.',
    fallback: 32 * mebibyte,
    minimum: mebibyte,
    maximum: 64 * 1024 * mebibyte,
  }),
  backlogNoticeEvents: wholeNumber({
    description: 'More events waiting for one webhook than this are told of by a webhook.backlog event.',
    fallback: 10_000,
    unit: 'events',
    minimum: 1,
    maximum: 1_000_000_000,
  }),
  replayRatePerSecond: wholeNumber({
    description: 'Deliveries a second that one replay sends at most, unless it is asked for a lower rate.',
    fallback: 200,
    unit: 'deliveries a second',
    minimum: 1,
    maximum: 100_000,
  }),
  replayCountEvents: wholeNumber({
    description:
      'Past events that are looked at to say how many deliveries a replay would make. Of a longer period only ' +
      'the beginning is counted.',
    fallback: 50_000,
    unit: 'events',
    minimum: 1,
    maximum: 100_000_000,
  }),
  eventRetentionDays: wholeNumber({
    description:
      'How long events, with their data, are kept after they were accepted; what is not yet delivered stays longer. ' +
      '0 keeps them for ever.',
    fallback: 30,
    unit: 'days',
    minimum: 0,
    maximum: longestRetentionDays,
  }),
  deliveryRetentionDays: wholeNumber({
    description:
      'How long the record of a delivery is kept after its end: what was sent when, to whom, and with what result. ' +
      'It stays at least as long as its events. 0 keeps it for ever.',
    fallback: 90,
    unit: 'days',
    minimum: 0,
    maximum: longestRetentionDays,
  }),
  exchangeRetentionDays: wholeNumber({
    description:
      'How long the single attempts of a delivery are kept, with the headers and bodies of their answers. ' +
      '0 keeps them as long as the delivery.',
    fallback: 14,
    unit: 'days',
    minimum: 0,
    maximum: longestRetentionDays,
  }),
  activityRetentionDays: wholeNumber({
    description:
      'How long counters of attempts are kept by the day (by the hour 90 days, by the minute two). 0 keeps them for ever.',
    fallback: 730,
    unit: 'days',
    minimum: 0,
    maximum: longestRetentionDays,
  }),
  stopTimeoutMs: wholeNumber({
    description:
      'How long a stop waits for requests under way before it cuts them off; their deliveries are repeated.',
    fallback: 10_000,
    unit: 'milliseconds',
    minimum: 0,
    maximum: 600_000,
  }),
  maxBodyBytes: bytes({
    description: 'Largest body of a request to the API; imports, which are streamed, have no such limit.',
    fallback: 16 * mebibyte,
    minimum: 1024,
    maximum: 256 * mebibyte,
  }),
  bodyMemoryBytes: bytes({
    description:
      'Large bodies of requests to the API that are being worked on at once, together; further ones are asked to come ' +
      'again. Bodies of up to 64 KiB, and imports, do not count.',
    fallback: 64 * mebibyte,
    minimum: mebibyte,
    maximum: 64 * 1024 * mebibyte,
  }),
  maxHeaderBytes: bytes({
    description: 'All headers of a request to the API together.',
    fallback: 16 * 1024,
    minimum: 4 * 1024,
    maximum: mebibyte,
  }),
  maxEventDataBytes: bytes({
    description: 'The data of one event that an application posts, printed as JSON.',
    fallback: 256 * 1024,
    minimum: 1024,
    maximum: 16 * mebibyte,
  }),
  maxWaitingEventBytes: bytes({
    description:
      'Data of posted events that may wait for the disk; what would be more is answered with 429 and Retry-After.',
    fallback: 64 * mebibyte,
    minimum: mebibyte,
    maximum: 4 * 1024 * mebibyte,
  }),
  maxDelayDays: wholeNumber({
    description: 'How far ahead deliverAt of a posted event may be.',
    fallback: 90,
    unit: 'days',
    minimum: 0,
    maximum: 3_650,
  }),
  idempotencyHours: wholeNumber({
    description: 'How long an Idempotency-Key is kept: a repeat within that time gets the same answer.',
    fallback: 24,
    unit: 'hours',
    minimum: 1,
    maximum: 24 * 365,
  }),
  maxPayloadBytes: bytes({
    description: 'Largest body of a request to a consumer; a delivery with a larger one fails.',
    fallback: 8 * mebibyte,
    minimum: 64 * 1024,
    maximum: 256 * mebibyte,
  }),
  maxBatchEvents: wholeNumber({
    description: 'Events in one call of POST /v1/events/batch.',
    fallback: 1_000,
    unit: 'events',
    minimum: 1,
    maximum: 10_000,
  }),
  maxEventTypes: wholeNumber({
    description: 'Event types in the catalogue of one workspace, archived ones included.',
    fallback: 1_000,
    unit: 'event types',
    minimum: 1,
    maximum: 100_000,
  }),
  maxWebhooks: wholeNumber({
    description: 'Webhooks of one workspace.',
    fallback: 10_000,
    unit: 'webhooks',
    minimum: 1,
    maximum: 1_000_000,
  }),
};
