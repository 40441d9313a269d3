/**
 * Every bound of the egress, in one place. They are fixed: what a person may choose
 * (timeouts, numbers of connections, allowed networks) is in `EgressSettings`.
 */

/** Longest webhook URL accepted, in characters. */
export const MAX_URL_LENGTH = 2048;

/** How much of a response body is kept for the log, in bytes. */
export const RECORDED_BODY_BYTES = 16 * 1024;

/**
 * How much of a response body is read so that its connection can be used again, in bytes.
 * A longer body is cut: its connection is closed, the answer counts.
 */
export const DRAINED_BODY_BYTES = 64 * 1024;

/** Names and values of all headers of one response together, in bytes. */
export const MAX_RESPONSE_HEADER_BYTES = 16 * 1024;

/**
 * Deadlines and abort signals are looked at this often, in milliseconds, for all
 * requests at once: a timer per request costs more than the request's own bookkeeping.
 * So a timeout comes at most this much late, never early.
 */
export const DEADLINE_GRANULARITY_MS = 50;

/**
 * How long an unused connection is kept. Short, because a consumer that closes it at the
 * instant we write makes a delivery whose fate nobody knows.
 */
export const KEEP_ALIVE_MS = 4_000;

/** Longest time a consumer's `Keep-Alive: timeout=` hint can lengthen that to. */
export const KEEP_ALIVE_HINT_MAX_MS = 15_000;

/** Taken off the consumer's hint, for the time its answer and our request travel. */
export const KEEP_ALIVE_HINT_MARGIN_MS = 1_000;

/**
 * How often a request is given another connection because the one chosen for it closed
 * before a byte of the request was written. Such a request cannot have arrived.
 */
export const MAX_UNSENT_RESTARTS = 3;

/** Time one address gets before the next one of the same host is tried as well. */
export const ADDRESS_ATTEMPT_MS = 500;

/** Addresses of one host that are tried; a DNS answer can hold hundreds. */
export const MAX_ADDRESSES_TRIED = 6;

/** First wait for a DNS server's answer; each further try waits longer. */
export const DNS_TRY_MS = 2_000;

/** Tries per DNS server. */
export const DNS_TRIES = 2;

/** Once one address family has answered, the other is waited for this long only. */
export const DNS_SECOND_FAMILY_WAIT_MS = 50;

/** Longest time a DNS answer is reused; a shorter time to live of its own wins. */
export const DNS_CACHE_MS = 5_000;

/** DNS answers kept at most. */
export const DNS_CACHE_NAMES = 1_000;

/**
 * Lookups through the system (hosts file, search domains) at the same time. Each holds one
 * of the four threads that file access uses, too, for as long as it hangs.
 */
export const SYSTEM_LOOKUPS_AT_ONCE = 2;

/** Lookups that wait for their turn; further ones fail. */
export const SYSTEM_LOOKUPS_WAITING = 200;

/** Parsed and checked webhook URLs kept in memory. */
export const REMEMBERED_URLS = 10_000;

/** Decoded signing keys kept in memory. */
export const REMEMBERED_KEYS = 10_000;

/** TLS sessions kept to shorten the next handshake with the same origin. */
export const REMEMBERED_TLS_SESSIONS = 1_000;

/** Requests on one HTTP/2 connection at once, where the consumer allows as many. */
export const HTTP2_STREAMS = 100;

/**
 * How long an unused HTTP/2 connection is kept. Longer than others: a consumer that closes it says which
 * requests it has not looked at, so that none has a fate that nobody knows.
 */
export const HTTP2_IDLE_MS = 15_000;

/** Origins whose version of HTTP is remembered. */
export const REMEMBERED_PROTOCOLS = 10_000;

/** Client certificates, and own authorities of webhooks, kept ready for handshakes. */
export const REMEMBERED_TLS_IDENTITIES = 1_000;

/** Names of request headers that need not be looked at again. */
export const REMEMBERED_HEADER_NAMES = 1_000;
