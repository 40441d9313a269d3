import { Badge, Button, Card, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { toProblem } from '../../api/problem.ts';
import { type ReplaySteering, replaysQuery, steerReplay } from '../../api/queries/replays.ts';
import { useMay } from '../../api/session.ts';
import type { Replay } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Time } from '../../shared/Time.tsx';
import { ReplayDialog } from './ReplayDialog.tsx';

const colors = { running: 'blue', paused: 'gray', cancelled: 'orange', done: 'green' } as const;

/** Events of the past that are sent again: start, watch, steer. */
export function ReplayCard({ webhook }: { webhook: string }) {
  const { replays: text } = useMessages().webhooks;
  const query = useLiveQuery(replaysQuery(webhook));
  const [asking, setAsking] = useState(false);
  const mayEdit = useMay('editor');
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{text.title}</Title>
        {mayEdit && (
          <Button
            size="xs"
            variant="default"
            leftSection={<History size={14} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {text.action}
          </Button>
        )}
      </Group>
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              {text.empty}
            </Text>
          ) : (
            <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
              {data.map((replay) => (
                <ReplayLine key={replay.id} webhook={webhook} replay={replay} />
              ))}
            </Stack>
          )
        }
      </Loaded>
      <ReplayDialog webhook={webhook} opened={asking} onClose={() => setAsking(false)} />
    </Card>
  );
}

function ReplayLine({ webhook, replay }: { webhook: string; replay: Replay }) {
  const { replays: text } = useMessages().webhooks;
  const format = useFormat();
  const client = useQueryClient();
  const steer = useMutation({
    mutationFn: (how: ReplaySteering) => steerReplay(replay.id, how),
    onSettled: () => client.invalidateQueries({ queryKey: replaysQuery(webhook).queryKey }),
    onError: (error) => notifications.show({ message: toProblem(error).message, color: 'red' }),
  });
  const mayEdit = useMay('editor');
  const isOpen = replay.state === 'running' || replay.state === 'paused';
  return (
    <li>
      <Group gap="xs" justify="space-between">
        <Text size="sm">
          {text.scopes[replay.scope]} · <Time value={replay.createdAt} />
        </Text>
        <Badge color={colors[replay.state]}>{text.states[replay.state]}</Badge>
      </Group>
      <Progress value={replay.progress * 100} my={4} aria-label={text.progress} />
      <Text size="xs" c="dimmed" className="numeric">
        {format.percent(replay.progress)} ·{' '}
        {text.counts(format.number(replay.succeeded), format.number(replay.failed))}
        {replay.reason !== null && ` · ${replay.reason}`}
      </Text>
      {isOpen && mayEdit && (
        <Group gap="xs" mt={4}>
          {(replay.state === 'running'
            ? (['pause', 'cancel'] as const)
            : (['continue', 'cancel'] as const)
          ).map((how) => (
            <Button
              key={how}
              size="compact-xs"
              variant="default"
              disabled={steer.isPending}
              onClick={() => steer.mutate(how)}
            >
              {text[how]}
            </Button>
          ))}
        </Group>
      )}
    </li>
  );
}
