import { eventTypeLimits } from './limits.ts';

const groupPattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/** What is wrong with the name of a group of event types; null: nothing. */
export function faultOfGroup(name: string): string | null {
  if (name.length > eventTypeLimits.groupCharacters) {
    return `must have at most ${eventTypeLimits.groupCharacters} characters`;
  }
  return groupPattern.test(name)
    ? null
    : 'must be of letters, digits, _ and -, such as billing; dots may stand between them';
}
