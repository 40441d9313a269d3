import { mailAddress } from '../config/readers.ts';
import { invalidField } from '../model/problem.ts';

export const personLimits = { emailCharacters: 254, nameCharacters: 100 } as const;

/** An e-mail address as it is kept. Throws a Problem when it is none. */
export function emailAddress(given: string, pointer: string): string {
  const reading = mailAddress(given.normalize('NFC').trim());
  if ('allowed' in reading) throw invalidField(pointer, `must be ${reading.allowed}`);
  return reading.value.toLowerCase();
}

/** A person's name as it is kept. */
export function personName(given: string, pointer: string): string {
  const name = given.normalize('NFC').trim();
  if (name === '') throw invalidField(pointer, 'must not be empty');
  if (/[\p{Cc}\p{Cs}]/u.test(name)) throw invalidField(pointer, 'must not have control characters');
  if ([...name].length > personLimits.nameCharacters) {
    throw invalidField(pointer, `must have at most ${personLimits.nameCharacters} characters`);
  }
  return name;
}
