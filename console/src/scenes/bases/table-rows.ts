import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import {
  type CellChange,
  deleteRows,
  insertRows,
  listRows,
  rowsPerCall,
  type TablePlace,
  updateRows,
} from '../../api/queries/rows.ts';
import type { Row } from '../../api/types.ts';
import type { GridRow } from './cells.ts';

interface RowPage {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}
type RowPages = InfiniteData<RowPage, string | null>;

const pageLimit = 1_000;
const liveIntervalMs = 3_000;
const rememberedChanges = 100;

export interface TableRows {
  readonly rows: readonly GridRow[];
  readonly isPending: boolean;
  readonly loadError: Error | null;
  readonly hasMore: boolean;
  readonly saving: 'idle' | 'saving' | 'saved';
  /** Why the last change was refused; null: it was not. */
  readonly saveError: unknown;
  readonly canUndo: boolean;
  loadMore(): void;
  refetch(): void;
  change(changes: readonly CellChange[]): Promise<void>;
  insert(cells: readonly Record<string, unknown>[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  undo(): Promise<void>;
}

const madeRows = new WeakMap<RowPage, readonly GridRow[]>();

/** The rows of a page as the grid holds them; made once, however many pages come after it. */
function gridRows(page: RowPage): readonly GridRow[] {
  const made = madeRows.get(page);
  if (made) return made;
  const rows = page.data.map(({ id, number, cells }): GridRow => ({ ...cells, $id: id, $number: number }));
  madeRows.set(page, rows);
  return rows;
}

/** Cuts a list into pieces that fit a call. */
function pieces<Item>(items: readonly Item[]): Item[][] {
  const cut: Item[][] = [];
  for (let start = 0; start < items.length; start += rowsPerCall)
    cut.push(items.slice(start, start + rowsPerCall));
  return cut;
}

/**
 * The rows of a table, page by page, and their changes. Changes are sent one after another in the order in
 * which they were made; one that is refused shows why, and the rows are fetched again as they are.
 */
export function useTableRows({ base, table }: TablePlace): TableRows {
  const client = useQueryClient();
  const key = useMemo(() => ['bases', base, 'tables', table, 'rows'], [base, table]);
  const [saving, setSaving] = useState<TableRows['saving']>('idle');
  const [saveError, setSaveError] = useState<unknown>(null);
  const [undoable, setUndoable] = useState<readonly CellChange[][]>([]);
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const pending = useRef(0);

  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }): Promise<RowPage> =>
      listRows(
        { base, table },
        pageParam === null ? { limit: pageLimit } : { limit: pageLimit, cursor: pageParam },
        signal,
      ),
    getNextPageParam: (page) => page.nextCursor,
    // What others change shows by itself while the table is small enough to be asked for again as a whole.
    refetchInterval: ({ state }) =>
      (state.data?.pages.length ?? 1) === 1 && pending.current === 0 ? liveIntervalMs : false,
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 1) === 1,
  });
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap(gridRows), [query.data]);

  const edit = useCallback(
    (update: (rows: readonly Row[], isLastPage: boolean) => readonly Row[]): void => {
      client.setQueryData<RowPages>(
        key,
        (old) =>
          old && {
            ...old,
            pages: old.pages.map((page, place) => ({
              ...page,
              data: update(page.data, place === old.pages.length - 1),
            })),
          },
      );
    },
    [client, key],
  );

  const inTurn = useCallback(
    (work: () => Promise<void>): Promise<void> => {
      pending.current += 1;
      setSaving('saving');
      const mine = last.current.then(async () => {
        try {
          await client.cancelQueries({ queryKey: key });
          await work();
          setSaveError(null);
        } catch (error) {
          setSaveError(error);
          await client.resetQueries({ queryKey: key });
        } finally {
          pending.current -= 1;
          if (pending.current === 0) setSaving('saved');
        }
      });
      last.current = mine;
      return mine;
    },
    [client, key],
  );

  const replace = useCallback(
    (changed: readonly Row[]): void => {
      const byId = new Map(changed.map((row) => [row.id, row]));
      edit((page) => page.map((row) => byId.get(row.id) ?? row));
    },
    [edit],
  );

  const send = useCallback(
    async (changes: readonly CellChange[]): Promise<void> => {
      for (const piece of pieces(changes)) replace((await updateRows({ base, table }, piece)).rows);
    },
    [base, table, replace],
  );

  const currentCells = (): ReadonlyMap<string, Readonly<Record<string, unknown>>> =>
    new Map(
      (client.getQueryData<RowPages>(key)?.pages ?? []).flatMap((page) =>
        page.data.map(({ id, cells }) => [id, cells]),
      ),
    );

  const change = async (changes: readonly CellChange[]): Promise<void> => {
    if (changes.length === 0) return;
    await inTurn(async () => {
      const before = currentCells();
      const inverse = changes.map(({ id, cells }) => ({
        id,
        cells: Object.fromEntries(
          Object.keys(cells).map((column) => [column, before.get(id)?.[column] ?? null]),
        ),
      }));
      await send(changes);
      setUndoable((stack) => [...stack, inverse].slice(-rememberedChanges));
    });
  };

  return {
    rows,
    isPending: query.isPending,
    loadError: query.error,
    hasMore: query.hasNextPage,
    saving,
    saveError,
    canUndo: undoable.length > 0,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    refetch: () => void query.refetch(),
    change,
    insert: (cells) =>
      inTurn(async () => {
        for (const piece of pieces(cells)) {
          const inserted = await insertRows(
            { base, table },
            piece.map((each) => ({ cells: each })),
          );
          // New rows are the last ones: they show at once only where the end of the table is loaded.
          if (!query.hasNextPage)
            edit((page, isLastPage) => (isLastPage ? [...page, ...inserted.rows] : page));
        }
      }),
    remove: (ids) =>
      inTurn(async () => {
        for (const piece of pieces(ids)) {
          await deleteRows({ base, table }, piece);
          const gone = new Set(piece);
          edit((page) => page.filter(({ id }) => !gone.has(id)));
        }
      }),
    undo: () => {
      const inverse = undoable.at(-1);
      if (!inverse) return Promise.resolve();
      setUndoable((stack) => stack.slice(0, -1));
      return inTurn(() => send(inverse));
    },
  };
}
