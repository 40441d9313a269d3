/** Whether a name is among the patterns: exact names, `group.*` for everything below a group, `*` for all. */
export function matchesEventType(type: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (pattern) =>
      pattern === type ||
      pattern === '*' ||
      (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
  );
}
