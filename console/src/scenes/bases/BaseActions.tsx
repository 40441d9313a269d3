import { ActionIcon, Button, type ButtonProps, Menu, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import {
  basesQuery,
  createTable,
  deleteBase,
  deleteTable,
  renameBase,
  renameTable,
} from '../../api/queries/bases.ts';
import { useMay } from '../../api/session.ts';
import type { Table } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { NameDialog } from './NameDialog.tsx';

type Dialog = 'rename-base' | 'delete-base' | 'rename-table' | 'delete-table' | null;

/** Makes a table with one column of text, and opens it. */
export function NewTableButton({ base, ...look }: { base: string } & ButtonProps) {
  const { bases: text } = useMessages();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayEdit = useMay('editor');
  const [open, setOpen] = useState(false);
  const create = async (name: string): Promise<void> => {
    const table = await createTable(base, { name, columns: [{ name: text.firstColumn, type: 'text' }] });
    await client.invalidateQueries({ queryKey: basesQuery.queryKey });
    await navigate({ to: '/bases/$base/$table', params: { base, table: table.id } });
  };
  if (!mayEdit) return null;
  return (
    <>
      <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpen(true)} {...look}>
        {text.newTable}
      </Button>
      <NameDialog opened={open} title={text.newTable} onClose={() => setOpen(false)} onName={create} />
    </>
  );
}

/** Rename and delete: the base, and the table that is open. */
export function BaseMenu({ base, name, table }: { base: string; name: string; table: Table | null }) {
  const { bases: text, common } = useMessages();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayEdit = useMay('editor');
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = (): void => setDialog(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: basesQuery.queryKey });
  const dropBase = async (): Promise<void> => {
    await deleteBase(base);
    await navigate({ to: '/bases' });
    client.removeQueries({ queryKey: [...basesQuery.queryKey, base] });
    await client.invalidateQueries({ queryKey: basesQuery.queryKey, exact: true });
  };
  const dropTable = async (id: string): Promise<void> => {
    await deleteTable(base, id);
    await client.invalidateQueries({ queryKey: basesQuery.queryKey });
    await navigate({ to: '/bases/$base', params: { base } });
  };
  if (!mayEdit) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={text.more}>
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {table && (
            <>
              <Menu.Item
                leftSection={<Pencil size={15} aria-hidden />}
                onClick={() => setDialog('rename-table')}
              >
                {text.renameTable}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<Trash2 size={15} aria-hidden />}
                onClick={() => setDialog('delete-table')}
              >
                {text.deleteTable}
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          <Menu.Item leftSection={<Pencil size={15} aria-hidden />} onClick={() => setDialog('rename-base')}>
            {text.renameBase}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<Trash2 size={15} aria-hidden />}
            onClick={() => setDialog('delete-base')}
          >
            {text.deleteBase}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NameDialog
        opened={dialog === 'rename-base'}
        title={text.renameBase}
        initial={name}
        onClose={close}
        onName={(next) => renameBase(base, next).then(refresh)}
      />
      <ConfirmDialog
        opened={dialog === 'delete-base'}
        title={text.deleteBase}
        action={common.delete}
        danger
        onClose={close}
        onConfirm={dropBase}
      >
        <Text size="sm">{text.deleteBaseText(name)}</Text>
      </ConfirmDialog>
      {table && (
        <>
          <NameDialog
            opened={dialog === 'rename-table'}
            title={text.renameTable}
            initial={table.name}
            onClose={close}
            onName={(next) => renameTable(base, table.id, next).then(refresh)}
          />
          <ConfirmDialog
            opened={dialog === 'delete-table'}
            title={text.deleteTable}
            action={common.delete}
            danger
            onClose={close}
            onConfirm={() => dropTable(table.id)}
          >
            <Text size="sm">{text.deleteTableText(table.name)}</Text>
          </ConfirmDialog>
        </>
      )}
    </>
  );
}
