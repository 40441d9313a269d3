export { matchesEventType } from './event-types.ts';
export { compileFilter, type Filter, type FilterAnswer, type FilterCompilation } from './filter.ts';
export { filterLimits } from './filter-limits.ts';
export { explain, match, matchSettings, type Reason, type Verdict } from './match.ts';
export { SubscriptionIndex } from './subscription-index.ts';
export { type Trial, wouldHaveFired } from './would-have-fired.ts';
