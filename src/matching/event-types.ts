import { isSystemEventType } from '../model/event.ts';
import { groupPrefix } from '../model/event-type.ts';

/**
 * Whether a name is among the patterns: exact names, `prefix.*` for everything below a prefix, `group:name`
 * for the types of a group of the catalogue, `*` for all but the events that Rowhook makes about webhooks,
 * which only who asks for them expects.
 */
export function matchesEventType(
  type: string,
  patterns: readonly string[],
  groups: readonly string[] = [],
): boolean {
  return patterns.some(
    (pattern) =>
      pattern === type ||
      (pattern === '*' && !isSystemEventType(type)) ||
      (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))) ||
      groups.some((group) => pattern === groupPrefix + group),
  );
}
