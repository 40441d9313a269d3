import { isSystemEventType } from '../model/event.ts';

/**
 * Whether a name is among the patterns: exact names, `group.*` for everything below a group, `*` for all
 * but the events that Rowhook makes about webhooks, which only who asks for them expects.
 */
export function matchesEventType(type: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (pattern) =>
      pattern === type ||
      (pattern === '*' && !isSystemEventType(type)) ||
      (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
  );
}
