import { useComputedColorScheme } from '@mantine/core';
import { RevoGrid } from '@revolist/react-datagrid';
import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useMemo, useRef } from 'react';
import type { CellChange } from '../../api/queries/rows.ts';
import type { Column } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { cellText, cellValue, type GridRow, parseBlock } from './cells.ts';
import { gridColumns, rowNumberColumn } from './grid-columns.ts';
import { blockAt, type PastedBlock } from './paste.ts';
import './row-grid.css';

/** What the grid's own element can do, as far as it is used here. */
interface GridElement extends HTMLElement {
  getFocused(): Promise<{ cell: { x: number; y: number } } | null>;
  getSelectedRange(): Promise<{ x: number; y: number; x1: number; y1: number } | null>;
  setCellsFocus(cell: { x: number; y: number }): Promise<void>;
  clearFocus(): Promise<void>;
}

interface RowGridProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly GridRow[];
  readonly canEdit: boolean;
  readonly hasMore: boolean;
  readonly onLoadMore: () => void;
  readonly onChange: (changes: readonly CellChange[]) => void;
  readonly onPaste: (block: PastedBlock) => void;
  readonly onUndo: () => void;
  /** Told whenever the selection may have changed. */
  readonly onSelect: (ids: readonly string[]) => void;
}

type Block = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** So near to the end of what is loaded the next page is fetched. */
const rowsBeforeEnd = 50;
const rowHeight = 32;

/**
 * Gives the grid's parts the roles that it leaves out: its headers are a row, what scrolls can have the focus,
 * and the link to its makers is no cell. False while they are not there yet.
 */
function completeRoles(element: HTMLElement): boolean {
  const headers = element.querySelectorAll('revogr-viewport-scroll.rgCol revogr-header');
  const makers = element.querySelector('revogr-attribution');
  for (const header of headers) header.setAttribute('role', 'row');
  const scrollers = element.querySelectorAll('.vertical-inner');
  for (const scroller of scrollers) {
    scroller.setAttribute('role', 'rowgroup');
    scroller.setAttribute('tabindex', '0');
  }
  makers?.setAttribute('aria-hidden', 'true');
  makers?.querySelector('a')?.setAttribute('tabindex', '-1');
  return headers.length > 0 && scrollers.length > 1 && makers?.querySelector('a') != null;
}

