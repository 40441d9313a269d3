import { Badge, Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { BookOpen, FileUp, Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { eventTypesQuery } from '../../api/queries/event-types.ts';
import { useIsPortal, useMay } from '../../api/session.ts';
import type { EventType } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { SimpleTable } from '../../shared/SimpleTable.tsx';
import { EventsTabs } from '../events/EventsTabs.tsx';
import { ImportTypesDialog } from './ImportTypesDialog.tsx';

/** The catalogue: which events there are, and what is in them. */
export function EventTypesPage() {
  const { eventTypes: text } = useMessages();
  const isPortal = useIsPortal();
  const mayEdit = useMay('editor') && !isPortal;
  const [archived, setArchived] = useState(false);
  const [importing, setImporting] = useState(false);
  const [filter, setFilter] = useState('');
  const query = useQuery(eventTypesQuery(archived ? 'include' : 'exclude'));
  return (
    <Page
      title={text.title}
      actions={
        mayEdit && (
          <>
            <Button
              variant="default"
              leftSection={<FileUp size={16} aria-hidden />}
              onClick={() => setImporting(true)}
            >
              {text.import.action}
            </Button>
            <Button component={LinkTo} to="/event-types/new" leftSection={<Plus size={16} aria-hidden />}>
              {text.create}
            </Button>
          </>
        )
      }
    >
      <EventsTabs />
      <Group gap="md">
        <TextInput
          aria-label={text.filter}
          placeholder={text.filter}
          leftSection={<Search size={15} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          w={280}
        />
        <Checkbox
          label={text.showArchived}
          checked={archived}
          onChange={(event) => setArchived(event.currentTarget.checked)}
        />
      </Group>
      <Loaded query={query}>{(types) => <Catalogue types={types} filter={filter} />}</Loaded>
      {importing && <ImportTypesDialog onClose={() => setImporting(false)} />}
    </Page>
  );
}

function Catalogue({ types, filter }: { types: readonly EventType[]; filter: string }) {
  const { eventTypes: text } = useMessages();
  const wanted = filter.trim().toLowerCase();
  const shown = types.filter(({ name, description, groups }) =>
    [name, description, ...groups].some((each) => each.toLowerCase().includes(wanted)),
  );
  const own = shown.filter(({ builtIn }) => !builtIn);
  const builtIn = shown.filter((type) => type.builtIn);
  return (
    <Stack>
      {own.length === 0 && wanted === '' ? (
        <EmptyState icon={BookOpen} title={text.empty.title} text={text.empty.text} />
      ) : (
        <TypeTable label={text.own} types={own} />
      )}
      {builtIn.length > 0 && (
        <>
          <Text fw={600}>{text.builtIn}</Text>
          <TypeTable label={text.builtIn} types={builtIn} />
        </>
      )}
    </Stack>
  );
}

function TypeTable({ label, types }: { label: string; types: readonly EventType[] }) {
  const { eventTypes: text } = useMessages();
  if (types.length === 0) return <Text c="dimmed">{text.noneFits}</Text>;
  return (
    <SimpleTable
      label={label}
      items={types}
      idOf={({ name }) => name}
      columns={[
        {
          key: 'name',
          header: text.name,
          cell: ({ name, deprecated, archived }) => (
            <Group gap="xs">
              <LinkTo to="/event-types/$name" params={{ name }}>
                {name}
              </LinkTo>
              {deprecated && <Badge color="orange">{text.deprecated}</Badge>}
              {archived && <Badge color="gray">{text.archived}</Badge>}
            </Group>
          ),
        },
        {
          key: 'description',
          header: text.description,
          cell: ({ description }) => (
            <Text size="sm" lineClamp={2}>
              {description}
            </Text>
          ),
        },
        {
          key: 'groups',
          header: text.groups,
          cell: ({ groups }) => (
            <Group gap={4}>
              {groups.map((group) => (
                <Badge key={group} color="gray">
                  {group}
                </Badge>
              ))}
            </Group>
          ),
        },
        {
          key: 'version',
          header: text.version,
          cell: ({ version, schema }) =>
            schema === null ? text.noSchema : text.versionNumber(String(version)),
        },
      ]}
    />
  );
}
