import { keepStoresIn } from './testing/engine-harness.ts';
import { PostgresHarnessPlace } from './testing/harness-place.ts';

// The same tests as on SQLite, with the store on PostgreSQL.
keepStoresIn(() => PostgresHarnessPlace.create());
await import('./engine.test.ts');
