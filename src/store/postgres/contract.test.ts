import { storeContract } from '../contract/index.ts';
import { PostgresPlace } from './testing/postgres-place.ts';

storeContract('PostgreSQL', () => PostgresPlace.create());
