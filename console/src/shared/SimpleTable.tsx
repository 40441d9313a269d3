import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './SimpleTable.module.css';

export interface SimpleColumn<Item> {
  readonly key: string;
  readonly header: string;
  readonly cell: (item: Item) => ReactNode;
}

interface SimpleTableProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly columns: readonly SimpleColumn<Item>[];
  readonly idOf: (item: Item) => string;
  /** Stands at the end of a row: what can be done with it. */
  readonly actions?: (item: Item) => ReactNode;
}

/** A short list as a table; where the screen is narrow, each row is a card with the headers before the values. */
export function SimpleTable<Item>({ label, items, columns, idOf, actions }: SimpleTableProps<Item>) {
  return (
    <Table aria-label={label} className={classes.table} verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          {columns.map(({ key, header }) => (
            <Table.Th key={key}>{header}</Table.Th>
          ))}
          {actions && <Table.Th aria-label={label} />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((item) => (
          <Table.Tr key={idOf(item)}>
            {columns.map(({ key, header, cell }) => (
              <Table.Td key={key} data-header={header}>
                {cell(item)}
              </Table.Td>
            ))}
            {actions && <Table.Td className={classes.actions}>{actions(item)}</Table.Td>}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
