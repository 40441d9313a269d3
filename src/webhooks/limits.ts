const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Bounds of what a person may set about a webhook. */
export const webhookLimits = {
  nameCharacters: 255,
  memoCharacters: 10_000,
  urlCharacters: 2_048,
  /** Mail addresses of one webhook. */
  emails: 20,
  /** Mails a second that one webhook may send at most. */
  mailRatePerSecond: 1,
  eventTypes: 100,
  tags: 10,
  filterColumns: 500,
  headers: 50,
  headerNameCharacters: 256,
  headerValueCharacters: 4_096,
  /** Names and values of all headers together. */
  headerBytes: 16 * 1024,
  minTimeoutMs: 100,
  maxTimeoutMs: 2 * minute,
  retryDelays: 100,
  maxRetryDelayMs: 30 * day,
  /** The last delay of a schedule that goes on for ever: a shorter one would be a flood. */
  minForeverDelayMs: second,
  maxDisableFailures: 100_000,
  minDisableFailingMs: minute,
  maxDisableFailingMs: 365 * day,
  batchEvents: 1_000,
  maxBatchWaitMs: hour,
  concurrency: 100,
  minRatePerSecond: 0.001,
  maxRatePerSecond: 10_000,
  /** A certificate with its chain, a key, or authorities. */
  pemCharacters: 100_000,
  minSecretBytes: 24,
  maxSecretBytes: 64,
  /** How long a replaced secret still signs, unless the rotation says another time. */
  defaultOverlapMs: day,
  maxOverlapMs: 30 * day,
  /** Former secrets that sign at once; each makes the header of a request longer. */
  previousSecrets: 5,
} as const;
