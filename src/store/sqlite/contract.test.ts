import { storeContract } from '../contract/index.ts';
import { SqlitePlace } from './sqlite-place.ts';

storeContract('SQLite', async () => SqlitePlace.create());
