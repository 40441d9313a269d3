/** Rows of the database that is upgraded: enough for an upgrade to take a while. */
export const noteCount = 15_000;

/** Steps of a schema: the first makes what is there before the upgrade, the others change all of it. */
export const upgradeSteps: readonly string[] = [
  `CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
   WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${noteCount})
   INSERT INTO notes SELECT i, printf('%0100d', i) FROM n;`,
  `ALTER TABLE notes ADD COLUMN length INTEGER NOT NULL DEFAULT 0;
   UPDATE notes SET length = length(text);`,
  `CREATE TABLE authors (name TEXT NOT NULL) STRICT;
   CREATE INDEX notes_by_text ON notes (text);
   UPDATE notes SET text = upper(text) || 'X';`,
];
