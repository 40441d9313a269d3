import { Alert, Group, Loader, Radio, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { inputProblem } from '../../api/problem.ts';
import { replayCountQuery, replaysQuery, startReplay } from '../../api/queries/replays.ts';
import type { ReplayCount, ReplayScope } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { PeriodFilter } from '../../shared/PeriodFilter.tsx';

const scopes: readonly ReplayScope[] = ['failed', 'missed', 'all'];
const dayMs = 86_400_000;
/** The server counts once the period has been left alone for so long. */
const typingPauseMs = 400;

interface ReplayDialogProps {
  readonly webhook: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks what to send again, and says how much that is before it begins. */
export function ReplayDialog({ webhook, opened, onClose }: ReplayDialogProps) {
  const { replays: text } = useMessages().webhooks;
  const client = useQueryClient();
  const [scope, setScope] = useState<ReplayScope>('failed');
  const [period, setPeriod] = useState<{ since?: string | undefined; until?: string | undefined }>(() => ({
    since: new Date(Date.now() - dayMs).toISOString(),
  }));
  const [{ since, until }] = useDebouncedValue(period, typingPauseMs);
  const count = useQuery({
    ...replayCountQuery(webhook, scope, {
      since: since ?? '',
      ...(until === undefined ? {} : { until }),
    }),
    enabled: opened && since !== undefined,
    retry: false,
  });
  const start = async (): Promise<void> => {
    const { since: from, until: to } = period;
    if (from === undefined) throw inputProblem(text.since);
    await startReplay(webhook, scope, { since: from, ...(to === undefined ? {} : { until: to }) });
    notifications.show({ message: text.started, color: 'green' });
    await client.invalidateQueries({ queryKey: replaysQuery(webhook).queryKey });
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={text.action}
      action={text.start}
      disabled={count.data?.deliveries === 0 && count.data.counted === 1}
      onClose={onClose}
      onConfirm={start}
    >
      <Text size="sm" c="dimmed">
        {text.text}
      </Text>
      <Radio.Group
        label={text.scope}
        value={scope}
        onChange={(value) => setScope(scopes.find((known) => known === value) ?? 'failed')}
      >
        <Stack gap="xs" mt="xs">
          {scopes.map((value) => (
            <Radio key={value} value={value} label={text.scopes[value]} />
          ))}
        </Stack>
      </Radio.Group>
      <Group gap="xs">
        <PeriodFilter
          since={period.since}
          until={period.until}
          onChange={(change) => setPeriod((old) => ({ ...old, ...change }))}
        />
      </Group>
      {count.error ? (
        <ErrorNotice error={count.error} compact />
      ) : (
        <Alert color="gray" p="sm" role="status">
          {count.isFetching || !count.data ? (
            <Group gap="xs">
              <Loader size="xs" aria-hidden />
              <Text size="sm">{text.counting}</Text>
            </Group>
          ) : (
            <Counted count={count.data} />
          )}
        </Alert>
      )}
    </ConfirmDialog>
  );
}

function Counted({ count: { deliveries, events, counted } }: { count: ReplayCount }) {
  const { replays: text } = useMessages().webhooks;
  const format = useFormat();
  if (deliveries === 0 && counted === 1) return <Text size="sm">{text.nothing}</Text>;
  return (
    <>
      <Text size="sm" fw={600}>
        {text.count(format.number(deliveries), deliveries === 1)}
        {events > deliveries && ` ${text.countEvents(format.number(events))}`}
      </Text>
      {counted < 1 && <Text size="sm">{text.partly(format.percent(counted))}</Text>}
    </>
  );
}
