import { limits } from './limits.ts';

/** Why a row of a file, or the whole file, cannot be imported. */
export interface ImportFault {
  /** Line of the file on which the record starts, its first line being 1; null when no line is at fault. */
  readonly line: number | null;
  /** The column's name in the header of the file; null when no single value is at fault. */
  readonly column: string | null;
  readonly detail: string;
}

/** The file cannot be imported any further. */
export class FileFault extends Error {
  readonly fault: ImportFault;

  constructor(fault: ImportFault) {
    super(fault.detail);
    this.name = 'FileFault';
    this.fault = fault;
  }
}

/** The name of a column of the file for an `ImportFault`: no column of a table has a longer one. */
export function faultColumn(name: string): string {
  return name.length > limits.nameCharacters ? `${name.slice(0, limits.nameCharacters)}…` : name;
}

/** `line 3, column "Age"`. */
export function placeOf({ line, column }: ImportFault): string {
  const places = [
    ...(line === null ? [] : [`line ${line}`]),
    ...(column === null ? [] : [`column ${JSON.stringify(column)}`]),
  ];
  return places.length > 0 ? places.join(', ') : 'file';
}
