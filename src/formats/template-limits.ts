/** Bounds of the templates that people write, so that none can hold up the process. */
export const templateLimits = {
  contentTypeCharacters: 200,
  /** Characters of a template. */
  sourceCharacters: 65_536,
  /** How long the rendering of one body may take; a few milliseconds more where a single step takes long. */
  renderMs: 200,
  /** Characters and list items that filters and ranges may make on the way, all together. */
  madeItems: 1_000_000,
  /** Characters of the body. */
  bodyCharacters: 4 * 1024 * 1024,
} as const;
