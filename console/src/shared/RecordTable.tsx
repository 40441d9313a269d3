import { Anchor, Box, Button, Group, Text } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { useMessages } from '../i18n/index.tsx';
import { LinkTo } from './LinkTo.tsx';
import classes from './RecordTable.module.css';

export interface RecordColumn<Item> {
  readonly key: string;
  readonly header: string;
  /** A CSS grid track: `120px`, `minmax(0, 2fr)`. */
  readonly width: string;
  /** Takes a line of its own where the screen is narrow. */
  readonly wide?: boolean;
  readonly cell: (item: Item) => ReactNode;
}

interface RecordTableProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly columns: readonly RecordColumn<Item>[];
  readonly idOf: (item: Item) => string;
  /** Where a row leads; its first column is the link's text. */
  readonly linkOf: (item: Item) => string;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly onLoadMore: () => void;
}

const rowHeight = 41;
/** Rows that are rendered above and below what is seen. */
const overscan = 12;
/** So near to the end the next page is fetched. */
const rowsBeforeEnd = 20;

/** A long list: only the rows that are seen exist, and older pages come as one scrolls. */
export function RecordTable<Item>(props: RecordTableProps<Item>) {
  const { label, items, columns, idOf, linkOf, hasMore, isLoadingMore, onLoadMore } = props;
  const { common } = useMessages();
  const body = useRef<HTMLTableSectionElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(body.current?.offsetTop ?? 0), []);
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => rowHeight,
    overscan,
    scrollMargin: offset,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : idOf(item);
    },
    onChange: ({ range }) => {
      // The first page is enough for who does not scroll; whoever does gets the next one in time.
      if (range && window.scrollY > 0 && range.endIndex >= items.length - rowsBeforeEnd) onLoadMore();
    },
  });
  const tracks = columns.map(({ width }) => width).join(' ');

  return (
    <>
      <Box
        className={classes.frame}
        component="table"
        aria-label={label}
        aria-rowcount={hasMore ? -1 : items.length + 1}
        __vars={{ '--record-columns': tracks }}
      >
        <thead>
          <tr className={classes.header} aria-rowindex={1}>
            {columns.map(({ key, header }) => (
              <th key={key}>{header}</th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const item = items[index];
            if (item === undefined) return null;
            return (
              <tr
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                className={classes.row}
                aria-rowindex={index + 2}
                style={{ transform: `translateY(${start - virtualizer.options.scrollMargin}px)` }}
              >
                {columns.map(({ key: column, cell, wide }, place) => (
                  <td key={column} className={`${classes.cell} ${wide ? classes.wide : ''}`}>
                    {place === 0 ? (
                      <LinkTo to={linkOf(item)} className={classes.main}>
                        {cell(item)}
                      </LinkTo>
                    ) : (
                      cell(item)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </Box>
      <Group justify="center" mt="xs">
        {hasMore ? (
          <Button variant="subtle" size="xs" onClick={onLoadMore} loading={isLoadingMore}>
            {common.loadMore}
          </Button>
        ) : (
          <Text size="xs" c="dimmed">
            {common.allLoaded}
          </Text>
        )}
      </Group>
    </>
  );
}

/** Says that a list stands still, and offers to go back to its live end. */
export function StillNotice({ onBack }: { onBack: () => void }) {
  const { common } = useMessages();
  return (
    <Text size="sm" c="dimmed" role="status">
      {common.readingOlder}{' '}
      <Anchor component="button" type="button" size="sm" onClick={onBack}>
        {common.backToNewest}
      </Anchor>
    </Text>
  );
}
