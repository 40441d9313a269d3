import { Alert, Anchor, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Pencil } from 'lucide-react';
import { useLiveQuery } from '../../api/live.ts';
import { inboxOfUrl } from '../../api/queries/consumer.ts';
import { recentDeliveriesQuery } from '../../api/queries/deliveries.ts';
import { webhookQuery } from '../../api/queries/webhooks.ts';
import { useMay } from '../../api/session.ts';
import type { Webhook } from '../../api/types.ts';
import { useFormat, useMessages, useTranslation } from '../../i18n/index.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { Facts } from '../../shared/Facts.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { WebhookStateBadge } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';
import { DeliveryStrip } from '../deliveries/DeliveryStrip.tsx';
import { HealthCard } from './HealthCard.tsx';
import { ReplayCard } from './ReplayCard.tsx';
import { SecretCard } from './SecretCard.tsx';
import { SettingsCard } from './SettingsCard.tsx';
import { WebhookActions } from './WebhookActions.tsx';
import { WhyCard } from './WhyCard.tsx';

const route = getRouteApi('/webhooks/$id');
const shownDeliveries = 10;

export function WebhookPage() {
  const { webhooks: text, common } = useMessages();
  const { id } = route.useParams();
  const mayEdit = useMay('editor');
  const query = useLiveQuery(webhookQuery(id));
  const webhook = query.data;
  return (
    <Page
      title={webhook?.name ?? text.title}
      beside={webhook && <WebhookStateBadge state={webhook.status.state} />}
      parent={{ to: '/webhooks', label: text.title }}
      actions={
        webhook &&
        mayEdit && (
          <>
            <Button
              component={LinkTo}
              to="/webhooks/$id/edit"
              params={{ id }}
              variant="default"
              leftSection={<Pencil size={15} aria-hidden />}
            >
              {common.edit}
            </Button>
            <WebhookActions webhook={webhook} />
          </>
        )
      }
    >
      <Loaded query={query}>{(loaded) => <WebhookDetails webhook={loaded} />}</Loaded>
    </Page>
  );
}

function WebhookDetails({ webhook }: { webhook: Webhook }) {
  const { webhooks: text } = useMessages();
  const deliveries = useLiveQuery(recentDeliveriesQuery({ webhook: webhook.id }, shownDeliveries));
  const inbox = inboxOfUrl(webhook.url);
  const mayEdit = useMay('editor');
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" verticalSpacing="md" style={{ alignItems: 'start' }}>
      <Stack miw={0}>
        <StatusCard webhook={webhook} />
        <Card>
          <Group justify="space-between" mb="xs">
            <Title order={2}>{text.sections.deliveries}</Title>
            <Anchor component={LinkTo} to="/deliveries" search={{ webhook: webhook.id }} size="sm">
              {text.allDeliveries}
            </Anchor>
          </Group>
          <Loaded query={deliveries}>
            {({ data }) => <DeliveryStrip deliveries={data} empty={text.noDeliveries} />}
          </Loaded>
        </Card>
        <ReplayCard webhook={webhook.id} />
        <WhyCard webhook={webhook.id} />
        <HealthCard id={webhook.id} />
      </Stack>
      <Stack miw={0}>
        <Card>
          <Group gap={4} wrap="nowrap" align="flex-start">
            <Text ff="monospace" size="sm">
              POST {webhook.url}
            </Text>
            <CopyIcon value={webhook.url} />
          </Group>
          {inbox !== null && (
            <Anchor component={LinkTo} to="/consumer/$name" params={{ name: inbox }} size="sm">
              {text.toInbox}
            </Anchor>
          )}
        </Card>
        {mayEdit && <SecretCard webhook={webhook} />}
        <SettingsCard webhook={webhook} />
      </Stack>
    </SimpleGrid>
  );
}

const alertColors = {
  active: 'green',
  degraded: 'orange',
  paused: 'gray',
  disabled: 'red',
  invalid: 'grape',
} as const;

function StatusCard({ webhook }: { webhook: Webhook }) {
  const { language, messages } = useTranslation();
  const text = messages.webhooks;
  const format = useFormat();
  const { status, usage } = webhook;
  return (
    <Card>
      <Title order={2} mb="xs">
        {text.sections.status}
      </Title>
      <Stack gap="sm">
        {status.state !== 'active' && (
          <Alert color={alertColors[status.state]} variant="light" p="sm">
            <Text size="sm">{text.stateMeanings[status.state]}</Text>
            {status.reason !== null && (
              <Text size="sm" fw={600}>
                {status.reason}
              </Text>
            )}
          </Alert>
        )}
        {status.state === 'active' && <Text size="sm">{text.stateMeanings.active}</Text>}
        <Facts
          facts={[
            [text.stateSince, <Time key="since" value={status.since} />],
            [text.waiting, format.number(usage.waiting)],
            [text.lastSuccess, <Time key="success" value={usage.lastSuccessAt} />],
            [text.lastFailure, <Time key="failure" value={usage.lastFailureAt} />],
            usage.oldestWaitingAt !== null && [
              text.oldestWaiting,
              <Time key="oldest" value={usage.oldestWaitingAt} />,
            ],
            usage.nextAttemptAt !== null && [
              text.nextAttempt,
              <Time key="next" value={usage.nextAttemptAt} />,
            ],
            usage.lastError !== null && [
              text.lastError,
              <span key="error" {...(language === 'en' ? {} : { lang: 'en' })}>
                {usage.lastError}
              </span>,
            ],
          ]}
        />
      </Stack>
    </Card>
  );
}
