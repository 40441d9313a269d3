import { Button, Card, Drawer, Group, Stack, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { addColumn, basesQuery } from '../../api/queries/bases.ts';
import type { Table } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ColumnFields, useColumnForm } from './ColumnFields.tsx';
import { ColumnLine } from './ColumnLine.tsx';
import { type ColumnValues, columnData } from './column-values.ts';

interface ColumnsDrawerProps {
  readonly table: Table;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Told when cells have changed with their column. */
  readonly onConverted: () => void;
}

/** The columns of a table: add, change, convert, move, delete. */
export function ColumnsDrawer({ table, opened, onClose, onConverted }: ColumnsDrawerProps) {
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
        <Stack gap="xs" component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
          {table.columns.map((column, place) => (
            <ColumnLine
              key={column.key}
              table={table}
              column={column}
              place={place}
              onConverted={onConverted}
            />
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

function NewColumnForm({ table }: { table: Table }) {
  const { columns: text } = useMessages().bases;
  const client = useQueryClient();
  const { form, refuse } = useColumnForm();
  const add = useMutation({
    mutationFn: (values: ColumnValues) =>
      addColumn(table.base, table.id, {
        name: values.name.trim(),
        type: values.type,
        data: columnData(values),
      }),
    onSuccess: async () => {
      form.reset();
      await client.invalidateQueries({ queryKey: basesQuery.queryKey, refetchType: 'all' });
    },
    onError: refuse,
  });
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="xs">
        <ColumnFields form={form} base={table.base} error={add.error} withType />
        <Group justify="flex-end">
          <Button type="submit" size="xs" loading={add.isPending}>
            {text.add}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
