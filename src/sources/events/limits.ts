/** Bounds of events that applications post; the size of data and of batches is a setting of the server. */
export const eventLimits = {
  /** Characters of an event type's name. */
  typeCharacters: 128,
  tags: 10,
  /** Characters of a tag's key, and of its value. */
  tagKeyCharacters: 64,
  tagValueCharacters: 128,
  /** How deep lists and objects of the data may be nested; the data itself counts as 1. */
  dataDepth: 64,
  /** How far ahead of the server's clock `occurredAt` may be, in milliseconds. */
  aheadMs: 24 * 60 * 60 * 1000,
  /** Bad values named in one answer. */
  faultsPerAnswer: 50,
} as const;
