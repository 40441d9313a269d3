import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the file tells that lies in a data directory while a restore is under way. */
export interface RestoreMarker {
  /** The backup that is being restored. */
  readonly backup: string;
  /** Where the database that was there before is kept, within the data directory; null: there was none. */
  readonly keptIn: string | null;
}

/** Where the marker is. */
export function restoreMarkerFile(directory: string): string {
  return join(directory, 'restore-under-way');
}

/** The marker of a restore that is under way or was interrupted; null: there is none. */
export function readRestoreMarker(directory: string): RestoreMarker | null {
  const file = restoreMarkerFile(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RestoreMarker) : null;
}

/** Throws when a restore was interrupted: what lies in the directory is then not a whole installation. */
export function refuseUnfinishedRestore(directory: string): void {
  const marker = readRestoreMarker(directory);
  if (marker === null) return;
  throw new Error(
    `A restore into ${directory} was interrupted. Run it again: rowhook restore ${marker.backup} --data-dir ${directory}.` +
      (marker.keptIn === null
        ? ''
        : ` The database from before is in ${join(directory, marker.keptIn)} or still in its place.`),
  );
}
