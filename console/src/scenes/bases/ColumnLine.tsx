import { ActionIcon, Code, Group, Menu, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Ellipsis, Pencil, Replace, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { basesQuery, changeColumn, deleteColumn } from '../../api/queries/bases.ts';
import type { Column, Table } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { ColumnFields, useColumnForm } from './ColumnFields.tsx';
import { ConvertDialog } from './ConvertDialog.tsx';
import { columnData, columnValues, isFilledIn } from './column-values.ts';

interface ColumnLineProps {
  readonly table: Table;
  readonly column: Column;
  readonly place: number;
  readonly onConverted: () => void;
}

/** A column in the list, and what can be done with it. */
export function ColumnLine({ table, column, place, onConverted }: ColumnLineProps) {
  const { bases, common } = useMessages();
  const text = bases.columns;
  const client = useQueryClient();
  const [dialog, setDialog] = useState<'edit' | 'convert' | 'delete' | null>(null);
  const close = (): void => setDialog(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: basesQuery.queryKey });
  const move = (position: number): void =>
    void changeColumn(table.base, table.id, column.key, { position }).then(refresh);
  return (
    <li>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        <div>
          <Text size="sm" fw={500}>
            {column.name}
          </Text>
          <Text size="xs" c="dimmed">
            {text.types[column.type]} · <Code fz="xs">{text.key(column.key)}</Code>
            {column.data.indexed && ` · ${text.isIndexed}`}
          </Text>
        </div>
        <Group gap={2} wrap="nowrap">
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={place === 0}
            aria-label={`${text.moveUp}: ${column.name}`}
            onClick={() => move(place - 1)}
          >
            <ArrowUp size={15} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={place === table.columns.length - 1}
            aria-label={`${text.moveDown}: ${column.name}`}
            onClick={() => move(place + 1)}
          >
            <ArrowDown size={15} aria-hidden />
          </ActionIcon>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`${bases.more}: ${column.name}`}>
                <Ellipsis size={15} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<Pencil size={15} aria-hidden />} onClick={() => setDialog('edit')}>
                {text.edit}
              </Menu.Item>
              {!isFilledIn(column.type) && (
                <Menu.Item
                  leftSection={<Replace size={15} aria-hidden />}
                  onClick={() => setDialog('convert')}
                >
                  {text.convert}
                </Menu.Item>
              )}
              <Menu.Item
                color="red"
                leftSection={<Trash2 size={15} aria-hidden />}
                onClick={() => setDialog('delete')}
              >
                {text.deleteTitle}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      {dialog === 'edit' && <EditDialog table={table} column={column} onClose={close} onSaved={refresh} />}
      {dialog === 'convert' && (
        <ConvertDialog
          table={table}
          column={column}
          onClose={close}
          onConverted={async () => {
            await refresh();
            onConverted();
          }}
        />
      )}
      <ConfirmDialog
        opened={dialog === 'delete'}
        title={text.deleteTitle}
        action={common.delete}
        danger
        onClose={close}
        onConfirm={() => deleteColumn(table.base, table.id, column.key).then(refresh)}
      >
        <Text size="sm">{text.deleteText(column.name)}</Text>
      </ConfirmDialog>
    </li>
  );
}

interface EditDialogProps {
  readonly table: Table;
  readonly column: Column;
  readonly onClose: () => void;
  readonly onSaved: () => Promise<void>;
}

function EditDialog({ table, column, onClose, onSaved }: EditDialogProps) {
  const { bases, common } = useMessages();
  const { form, refuse } = useColumnForm(columnValues(column));
  const save = async (): Promise<void> => {
    const { name, ...values } = form.getValues();
    try {
      await changeColumn(table.base, table.id, column.key, { name: name.trim(), data: columnData(values) });
    } catch (error) {
      refuse(error);
      throw error;
    }
    await onSaved();
  };
  return (
    <ConfirmDialog
      opened
      title={bases.columns.editTitle(column.name)}
      action={common.save}
      onClose={onClose}
      onConfirm={save}
    >
      <Stack gap="xs">
        <ColumnFields form={form} base={table.base} error={null} />
      </Stack>
    </ConfirmDialog>
  );
}
