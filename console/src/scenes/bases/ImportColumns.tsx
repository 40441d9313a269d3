import { Badge, Table as MantineTable, ScrollArea, Select, Text } from '@mantine/core';
import type { ColumnType, ImportPreview, Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { columnTypes, isFilledIn } from './column-values.ts';

interface ImportColumnsProps {
  readonly table: Table;
  readonly preview: ImportPreview;
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly onType: (name: string, type: ColumnType) => void;
}

/** Columns that an import can make out of the texts of a file: the others need what the file does not say. */
const importable = columnTypes.filter(
  (type) => !isFilledIn(type) && !['link', 'file', 'single-select', 'multiple-select'].includes(type),
);

/** Where the columns of a file go, and of which types the new ones are. */
export function ImportColumns({ table, preview, types, onType }: ImportColumnsProps) {
  const { bases } = useMessages();
  const text = bases.csv;
  const format = useFormat();
  const nameOf = (key: string): string => table.columns.find((column) => column.key === key)?.name ?? key;
  return (
    <div>
      <Text size="sm" fw={600}>
        {text.preview(format.number(preview.rows))}
      </Text>
      <ScrollArea.Autosize mah={280}>
        <MantineTable fz="sm" verticalSpacing={4} aria-label={text.columns}>
          <MantineTable.Thead>
            <MantineTable.Tr>
              <MantineTable.Th>{text.inFile}</MantineTable.Th>
              <MantineTable.Th>{text.inTable}</MantineTable.Th>
              <MantineTable.Th>{text.examples}</MantineTable.Th>
            </MantineTable.Tr>
          </MantineTable.Thead>
          <MantineTable.Tbody>
            {preview.columns.map(({ name, key, type, examples }) => (
              <MantineTable.Tr key={name}>
                <MantineTable.Td>{name}</MantineTable.Td>
                <MantineTable.Td>
                  {key === null ? (
                    <Select
                      size="xs"
                      w={150}
                      aria-label={text.typeOf(name)}
                      allowDeselect={false}
                      data={importable.map((value) => ({ value, label: bases.columns.types[value] }))}
                      value={types[name] ?? type}
                      onChange={(value) => value && onType(name, value as ColumnType)}
                    />
                  ) : (
                    <>
                      {nameOf(key)} <Badge color="gray">{bases.columns.types[type]}</Badge>
                    </>
                  )}
                </MantineTable.Td>
                <MantineTable.Td c="dimmed">
                  <Text size="xs" lineClamp={2}>
                    {format.list(examples.slice(0, 3))}
                  </Text>
                </MantineTable.Td>
              </MantineTable.Tr>
            ))}
          </MantineTable.Tbody>
        </MantineTable>
      </ScrollArea.Autosize>
    </div>
  );
}
