import { keepStoresIn } from './testing/engine-harness.ts';
import { PostgresHarnessPlace } from './testing/harness-place.ts';

// The same property as on SQLite, with the store on PostgreSQL; each run opens several stores, so there are fewer.
keepStoresIn(() => PostgresHarnessPlace.create());
process.env.PROPERTY_RUNS ??= '15';
await import('./engine.property.test.ts');
