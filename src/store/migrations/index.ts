import { initial } from './0001-initial.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** In order. The version of a database, on either engine, is how many of them it has been through. */
export const migrations: readonly Migration[] = [initial];
