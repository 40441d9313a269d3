import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import {
  type CellChange,
  deleteRows,
  duplicateRow,
  insertRows,
  listRows,
  type RowQuery,
  rowsPerCall,
  type TablePlace,
  undoChange,
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
const rememberedSteps = 100;

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
  /** Changes rows and adds some, as one step that is undone as one. */
  paste(changes: readonly CellChange[], inserts: readonly Record<string, unknown>[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  duplicate(id: string): Promise<void>;
  /** Takes back the last change that was made here. */
  undo(): Promise<void>;
  /** Takes back any change; the rows are fetched again. */
  undoChangeSet(changeSet: string): Promise<void>;
}

/** A part of a step of this person, and how to show at once that it is taken back. */
interface UndoableChange {
  readonly changeSet: string;
  show(): void;
}

/** What is undone together; a step of many rows is several calls. */
type UndoableStep = readonly UndoableChange[];

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
export function useTableRows({ base, table }: TablePlace, rowQuery: RowQuery): TableRows {
  const client = useQueryClient();
  const key = useMemo(() => ['bases', base, 'tables', table, 'rows', rowQuery], [base, table, rowQuery]);
  const [saving, setSaving] = useState<TableRows['saving']>('idle');
  const [saveError, setSaveError] = useState<unknown>(null);
  const [undoable, setUndoable] = useState<readonly UndoableStep[]>([]);
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const pending = useRef(0);

  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }): Promise<RowPage> =>
      listRows(
        { base, table },
        rowQuery,
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

  const remember = (step: readonly (UndoableChange | null)[]): void => {
    const changes = step.filter((change) => change !== null);
    if (changes.length > 0) setUndoable((stack) => [...stack, changes].slice(-rememberedSteps));
  };

  const withoutRows = (ids: ReadonlySet<string>): void =>
    edit((page) => page.filter(({ id }) => !ids.has(id)));

  /** New rows are the last ones: they show at once only where the end of the table is loaded. */
  const append = (inserted: readonly Row[]): void => {
    if (!query.hasNextPage) edit((page, isLastPage) => (isLastPage ? [...page, ...inserted] : page));
  };

  const current = (): readonly (readonly Row[])[] =>
    (client.getQueryData<RowPages>(key)?.pages ?? []).map(({ data }) => data);

  const rowsById = (): ReadonlyMap<string, Row> =>
    new Map(current().flatMap((page) => page.map((row) => [row.id, row])));

  const takenBack = (changeSet: string | null, show: () => void): UndoableChange | null =>
    changeSet === null ? null : { changeSet, show };

  const change = async (changes: readonly CellChange[]): Promise<(UndoableChange | null)[]> => {
    const step: (UndoableChange | null)[] = [];
    for (const piece of pieces(changes)) {
      const before = rowsById();
      const answer = await updateRows({ base, table }, piece);
      replace(answer.rows);
      step.push(takenBack(answer.changeSet, () => replace(piece.flatMap(({ id }) => before.get(id) ?? []))));
    }
    return step;
  };

  const insert = async (cells: readonly Record<string, unknown>[]): Promise<(UndoableChange | null)[]> => {
    const step: (UndoableChange | null)[] = [];
    for (const piece of pieces(cells)) {
      const answer = await insertRows(
        { base, table },
        piece.map((each) => ({ cells: each })),
      );
      append(answer.rows);
      step.push(takenBack(answer.changeSet, () => withoutRows(new Set(answer.rows.map(({ id }) => id)))));
    }
    return step;
  };

  const remove = async (ids: readonly string[]): Promise<(UndoableChange | null)[]> => {
    const step: (UndoableChange | null)[] = [];
    for (const piece of pieces(ids)) {
      const gone = new Set(piece);
      const before = current().map((page) => page.filter((row) => gone.has(row.id)));
      const { changeSet } = await deleteRows({ base, table }, piece);
      withoutRows(gone);
      step.push(
        takenBack(changeSet, () => {
          let place = 0;
          edit((page) => inOrder([...page, ...(before[place++] ?? [])]));
        }),
      );
    }
    return step;
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
    change: async (changes) => {
      if (changes.length > 0) await inTurn(async () => remember(await change(changes)));
    },
    insert: (cells) => inTurn(async () => remember(await insert(cells))),
    paste: async (changes, inserts) => {
      if (changes.length + inserts.length === 0) return;
      await inTurn(async () => remember([...(await change(changes)), ...(await insert(inserts))]));
    },
    duplicate: (id) =>
      inTurn(async () => {
        const { rows: added, changeSet } = await duplicateRow({ base, table }, id);
        append(added);
        remember([takenBack(changeSet, () => withoutRows(new Set(added.map((row) => row.id))))]);
      }),
    remove: (ids) => inTurn(async () => remember(await remove(ids))),
    undo: () => {
      const last = undoable.at(-1);
      if (!last) return Promise.resolve();
      setUndoable((stack) => stack.slice(0, -1));
      return inTurn(async () => {
        for (const { changeSet, show } of [...last].reverse()) {
          await undoChange({ base, table }, changeSet);
          show();
        }
      });
    },
    undoChangeSet: (changeSet) => {
      setUndoable((stack) => stack.filter((step) => step.every((change) => change.changeSet !== changeSet)));
      return inTurn(async () => {
        await undoChange({ base, table }, changeSet);
        await client.resetQueries({ queryKey: key });
      });
    },
  };
}

/** By number, which is the order of a table that is not sorted; a sorted one is fetched again soon. */
function inOrder(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((one, other) => one.number - other.number);
}
