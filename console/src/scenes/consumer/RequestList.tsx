import { Accordion, Anchor, Badge, Group, Stack, Text, Title } from '@mantine/core';
import { ShieldAlert, ShieldCheck, ShieldQuestionMark } from 'lucide-react';
import type { ReceivedRequest } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { BodyView } from '../../shared/BodyView.tsx';
import { HeadersView } from '../../shared/HeadersView.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { HttpStatus } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';

/** What arrived, the newest first; the newest is open. */
export function RequestList({ requests }: { requests: readonly ReceivedRequest[] }) {
  const newest = requests[0];
  return (
    <Accordion
      variant="separated"
      multiple
      chevronPosition="left"
      defaultValue={newest ? [String(newest.number)] : []}
      order={3}
    >
      {requests.map((request) => (
        <Accordion.Item key={request.number} value={String(request.number)}>
          <Accordion.Control>
            <RequestSummary request={request} />
          </Accordion.Control>
          <Accordion.Panel>
            <RequestDetails request={request} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function VerdictBadge({ verdict }: { verdict: ReceivedRequest['verdict'] }) {
  const { consumer: text } = useMessages();
  const good = verdict === 'verified';
  const unknown = verdict === 'no signature' || verdict === 'no secret known' || verdict === 'not checked';
  const Icon = good ? ShieldCheck : unknown ? ShieldQuestionMark : ShieldAlert;
  return (
    <Badge color={good ? 'green' : unknown ? 'gray' : 'red'} leftSection={<Icon size={12} aria-hidden />}>
      {text.verdicts[verdict]}
    </Badge>
  );
}

/** The event type a body names, where it is one of the known formats. */
function eventTypeOf(body: string | null): string | null {
  const match = body === null ? null : /"(?:type|event|eventType)"\s*:\s*"([\w.-]{1,128})"/.exec(body);
  return match?.[1] ?? null;
}

function RequestSummary({ request }: { request: ReceivedRequest }) {
  const { consumer: text } = useMessages();
  const format = useFormat();
  return (
    <Group gap="xs" justify="space-between">
      <div>
        <Text size="sm" fw={600}>
          {eventTypeOf(request.body) ?? request.method}
        </Text>
        <Text size="xs" c="dimmed">
          {text.request(format.number(request.number))} · <Time value={request.receivedAt} /> ·{' '}
          {format.bytes(request.bodyBytes)}
        </Text>
      </div>
      <Group gap={6}>
        {request.repeat && <Badge color="yellow">{text.repeat}</Badge>}
        <VerdictBadge verdict={request.verdict} />
        {request.answer.status !== undefined && <HttpStatus status={request.answer.status} />}
      </Group>
    </Group>
  );
}

function RequestDetails({ request }: { request: ReceivedRequest }) {
  const { consumer: text } = useMessages();
  return (
    <Stack gap="sm">
      {request.webhookId?.startsWith('msg_') && (
        <Anchor component={LinkTo} to={`/deliveries/${request.webhookId}`} size="sm">
          {text.delivery}
        </Anchor>
      )}
      <Title order={4} size="h3">
        {text.body}
      </Title>
      {request.body === null ? (
        <Text size="sm" c="dimmed">
          {text.notText}
        </Text>
      ) : (
        <BodyView body={request.body} label={text.body} truncated={request.bodyTruncated} />
      )}
      <Title order={4} size="h3">
        {text.headers}
      </Title>
      <HeadersView headers={request.headers} label={text.headers} />
    </Stack>
  );
}
