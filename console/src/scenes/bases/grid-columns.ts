import type { CellTemplateProp, ColumnRegular } from '@revolist/react-datagrid';
import type { Column } from '../../api/types.ts';
import { editorOf } from './cell-editors.ts';
import { type TemplateContext, templateOf } from './cell-templates.ts';
import { canBeTyped, type GridRow } from './cells.ts';

const widths: Partial<Readonly<Record<Column['type'], number>>> = {
  checkbox: 100,
  number: 120,
  date: 150,
  duration: 110,
  rating: 120,
  'auto-number': 110,
  'long-text': 320,
};
const defaultWidth = 180;
const numberWidth = 64;
const numberTypes: ReadonlySet<Column['type']> = new Set(['number', 'duration']);

/** The columns of a table as the grid takes them. */
export function gridColumns(
  columns: readonly Column[],
  context: TemplateContext,
  canEdit: boolean,
): ColumnRegular[] {
  return columns.map((column) => {
    const editor = editorOf(column);
    const isTyped = canBeTyped(column.type);
    const classes = {
      numeric: numberTypes.has(column.type),
      'align-end': numberTypes.has(column.type),
      'filled-in': !isTyped && column.type !== 'file',
    };
    return {
      prop: column.key,
      name: column.name,
      size: widths[column.type] ?? defaultWidth,
      readonly: !canEdit || !isTyped,
      cellTemplate: templateOf(column, context) as NonNullable<ColumnRegular['cellTemplate']>,
      cellProperties: () => ({ class: classes }),
      ...(editor ? { editor } : {}),
    };
  });
}

/** The column with the numbers of rows. */
export const rowNumberColumn = {
  size: numberWidth,
  cellProperties: () => ({ role: 'rowheader' }),
  cellTemplate: (_h: unknown, { model }: CellTemplateProp) =>
    String((model as GridRow | undefined)?.$number ?? ''),
};
