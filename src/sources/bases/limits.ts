/** Every limit of bases, tables, columns and rows. */
export const limits = {
  /** Characters of the name of a base, table, column or select option. */
  nameCharacters: 255,
  /** Characters of a column key or of an option's id. */
  keyCharacters: 64,
  tablesPerBase: 1_000,
  columnsPerTable: 500,
  /** Columns of a table whose cells are indexed. */
  indexedColumns: 10,
  /** Conditions of one query of rows. */
  filtersPerQuery: 20,
  /** Options of a select column. */
  optionsPerColumn: 1_000,
  /** Bytes, as UTF-8, of a cell of the types text, email and url. */
  textBytes: 100_000,
  /** Bytes, as UTF-8, of a cell of the type long-text. */
  longTextBytes: 1_000_000,
  /** Users, files, images or linked rows in one cell. */
  itemsPerCell: 1_000,
  /** The highest rating. */
  rating: 10,
  /** Characters before the number of an auto-number. */
  prefixCharacters: 32,
  /** Characters of all cells of a row together, so that the event of a row has a bounded size. */
  rowCharacters: 4_000_000,
  /** Rows that one call inserts, updates or deletes; an import has no such limit. */
  rowsPerCall: 10_000,
  /** Rows in a page of a list. */
  rowsPerPage: 1_000,
  /** Rows that a conversion of a column goes through at once. */
  rowsPerConversionStep: 200,
  /** Rows that an export reads and prints at once. */
  rowsPerExportPiece: 200,
  /** Bad members named in one answer; the rest is counted. */
  faultsPerAnswer: 100,
} as const;

/** Every limit of imports. */
export const importLimits = {
  /** Rows of the file that are inserted in one transaction, as one change set. */
  rowsPerTransaction: 500,
  /** Characters of the file's values in one transaction, once there is at least one row. */
  charactersPerTransaction: 1_000_000,
  /** Bytes of one record of the file; a quote that is never closed is noticed here. */
  recordBytes: 4_000_000,
  /** How deep a line of JSON may be nested, the line itself counting as 1; the cells of any type need less. */
  jsonDepth: 8,
  /** Imports that run at the same time in one workspace. */
  runningPerWorkspace: 10,
  /** Finished imports whose outcome is remembered, of all workspaces together. */
  rememberedImports: 1_000,
  /** Skipped rows that are listed with their reason; the rest is counted. */
  listedSkips: 100,
  /** Values of a column of the file that a preview shows, and characters of each. */
  examplesPerColumn: 5,
  exampleCharacters: 200,
  /** Characters of an import's id that the caller chose. */
  idCharacters: 64,
} as const;
