import {
  ActionIcon,
  Button,
  Card,
  Checkbox,
  Code,
  Drawer,
  Group,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { addColumn, basesQuery, changeColumn, deleteColumn, tablesQuery } from '../../api/queries/bases.ts';
import type { Column, ColumnType, Table } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { NameDialog } from './NameDialog.tsx';

const types: readonly ColumnType[] = [
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
  'link',
  'image',
  'duration',
  'rating',
  'geolocation',
  'created',
  'modified',
  'created-by',
  'modified-by',
  'auto-number',
];

interface ColumnsDrawerProps {
  readonly table: Table;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** The columns of a table: add, rename, delete. */
export function ColumnsDrawer({ table, opened, onClose }: ColumnsDrawerProps) {
  const { bases, common } = useMessages();
  const text = bases.columns;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      title={text.title}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Stack>
        <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
          {table.columns.map((column) => (
            <ColumnLine key={column.key} table={table} column={column} />
          ))}
        </Stack>
        <Card>
          <Title order={3} mb="xs">
            {text.add}
          </Title>
          <NewColumnForm table={table} />
        </Card>
      </Stack>
    </Drawer>
  );
}

function ColumnLine({ table, column }: { table: Table; column: Column }) {
  const { bases, common } = useMessages();
  const text = bases.columns;
  const client = useQueryClient();
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  const close = (): void => setDialog(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: basesQuery.queryKey });
  return (
    <li>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        <div>
          <Text size="sm" fw={500}>
            {column.name}
          </Text>
          <Text size="xs" c="dimmed">
            {text.types[column.type]} · <Code fz="xs">{text.key(column.key)}</Code>
          </Text>
        </div>
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${bases.rename}: ${column.name}`}
            onClick={() => setDialog('rename')}
          >
            <Pencil size={15} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={`${text.deleteTitle}: ${column.name}`}
            onClick={() => setDialog('delete')}
          >
            <Trash2 size={15} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <NameDialog
        opened={dialog === 'rename'}
        title={bases.rename}
        initial={column.name}
        onClose={close}
        onName={(name) => changeColumn(table.base, table.id, column.key, { name }).then(refresh)}
      />
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

interface NewColumn {
  name: string;
  type: ColumnType;
  options: string[];
  time: boolean;
  table: string | null;
  prefix: string;
}

function dataOf({ type, options, time, table, prefix }: NewColumn) {
  if (type === 'single-select' || type === 'multiple-select')
    return { data: { options: options.map((name) => ({ name })) } };
  if (type === 'date' && time) return { data: { time } };
  if (type === 'link' && table !== null) return { data: { table } };
  if (type === 'auto-number' && prefix !== '') return { data: { prefix } };
  return {};
}

function NewColumnForm({ table }: { table: Table }) {
  const { columns: text } = useMessages().bases;
  const client = useQueryClient();
  const { data: tables = [] } = useQuery(tablesQuery(table.base));
  const form = useForm<NewColumn>({
    initialValues: { name: '', type: 'text', options: [], time: false, table: null, prefix: '' },
  });
  const add = useMutation({
    mutationFn: (values: NewColumn) =>
      addColumn(table.base, table.id, { name: values.name.trim(), type: values.type, ...dataOf(values) }),
    onSuccess: async () => {
      form.reset();
      await client.invalidateQueries({ queryKey: basesQuery.queryKey });
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { type } = form.values;
  const isSelect = type === 'single-select' || type === 'multiple-select';
  const shown = add.error && Object.keys(fieldErrors(add.error)).every((path) => !(path in form.values));
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="xs">
        <TextInput label={text.name} required {...form.getInputProps('name')} />
        <Select
          label={text.type}
          allowDeselect={false}
          data={types.map((value) => ({ value, label: text.types[value] }))}
          {...form.getInputProps('type')}
        />
        {isSelect && (
          <TagsInput
            label={text.options}
            description={text.optionsHint}
            acceptValueOnBlur
            {...form.getInputProps('options')}
          />
        )}
        {type === 'date' && (
          <Checkbox label={text.withTime} {...form.getInputProps('time', { type: 'checkbox' })} />
        )}
        {type === 'auto-number' && <TextInput label={text.prefix} {...form.getInputProps('prefix')} />}
        {type === 'link' && (
          <Select
            label={text.linkTable}
            data={tables.map(({ id, name }) => ({ value: id, label: name }))}
            {...form.getInputProps('table')}
          />
        )}
        {shown && <ErrorNotice error={add.error} />}
        <Group justify="flex-end">
          <Button type="submit" size="xs" loading={add.isPending}>
            {text.add}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
