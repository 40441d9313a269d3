/** Bounds of event types; how many a workspace may have is a setting of the server. */
export const eventTypeLimits = {
  descriptionCharacters: 10_000,
  deprecationNoteCharacters: 1_000,
  groups: 10,
  groupCharacters: 64,
  /** A schema, printed as JSON. */
  schemaBytes: 64 * 1024,
  /** Schemas inside a schema, each of which is code to be made. */
  schemaNodes: 1_000,
  /** How deep schemas may be nested. */
  schemaDepth: 32,
  /** Characters of one `pattern`. */
  patternCharacters: 500,
  /** Different patterns of a schema. */
  patterns: 50,
  /** An example, printed as JSON. */
  exampleBytes: 64 * 1024,
  /** Texts longer than this are not looked at by `format`. */
  formatCharacters: 4_096,
  /** Faults that one check names. */
  faults: 20,
  /**
   * Work that checking the data of one event may do, about 100 ns each: one for each schema that is applied to
   * a value, and more for long lists of names and for patterns. Small data gets `steps`, large data more.
   */
  steps: 20_000,
  stepsPerByte: 2,
  /** Validators kept compiled. */
  validatorsKept: 1_000,
  /** Workspaces whose catalogue is kept in memory. */
  cataloguesKept: 1_000,
  /** Another process of a cluster may have changed a catalogue: so long is it taken to be as it was. */
  catalogueFreshMs: 5_000,
  /** Faults that one answer to an import names. */
  importFaults: 50,
} as const;
