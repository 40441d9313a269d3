export { PublicationRetention } from './publication-retention.ts';
export { Retention, type RetentionAges } from './retention.ts';
