import { Button, Card, Code, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Inbox as InboxIcon } from 'lucide-react';
import { useEffect } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { clearInbox, inboxQuery, inboxUrl } from '../../api/queries/consumer.ts';
import type { InboxPage as InboxPageData } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { BehaviourCard } from './BehaviourCard.tsx';
import { rememberInbox } from './known-inboxes.ts';
import { RequestList } from './RequestList.tsx';

const route = getRouteApi('/consumer/$name');

export function InboxPage() {
  const { consumer: text } = useMessages();
  const { name } = route.useParams();
  useEffect(() => rememberInbox(name), [name]);
  const query = useLiveQuery(inboxQuery(name));
  return (
    <Page title={name} parent={{ to: '/consumer', label: text.title }}>
      <Group gap={4}>
        <Text size="sm" c="dimmed">
          {text.addressHint}
        </Text>
        <Code>{inboxUrl(name)}</Code>
        <CopyIcon value={inboxUrl(name)} />
      </Group>
      <Loaded query={query}>
        {(inbox) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
            <BehaviourCard inbox={inbox} />
            <Arrivals inbox={inbox} />
          </SimpleGrid>
        )}
      </Loaded>
    </Page>
  );
}

function Arrivals({ inbox }: { inbox: InboxPageData }) {
  const { consumer: text } = useMessages();
  const format = useFormat();
  const client = useQueryClient();
  const clear = useMutation({
    mutationFn: () => clearInbox(inbox.name),
    onSuccess: () => client.invalidateQueries({ queryKey: inboxQuery(inbox.name).queryKey }),
  });
  return (
    <Card miw={0}>
      <Group justify="space-between" mb="xs">
        <div>
          <Title order={2}>{text.requests}</Title>
          <Text size="xs" c="dimmed" className="numeric">
            {text.received}: {format.number(inbox.received)} · {text.repeats}: {format.number(inbox.repeats)}
          </Text>
        </div>
        {inbox.received > 0 && (
          <Button size="xs" variant="default" loading={clear.isPending} onClick={() => clear.mutate()}>
            {text.clear}
          </Button>
        )}
      </Group>
      {clear.error && <ErrorNotice error={clear.error} />}
      {inbox.data.length === 0 ? (
        <EmptyState
          icon={InboxIcon}
          title={text.none.title}
          text={text.none.text}
          actions={
            <Button component={LinkTo} to="/webhooks/new" search={{ inbox: inbox.name }} variant="default">
              {text.none.action}
            </Button>
          }
        />
      ) : (
        <Stack gap="xs">
          <RequestList requests={inbox.data} />
        </Stack>
      )}
    </Card>
  );
}
