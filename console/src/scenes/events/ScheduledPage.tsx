import { Anchor, Badge, Button, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { toProblem } from '../../api/problem.ts';
import { cancelScheduled, scheduledQuery } from '../../api/queries/events.ts';
import { useMay } from '../../api/session.ts';
import type { ScheduledEvent } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { SimpleTable } from '../../shared/SimpleTable.tsx';
import { Time } from '../../shared/Time.tsx';
import { EventsTabs } from './EventsTabs.tsx';

const states = ['scheduled', 'published', 'cancelled'] as const;
type State = ScheduledEvent['state'];
const colors: Readonly<Record<State, string>> = { scheduled: 'blue', published: 'green', cancelled: 'gray' };

/** Events that were posted to be published later. */
export function ScheduledPage() {
  const { events, common } = useMessages();
  const text = events.scheduled;
  const mayEdit = useMay('editor');
  const client = useQueryClient();
  const [state, setState] = useState<State | null>(null);
  const query = useLiveQuery(scheduledQuery(state));
  const cancel = useMutation({
    mutationFn: cancelScheduled,
    onSettled: () => client.invalidateQueries({ queryKey: ['scheduled-events'] }),
    onError: (error) => notifications.show({ message: toProblem(error).message, color: 'red' }),
  });
  return (
    <Page title={text.title}>
      <EventsTabs />
      <Select
        size="xs"
        w={180}
        label={common.columns.state}
        placeholder={common.any}
        clearable
        value={state}
        onChange={(value) => setState(states.find((each) => each === value) ?? null)}
        data={states.map((value) => ({ value, label: text.states[value] }))}
      />
      <Loaded query={query}>
        {(scheduled) =>
          scheduled.length === 0 ? (
            <EmptyState icon={CalendarClock} title={text.none} text={text.intro} />
          ) : (
            <SimpleTable
              label={text.title}
              items={scheduled}
              idOf={({ id }) => id}
              columns={[
                {
                  key: 'type',
                  header: common.columns.type,
                  cell: ({ type, event }) =>
                    event === null ? (
                      <Text size="sm" fw={500}>
                        {type}
                      </Text>
                    ) : (
                      <Anchor component={LinkTo} to={`/events/${event}`} size="sm" fw={500}>
                        {type}
                      </Anchor>
                    ),
                },
                {
                  key: 'due',
                  header: text.due,
                  cell: ({ deliverAt }) => <Time value={deliverAt} exact />,
                },
                {
                  key: 'state',
                  header: common.columns.state,
                  cell: ({ state: shown }) => <Badge color={colors[shown]}>{text.states[shown]}</Badge>,
                },
                {
                  key: 'data',
                  header: events.data,
                  cell: ({ data }) => (
                    <Text size="xs" ff="monospace" lineClamp={2}>
                      {JSON.stringify(data)}
                    </Text>
                  ),
                },
              ]}
              actions={({ id, type, state: shown }) =>
                shown === 'scheduled' &&
                mayEdit && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`${common.cancel}: ${type}`}
                    loading={cancel.isPending && cancel.variables === id}
                    onClick={() => cancel.mutate(id)}
                  >
                    {common.cancel}
                  </Button>
                )
              }
            />
          )
        }
      </Loaded>
    </Page>
  );
}
