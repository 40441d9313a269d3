/**
 * The program of the version after this one, as far as the database is concerned: it has one more step of the schema.
 * What a version still needs that may run beside it, a step leaves as it is.
 */
import { type Migration, migrations } from '../../src/store/migrations/index.ts';

const step: Migration = {
  sqlite: 'ALTER TABLE webhooks ADD COLUMN colour TEXT',
  postgres: 'ALTER TABLE webhooks ADD COLUMN colour text',
};
(migrations as Migration[]).push(step);
await import('../../src/main.ts');
