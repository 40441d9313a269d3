/** What a code means and what to do about it; the error reference is generated from this. */
export interface EgressErrorDescription {
  readonly cause: string;
  readonly cure: string;
}

/**
 * Every error code of the egress. Codes are stable: logs, alerts and consumers' owners rely
 * on them. The cause is also what a user sees when nothing more precise can be said, so
 * none of these texts tells an address or what is inside the operator's network.
 */
export const egressErrors = {
  URL_INVALID: {
    cause: 'The webhook URL is not a valid absolute URL.',
    cure: 'Write it as https://host/path, without user name, password, spaces or backslashes.',
  },
  URL_SCHEME: {
    cause: 'The webhook URL is neither http nor https.',
    cure: 'Use https:// (or http:// where encryption is not needed).',
  },
  EGRESS_DOMAIN_DENIED: {
    cause: 'The host of this URL is not among the domains that webhooks may reach.',
    cure: 'Ask the operator to add the host to ROWHOOK_ALLOWED_WEBHOOK_DOMAINS.',
  },
  EGRESS_PORT_DENIED: {
    cause: 'The port of this URL is not among the ports that webhooks may reach.',
    cure: 'Use an allowed port, or ask the operator to allow this one.',
  },
  EGRESS_ADDRESS_DENIED: {
    cause: 'The host of this URL is not a public address, or does not lead to one.',
    cure: 'Use a public host, or ask the operator to add its network to ROWHOOK_ALLOWED_NETWORKS.',
  },
  REQUEST_INVALID: {
    cause: 'The request cannot be sent as configured: a header is not allowed or not valid.',
    cure: 'Correct the headers of the webhook: no line breaks, none that frame the request (such as Host).',
  },
  DNS_NOT_FOUND: {
    cause: 'The host name does not exist or has no address.',
    cure: 'Correct the host name in the URL, or its DNS records.',
  },
  DNS_FAILED: {
    cause: 'The DNS server answered with a failure.',
    cure: 'Check the DNS records of the host; if other hosts fail as well, the DNS server of this machine.',
  },
  DNS_TIMEOUT: {
    cause: 'The host name could not be resolved in time.',
    cure: 'Check the DNS servers of the host; if other hosts fail as well, the DNS server of this machine.',
  },
  CONNECTION_REFUSED: {
    cause: 'Nothing accepts connections on this port of the host.',
    cure: 'Start the consumer, or correct the port in the URL.',
  },
  CONNECTION_RESET: {
    cause: 'The connection was broken before an answer came.',
    cure: 'Look into the logs of the consumer and of the proxies in front of it. The request may have arrived.',
  },
  CONNECTION_CLOSED: {
    cause: 'The consumer closed the connection without answering.',
    cure: 'If it happens often, let the consumer keep idle connections longer than 5 seconds. The request may have arrived.',
  },
  CONNECT_TIMEOUT: {
    cause: 'The connection to the host was not made in time.',
    cure: 'Check that the host is up and that no firewall swallows connections to it.',
  },
  NETWORK_UNREACHABLE: {
    cause: 'There is no way to the host from here.',
    cure: 'Check the routes and firewall of this machine, and whether the host is up.',
  },
  TLS_FAILED: {
    cause: 'No secure connection could be made.',
    cure: 'Renew or correct the certificate of the consumer, with its whole chain; TLS 1.2 or newer is needed.',
  },
  TIMEOUT: {
    cause: 'The request was sent, but its answer did not come to an end in time.',
    cure: 'Let the consumer answer first and work afterwards, or raise the timeout. The request may have arrived.',
  },
  RESPONSE_INVALID: {
    cause: 'The answer is not valid HTTP.',
    cure: 'Check that the URL leads to an HTTP server, and that it sends neither 100 Continue nor 101 unasked.',
  },
  RESPONSE_HEADERS_TOO_LARGE: {
    cause: 'The headers of the answer are larger than 16 KiB.',
    cure: 'Let the consumer send fewer or smaller headers (often cookies).',
  },
  RESPONSE_ABORTED: {
    cause: 'The answer began, but its body broke off before its end.',
    cure: 'Look into the logs of the consumer and of the proxies in front of it. The request has arrived.',
  },
  PROXY_FAILED: {
    cause: 'The proxy for webhooks did not open a connection to the host.',
    cure: 'The operator finds the reason in the log of the proxy that ROWHOOK_EGRESS_PROXY names.',
  },
  ABORTED: {
    cause: 'The request was given up on this side, because the service stops or somebody asked for it.',
    cure: 'Nothing to do: it is sent again when the schedule says so.',
  },
  TOO_MANY_CONNECTIONS: {
    cause: 'No connection became free in time; the request was not sent.',
    cure: 'Let the consumer answer faster, or raise the limits of connections.',
  },
  LOCAL_LIMIT: {
    cause: 'This machine has run out of sockets, open files or memory; the request was not sent.',
    cure: 'The operator raises the limit of open files (ulimit -n) or of local ports.',
  },
  MAIL_NOT_CONFIGURED: {
    cause: 'The server has no mail server, so webhooks cannot have mail addresses.',
    cure: 'The operator sets ROWHOOK_SMTP_URL.',
  },
  MAIL_REFUSED: {
    cause: 'The mail server does not take the message (SMTP code 5xx).',
    cure: 'Correct the addresses of the webhook; the message of the attempt has what the mail server says.',
  },
  MAIL_DEFERRED: {
    cause: 'The mail server does not take the message for now (SMTP code 4xx).',
    cure: 'Nothing to do: it is sent again when the schedule says so.',
  },
  MAIL_SERVER_FAILED: {
    cause: 'The mail server could not be reached, did not accept the sign-in, or broke off.',
    cure: 'The operator checks ROWHOOK_SMTP_URL and the mail server.',
  },
  UNEXPECTED: {
    cause: 'The request failed in a way that has no code of its own.',
    cure: 'Please report it, with the log of the server.',
  },
} as const satisfies Record<string, EgressErrorDescription>;

/** One of the stable codes of `egressErrors`. */
export type EgressErrorCode = keyof typeof egressErrors;

/** A code, and what the user is told. */
export interface Failure {
  readonly code: EgressErrorCode;
  readonly message: string;
}

/** A failure that says no more than its code's cause. */
export function plainFailure(code: EgressErrorCode): Failure {
  return { code, message: egressErrors[code].cause };
}
