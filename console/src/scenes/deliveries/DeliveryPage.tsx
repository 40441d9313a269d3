import { Anchor, Button, Card, Group, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { toProblem } from '../../api/problem.ts';
import { attemptsQuery, deliveryQuery, resendDelivery } from '../../api/queries/deliveries.ts';
import { webhooksQuery } from '../../api/queries/webhooks.ts';
import { useMay } from '../../api/session.ts';
import type { Attempt, Delivery } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { Facts } from '../../shared/Facts.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { DeliveryStateBadge, HttpStatus } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';
import classes from './DeliveryPage.module.css';
import { Exchange } from './Exchange.tsx';

const route = getRouteApi('/deliveries/$id');

export function DeliveryPage() {
  const { deliveries: text } = useMessages();
  const { id } = route.useParams();
  const unfinished = (delivery: Delivery | undefined): boolean =>
    delivery === undefined || delivery.state === 'sending' || delivery.state === 'retrying';
  const mayEdit = useMay('editor');
  const [live, setLive] = useState(true);
  const query = useLiveQuery(deliveryQuery(id), live);
  if (live !== unfinished(query.data)) setLive(unfinished(query.data));
  return (
    <Page
      title={query.data?.eventType ?? text.one}
      beside={query.data && <DeliveryStateBadge state={query.data.state} />}
      parent={{ to: '/deliveries', label: text.title }}
      actions={query.data?.webhook && mayEdit && <ResendButton id={id} onSent={() => setLive(true)} />}
    >
      <Loaded query={query}>{(delivery) => <DeliveryDetails delivery={delivery} />}</Loaded>
    </Page>
  );
}

function ResendButton({ id, onSent }: { id: string; onSent: () => void }) {
  const { deliveries: text } = useMessages();
  const client = useQueryClient();
  const resend = useMutation({
    mutationFn: () => resendDelivery(id),
    onSuccess: async () => {
      onSent();
      notifications.show({ message: text.resent, color: 'green' });
      await client.invalidateQueries({ queryKey: ['deliveries', id] });
    },
    onError: (error) => notifications.show({ message: toProblem(error).message, color: 'red' }),
  });
  return (
    <Button
      variant="default"
      leftSection={<RotateCw size={15} aria-hidden />}
      loading={resend.isPending}
      onClick={() => resend.mutate()}
    >
      {text.resend}
    </Button>
  );
}

function DeliveryDetails({ delivery }: { delivery: Delivery }) {
  const { deliveries: text } = useMessages();
  const attempts = useLiveQuery(attemptsQuery(delivery.id, delivery.attempts), delivery.state === 'sending');
  return (
    <Stack>
      <DeliveryFacts delivery={delivery} />
      <Loaded query={attempts}>
        {({ data }) =>
          data.length === 0 ? <Text c="dimmed">{text.noAttempts}</Text> : <Attempts attempts={data} />
        }
      </Loaded>
    </Stack>
  );
}

function DeliveryFacts({ delivery }: { delivery: Delivery }) {
  const { deliveries: text, common } = useMessages();
  const format = useFormat();
  const { data: webhooks } = useQuery(webhooksQuery);
  const webhook = webhooks?.find(({ id }) => id === delivery.webhook);
  return (
    <Card>
      <Facts
        facts={[
          [
            common.columns.id,
            <Group key="id" gap={4} wrap="nowrap">
              <Text span ff="monospace" size="sm">
                {delivery.id}
              </Text>
              <CopyIcon value={delivery.id} />
            </Group>,
          ],
          [
            text.facts.webhook,
            delivery.webhook === null ? (
              text.deletedWebhook
            ) : (
              <Anchor key="webhook" component={LinkTo} to={`/webhooks/${delivery.webhook}`} size="sm">
                {webhook?.name ?? delivery.webhook}
              </Anchor>
            ),
          ],
          [
            text.facts.event,
            <Group key="event" gap="xs">
              <Anchor component={LinkTo} to={`/events/${delivery.event}`} size="sm" ff="monospace">
                {delivery.event}
              </Anchor>
              {delivery.events > 1 && (
                <Text span size="xs" c="dimmed">
                  {text.eventCount(format.number(delivery.events))}
                </Text>
              )}
              {delivery.simulated && (
                <Text span size="xs" c="dimmed">
                  {text.simulated}
                </Text>
              )}
            </Group>,
          ],
          [text.facts.created, <Time key="created" value={delivery.createdAt} exact />],
          delivery.finishedAt !== null && [
            text.facts.finished,
            <Time key="finished" value={delivery.finishedAt} exact />,
          ],
          delivery.nextAttemptAt !== null && [
            text.facts.next,
            <Time key="next" value={delivery.nextAttemptAt} />,
          ],
          delivery.discardedBy !== null && [text.facts.discardedBy, delivery.discardedBy],
          [text.facts.version, format.number(delivery.webhookVersion)],
        ]}
      />
    </Card>
  );
}

/** All attempts on a time line, and the exchange of the chosen one; the last one at first. */
function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  const { deliveries: text } = useMessages();
  const format = useFormat();
  const [chosen, setChosen] = useState<number | null>(null);
  const shown = attempts.find(({ number }) => number === chosen) ?? attempts.at(-1);
  return (
    <Stack>
      {attempts.length > 1 && (
        <Card>
          <Title order={2} mb="xs">
            {text.attempts}
          </Title>
          <ol className={classes.attempts}>
            {attempts.map((attempt) => (
              <li key={attempt.number}>
                <UnstyledButton
                  className={classes.attempt}
                  aria-pressed={attempt.number === shown?.number}
                  onClick={() => setChosen(attempt.number)}
                >
                  <Group gap="xs" wrap="nowrap" justify="space-between">
                    <Text size="sm" fw={600}>
                      {text.attempt(format.number(attempt.number))}
                    </Text>
                    {attempt.response ? (
                      <HttpStatus status={attempt.response.status} />
                    ) : (
                      <Text span size="xs">
                        {attempt.errorCode}
                      </Text>
                    )}
                  </Group>
                  <Text size="xs" c="dimmed">
                    <Time value={attempt.startedAt} /> · {format.duration(attempt.timing.totalMs)}
                    {attempt.replay !== null && ` · ${text.replays[attempt.replay]}`}
                  </Text>
                </UnstyledButton>
              </li>
            ))}
          </ol>
        </Card>
      )}
      {shown && <Exchange key={shown.number} attempt={shown} />}
    </Stack>
  );
}