/** The rows of a table, edited as in a spreadsheet. It shows what it is given, and tells what a person changes. */
export function RowGrid(props: RowGridProps) {
  const { label, columns, rows, canEdit, hasMore, onLoadMore, onChange, onPaste, onUndo, onSelect } = props;
  const { bases: text } = useMessages();
  const format = useFormat();
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLElement>(null);
  const exit = useRef<HTMLSpanElement>(null);
  const byKey = useMemo(() => new Map(columns.map((column) => [column.key, column])), [columns]);
  // The grid keeps the handlers it was first given; they look up what holds now.
  const now = useRef(props);
  now.current = props;

  const shownColumns = useMemo(
    () =>
      gridColumns(
        columns,
        {
          format,
          openLink: text.grid.openLink,
          onToggle: (row, key, checked) => now.current.onChange([{ id: row.$id, cells: { [key]: checked } }]),
        },
        canEdit,
      ),
    [columns, format, text, canEdit],
  );
  // The grid does not write into these rows: every change is taken from it before it does.
  const source = rows as GridRow[];

  /** Only what differs from what was there: opening an editor and leaving it again changes nothing. */
  const changesOf = (block: Block, rowOf: (place: string) => GridRow | undefined): CellChange[] => {
    const changes: CellChange[] = [];
    for (const [place, cells] of Object.entries(block)) {
      const row = rowOf(place);
      if (!row) continue;
      const changed: Record<string, unknown> = {};
      for (const [key, input] of Object.entries(cells)) {
        const column = byKey.get(key);
        const value = column && cellValue(column, input);
        if (!column || value === undefined) continue;
        if (cellText(column.type, row[key]) !== cellText(column.type, value)) changed[key] = value;
      }
      if (Object.keys(changed).length > 0) changes.push({ id: row.$id, cells: changed });
    }
    return changes;
  };

  const edited = (event: CustomEvent): void => {
    event.preventDefault();
    const { rowIndex, prop, val } = event.detail as { rowIndex: number; prop: string; val: unknown };
    onChange(changesOf({ [rowIndex]: { [prop]: val } }, (place) => rows[Number(place)]));
  };

  const editedRange = (event: CustomEvent): void => {
    event.preventDefault();
    const { data } = event.detail as { data: Block };
    onChange(changesOf(data, (place) => rows[Number(place)]));
  };

  /** One pasted value fills the selection; a block goes where it begins, and what reaches below becomes new rows. */
  const pasted = async (event: CustomEvent): Promise<void> => {
    // The grid must not do it, too: it would know nothing of new rows.
    event.preventDefault();
    const { raw, event: original } = event.detail as { raw: string; event: ClipboardEvent };
    original.preventDefault();
    const element = grid.current as GridElement | null;
    const focus = await element?.getFocused();
    if (!focus || !canEdit) return;
    const range = (await element?.getSelectedRange()) ?? null;
    onPaste(blockAt({ columns, rows, hasMore }, parseBlock(raw), focus.cell, range));
  };

  const tellSelection = async (): Promise<void> => {
    const element = grid.current as GridElement | null;
    const range = await element?.getSelectedRange();
    const focus = range ? null : await element?.getFocused();
    const [from, to] = range ? [range.y, range.y1] : focus ? [focus.cell.y, focus.cell.y] : [0, -1];
    onSelect(now.current.rows.slice(Math.min(from, to), Math.max(from, to) + 1).map(({ $id }) => $id));
  };

  /** Whoever comes by keyboard stands on the first cell, or where they stood before. */
  const entered = async (): Promise<void> => {
    const element = grid.current as GridElement | null;
    if (element && now.current.rows.length > 0 && !(await element.getFocused()))
      await element.setCellsFocus({ x: 0, y: 0 });
  };

  const keyPressed = (event: CustomEvent): void => {
    const { original } = event.detail as { original: KeyboardEvent };
    // Each part of the grid tells of the key; the first one that is heard acts.
    if (
      original.defaultPrevented ||
      original.key !== ' ' ||
      (original.target as HTMLElement).closest('.edit-input-wrapper')
    )
      return;
    original.preventDefault();
    event.preventDefault();
    void (grid.current as GridElement | null)?.getFocused().then((focus) => {
      const row = focus && rows[focus.cell.y];
      const column = focus && columns[focus.cell.x];
      if (row && column?.type === 'checkbox') {
        onChange([{ id: row.$id, cells: { [column.key]: row[column.key] !== true } }]);
      }
    });
  };

  const shortcutPressed = (event: ReactKeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.key === 'Escape' && !event.defaultPrevented && !target.closest('.edit-input-wrapper')) {
      // Tab goes from cell to cell: this is the way out for who has no mouse.
      void (grid.current as GridElement | null)?.clearFocus();
      exit.current?.focus();
      return;
    }
    if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    if (target.matches('input:not([type=checkbox]), textarea, select')) return;
    event.preventDefault();
    onUndo();
  };

  // Events of the grid's inner parts, which its component for React does not name.
  const inner = { beforepasteapply: pasted, setrange: tellSelection, beforekeydown: keyPressed };
  const innerNow = useRef(inner);
  innerNow.current = inner;
  useEffect(() => {
    const element = frame.current;
    const stop = (Object.keys(innerNow.current) as (keyof typeof inner)[]).map((name) => {
      const listener = (event: Event): void => void innerNow.current[name](event as CustomEvent);
      element?.addEventListener(name, listener);
      return () => element?.removeEventListener(name, listener);
    });
    return () => {
      for (const each of stop) each();
    };
  }, []);

  useEffect(() => {
    grid.current?.setAttribute('aria-label', label);
  }, [label]);

  useEffect(() => {
    const element = frame.current;
    if (!element || completeRoles(element)) return;
    const observer = new MutationObserver(() => completeRoles(element) && observer.disconnect());
    observer.observe(element, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the grid inside is what has the focus; this listens to its keys
    <div ref={frame} className="row-grid" onKeyDown={shortcutPressed}>
      <RevoGrid
        ref={grid as never}
        theme={scheme === 'dark' ? 'darkCompact' : 'compact'}
        columns={shownColumns}
        source={source}
        rowHeaders={rowNumberColumn as never}
        rowSize={rowHeight}
        range
        resize
        canFocus
        applyOnClose
        filter={false}
        onFocus={() => void entered()}
        onBeforeedit={edited}
        onBeforerangeedit={editedRange}
        onAfterfocus={() => void tellSelection()}
        onViewportscroll={(event: CustomEvent) => {
          const { dimension, coordinate } = event.detail as { dimension: string; coordinate: number };
          const seen = (coordinate + (grid.current?.clientHeight ?? 0)) / rowHeight;
          if (dimension === 'rgRow' && hasMore && seen > rows.length - rowsBeforeEnd) onLoadMore();
        }}
      />
      <span ref={exit} tabIndex={-1} />
    </div>
  );
}
