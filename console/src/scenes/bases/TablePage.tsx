import { Button, Group, Skeleton, Text, Tooltip } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Columns3, FileUp, Plus, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { basesQuery, tablesQuery } from '../../api/queries/bases.ts';
import type { Table } from '../../api/types.ts';
import { type Messages, useFormat, useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { NotFound } from '../shell/NotFound.tsx';
import { BaseMenu } from './BaseActions.tsx';
import { ColumnsDrawer } from './ColumnsDrawer.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { LiveStrip } from './LiveStrip.tsx';
import { RowGrid } from './RowGrid.tsx';
import classes from './TablePage.module.css';
import { TableTabs } from './TableTabs.tsx';
import { type TableRows, useTableRows } from './table-rows.ts';

const route = getRouteApi('/bases/$base/$table');

export function TablePage() {
  const { bases: text } = useMessages();
  const { base, table: wanted } = route.useParams();
  const { data: bases } = useLiveQuery(basesQuery);
  const query = useLiveQuery(tablesQuery(base));
  const name = bases?.find(({ id }) => id === base)?.name ?? text.title;
  const table = query.data?.find(({ id }) => id === wanted) ?? null;
  return (
    <Page
      title={name}
      parent={{ to: '/bases', label: text.title }}
      actions={<BaseMenu base={base} name={name} table={table} />}
    >
      <Loaded query={query}>
        {(tables) => (
          <>
            <TableTabs base={base} tables={tables} current={wanted} />
            {table ? <TableView key={table.id} table={table} /> : <NotFound />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function TableView({ table }: { table: Table }) {
  const { bases: text } = useMessages();
  const rows = useTableRows({ base: table.base, table: table.id });
  const [selected, setSelected] = useState<readonly string[]>([]);
  return (
    <div className={classes.layout}>
      <div className={classes.main}>
        <Toolbar table={table} rows={rows} selected={selected} />
        {rows.saveError !== null && <ErrorNotice error={rows.saveError} />}
        {rows.loadError && <ErrorNotice error={rows.loadError} onRetry={rows.refetch} />}
        {rows.isPending ? (
          <Skeleton height={320} />
        ) : (
          <RowGrid
            label={text.grid.label(table.name)}
            columns={table.columns}
            rows={rows.rows}
            hasMore={rows.hasMore}
            onLoadMore={rows.loadMore}
            onChange={(changes) => void rows.change(changes)}
            onInsert={(cells) => void rows.insert(cells)}
            onUndo={() => void rows.undo()}
            onSelect={setSelected}
          />
        )}
        <StatusLine rows={rows} text={text} />
      </div>
      <LiveStrip table={table} />
    </div>
  );
}

function StatusLine({ rows, text }: { rows: TableRows; text: Messages['bases'] }) {
  const format = useFormat();
  const count = format.number(rows.rows.length);
  return (
    <Group justify="space-between" gap="xs">
      <Text size="xs" c="dimmed">
        {rows.rows.length === 0 && !rows.isPending ? text.grid.empty : text.grid.help}
      </Text>
      <Text size="xs" c="dimmed" role="status" className="numeric">
        {rows.hasMore ? text.grid.rowsSoFar(count) : text.grid.rows(count)}
        {rows.saving !== 'idle' && ` · ${rows.saving === 'saving' ? text.grid.saving : text.grid.saved}`}
      </Text>
    </Group>
  );
}

function Toolbar({ table, rows, selected }: { table: Table; rows: TableRows; selected: readonly string[] }) {
  const { bases: text, common } = useMessages();
  const format = useFormat();
  const [open, setOpen] = useState<'delete' | 'import' | 'columns' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <Group gap="xs">
      <Button size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={() => void rows.insert([{}])}>
        {text.grid.addRow}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={selected.length === 0}
        leftSection={<Trash2 size={14} aria-hidden />}
        onClick={() => setOpen('delete')}
      >
        {text.grid.deleteRows}
      </Button>
      <Tooltip label={text.grid.undoHint}>
        <Button
          size="xs"
          variant="default"
          disabled={!rows.canUndo}
          leftSection={<Undo2 size={14} aria-hidden />}
          onClick={() => void rows.undo()}
        >
          {text.grid.undo}
        </Button>
      </Tooltip>
      <Button
        size="xs"
        variant="default"
        leftSection={<Columns3 size={14} aria-hidden />}
        onClick={() => setOpen('columns')}
      >
        {text.columns.title}
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<FileUp size={14} aria-hidden />}
        onClick={() => setOpen('import')}
      >
        {text.csv.action}
      </Button>
      <ConfirmDialog
        opened={open === 'delete'}
        title={text.grid.deleteRows}
        action={common.delete}
        danger
        onClose={close}
        onConfirm={() => rows.remove(selected)}
      >
        <Text size="sm">
          {text.grid.deleteQuestion(format.number(selected.length), selected.length === 1)}
        </Text>
      </ConfirmDialog>
      <ColumnsDrawer table={table} opened={open === 'columns'} onClose={close} />
      <ImportDialog table={table} opened={open === 'import'} onClose={close} onRows={rows.refetch} />
    </Group>
  );
}
