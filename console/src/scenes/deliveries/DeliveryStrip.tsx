import { Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { Delivery } from '../../api/types.ts';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { DeliveryStateBadge, HttpStatus } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';
import classes from './DeliveryStrip.module.css';

interface DeliveryStripProps {
  readonly deliveries: readonly Delivery[];
  readonly empty: string;
  /** Names of webhooks by id, where deliveries of several are shown. */
  readonly names?: ReadonlyMap<string, string>;
}

/** A few deliveries, the newest first; a new one lights up as it comes. */
export function DeliveryStrip({ deliveries, empty, names }: DeliveryStripProps) {
  // What was there when the strip was first seen has not just arrived.
  const [known] = useState(() => new Set(deliveries.map(({ id }) => id)));
  if (deliveries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {empty}
      </Text>
    );
  }
  return (
    <ul className={classes.strip}>
      {deliveries.map((delivery) => (
        <li key={delivery.id} className={`${classes.item} ${known.has(delivery.id) ? '' : classes.arrived}`}>
          <Group gap="xs" wrap="nowrap" justify="space-between">
            <LinkTo to="/deliveries/$id" params={{ id: delivery.id }} className={classes.link}>
              {delivery.eventType}
            </LinkTo>
            <Group gap={6} wrap="nowrap">
              {delivery.lastHttpStatus !== null && <HttpStatus status={delivery.lastHttpStatus} />}
              <DeliveryStateBadge state={delivery.state} />
            </Group>
          </Group>
          <Text size="xs" c="dimmed" truncate>
            {names && delivery.webhook !== null && <>{names.get(delivery.webhook) ?? delivery.webhook} · </>}
            <Time value={delivery.createdAt} />
            {delivery.lastErrorCode !== null && delivery.lastHttpStatus === null && (
              <> · {delivery.lastErrorCode}</>
            )}
          </Text>
        </li>
      ))}
    </ul>
  );
}
