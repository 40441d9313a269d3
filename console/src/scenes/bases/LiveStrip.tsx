import { Button, Card, Stack, Text, Title } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { recentDeliveriesQuery } from '../../api/queries/deliveries.ts';
import { webhooksQuery } from '../../api/queries/webhooks.ts';
import { useMay } from '../../api/session.ts';
import type { Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { DeliveryStrip } from '../deliveries/DeliveryStrip.tsx';
import { listensToTable } from './listeners.ts';

/** Deliveries of other webhooks are among them, where several listen. */
const askedDeliveries = 100;
const shownDeliveries = 15;

/** What leaves because of this table: each delivery of its webhooks, as it happens. */
export function LiveStrip({ table }: { table: Table }) {
  const { strip: text } = useMessages().bases;
  const format = useFormat();
  const mayEdit = useMay('editor');
  const { data: webhooks } = useLiveQuery(webhooksQuery);
  const listeners = useMemo(
    () => webhooks?.filter((webhook) => listensToTable(webhook, table)) ?? [],
    [webhooks, table],
  );
  const names = useMemo(() => new Map(listeners.map(({ id, name }) => [id, name])), [listeners]);
  const count = listeners.length;
  const [only] = count === 1 ? listeners : [];
  const deliveries = useLiveQuery(recentDeliveriesQuery(only ? { webhook: only.id } : {}, askedDeliveries));
  return (
    <Card component="aside" aria-label={text.title} padding="sm">
      <Title order={2}>{text.title}</Title>
      <Stack gap="xs">
        <Text size="xs" c="dimmed">
          {webhooks && (count === 0 ? text.none : text.listening(format.number(count), count === 1))}
        </Text>
        {webhooks && count === 0 && mayEdit && (
          <Button
            component={LinkTo}
            to="/webhooks/new"
            search={{ base: table.base, table: table.id }}
            size="xs"
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
          >
            {text.create}
          </Button>
        )}
        {count > 0 && (
          <Loaded query={deliveries}>
            {({ data }) => (
              <DeliveryStrip
                deliveries={data
                  .filter(
                    ({ webhook, eventType }) =>
                      webhook !== null && names.has(webhook) && eventType.startsWith('row.'),
                  )
                  .slice(0, shownDeliveries)}
                empty={text.empty}
                names={names}
              />
            )}
          </Loaded>
        )}
      </Stack>
    </Card>
  );
}
