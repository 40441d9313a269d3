import { Badge, Button, Group, Skeleton, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Send, Zap } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { type EventFilter, listEvents } from '../../api/queries/events.ts';
import { useMay } from '../../api/session.ts';
import type { LoggedEvent } from '../../api/types.ts';
import { eventSearch } from '../../filters.ts';
import { type Messages, useMessages } from '../../i18n/index.tsx';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { FilterBar } from '../../shared/FilterBar.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { useNewestFirst } from '../../shared/newest-first.ts';
import { Page } from '../../shared/Page.tsx';
import { PeriodFilter } from '../../shared/PeriodFilter.tsx';
import { type RecordColumn, RecordTable, StillNotice } from '../../shared/RecordTable.tsx';
import { Time } from '../../shared/Time.tsx';
import { aboutOf } from './about.ts';
import { EventsTabs } from './EventsTabs.tsx';

const route = getRouteApi('/events');
/** The address changes once typing has paused for so long. */
const typingPauseMs = 350;

function columnsOf(text: Messages['events']): readonly RecordColumn<LoggedEvent>[] {
  return [
    {
      key: 'type',
      header: text.columns.type,
      width: 'minmax(0, 1fr)',
      cell: ({ type }) => (
        <Text span size="sm" fw={500}>
          {type}
        </Text>
      ),
    },
    {
      key: 'about',
      header: text.columns.about,
      width: 'minmax(0, 2fr)',
      wide: true,
      cell: (event) => aboutOf(event, text),
    },
    {
      key: 'tags',
      header: text.columns.tags,
      width: 'minmax(0, 1fr)',
      cell: ({ tags, simulatedFor }) => (
        <Group gap={4} wrap="nowrap">
          {simulatedFor !== null && <Badge color="yellow">{text.simulated}</Badge>}
          {tags.map((tag) => (
            <Badge key={tag} color="gray">
              {tag}
            </Badge>
          ))}
        </Group>
      ),
    },
    {
      key: 'accepted',
      header: text.columns.accepted,
      width: '8rem',
      cell: ({ acceptedAt }) => <Time value={acceptedAt} />,
    },
  ];
}

export function EventsPage() {
  const { events: text, common } = useMessages();
  const mayEdit = useMay('editor');
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const list = useNewestFirst(['events', 'list', filter], (page, signal) =>
    listEvents({ ...filter, ...page }, signal),
  );
  const isFiltered = Object.keys(filter).length > 0;
  const isEmpty = !list.isPending && !list.error && list.items.length === 0;
  const send = mayEdit && (
    <Button component={LinkTo} to="/events/send" leftSection={<Send size={15} aria-hidden />}>
      {text.send}
    </Button>
  );
  return (
    <Page title={text.title}>
      <EventsTabs />
      {!(isEmpty && !isFiltered) && (
        <EventFilters filter={filter} onChange={(next) => void navigate({ search: next, replace: true })} />
      )}
      {list.error && <ErrorNotice error={list.error} onRetry={list.refetch} />}
      {list.isStill && <StillNotice onBack={list.backToNewest} />}
      {list.isPending && <Skeleton height={240} />}
      {isEmpty && !isFiltered && (
        <EmptyState icon={Zap} title={text.empty.title} text={text.empty.text} actions={send} />
      )}
      {isEmpty && isFiltered && <Text c="dimmed">{common.nothingMatches}</Text>}
      {list.items.length > 0 && (
        <RecordTable
          label={text.title}
          items={list.items}
          columns={columnsOf(text)}
          idOf={({ id }) => id}
          linkOf={({ id }) => `/events/${id}`}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
        />
      )}
    </Page>
  );
}

function EventFilters({
  filter,
  onChange,
}: {
  filter: EventFilter;
  onChange: (filter: EventFilter) => void;
}) {
  const { events, common } = useMessages();
  const [type, setType] = useState(filter.type ?? '');
  const [tag, setTag] = useState(filter.tag ?? '');
  const change = (part: Partial<Record<keyof EventFilter, unknown>>): void =>
    onChange(eventSearch({ ...filter, ...part }));
  const changeSoon = useDebouncedCallback(change, typingPauseMs);
  return (
    <Group gap="xs" align="flex-end">
      <FilterBar label={events.filters.label} active={Object.keys(filter).length}>
        <TextInput
          size="xs"
          label={events.filters.type}
          placeholder="row.updated"
          value={type}
          onChange={(event) => {
            setType(event.currentTarget.value);
            changeSoon({ type: event.currentTarget.value.trim() });
          }}
        />
        <TextInput
          size="xs"
          label={events.filters.tag}
          placeholder="company:42"
          value={tag}
          onChange={(event) => {
            setTag(event.currentTarget.value);
            changeSoon({ tag: event.currentTarget.value.trim() });
          }}
        />
        <PeriodFilter since={filter.since} until={filter.until} onChange={change} />
        {Object.keys(filter).length > 0 && (
          <Button
            size="xs"
            variant="subtle"
            onClick={() => {
              setType('');
              setTag('');
              onChange({});
            }}
          >
            {common.clearFilters}
          </Button>
        )}
      </FilterBar>
      <FindById />
    </Group>
  );
}

/** Leads to an event or a delivery by its id. */
function FindById() {
  const { events: text } = useMessages();
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const find = (submitted: FormEvent): void => {
    submitted.preventDefault();
    const wanted = id.trim();
    if (wanted.startsWith('evt_')) void navigate({ to: '/events/$id', params: { id: wanted } });
    else if (wanted.startsWith('msg_')) void navigate({ to: '/deliveries/$id', params: { id: wanted } });
    else setFault(text.findFault);
  };
  return (
    <form onSubmit={find}>
      <TextInput
        size="xs"
        label={text.find}
        placeholder={text.findHint}
        value={id}
        error={fault}
        onChange={(event) => {
          setId(event.currentTarget.value);
          setFault(null);
        }}
      />
    </form>
  );
}
