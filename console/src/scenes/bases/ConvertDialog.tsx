import { Alert, Loader, Table as MantineTable, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { conversionQuery, convertColumn } from '../../api/queries/bases.ts';
import type { Column, Conversion, Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { ColumnFields, useColumnForm } from './ColumnFields.tsx';
import { cellText } from './cells.ts';
import { columnData, columnValues } from './column-values.ts';

interface ConvertDialogProps {
  readonly table: Table;
  readonly column: Column;
  readonly onClose: () => void;
  readonly onConverted: () => Promise<void>;
}

/** The server is asked once a choice has stood for so long. */
const pauseMs = 300;

/** Converts a column into another type, and says before what becomes of its cells. */
export function ConvertDialog({ table, column, onClose, onConverted }: ConvertDialogProps) {
  const { columns: text } = useMessages().bases;
  const { form } = useColumnForm({ ...columnValues(column), options: [] });
  const { name: _, ...values } = form.values;
  const body = { type: values.type, data: dataOf(values) };
  const [asked] = useDebouncedValue(JSON.stringify(body), pauseMs);
  const isOther = values.type !== column.type;
  const preview = useQuery({
    ...conversionQuery(table, column.key, JSON.parse(asked)),
    enabled: isOther && asked === JSON.stringify(body),
  });
  const convert = async (): Promise<void> => {
    await convertColumn(table, column.key, body);
    await onConverted();
  };
  const isKnown = preview.data !== undefined && asked === JSON.stringify(body);
  return (
    <ConfirmDialog
      opened
      title={text.convertTitle(column.name)}
      action={text.convert}
      danger={isKnown && preview.data.lost > 0}
      disabled={!isOther || !isKnown}
      onClose={onClose}
      onConfirm={convert}
    >
      <Text size="sm" c="dimmed">
        {text.convertText}
      </Text>
      <ColumnFields form={form} base={table.base} error={null} withName={false} withType="conversion" />
      {isOther && preview.isFetching && <Loader size="sm" aria-label={text.counting} />}
      {isOther && preview.error && <ErrorNotice error={preview.error} compact />}
      {isOther && isKnown && <Outcome column={column} outcome={preview.data} />}
    </ConfirmDialog>
  );
}

/** Without options the server makes them from the cells. */
function dataOf(values: Parameters<typeof columnData>[0]) {
  const { options, ...data } = columnData(values);
  return options === undefined || options.length === 0 ? data : { ...data, options };
}

function Outcome({ column, outcome }: { column: Column; outcome: Conversion }) {
  const { columns: text } = useMessages().bases;
  const format = useFormat();
  const { convertible, changed, lost, examples } = outcome;
  return (
    <Stack gap="xs">
      <Alert color={lost > 0 ? 'red' : changed > 0 ? 'orange' : 'green'} p="sm" role="status">
        <Text size="sm">{text.convertible(format.number(convertible))}</Text>
        {changed > 0 && <Text size="sm">{text.changed(format.number(changed))}</Text>}
        {lost > 0 && (
          <Text size="sm" fw={600}>
            {text.lost(format.number(lost))}
          </Text>
        )}
      </Alert>
      {examples.length > 0 && (
        <MantineTable fz="xs" verticalSpacing={2} layout="fixed">
          <MantineTable.Thead>
            <MantineTable.Tr>
              <MantineTable.Th w="20%">{text.row}</MantineTable.Th>
              <MantineTable.Th>{text.before}</MantineTable.Th>
              <MantineTable.Th>{text.after}</MantineTable.Th>
            </MantineTable.Tr>
          </MantineTable.Thead>
          <MantineTable.Tbody>
            {examples.map(({ row, before, after }) => (
              <MantineTable.Tr key={row}>
                <MantineTable.Td>{format.number(row)}</MantineTable.Td>
                <MantineTable.Td>{cellText(column.type, before)}</MantineTable.Td>
                <MantineTable.Td>
                  {after === null
                    ? text.emptyAfter
                    : typeof after === 'object'
                      ? JSON.stringify(after)
                      : String(after)}
                </MantineTable.Td>
              </MantineTable.Tr>
            ))}
          </MantineTable.Tbody>
        </MantineTable>
      )}
    </Stack>
  );
}
