import { ActionIcon, Button, Group, Menu, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import {
  Columns3,
  Copy,
  FileDown,
  FileUp,
  History,
  type LucideIcon,
  Plus,
  Trash2,
  Undo2,
} from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { toProblem } from '../../api/problem.ts';
import type { RowQuery } from '../../api/queries/rows.ts';
import { useMay } from '../../api/session.ts';
import type { Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { type ExportFormat, exportTable } from './export-table.ts';
import { HistoryDrawer } from './HistoryDrawer.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { QueryBar } from './QueryBar.tsx';
import type { TableRows } from './table-rows.ts';

const ColumnsDrawer = lazy(() =>
  import('./ColumnsDrawer.tsx').then(({ ColumnsDrawer: component }) => ({ default: component })),
);

interface ToolbarProps {
  readonly table: Table;
  readonly rows: TableRows;
  readonly query: RowQuery;
  readonly selected: readonly string[];
}

/** What can be done with the rows and columns of a table. */
export function Toolbar({ table, rows, query, selected }: ToolbarProps) {
  const { bases: text } = useMessages();
  const navigate = useNavigate();
  const mayEdit = useMay('editor');
  const [open, setOpen] = useState<'import' | 'columns' | 'history' | null>(null);
  const close = (): void => setOpen(null);
  const place = { base: table.base, table: table.id };
  return (
    <Group gap="xs">
      {mayEdit && (
        <>
          <Button
            size="xs"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => void rows.insert([{}])}
          >
            {text.grid.addRow}
          </Button>
          <RowActions rows={rows} selected={selected} />
        </>
      )}
      <QueryBar
        columns={table.columns}
        query={query}
        onChange={(search) =>
          void navigate({ to: '/bases/$base/$table', params: place, search, replace: true })
        }
      />
      {mayEdit && (
        <>
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
        </>
      )}
      <ExportMenu table={table} filter={query.filter ?? []} />
      <Button
        size="xs"
        variant="default"
        leftSection={<History size={14} aria-hidden />}
        onClick={() => setOpen('history')}
      >
        {text.history.action}
      </Button>
      {open === 'columns' && (
        <Suspense>
          <ColumnsDrawer table={table} opened onClose={close} onConverted={rows.refetch} />
        </Suspense>
      )}
      <HistoryDrawer
        table={table}
        canEdit={mayEdit}
        opened={open === 'history'}
        onClose={close}
        onUndo={rows.undoChangeSet}
      />
      <ImportDialog table={table} opened={open === 'import'} onClose={close} onRows={rows.refetch} />
    </Group>
  );
}

function RowActions({ rows, selected }: Pick<ToolbarProps, 'rows' | 'selected'>) {
  const { bases: text, common } = useMessages();
  const format = useFormat();
  const [deleting, setDeleting] = useState(false);
  const [only] = selected.length === 1 ? selected : [];
  return (
    <>
      <RowButton
        label={text.grid.duplicate}
        icon={Copy}
        disabled={only === undefined}
        onClick={() => only !== undefined && void rows.duplicate(only)}
      />
      <RowButton
        label={text.grid.deleteRows}
        icon={Trash2}
        disabled={selected.length === 0}
        onClick={() => setDeleting(true)}
      />
      <RowButton
        label={text.grid.undo}
        hint={text.grid.undoHint}
        icon={Undo2}
        disabled={!rows.canUndo}
        onClick={() => void rows.undo()}
      />
      <ConfirmDialog
        opened={deleting}
        title={text.grid.deleteRows}
        action={common.delete}
        danger
        onClose={() => setDeleting(false)}
        onConfirm={() => rows.remove(selected)}
      >
        <Text size="sm">
          {text.grid.deleteQuestion(format.number(selected.length), selected.length === 1)}
        </Text>
      </ConfirmDialog>
    </>
  );
}

interface RowButtonProps {
  readonly label: string;
  readonly hint?: string;
  readonly icon: LucideIcon;
  readonly disabled: boolean;
  readonly onClick: () => void;
}

/** A small button with a symbol; what it does shows on hover. */
function RowButton({ label, hint = label, icon: Icon, disabled, onClick }: RowButtonProps) {
  return (
    <Tooltip label={hint}>
      <ActionIcon variant="default" size={30} disabled={disabled} aria-label={label} onClick={onClick}>
        <Icon size={15} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

const formats: readonly ExportFormat[] = ['csv', 'jsonl'];

function ExportMenu({ table, filter }: { table: Table; filter: readonly string[] }) {
  const { exporting: text } = useMessages().bases;
  const [busy, setBusy] = useState(false);
  const run = async (format: ExportFormat): Promise<void> => {
    setBusy(true);
    try {
      await exportTable({ base: table.base, table: table.id }, format, filter, table.name);
    } catch (error) {
      notifications.show({ message: toProblem(error).message, color: 'red' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="xs" variant="default" loading={busy} leftSection={<FileDown size={14} aria-hidden />}>
          {text.action}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item key={format} onClick={() => void run(format)}>
            {text.formats[format]}
          </Menu.Item>
        ))}
        {filter.length > 0 && <Menu.Label>{text.filtered}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
