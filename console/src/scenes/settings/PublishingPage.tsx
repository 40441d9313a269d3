import { Button, Card, Group, Radio, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { publishingPolicyQuery, putPublishingPolicy } from '../../api/queries/event-types.ts';
import { useMay } from '../../api/session.ts';
import type { PublishingPolicy } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { SettingsFrame } from './SettingsFrame.tsx';

/** What the workspace asks of events that are posted. */
export function PublishingPage() {
  const query = useQuery(publishingPolicyQuery);
  return (
    <SettingsFrame section="publishing">
      <Loaded query={query}>{(policy) => <PolicyForm policy={policy} />}</Loaded>
    </SettingsFrame>
  );
}

const enforcements: readonly PublishingPolicy['enforcement'][] = ['off', 'warn', 'refuse'];

function PolicyForm({ policy }: { policy: PublishingPolicy }) {
  const { settings, common } = useMessages();
  const text = settings.publishing;
  const client = useQueryClient();
  const mayEdit = useMay('editor');
  const [wanted, setWanted] = useState(policy);
  const save = useMutation({
    mutationFn: () => putPublishingPolicy(wanted),
    onSuccess: async () => {
      notifications.show({ message: text.saved, color: 'green' });
      await client.invalidateQueries({ queryKey: publishingPolicyQuery.queryKey });
    },
  });
  return (
    <Card maw={720}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <Text size="sm" c="dimmed">
            {text.intro}
          </Text>
          <Radio.Group
            label={text.enforcement}
            value={wanted.enforcement}
            onChange={(value) =>
              setWanted({
                ...wanted,
                enforcement: enforcements.find((each) => each === value) ?? wanted.enforcement,
              })
            }
          >
            <Stack gap="xs" mt="xs">
              {enforcements.map((value) => (
                <Radio key={value} value={value} disabled={!mayEdit} label={text.enforcements[value]} />
              ))}
            </Stack>
          </Radio.Group>
          <Radio.Group
            label={text.unknownTypes}
            value={wanted.unknownTypes}
            onChange={(value) =>
              setWanted({
                ...wanted,
                unknownTypes: enforcements.find((each) => each === value) ?? wanted.unknownTypes,
              })
            }
          >
            <Stack gap="xs" mt="xs">
              {enforcements.map((value) => (
                <Radio key={value} value={value} disabled={!mayEdit} label={text.unknown[value]} />
              ))}
            </Stack>
          </Radio.Group>
          {save.error && <ErrorNotice error={save.error} compact />}
          {mayEdit && (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending}>
                {common.save}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Card>
  );
}
