import { Anchor, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { recentDeliveriesQuery } from '../../api/queries/deliveries.ts';
import { webhooksQuery } from '../../api/queries/webhooks.ts';
import type { Webhook } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { DeliveryStrip } from '../deliveries/DeliveryStrip.tsx';
import { byAttention, needsAttention } from '../webhooks/attention.ts';
import { WebhookRow } from '../webhooks/WebhookRow.tsx';
import { countByMinute } from './minutes.ts';
import { useWindow } from './recent-window.ts';
import { Welcome } from './Welcome.tsx';

const MinuteChart = lazy(() =>
  import('./MinuteChart.tsx').then(({ MinuteChart: component }) => ({ default: component })),
);
const shownDeliveries = 12;
const chartHeight = 170;

export function HomePage() {
  const { home: text } = useMessages();
  const query = useLiveQuery(webhooksQuery);
  return (
    <Page title={text.title}>
      <Loaded query={query}>
        {(webhooks) => (webhooks.length === 0 ? <Welcome /> : <Overview webhooks={webhooks} />)}
      </Loaded>
    </Page>
  );
}

function Overview({ webhooks }: { webhooks: readonly Webhook[] }) {
  const { home: text, deliveries } = useMessages();
  const recent = useLiveQuery(recentDeliveriesQuery({}, shownDeliveries));
  const names = useMemo(() => new Map(webhooks.map(({ id, name }) => [id, name])), [webhooks]);
  const troubled = webhooks.filter(needsAttention).sort(byAttention);
  return (
    <Stack>
      <Card>
        <Title order={2} mb="xs">
          {text.attention}
        </Title>
        {troubled.length === 0 ? (
          <Text size="sm">{text.allWell}</Text>
        ) : (
          <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }}>
            {troubled.map((webhook) => (
              <WebhookRow key={webhook.id} webhook={webhook} />
            ))}
          </Stack>
        )}
      </Card>
      <Figures webhooks={webhooks} />
      <Card>
        <Group justify="space-between" mb="xs">
          <Title order={2}>{text.recent}</Title>
          <Anchor component={LinkTo} to="/deliveries" size="sm">
            {deliveries.title}
          </Anchor>
        </Group>
        <Loaded query={recent}>
          {({ data }) => <DeliveryStrip deliveries={data} empty={text.noDeliveries} names={names} />}
        </Loaded>
      </Card>
    </Stack>
  );
}

function Figures({ webhooks }: { webhooks: readonly Webhook[] }) {
  const { home } = useMessages();
  const text = home.counts;
  const format = useFormat();
  const window = useWindow();
  const minutes = useMemo(
    () => window && countByMinute(window.deliveries, window.fromMs, window.untilMs),
    [window],
  );
  const active = webhooks.filter(({ status }) => status.state === 'active').length;
  const waiting = webhooks.reduce((sum, { usage }) => sum + usage.waiting, 0);
  const ended =
    window?.deliveries.filter(({ state }) => state === 'succeeded' || state === 'exhausted') ?? [];
  const succeeded = ended.filter(({ state }) => state === 'succeeded').length;
  const hint = window?.isPartial ? text.partial(format.number(window.deliveries.length)) : text.window;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <SimpleGrid cols={2} spacing="md" verticalSpacing="md">
        <Figure
          label={text.webhooks}
          value={format.number(webhooks.length)}
          hint={text.active(format.number(active))}
        />
        <Figure label={text.waiting} value={format.number(waiting)} hint={text.waitingHint} />
        <Figure
          label={text.success}
          value={ended.length === 0 ? '–' : format.percent(succeeded / ended.length)}
          hint={text.successHint(format.number(ended.length))}
        />
        <Figure
          label={text.perMinute}
          value={minutes === null ? '–' : format.number(minutes.perMinute)}
          hint={hint}
        />
      </SimpleGrid>
      <Card>
        <Title order={2} mb="xs">
          {home.chart.title}
        </Title>
        <div style={{ minHeight: chartHeight }}>
          {minutes && minutes.total === 0 && (
            <Text size="sm" c="dimmed">
              {home.chart.none}
            </Text>
          )}
          {minutes && minutes.total > 0 && (
            <Suspense>
              <MinuteChart minutes={minutes} height={chartHeight} />
            </Suspense>
          )}
        </div>
      </Card>
    </SimpleGrid>
  );
}

function Figure({ label, value, hint }: { label: string; value: string; hint: string }) {
  return (
    <Card padding="sm">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text fz={26} fw={650} lh={1.25} className="numeric">
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Card>
  );
}
