import { Anchor, Badge, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { CircleCheck, CircleMinus } from 'lucide-react';
import { useLiveQuery } from '../../api/live.ts';
import { eventQuery } from '../../api/queries/events.ts';
import type { ExplainedEvent } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { BodyView } from '../../shared/BodyView.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { Facts } from '../../shared/Facts.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { Time } from '../../shared/Time.tsx';
import { useTableName } from '../bases/table-name.ts';

const route = getRouteApi('/events/$id');

export function EventPage() {
  const { events: text } = useMessages();
  const { id } = route.useParams();
  const query = useLiveQuery(eventQuery(id));
  return (
    <Page title={query.data?.type ?? text.one} parent={{ to: '/events', label: text.title }}>
      <Loaded query={query}>
        {(event) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
            <Stack miw={0}>
              <EventFacts event={event} />
              <Card>
                <Title order={2} mb="xs">
                  {text.data}
                </Title>
                <BodyView body={JSON.stringify(event.data ?? null)} label={text.data} />
              </Card>
            </Stack>
            <Verdicts event={event} />
          </SimpleGrid>
        )}
      </Loaded>
    </Page>
  );
}

function EventFacts({ event }: { event: ExplainedEvent }) {
  const { events: text, common } = useMessages();
  const { row } = event;
  const place = useTableName(row?.base ?? null, row?.table ?? null);
  return (
    <Card>
      <Facts
        facts={[
          [
            common.columns.id,
            <Group key="id" gap={4} wrap="nowrap">
              <Text span ff="monospace" size="sm">
                {event.id}
              </Text>
              <CopyIcon value={event.id} />
            </Group>,
          ],
          [text.facts.occurred, <Time key="occurred" value={event.occurredAt} exact />],
          [text.facts.accepted, <Time key="accepted" value={event.acceptedAt} exact />],
          event.tags.length > 0 && [text.facts.tags, event.tags.join(', ')],
          row !== null && [
            text.facts.table,
            <Anchor key="table" component={LinkTo} to={`/bases/${row.base}/${row.table}`} size="sm">
              {place}
            </Anchor>,
          ],
          row !== null && [text.facts.row, row.id],
          row !== null && [text.facts.changeSet, row.changeSet],
        ]}
      />
    </Card>
  );
}

/** Each webhook's verdict on the event; those that fire come first. */
function Verdicts({ event }: { event: ExplainedEvent }) {
  const { events: text } = useMessages();
  const verdicts = [...event.webhooks].sort((one, other) => Number(other.fires) - Number(one.fires));
  return (
    <Card miw={0}>
      <Title order={2}>{text.why}</Title>
      <Text size="sm" c="dimmed" mb="sm">
        {text.whyHint}
      </Text>
      {verdicts.length === 0 && <Text size="sm">{text.noWebhooks}</Text>}
      <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {verdicts.map(({ id, name, fires, reason, text: sentence }) => (
          <li key={id}>
            <Group gap="xs" wrap="nowrap" justify="space-between">
              <Anchor component={LinkTo} to={`/webhooks/${id}`} size="sm" fw={600}>
                {name}
              </Anchor>
              <Badge
                color={fires ? 'green' : 'gray'}
                leftSection={
                  fires ? <CircleCheck size={12} aria-hidden /> : <CircleMinus size={12} aria-hidden />
                }
                style={{ flexShrink: 0 }}
              >
                {fires ? text.fires : text.doesNotFire}
              </Badge>
            </Group>
            <Text size="sm">{text.reasons[reason] ?? sentence}</Text>
            {fires && (
              <Anchor
                component={LinkTo}
                to="/deliveries"
                search={{ webhook: id, eventType: event.type }}
                size="xs"
              >
                {text.deliveriesOf}
              </Anchor>
            )}
          </li>
        ))}
      </Stack>
    </Card>
  );
}
