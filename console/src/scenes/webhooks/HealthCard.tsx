import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { useLiveQuery } from '../../api/live.ts';
import { healthQuery } from '../../api/queries/tryouts.ts';
import { useMessages } from '../../i18n/index.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { WebhookStateBadge } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';

/** The last changes of a webhook's state, and why. */
export function HealthCard({ id }: { id: string }) {
  const { health: text } = useMessages().webhooks;
  const query = useLiveQuery(healthQuery(id));
  return (
    <Card>
      <Title order={2} mb="xs">
        {text.title}
      </Title>
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              {text.empty}
            </Text>
          ) : (
            <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
              {data.map(({ at, state, reason }) => (
                <li key={`${at} ${state}`}>
                  <Group gap="xs">
                    <WebhookStateBadge state={state} />
                    <Text size="xs" c="dimmed">
                      <Time value={at} />
                    </Text>
                  </Group>
                  {reason !== null && <Text size="sm">{reason}</Text>}
                </li>
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Card>
  );
}
