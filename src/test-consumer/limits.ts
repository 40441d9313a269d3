/** Every bound of the test consumer: it lives in the memory of the server that it helps to try out. */
export const limits = {
  inboxes: 50,
  requestsPerInbox: 200,
  /** Bytes of one body that are kept; the signature is checked over all of it. */
  keptBodyBytes: 256 * 1024,
  /** Bodies and headers kept in all inboxes together; beyond, the fullest inbox loses its oldest request. */
  keptBytes: 32 * 1024 * 1024,
  /** Largest body that is taken at all; a larger one is answered with 413. */
  bodyBytes: 4 * 1024 * 1024,
  /** Ids remembered in one inbox to notice repeats. */
  rememberedIds: 2_000,
  idCharacters: 200,
  /** Secrets tried on one request, and bytes hashed for it. */
  triedSecrets: 50,
  hashedBytes: 8 * 1024 * 1024,
  delayMs: 120_000,
  /** An answer that never comes: the connection is cut after so long, if the sender did not give up before. */
  neverAnswerMs: 600_000,
  /** Requests that wait for their answer, in all inboxes together; beyond, the answer is 503. */
  waitingRequests: 1_000,
  answerBodyBytes: 64 * 1024,
  nextRequests: 1_000_000,
  defaultPageRequests: 20,
  /** Bytes of bodies in one page of a list, once there is at least one request. */
  pageBytes: 1024 * 1024,
  streams: 100,
  /** Arrivals named in one message of a stream; the rest is counted. */
  streamedArrivals: 50,
  /** Arrivals are gathered for so long before they are told. */
  streamPauseMs: 100,
  /** A stream on which nothing happens says so, lest a proxy cuts it. */
  streamHeartbeatMs: 15_000,
} as const;
