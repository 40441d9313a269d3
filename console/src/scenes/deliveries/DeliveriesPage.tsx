import { Button, Group, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { useMemo } from 'react';
import { type DeliveryFilter, listDeliveries } from '../../api/queries/deliveries.ts';
import { webhooksQuery } from '../../api/queries/webhooks.ts';
import type { Delivery } from '../../api/types.ts';
import { type Messages, useFormat, useMessages } from '../../i18n/index.tsx';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { useNewestFirst } from '../../shared/newest-first.ts';
import { Page } from '../../shared/Page.tsx';
import { type RecordColumn, RecordTable, StillNotice } from '../../shared/RecordTable.tsx';
import { DeliveryStateBadge, HttpStatus } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';
import { DeliveryFilters } from './DeliveryFilters.tsx';

const route = getRouteApi('/deliveries');

function columnsOf(
  text: Messages['deliveries'],
  names: ReadonlyMap<string, string>,
  number: (value: number) => string,
): readonly RecordColumn<Delivery>[] {
  return [
    {
      key: 'event',
      header: text.columns.event,
      width: 'minmax(0, 1.2fr)',
      wide: true,
      cell: (delivery) => (
        <>
          <Text span size="sm" fw={500}>
            {delivery.eventType}
          </Text>
          {delivery.events > 1 && (
            <Text span size="xs" c="dimmed">
              {' '}
              · {text.eventCount(number(delivery.events))}
            </Text>
          )}
          {delivery.simulated && (
            <Text span size="xs" c="dimmed">
              {' '}
              · {text.simulated}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'webhook',
      header: text.columns.webhook,
      width: 'minmax(0, 1fr)',
      cell: ({ webhook }) =>
        webhook === null ? (
          <Text span size="sm" c="dimmed">
            {text.deletedWebhook}
          </Text>
        ) : (
          (names.get(webhook) ?? webhook)
        ),
    },
    {
      key: 'state',
      header: text.filters.state,
      width: '8.5rem',
      cell: ({ state }) => <DeliveryStateBadge state={state} />,
    },
    {
      key: 'answer',
      header: text.columns.answer,
      width: 'minmax(0, 0.9fr)',
      cell: ({ lastHttpStatus, lastErrorCode }) => (
        <Group gap={6} wrap="nowrap">
          <HttpStatus status={lastHttpStatus} />
          {lastErrorCode !== null && lastHttpStatus === null && (
            <Text span size="xs" truncate>
              {lastErrorCode}
            </Text>
          )}
        </Group>
      ),
    },
    {
      key: 'attempts',
      header: text.columns.attempts,
      width: '7rem',
      cell: ({ attempts }) => (
        <Text span size="sm" className="numeric">
          {text.attemptCount(number(attempts), attempts === 1)}
        </Text>
      ),
    },
    {
      key: 'sent',
      header: text.columns.sent,
      width: '8rem',
      cell: ({ createdAt }) => <Time value={createdAt} />,
    },
  ];
}

export function DeliveriesPage() {
  const { deliveries: text, common } = useMessages();
  const format = useFormat();
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const { data: webhooks } = useQuery(webhooksQuery);
  const names = useMemo(() => new Map(webhooks?.map(({ id, name }) => [id, name])), [webhooks]);
  const list = useNewestFirst(['deliveries', 'list', filter], (page, signal) =>
    listDeliveries({ ...filter, ...page }, signal),
  );
  const isFiltered = Object.keys(filter).length > 0;
  const change = (next: DeliveryFilter): void => void navigate({ search: next, replace: true });

  return (
    <Page title={text.title}>
      {(isFiltered || list.items.length > 0) && (
        <DeliveryFilters filter={filter} webhooks={webhooks ?? []} onChange={change} />
      )}
      {list.error && <ErrorNotice error={list.error} onRetry={list.refetch} />}
      {list.isStill && <StillNotice onBack={list.backToNewest} />}
      {list.isPending && <Skeleton height={240} />}
      {!list.isPending && !list.error && list.items.length === 0 && !isFiltered && (
        <EmptyState
          icon={Send}
          title={text.empty.title}
          text={text.empty.text}
          actions={
            <Button component={LinkTo} to="/webhooks">
              {text.empty.action}
            </Button>
          }
        />
      )}
      {!list.isPending && !list.error && list.items.length === 0 && isFiltered && (
        <Text c="dimmed">{common.nothingMatches}</Text>
      )}
      {list.items.length > 0 && (
        <RecordTable
          label={text.title}
          items={list.items}
          columns={columnsOf(text, names, format.number)}
          idOf={({ id }) => id}
          linkOf={({ id }) => `/deliveries/${id}`}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
        />
      )}
    </Page>
  );
}
