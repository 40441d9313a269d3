import { getRouteApi, Navigate } from '@tanstack/react-router';
import { Table2 } from 'lucide-react';
import { useLiveQuery } from '../../api/live.ts';
import { basesQuery, tablesQuery } from '../../api/queries/bases.ts';
import { useMessages } from '../../i18n/index.tsx';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { BaseMenu, NewTableButton } from './BaseActions.tsx';

const route = getRouteApi('/bases/$base');

/** A base opens on its first table; without one, this page offers to make it. */
export function BasePage() {
  const { bases: text } = useMessages();
  const { base } = route.useParams();
  const { data: bases } = useLiveQuery(basesQuery);
  const query = useLiveQuery(tablesQuery(base));
  const name = bases?.find(({ id }) => id === base)?.name ?? text.title;
  return (
    <Page
      title={name}
      parent={{ to: '/bases', label: text.title }}
      actions={query.data && <BaseMenu base={base} name={name} table={null} />}
    >
      <Loaded query={query}>
        {(tables) =>
          tables[0] ? (
            <Navigate to="/bases/$base/$table" params={{ base, table: tables[0].id }} replace />
          ) : (
            <EmptyState
              icon={Table2}
              title={text.noTables.title}
              text={text.noTables.text}
              actions={<NewTableButton base={base} />}
            />
          )
        }
      </Loaded>
    </Page>
  );
}
