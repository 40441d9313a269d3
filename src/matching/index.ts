export { matchesEventType } from './event-types.ts';
export { explain, match, matchSettings, type Reason, type Verdict } from './match.ts';
export { SubscriptionIndex } from './subscription-index.ts';
