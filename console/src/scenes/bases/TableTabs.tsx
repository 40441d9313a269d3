import type { Table } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import classes from '../../shared/tabs.module.css';
import { NewTableButton } from './BaseActions.tsx';

/** The tables of a base, side by side. */
export function TableTabs({
  base,
  tables,
  current,
}: {
  base: string;
  tables: readonly Table[];
  current: string;
}) {
  const { bases: text } = useMessages();
  return (
    <nav aria-label={text.tables} className={classes.tabs}>
      {tables.map(({ id, name }) => (
        <LinkTo
          key={id}
          to="/bases/$base/$table"
          params={{ base, table: id }}
          className={classes.tab}
          aria-current={id === current ? 'page' : undefined}
        >
          {name}
        </LinkTo>
      ))}
      <NewTableButton base={base} size="compact-sm" variant="subtle" />
    </nav>
  );
}
