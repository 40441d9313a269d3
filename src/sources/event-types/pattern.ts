import { RE2JS } from 're2js';
import { eventTypeLimits } from './limits.ts';

/**
 * A regular expression whose time grows with the text only, whatever it says (RE2). It reads what JavaScript
 * reads, except for look-arounds and references back.
 */
export interface LinearPattern {
  /** Work that a text of so many characters takes, in the steps of `eventTypeLimits.steps`. */
  cost(characters: number): number;
  test(text: string): boolean;
}

/** Characters of text that cost one step, for a short pattern. */
const charactersPerStep = 4;
/** A longer pattern has more states to follow at once. */
const patternCharactersPerStep = 32;

/** Compiles a pattern; throws an error with a sentence when it cannot be. */
export function compilePattern(source: string): LinearPattern {
  if (source.length > eventTypeLimits.patternCharacters) {
    throw new Error(`must have at most ${eventTypeLimits.patternCharacters} characters`);
  }
  const expression = compileExpression(source);
  const weight = Math.ceil((source.length + 1) / patternCharactersPerStep) / charactersPerStep;
  return {
    cost: (characters) => 1 + characters * weight,
    test: (text) => expression.test(text),
  };
}

function compileExpression(source: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (error) {
    const reason = String((error as Error).message).replace(/^error parsing regexp: /, '');
    throw new Error(
      `is no regular expression that can be checked in bounded time: ${reason}; look-arounds and references back are not supported`,
      { cause: error },
    );
  }
}
