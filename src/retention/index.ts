export { Retention, type RetentionAges } from './retention.ts';
