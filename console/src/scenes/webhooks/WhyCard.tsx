import { Anchor, Autocomplete, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleMinus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { eventForWebhookQuery, latestEventsQuery } from '../../api/queries/events.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { useNowMs } from '../../shared/Time.tsx';

const eventId = /evt_[0-9a-z]+/;

/** Why the webhook fires for an event, or does not: for one of the latest, or one whose id a person has. */
export function WhyCard({ webhook }: { webhook: string }) {
  const { webhooks, events } = useMessages();
  const text = webhooks.why;
  const format = useFormat();
  const now = useNowMs();
  const [isOpen, setOpen] = useState(false);
  const [wanted, setWanted] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const latest = useQuery({ ...latestEventsQuery, enabled: isOpen });
  const verdict = useQuery(eventForWebhookQuery(asked, webhook));
  const ask = (input: string): void => {
    const id = eventId.exec(input)?.[0] ?? null;
    setAsked(id);
    setFault(id === null ? text.fault : null);
  };
  const submit = (submitted: FormEvent): void => {
    submitted.preventDefault();
    ask(wanted);
  };
  const found = verdict.data?.webhooks[0];
  return (
    <Card>
      <Title order={2} mb={4}>
        {text.title}
      </Title>
      <Stack gap="sm">
        <form onSubmit={submit}>
          <Group gap="xs" align="flex-start" wrap="nowrap">
            <Autocomplete
              flex={1}
              aria-label={text.event}
              placeholder={text.placeholder}
              value={wanted}
              error={fault}
              limit={20}
              onFocus={() => setOpen(true)}
              onChange={setWanted}
              onOptionSubmit={ask}
              data={(latest.data ?? []).map(
                ({ id, type, acceptedAt }) => `${type} · ${format.relative(acceptedAt, now)} · ${id}`,
              )}
            />
            <Button type="submit" variant="default" loading={verdict.isLoading}>
              {text.ask}
            </Button>
          </Group>
        </form>
        {verdict.error && <ErrorNotice error={verdict.error} compact />}
        {verdict.data && found && (
          <div role="status">
            <Group gap="xs">
              <Badge
                color={found.fires ? 'green' : 'gray'}
                leftSection={
                  found.fires ? <CircleCheck size={12} aria-hidden /> : <CircleMinus size={12} aria-hidden />
                }
              >
                {found.fires ? events.fires : events.doesNotFire}
              </Badge>
              <Anchor component={LinkTo} to={`/events/${verdict.data.id}`} size="sm">
                {verdict.data.type}
              </Anchor>
            </Group>
            <Text size="sm" mt={4}>
              {events.reasons[found.reason] ?? found.text}
            </Text>
          </div>
        )}
      </Stack>
    </Card>
  );
}
