export { type Concerns, followAppended } from './appended.ts';
export { type Change, ChangeFeed, type ChangeKind } from './change-feed.ts';
export { Cluster, type ClusterOptions, type ShardChore } from './cluster.ts';
export { applicationName } from './processes.ts';
export type { Requests } from './requests.ts';
