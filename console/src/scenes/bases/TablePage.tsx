import { Group, Skeleton, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { basesQuery, tablesQuery } from '../../api/queries/bases.ts';
import { useMay } from '../../api/session.ts';
import type { Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { NotFound } from '../shell/NotFound.tsx';
import { BaseMenu } from './BaseActions.tsx';
import { LiveStrip } from './LiveStrip.tsx';
import type { PastedBlock } from './paste.ts';
import { RowGrid } from './RowGrid.tsx';
import classes from './TablePage.module.css';
import { TableTabs } from './TableTabs.tsx';
import { Toolbar } from './TableToolbar.tsx';
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
  const format = useFormat();
  const mayEdit = useMay('editor');
  const query = route.useSearch();
  const rows = useTableRows({ base: table.base, table: table.id }, query);
  const [selected, setSelected] = useState<readonly string[]>([]);
  const paste = ({ changes, inserts, left }: PastedBlock): void => {
    if (left > 0) notifications.show({ message: text.grid.pasteLeft(format.number(left)), color: 'orange' });
    void rows.paste(changes, inserts);
  };
  return (
    <div className={classes.layout}>
      <div className={classes.main}>
        <Toolbar table={table} rows={rows} query={query} selected={selected} />
        {rows.saveError !== null && <ErrorNotice error={rows.saveError} />}
        {rows.loadError && <ErrorNotice error={rows.loadError} onRetry={rows.refetch} />}
        {rows.isPending ? (
          <Skeleton height={320} aria-busy />
        ) : (
          <RowGrid
            label={text.grid.label(table.name)}
            columns={table.columns}
            rows={rows.rows}
            canEdit={mayEdit}
            hasMore={rows.hasMore}
            onLoadMore={rows.loadMore}
            onChange={(changes) => void rows.change(changes)}
            onPaste={paste}
            onUndo={() => void rows.undo()}
            onSelect={setSelected}
          />
        )}
        <StatusLine rows={rows} filtered={query.filter !== undefined} />
      </div>
      <LiveStrip table={table} />
    </div>
  );
}

function StatusLine({ rows, filtered }: { rows: TableRows; filtered: boolean }) {
  const { bases: text, common } = useMessages();
  const format = useFormat();
  const count = format.number(rows.rows.length);
  const empty = filtered ? common.nothingMatches : text.grid.empty;
  return (
    <Group justify="space-between" gap="xs">
      <Text size="xs" c="dimmed">
        {rows.rows.length === 0 && !rows.isPending ? empty : text.grid.help}
      </Text>
      <Text size="xs" c="dimmed" role="status" className="numeric">
        {rows.hasMore ? text.grid.rowsSoFar(count) : text.grid.rows(count)}
        {rows.saving !== 'idle' && ` · ${rows.saving === 'saving' ? text.grid.saving : text.grid.saved}`}
      </Text>
    </Group>
  );
}
