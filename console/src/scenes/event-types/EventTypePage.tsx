import { Alert, Badge, Button, Card, Group, Radio, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Archive, Pencil, Send } from 'lucide-react';
import { useState } from 'react';
import { deleteEventType, eventTypeQuery, eventTypeVersionsQuery } from '../../api/queries/event-types.ts';
import { useIsPortal, useMay } from '../../api/session.ts';
import type { EventType } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { BodyView } from '../../shared/BodyView.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { Facts } from '../../shared/Facts.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { Time } from '../../shared/Time.tsx';

const route = getRouteApi('/event-types/$name');

/** One type of event: what it means, what is in it, and how that has changed. */
export function EventTypePage() {
  const { eventTypes: text } = useMessages();
  const { name } = route.useParams();
  const query = useQuery(eventTypeQuery(name));
  return (
    <Page
      title={name}
      beside={query.data && <TypeBadges type={query.data} />}
      parent={{ to: '/event-types', label: text.title }}
      actions={query.data && <TypeActions type={query.data} />}
    >
      <Loaded query={query}>
        {(type) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
            <Stack miw={0}>
              <About type={type} />
              <Card>
                <Title order={2} mb="xs">
                  {text.example}
                </Title>
                {type.example === null ? (
                  <Text size="sm" c="dimmed">
                    {text.noExample}
                  </Text>
                ) : (
                  <BodyView body={JSON.stringify(type.example)} label={text.example} />
                )}
              </Card>
            </Stack>
            <Stack miw={0}>
              <Card>
                <Title order={2} mb="xs">
                  {text.schema}
                </Title>
                {type.schema === null ? (
                  <Text size="sm" c="dimmed">
                    {text.anyData}
                  </Text>
                ) : (
                  <BodyView body={JSON.stringify(type.schema)} label={text.schema} />
                )}
              </Card>
              {!type.builtIn && <Versions name={name} />}
            </Stack>
          </SimpleGrid>
        )}
      </Loaded>
    </Page>
  );
}

function TypeBadges({ type }: { type: EventType }) {
  const { eventTypes: text } = useMessages();
  return (
    <Group gap={4}>
      {type.builtIn && <Badge color="indigo">{text.isBuiltIn}</Badge>}
      {type.deprecated && <Badge color="orange">{text.deprecated}</Badge>}
      {type.archived && <Badge color="gray">{text.archived}</Badge>}
    </Group>
  );
}

function About({ type }: { type: EventType }) {
  const { eventTypes: text, settings } = useMessages();
  const format = useFormat();
  return (
    <Card>
      <Stack gap="sm">
        {type.deprecated && (
          <Alert color="orange" p="sm">
            <Text size="sm">{type.deprecationNote || text.deprecatedText}</Text>
          </Alert>
        )}
        <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
          {type.description || text.noDescription}
        </Text>
        <Facts
          facts={[
            type.groups.length > 0 && [text.groups, format.list(type.groups)],
            [text.version, format.number(type.version)],
            !type.builtIn && [
              text.enforcement,
              type.enforcement === null
                ? text.asWorkspace
                : settings.publishing.enforcements[type.enforcement],
            ],
            type.updatedAt !== null && [text.updated, <Time key="updated" value={type.updatedAt} />],
          ]}
        />
      </Stack>
    </Card>
  );
}

/** How the schema has changed, the newest first. */
function Versions({ name }: { name: string }) {
  const { eventTypes: text } = useMessages();
  const query = useQuery(eventTypeVersionsQuery(name));
  const [open, setOpen] = useState<number | null>(null);
  return (
    <Card>
      <Title order={2} mb="xs">
        {text.versions}
      </Title>
      <Loaded query={query}>
        {(versions) => (
          <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
            {versions.map(({ version, schema, createdAt }) => (
              <li key={version}>
                <Group gap="xs" justify="space-between">
                  <Text size="sm">
                    {text.versionNumber(String(version))} · <Time value={createdAt} />
                  </Text>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-expanded={open === version}
                    onClick={() => setOpen(open === version ? null : version)}
                  >
                    {text.showSchema}
                  </Button>
                </Group>
                {open === version && (
                  <BodyView
                    body={JSON.stringify(schema)}
                    label={`${text.schema}, ${text.versionNumber(String(version))}`}
                  />
                )}
              </li>
            ))}
          </Stack>
        )}
      </Loaded>
    </Card>
  );
}

function TypeActions({ type }: { type: EventType }) {
  const { eventTypes: text, events, common } = useMessages();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayEdit = useMay('editor');
  const isPortal = useIsPortal();
  const [removing, setRemoving] = useState(false);
  const [forGood, setForGood] = useState(type.archived);
  if (!mayEdit || isPortal) return null;
  const remove = async (): Promise<void> => {
    await deleteEventType(type.name, forGood);
    notifications.show({ message: forGood ? text.removing.deleted : text.removing.archived });
    if (forGood) await navigate({ to: '/event-types' });
    await client.invalidateQueries({ queryKey: ['event-types'] });
  };
  return (
    <>
      {!type.builtIn && (
        <Button
          component={LinkTo}
          to="/events/send"
          search={{ type: type.name }}
          variant="default"
          leftSection={<Send size={15} aria-hidden />}
        >
          {events.send}
        </Button>
      )}
      {!type.builtIn && (
        <>
          <Button
            component={LinkTo}
            to="/event-types/$name/edit"
            params={{ name: type.name }}
            variant="default"
            leftSection={<Pencil size={15} aria-hidden />}
          >
            {common.edit}
          </Button>
          <Button
            variant="default"
            leftSection={<Archive size={15} aria-hidden />}
            onClick={() => setRemoving(true)}
          >
            {text.removing.action}
          </Button>
        </>
      )}
      <ConfirmDialog
        opened={removing}
        title={text.removing.title(type.name)}
        action={forGood ? common.delete : text.removing.archive}
        danger={forGood}
        onClose={() => setRemoving(false)}
        onConfirm={remove}
      >
        <Radio.Group
          aria-label={text.removing.title(type.name)}
          value={forGood ? 'delete' : 'archive'}
          onChange={(value) => setForGood(value === 'delete')}
        >
          <Stack gap="sm">
            <Radio
              value="archive"
              disabled={type.archived}
              label={text.removing.archive}
              description={text.removing.archiveHint}
            />
            <Radio value="delete" label={common.delete} description={text.removing.deleteHint} />
          </Stack>
        </Radio.Group>
      </ConfirmDialog>
    </>
  );
}
