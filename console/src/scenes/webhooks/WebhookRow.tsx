import { Box, Card, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Webhook } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import cardLink from '../../shared/card-link.module.css';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { WebhookStateBadge } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';
import classes from './WebhookRow.module.css';

/** A webhook in a list: how it is, and what waits. */
export function WebhookRow({ webhook }: { webhook: Webhook }) {
  const { webhooks: text } = useMessages();
  const format = useFormat();
  const { usage, status } = webhook;
  return (
    <Card component="li" padding="sm" className={`${cardLink.card} ${classes.row}`}>
      <Box className={classes.title} miw={0}>
        <Group gap="xs" wrap="nowrap">
          <LinkTo to="/webhooks/$id" params={{ id: webhook.id }} className={cardLink.link}>
            {webhook.name}
          </LinkTo>
          <WebhookStateBadge state={status.state} />
        </Group>
        <Text size="xs" c="dimmed" className={classes.url} title={webhook.url}>
          {webhook.url}
        </Text>
        {status.state !== 'active' && status.reason !== null && (
          <Text size="xs" lineClamp={2}>
            {status.reason}
          </Text>
        )}
      </Box>
      <Figure label={text.waiting} strong={usage.waiting > 0}>
        {format.number(usage.waiting)}
      </Figure>
      <Figure label={text.lastSuccess}>
        <Time value={usage.lastSuccessAt} />
      </Figure>
      <Figure label={text.lastFailure} strong={status.state === 'degraded' || status.state === 'disabled'}>
        <Time value={usage.lastFailureAt} />
      </Figure>
    </Card>
  );
}

function Figure({
  label,
  strong = false,
  children,
}: {
  label: string;
  strong?: boolean;
  children: ReactNode;
}) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" fw={strong ? 600 : 400} className="numeric">
        {children}
      </Text>
    </div>
  );
}
