/** Where a table is: in which workspace and base, and its id or name. */
export interface TableAddress {
  readonly workspaceNumber: number;
  /** The id of the base. */
  readonly base: string;
  /** The id or the name of the table. */
  readonly table: string;
}
