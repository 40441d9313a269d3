import type { BaseId, ColumnKey, RowId, TableId } from './ids.ts';

export const columnTypes = [
  'text',
  'long-text',
  'number',
  'checkbox',
  'date',
  'single-select',
  'multiple-select',
  'email',
  'url',
  'collaborator',
  'file',
  'image',
  'link',
  'duration',
  'rating',
  'geolocation',
  'created',
  'modified',
  'created-by',
  'modified-by',
  'auto-number',
] as const;
export type ColumnType = (typeof columnTypes)[number];

/** Types whose cells are made from what is known of the row; nobody writes them, and nothing is stored. */
export const autoColumnTypes = ['created', 'modified', 'created-by', 'modified-by', 'auto-number'] as const;
export type AutoColumnType = (typeof autoColumnTypes)[number];

export function isAutoColumnType(type: ColumnType): type is AutoColumnType {
  return (autoColumnTypes as readonly ColumnType[]).includes(type);
}

export interface SelectOption {
  readonly id: string;
  readonly name: string;
  /** Background, `#RRGGBB`. */
  readonly color?: string;
  /** Text, `#RRGGBB`. */
  readonly textColor?: string;
}

/** What belongs to a column beyond its type; which members may be present depends on the type. */
export interface ColumnData {
  /** `single-select` and `multiple-select`. */
  readonly options?: readonly SelectOption[];
  /** `date`: whether values carry a time of day. */
  readonly time?: boolean;
  /** `link`: the table whose rows are linked. */
  readonly table?: TableId;
  /** `auto-number`: what stands before the number. */
  readonly prefix?: string;
  /** Types with one value a cell: whether rows are found and sorted by it with an index. */
  readonly indexed?: boolean;
}

export interface Column {
  readonly key: ColumnKey;
  readonly name: string;
  readonly type: ColumnType;
  readonly data: ColumnData;
  /** Under which name rows store the cell, once a conversion has moved it; without, under the column's key. */
  readonly cellKey?: ColumnKey;
  /** What the column is being converted into: rows store the cell as both, until all of them do. */
  readonly becomes?: {
    readonly type: ColumnType;
    readonly data: ColumnData;
    readonly cellKey: ColumnKey;
  };
}

/** Under which name rows store the cell of a column. */
export function cellKeyOf({ key, cellKey }: Pick<Column, 'key' | 'cellKey'>): ColumnKey {
  return cellKey ?? key;
}

export interface Base {
  readonly id: BaseId;
  readonly workspaceNumber: number;
  readonly name: string;
  readonly createdAtMs: number;
}

export interface Table {
  readonly id: TableId;
  /** Small number that stands for the table inside the store. */
  readonly number: number;
  /** Counts changes of structure; the store keeps every version, since events name theirs. */
  readonly version: number;
  readonly baseId: BaseId;
  readonly workspaceNumber: number;
  readonly name: string;
  /** In display order. The first one names the row. */
  readonly columns: readonly Column[];
  readonly createdAtMs: number;
}

/** A reference to a stored file, as in SeaTable. */
export interface FileReference {
  readonly name: string;
  readonly url: string;
  readonly size?: number;
  readonly type?: string;
}

/** A place on the map, or the name of a country or region; members are named as in SeaTable. */
export type Geolocation =
  | { readonly lat: number; readonly lng: number }
  | { readonly country_region: string };

/**
 * A cell as stored, by column type:
 * text, long-text, email, url: string; number: finite number; checkbox: boolean;
 * date: `YYYY-MM-DD`, or `YYYY-MM-DDTHH:mm:ss.sssZ` where the column has a time;
 * single-select: an option's id; multiple-select: option ids; collaborator: user names;
 * file: file references; image: URLs; link: row ids; duration: whole seconds; rating: 0 to 10;
 * geolocation: a `Geolocation`. An empty cell is absent.
 *
 * Made from the row, not stored: created, modified: `YYYY-MM-DDTHH:mm:ss.sssZ`; created-by, modified-by:
 * a name; auto-number: the row's number as text, after the column's prefix.
 */
export type CellValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly FileReference[]
  | Geolocation;
export type Cells = Readonly<Record<ColumnKey, CellValue>>;

export interface Row {
  readonly id: RowId;
  /** Counts up in its table and is never given out again; Grist calls it `id`. */
  readonly number: number;
  readonly cells: Cells;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** The user who inserted it, or else the app; null when neither was known. */
  readonly createdBy: string | null;
  /** Like `createdBy`, of the last change of a cell. */
  readonly updatedBy: string | null;
}

/** Who made a change: a person's name if the caller gave one, and the name of the API token used. */
export interface Actor {
  readonly user: string | null;
  readonly app: string | null;
}

/** The one name that a row remembers of who changed it. */
export function actorName({ user, app }: Actor): string | null {
  return user ?? app;
}
