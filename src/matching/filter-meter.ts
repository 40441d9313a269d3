import { filterLimits } from './filter-limits.ts';

/** Characters that a function or operator goes through in the time of one step. */
const charactersPerStep = 100;

class OutOfSteps extends Error {}

/** One object for all: when the steps are used up, it may be thrown for each item that is left. */
const outOfSteps = new OutOfSteps(
  `the expression needs more than ${filterLimits.steps} steps for this event; make it simpler`,
);

/**
 * Counts the work of an evaluation. The expression language cannot be stopped from outside, so the guarded
 * expression calls in here wherever it could go on for long. There is one meter, as only one evaluation runs
 * at a time.
 */
export class Meter {
  #stepsLeft = 0;
  /** What an object costs to go through, as its size is not known: that of the whole event. */
  #stepsPerObject = 0;

  start(eventCharacters: number): void {
    this.#stepsLeft = filterLimits.steps;
    this.#stepsPerObject = Math.ceil(eventCharacters / charactersPerStep);
  }

  /** The steps are used up. An expression can swallow an error, but not this answer. */
  get exceeded(): boolean {
    return this.#stepsLeft < 0;
  }

  get excess(): string {
    return outOfSteps.message;
  }

  spend(steps: number): true {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw outOfSteps;
    return true;
  }

  /** A value that a function or operator is about to go through. */
  use(value: unknown): unknown {
    if (typeof value === 'string') this.spend(value.length / charactersPerStep);
    else if (Array.isArray(value)) this.spend(value.length);
    else if (typeof value === 'object' && value !== null) this.spend(this.#stepsPerObject);
    return value;
  }

  /** The text that is looked for in another. */
  search(value: unknown): unknown {
    if (typeof value === 'string' && value.length > filterLimits.searchedCharacters) {
      throw new Error(
        `contains looks for at most ${filterLimits.searchedCharacters} characters, not ${value.length}`,
      );
    }
    return value;
  }

  /** The list that a macro goes through; an empty cell is an empty list. */
  list(value: unknown): readonly unknown[] {
    if (value === null) return [];
    if (!Array.isArray(value)) throw new Error('only a list has items to go through');
    if (value.length > filterLimits.listItems) {
      throw new Error(`a list may have at most ${filterLimits.listItems} items here, not ${value.length}`);
    }
    return value;
  }
}
