/** Bounds of filter expressions, so that no expression and no event can hold up the process. */
export const filterLimits = {
  /** Characters of an expression. */
  sourceCharacters: 2_000,
  /** Operators, names, calls and constants of an expression. */
  sourceNodes: 300,
  /** How deep parentheses, calls and lists may be nested. */
  nestingDepth: 32,
  /** Items of a list that `all`, `exists`, `exists_one` and `filter` go through. */
  listItems: 2_000,
  /** Characters of the text that `contains` looks for: the search is slow on purpose-made longer ones. */
  searchedCharacters: 200,
  /** Characters of a message about an expression. */
  messageCharacters: 300,
  /**
   * Work that one evaluation may do, about 100 ns each: `stepsPerItem` and one for each node that is evaluated
   * for an item of a list, and one for each 100 characters or each item that a function or operator goes
   * through.
   */
  steps: 50_000,
  /** An item counts for more than its nodes, as making an error takes long, and there can be one for each. */
  stepsPerItem: 15,
} as const;
