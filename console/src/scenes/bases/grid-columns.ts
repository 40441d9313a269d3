import type {
  CellTemplateProp,
  ColumnRegular,
  EditorBase,
  EditorCtr,
  HyperFunc,
  VNode,
} from '@revolist/react-datagrid';
import type { Column } from '../../api/types.ts';
import { canBeTyped, cellText, type GridRow } from './cells.ts';

type Save = (value: unknown, preventFocus?: boolean) => void;

const widths: Partial<Readonly<Record<Column['type'], number>>> = {
  checkbox: 100,
  number: 120,
  date: 150,
  'long-text': 320,
};
const defaultWidth = 180;
const numberWidth = 64;

/** A native list of the options of a single-select column. */
function selectEditor(column: Column): EditorCtr {
  return class {
    element: HTMLSelectElement | null = null;
    editCell: EditorBase['editCell'];
    readonly #save: Save;
    readonly #close: (focusNext?: boolean) => void;

    constructor(_column: unknown, save: Save, close: (focusNext?: boolean) => void) {
      this.#save = save;
      this.#close = close;
    }

    componentDidRender(): void {
      this.element?.focus();
    }

    render(h: HyperFunc<VNode>): VNode {
      const current = cellText(column.type, this.editCell?.model?.[column.key]);
      const names = ['', ...(column.data.options ?? []).map(({ name }) => name)];
      return h(
        'select',
        {
          class: 'select-editor',
          'aria-label': column.name,
          ref: (element: HTMLSelectElement) => {
            this.element = element;
          },
          onChange: (event: Event) => this.#save((event.target as HTMLSelectElement).value),
          onKeyDown: (event: KeyboardEvent) => {
            if (event.key === 'Escape') this.#close();
            event.stopPropagation();
          },
        },
        names.map((name) => h('option', { value: name, selected: name === current }, name)),
      );
    }
  } as unknown as EditorCtr;
}

/** Colours of a select option, where it has some. */
function optionStyle(column: Column, name: string): Record<string, string> {
  const option = column.data.options?.find((candidate) => candidate.name === name);
  return {
    ...(option?.color ? { background: option.color } : {}),
    ...(option?.textColor ? { color: option.textColor } : {}),
  };
}

type Template = (h: HyperFunc<VNode>, props: CellTemplateProp) => VNode | string;

function templateOf(
  column: Column,
  onToggle: (row: GridRow, key: string, checked: boolean) => void,
): Template {
  return (h, { model }) => {
    const row = model as GridRow;
    const value = row[column.key];
    if (column.type === 'checkbox') {
      return h('input', {
        type: 'checkbox',
        checked: value === true,
        tabindex: -1,
        'aria-label': `${column.name}, ${row.$number}`,
        onChange: (event: Event) => onToggle(row, column.key, (event.target as HTMLInputElement).checked),
      });
    }
    const text = cellText(column.type, value);
    if (text !== '' && (column.type === 'single-select' || column.type === 'multiple-select')) {
      const names = Array.isArray(value) ? value.map(String) : [text];
      return h(
        'span',
        {},
        names.map((name) => h('span', { class: 'option', style: optionStyle(column, name) }, name)),
      );
    }
    return text;
  };
}

/** The columns of a table as the grid takes them. */
export function gridColumns(
  columns: readonly Column[],
  onToggle: (row: GridRow, key: string, checked: boolean) => void,
): ColumnRegular[] {
  return columns.map((column) => ({
    prop: column.key,
    name: column.name,
    size: widths[column.type] ?? defaultWidth,
    readonly: !canBeTyped(column.type),
    cellTemplate: templateOf(column, onToggle) as NonNullable<ColumnRegular['cellTemplate']>,
    ...(column.type === 'single-select' ? { editor: selectEditor(column) } : {}),
    ...(['number', 'duration', 'rating'].includes(column.type)
      ? { cellProperties: () => ({ class: { numeric: true, 'align-end': true } }) }
      : {}),
  }));
}

/** The column with the numbers of rows. */
export const rowNumberColumn = {
  size: numberWidth,
  cellProperties: () => ({ role: 'rowheader' }),
  cellTemplate: (_h: unknown, { model }: CellTemplateProp) =>
    String((model as GridRow | undefined)?.$number ?? ''),
};
